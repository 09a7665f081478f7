"""The facts of a screening (涉罪筛查): what is entered, and the inputs of the decision table made of it.

The form asks as people know things (which substances, which ways, which penalties before); the table asks as 法释〔2023〕7号 counts.
Nothing is judged here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

# 解释17, 解释1(1): what "有毒物质" and its like are
TOXIC = {
    "radioactive": "放射性的废物",
    "pathogen": "含传染病病原体的废物",
    "hazardous": "危险废物（国家名录或者鉴别认定）",
    "pop": "斯德哥尔摩公约附件所列物质",
    "metal": "重金属含量超过排放标准的污染物",
    "other_toxic": "其他具有毒性、可能污染环境的物质",
}
# 解释1(3) and 1(4)
GROUP_A = {"铅": "a", "汞": "a", "镉": "a", "铬": "a", "砷": "a", "铊": "a", "锑": "a"}
GROUP_B = {"镍": "b", "铜": "b", "锌": "b", "银": "b", "钒": "b", "锰": "b", "钴": "b"}
POLLUTANTS = {**GROUP_A, **GROUP_B}
OTHER_POLLUTANT = "其他"
# 解释1(5)
WAYS = {
    "hidden_pipe": "暗管",
    "seepage_well": "渗井",
    "seepage_pit": "渗坑",
    "fissure": "裂隙",
    "karst_cave": "溶洞",
    "injection": "灌注",
    "emergency_outlet": "非紧急情况下开启大气应急排放通道",
    "other_way": "其他逃避监管的方式",
}
# boxes of the form that are inputs of the table by their own name
SITUATIONS = {
    "zone": "在饮用水水源保护区、自然保护地核心保护区等重点保护区域",
    "river": "向国家确定的重要江河、湖泊水域",
    "key_unit": "重点排污单位或者排污许可重点管理单位",
    "monitor_tampered": "篡改、伪造自动监测数据或者干扰自动监测设施",
    "cod_nh_so2_nox": "排放化学需氧量、氨氮、二氧化硫、氮氧化物等",
    "air_again": "重污染天气预警期间又超标排放总量控制的大气污染物",
    "toxic_again": "又排放、倾倒、处置上述有毒有害废物",
    "zone_harm": "造成保护区域生态功能退化或者野生生物资源严重破坏",
    "river_harm": "造成水域生态功能退化或者水生生物资源严重破坏",
    "reserve_ruined": "自然保护地主要生态系统严重退化或者主要自然景观损毁",
    "species_ruined": "国家重点保护的野生动植物或者栖息地、生长环境严重破坏",
    "river_ruined": "国家确定的重要江河、湖泊水域生态系统严重退化",
    "other_serious": "其他严重污染环境的情形",
    "other_grave": "其他情节严重的情形",
    "other_extreme": "其他情节特别严重的情形",
    "waste_import": "将境外固体废物进境倾倒、堆放、处置，或者擅自进口固体废物用作原料",
    "hw_no_licence": "无危险废物经营许可证（或者超出经营范围）收集、贮存、利用、处置危险废物",
    "harm_or_excess": "并且超标排放、非法倾倒或者有其他违法造成环境污染的情形",
    "knowing_supply_unlicensed": "明知他人无危险废物经营许可证，向其提供或者委托其处置危险废物",
    "false_paper": "环评、监测、检验检测、排放报告等中介组织故意提供虚假证明文件",
    "false_paper_again": "受过处罚后又提供虚假证明文件",
    "quality_monitor_attacked": "修改、干扰、破坏环境质量监测系统，后果严重",
}
NUMBERS = {
    "hw_t": ("非法排放、倾倒、处置的危险废物", "吨"),
    "gain": ("违法所得", "元"),
    "loss": ("公私财产损失", "元"),
    "town_cut_h": ("乡镇集中式饮用水水源取水中断", "小时"),
    "county_cut_h": ("县级城区集中式饮用水水源取水中断", "小时"),
    "city_cut_h": ("设区的市级城区集中式饮用水水源取水中断", "小时"),
    "basic_mu": ("永久基本农田基本功能丧失或者永久性破坏", "亩"),
    "public_mu": ("公益林地基本功能丧失或者永久性破坏", "亩"),
    "other_farm_mu": ("其他农用地基本功能丧失或者永久性破坏", "亩"),
    "other_land_mu": ("其他土地基本功能丧失或者永久性破坏", "亩"),
    "trees_m3": ("森林或者其他林木死亡", "立方米"),
    "saplings": ("幼树死亡", "株"),
    "evacuated": ("疏散、转移群众", "人"),
    "poisoned": ("中毒", "人"),
    "grave": ("重伤、严重疾病", "人"),
    "light": ("轻伤", "人"),
    "disabled_or_dead": ("严重残疾、死亡", "人"),
}
# 解释5: heavier punishment; they colour, they decide nothing
FLAGS = {
    "obstructed": "阻挠环境监督检查或者突发环境事件调查",
    "near_people": "在医院、学校、居民区等人口集中地区及其附近",
    "during_incident": "突发环境事件处置期间或者被责令限期整改期间",
    "licensed_firm": "具有危险废物经营许可证的企业",
    "no_permit": "排污许可重点管理单位未依法取得排污许可证",
}
PENALTY_KINDS = {"air": "重污染天气预警期间超标排放", "toxic": "排放、倾倒、处置有毒有害废物", "paper": "提供虚假证明文件"}
BEFORE_YEARS = 2  # 解释1(6)(8), 10(2): 二年内, from the effect of the first penalty to the new act (解释19)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measured row: how many times the standard."""

    pollutant: str
    group: str
    ratio: float


def ratios(measured: Iterable[Mapping[str, Any]]) -> list[Ratio]:
    """Measured ÷ standard of each row; a row without both figures says nothing."""
    found = []
    for row in measured:
        value, limit = row.get("measured"), row.get("standard")
        if value is None or not limit:
            continue
        name = str(row.get("pollutant") or "")
        found.append(Ratio(name, POLLUTANTS.get(name, ""), round(float(value) / float(limit), 4)))
    return found


def with_ratios(measured: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows as they are kept: measured value, standard, and the ratio."""
    return [{**row, "ratio": r.ratio} for row in measured for r in ratios([row])]


def renewed(before: Iterable[Mapping[str, Any]], measured: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows known before, with those of a pollutant measured anew in place of the old ones."""
    anew = {row.get("pollutant") for row in measured}
    return [*(dict(row) for row in before if row.get("pollutant") not in anew), *(dict(row) for row in measured)]


def together(before: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Facts two records hold about one act: what either claims is claimed, the larger amount counts, a newer measurement the older."""
    joined = {**more, **before}
    for name in ("toxic_kinds", "ways", "situations", "flags"):
        joined[name] = list(dict.fromkeys([*(before.get(name) or []), *(more.get(name) or [])]))
    for name in NUMBERS:
        amounts = [float(one[name]) for one in (before, more) if one.get(name) is not None]
        joined[name] = max(amounts) if amounts else None
    joined["measured"] = renewed(before.get("measured") or [], more.get("measured") or [])
    penalties = {str(row.get("number")): dict(row) for row in [*(before.get("penalties") or []), *(more.get("penalties") or [])]}
    joined["penalties"] = list(penalties.values())
    days = {name: [str(one[name]) for one in (before, more) if one.get(name)] for name in ("act_from", "act_to")}
    joined |= {"act_from": min(days["act_from"], default=None), "act_to": max(days["act_to"], default=None)}
    joined["none"] = not anything(joined)
    return joined


def largest(rows: Sequence[Ratio], group: str) -> float:
    return max((row.ratio for row in rows if row.group == group), default=0)


def earlier_penalties(rows: Iterable[Mapping[str, Any]], kind: str, act_on: date | None) -> int:
    """Penalties in effect within two years before the new act, counted from the effect of the first of them (解释19)."""
    if act_on is None:
        return 0
    days = sorted(date.fromisoformat(str(row["effective_on"])) for row in rows if row.get("kind") == kind and row.get("effective_on"))
    first = _years_before(act_on)
    return sum(first <= day <= act_on for day in days)


def _years_before(day: date) -> date:
    """The same day two years before; a 29 February counts as the 28th."""
    try:
        return day.replace(year=day.year - BEFORE_YEARS)
    except ValueError:
        return day.replace(year=day.year - BEFORE_YEARS, day=28)


def inputs(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the table asks, by its names, from the form's answer. What was not entered is false or zero."""
    chosen = set(answer.get("situations") or [])
    act_on = _day(answer.get("act_from") or answer.get("act_to"))
    rows, before = ratios(answer.get("measured") or []), answer.get("penalties") or []
    numbers = {name: answer.get(name) or 0 for name in NUMBERS}
    return {
        **{name: name in chosen for name in SITUATIONS},
        **{name: value for name, value in numbers.items() if name != "public_mu"},
        "basic_or_public_mu": numbers["basic_mu"] + numbers["public_mu"],
        "toxic": bool(answer.get("toxic_kinds")),
        "hidden_way": bool(answer.get("ways")),
        "r_a": largest(rows, "a"),
        "r_b": largest(rows, "b"),
        "air_pen": earlier_penalties(before, "air", act_on),
        "toxic_pen": earlier_penalties(before, "toxic", act_on),
        "false_paper_pen": earlier_penalties(before, "paper", act_on),
    }


def anything(answer: Mapping[str, Any]) -> bool:
    """Was any fact entered that the table could hit?"""
    return any(value not in (False, 0) for value in inputs(answer).values())


def digest(answer: Mapping[str, Any]) -> str:
    """Sixteen hex digits that say which facts were asked about: equal when the table and the law applied see the same."""
    seen = {**inputs(answer), "act": [str(answer.get(name) or "") for name in ("act_from", "act_to")]}
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:16]


def lines(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts as people read them: only what was entered."""
    found: list[tuple[str, str]] = []
    for name, words in (("toxic_kinds", TOXIC), ("ways", WAYS), ("situations", SITUATIONS), ("flags", FLAGS)):
        picked = [words[one] for one in answer.get(name) or [] if one in words]
        label = {"toxic_kinds": "污染物", "ways": "排放方式", "situations": "情形", "flags": "从重情节（解释第五条）"}[name]
        found += [(label, "；".join(picked))] if picked else []
    for name, (label, unit) in NUMBERS.items():
        if answer.get(name):
            found.append((label, f"{answer[name]:g} {unit}"))
    for row in with_ratios(answer.get("measured") or []):
        unit = row.get("unit") or ""
        found.append((f"{row['pollutant']}", f"实测 {row['measured']:g} {unit}，标准 {row['standard']:g} {unit}，{row['ratio']:g} 倍"))
    for row in answer.get("penalties") or []:
        found.append(
            ("此前处罚", f"{PENALTY_KINDS.get(str(row.get('kind')), '')} {row.get('number') or ''} {row.get('effective_on')} 生效")
        )
    if answer.get("other_text"):
        found.append(("其他情形的说明", str(answer["other_text"])))
    return found


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
