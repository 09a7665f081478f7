"""The decision tables of 两法衔接 and 移送行政拘留, each row asked at its bound and just below it; 以上 includes the number itself."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from workflows.lint import lint_dmn
from workflows.parser import Parser
from workflows.script_engine import ClosedEngine

BPMN = Path(__file__).parents[2] / "bpmn"
FOLDERS = {"screening": "criminal_transfer", "detention_grounds": "detention"}
IMPORTED, POISONED_AREA, POISONED_RIVER = {"waste_import": True}, {"zone": True, "toxic": True}, {"river": True, "toxic": True}


@cache
def table(name: str) -> Any:
    parser = Parser()
    parser.add_dmn_file(str(BPMN / FOLDERS[name] / f"{name}.dmn"))
    return parser.get_engine(name, None)


@cache
def nothing(name: str) -> dict[str, Any]:
    """The facts as a file begins: everything absent."""
    variables = yaml.safe_load((BPMN / FOLDERS[name] / "variables.yaml").read_text(encoding="utf-8"))
    inputs = [column.expression for column in table(name).decision_table.inputs]
    return {column: variables[column]["initial"] for column in inputs}


def decide(name: str, **given: Any) -> dict[str, list[str]]:
    task = SimpleNamespace(data={**nothing(name), **given}, workflow=SimpleNamespace(script_engine=ClosedEngine()))
    result: dict[str, list[str]] = table(name).result(task)
    return result


def hits(**given: Any) -> set[str]:
    return set(decide("screening", **given)["hits"]) - {"none"}


def outputs(name: str) -> Counter[str]:
    """How many rows lead to each item."""
    return Counter(rule.outputEntries[0].text.strip('"') for rule in table(name).decision_table.rules)


# (item, facts at the bound, what makes it fall short)
ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("1(1)", POISONED_AREA, {"zone": False}),
    ("1(2)", {"hw_t": 3}, {"hw_t": 2.99}),
    ("1(3)", {"r_a": 3}, {"r_a": 2.99}),
    ("1(3)", {"r_a": 4}, {"r_a": 2.99}),
    ("1(4)", {"r_b": 10}, {"r_b": 9.99}),
    ("1(4)", {"r_b": 11}, {"r_b": 9.99}),
    ("1(5)", {"hidden_way": True, "toxic": True}, {"toxic": False}),
    ("1(6)", {"air_pen": 2, "air_again": True}, {"air_pen": 1}),
    ("1(7)", {"key_unit": True, "monitor_tampered": True, "cod_nh_so2_nox": True}, {"key_unit": False}),
    ("1(8)", {"toxic_pen": 2, "toxic_again": True}, {"toxic_pen": 1}),
    ("1(9)", {"gain": 300000}, {"gain": 299999.99}),
    ("1(9)", {"loss": 300000}, {"loss": 299999.99}),
    ("1(10)", {"town_cut_h": 12}, {"town_cut_h": 11.9}),
    ("1(11)", {"other_serious": True}, {"other_serious": False}),
    ("2(1)", {**POISONED_AREA, "zone_harm": True}, {"zone_harm": False}),
    ("2(2)", {**POISONED_RIVER, "river_harm": True}, {"river_harm": False}),
    ("2(3)", {"hw_t": 100}, {"hw_t": 99.9}),
    ("2(4)", {"gain": 1000000}, {"gain": 999999.99}),
    ("2(4)", {"loss": 1000000}, {"loss": 999999.99}),
    ("2(5)", {"county_cut_h": 12}, {"county_cut_h": 11.9}),
    ("2(6)", {"basic_or_public_mu": 10}, {"basic_or_public_mu": 9.9}),
    ("2(6)", {"other_farm_mu": 20}, {"other_farm_mu": 19.9}),
    ("2(6)", {"other_land_mu": 50}, {"other_land_mu": 49.9}),
    ("2(7)", {"trees_m3": 50}, {"trees_m3": 49.9}),
    ("2(7)", {"saplings": 2500}, {"saplings": 2499}),
    ("2(8)", {"evacuated": 5000}, {"evacuated": 4999}),
    ("2(9)", {"poisoned": 30}, {"poisoned": 29}),
    ("2(10)", {"grave": 1}, {"grave": 0}),
    ("2(10)", {"light": 3}, {"light": 2}),
    ("2(11)", {"other_grave": True}, {"other_grave": False}),
    ("3(1)1", {**POISONED_AREA, "city_cut_h": 12}, {"city_cut_h": 11.9}),
    ("3(1)2", {**POISONED_AREA, "reserve_ruined": True}, {"zone": False}),
    ("3(1)3", {**POISONED_AREA, "species_ruined": True}, {"zone": False}),
    ("3(1)4", {**POISONED_AREA, "other_extreme": True}, {"toxic": False}),
    ("3(2)1", {**POISONED_RIVER, "river_ruined": True}, {"river": False}),
    ("3(2)2", {**POISONED_RIVER, "species_ruined": True}, {"river": False}),
    ("3(2)3", {**POISONED_RIVER, "other_extreme": True}, {"toxic": False}),
    ("3(3)", {"basic_mu": 50}, {"basic_mu": 49.9}),
    ("3(4)", {"grave": 3}, {"grave": 2}),
    ("3(4)", {"disabled_or_dead": 1}, {"disabled_or_dead": 0}),
    ("刑法339(1)", IMPORTED, {"waste_import": False}),
    ("4(1)", {**IMPORTED, "loss": 1000000}, {"loss": 999999.99}),
    ("4(2)", {**IMPORTED, "county_cut_h": 12}, {"county_cut_h": 11.9}),
    ("4(2)", {**IMPORTED, "basic_or_public_mu": 10}, {"basic_or_public_mu": 9.9}),
    ("4(2)", {**IMPORTED, "other_farm_mu": 20}, {"other_farm_mu": 19.9}),
    ("4(2)", {**IMPORTED, "other_land_mu": 50}, {"other_land_mu": 49.9}),
    ("4(2)", {**IMPORTED, "trees_m3": 50}, {"trees_m3": 49.9}),
    ("4(2)", {**IMPORTED, "saplings": 2500}, {"saplings": 2499}),
    ("4(2)", {**IMPORTED, "evacuated": 5000}, {"evacuated": 4999}),
    ("4(2)", {**IMPORTED, "poisoned": 30}, {"poisoned": 29}),
    ("4(2)", {**IMPORTED, "grave": 1}, {"waste_import": False}),
    ("4(2)", {**IMPORTED, "light": 3}, {"light": 2}),
    ("7", {"hw_no_licence": True, "harm_or_excess": True}, {"harm_or_excess": False}),
    ("8", {"knowing_supply_unlicensed": True}, {"knowing_supply_unlicensed": False}),
    ("10(1)", {"false_paper": True, "gain": 300000}, {"gain": 299999.99}),
    ("10(2)", {"false_paper_pen": 2, "false_paper_again": True}, {"false_paper_pen": 1}),
    ("11", {"quality_monitor_attacked": True}, {"quality_monitor_attacked": False}),
]


@pytest.mark.parametrize("name", FOLDERS)
def test_each_table_is_its_file_and_ends_with_the_row_that_is_always_there(name: str) -> None:
    path = BPMN / FOLDERS[name] / f"{name}.dmn"
    assert lint_dmn(path.read_bytes(), path.name, variables=nothing(name)) == []
    rules = table(name).decision_table.rules
    assert {entry.text for entry in rules[-1].inputEntries} == {"-"}
    assert all(rule.description for rule in rules), "a row without the text of its article"
    assert set(next(iter(decide(name).values()))) == {"none"}


def test_every_row_of_the_screening_table_is_asked_once() -> None:
    asked = Counter(item for item, _, _ in ROWS)
    assert {item: count for item, count in outputs("screening").items() if item != "none"} == dict(asked)


@pytest.mark.parametrize(("item", "at", "short"), ROWS)
def test_a_row_hits_at_its_bound_and_not_just_below(item: str, at: dict[str, Any], short: dict[str, Any]) -> None:
    assert item in hits(**at)
    assert item not in hits(**{**at, **short})


@pytest.mark.parametrize(
    ("given", "marks"),
    [
        ({"r_a": 3}, ["倍数读法待核"]),
        ({"r_a": 3.99}, ["倍数读法待核"]),
        ({"r_a": 4}, []),
        ({"r_b": 10.99}, ["倍数读法待核"]),
        ({"r_b": 11}, []),
    ],
)
def test_a_multiple_that_is_read_differently_is_a_hit_with_a_mark(given: dict[str, Any], marks: list[str]) -> None:
    decided = decide("screening", **given)
    assert len(decided["hits"]) == len(decided["hit_marks"]) == 2
    assert [mark for mark in decided["hit_marks"] if mark] == marks


def test_one_fact_may_touch_several_items() -> None:
    assert hits(hw_t=120, toxic=True, hidden_way=True, zone=True) == {"1(1)", "1(2)", "1(5)", "2(3)"}
    assert hits(grave=3, waste_import=True) == {"2(10)", "3(4)", "刑法339(1)", "4(2)"}


# ── grounds of detention ─────────────────────────────────────────────────────────────────────────────────────────

OLD, NEW = "2026-08-14", "2026-08-15"
TEN, FIVE, SOIL = "10日以上15日以下，情节较轻5日以上10日以下", "5日以上10日以下，情节严重10日以上15日以下", "5日以上15日以下"
WAYS = (
    "hidden_pipe", "seepage_well", "seepage_pit", "injection", "false_data",
    "abnormal_operation", "emergency_outlet", "fissure", "karst_cave",
)  # fmt: skip
# (facts, the ground until 2026-08-14, its days, the ground from 2026-08-15, its days)
GROUNDS: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"eia_stop_refused": True}, "环保法63(1)", TEN, "法典1095(2)", TEN),
    ({"eia_restore_refused": True}, "", "", "法典1095(2)", TEN),
    ({"permit_stop_refused": True}, "环保法63(2)", TEN, "法典1102", TEN),
    *[({"way": way}, "环保法63(3)", TEN, "法典1108", FIVE) for way in WAYS],
    ({"way": "stop_to_dodge"}, "", "", "法典1108", FIVE),
    ({"pesticide_refused": True}, "环保法63(4)", TEN, "法典1131(2)", TEN),
    ({"farmland_discharge": True, "grave": True}, "土壤法87", SOIL, "法典1160", SOIL),
    ({"soil_item": 4, "grave": True}, "土壤法94", SOIL, "法典1165(2)", SOIL),
    ({"soil_item": 5, "grave": True}, "土壤法94", SOIL, "法典1165(2)", SOIL),
    ({"waste_item": 1, "serious_result": True}, "固废法120", TEN, "法典1179(1)", TEN),
    *[({"waste_item": item}, "固废法120", TEN, f"法典1179({item})", TEN) for item in range(2, 7)],
]


def grounds(act_to: str, decided_on: str = "", **given: Any) -> dict[str, tuple[str, str]]:
    """Ground → (days, mark), without the row that is always there."""
    decided = decide("detention_grounds", act_to=act_to, decided_on=decided_on or act_to, **given)
    found = zip(decided["grounds"], decided["ground_days"], decided["ground_marks"], strict=True)
    return {ground: (days, mark) for ground, days, mark in found if ground != "none"}


@pytest.mark.parametrize(("given", "old", "old_days", "new", "new_days"), GROUNDS)
def test_the_day_of_the_act_chooses_the_law(given: dict[str, Any], old: str, old_days: str, new: str, new_days: str) -> None:
    assert {ground: days for ground, (days, _) in grounds(OLD, **given).items()} == ({old: old_days} if old else {})
    assert {ground: days for ground, (days, _) in grounds(NEW, **given).items()} == {new: new_days}


@pytest.mark.parametrize(("given", "old", "old_days", "new", "new_days"), GROUNDS)
def test_an_old_act_decided_now_shows_both_laws(given: dict[str, Any], old: str, old_days: str, new: str, new_days: str) -> None:
    """法典1057: the law of the act, unless the new one is lighter; what was no ground then is none now."""
    found = grounds(OLD, NEW, **given)
    assert set(found) == ({old, new} if old else set())
    if old:
        assert "第一千零五十七条" in found[new][1]
        assert "第一千零五十七条" not in found[old][1]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"farmland_discharge": True},
        {"soil_item": 4},
        {"soil_item": 3, "grave": True},
        {"soil_item": 6, "grave": True},
        {"grave": True},
        {"way": ""},
    ],
)
def test_what_falls_short_is_no_ground(given: dict[str, Any]) -> None:
    assert not grounds(OLD, **given)
    assert not grounds(OLD, NEW, **given)
    assert not grounds(NEW, **given)


def test_dumping_waste_needs_a_serious_consequence_since_the_code() -> None:
    assert not grounds(NEW, waste_item=1)
    assert set(grounds(OLD, waste_item=1)) == {"固废法120"}


@pytest.mark.parametrize(
    ("act_to", "given", "mark"),
    [
        (OLD, {"way": "fissure"}, "“等”字读法待核"),
        (OLD, {"way": "karst_cave"}, "“等”字读法待核"),
        (OLD, {"way": "emergency_outlet"}, ""),
        (OLD, {"way": "hidden_pipe"}, ""),
        (NEW, {"way": "fissure"}, ""),
        (OLD, {"waste_item": 3}, "依据待核：条文未收入法规库"),
        (OLD, {"farmland_discharge": True, "grave": True}, "依据待核：条文未收入法规库"),
        (OLD, {"soil_item": 5, "grave": True}, "依据待核：条文未收入法规库"),
        (NEW, {"pesticide_refused": True}, "由农业农村主管部门移送"),
        (NEW, {"waste_item": 3}, "条文未写移送，参照移送（本局规定）"),
    ],
)
def test_what_is_still_to_be_checked_is_marked(act_to: str, given: dict[str, Any], mark: str) -> None:
    assert [found for _, found in grounds(act_to, **given).values()] == [mark]


def test_every_ground_of_the_table_is_asked() -> None:
    asked = {ground for _, old, _, new, _ in GROUNDS for ground in (old, new) if ground}
    assert {ground for ground in outputs("detention_grounds") if ground != "none"} == asked
