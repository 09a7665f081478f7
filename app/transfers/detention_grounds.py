"""The table of grounds asked: facts as people enter them, the rows found, which law they belong to, the lighter one (法典1057).

The table is bpmn/detention/detention_grounds.dmn of the deployed procedure; nothing here knows its rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.transfers import law
from app.transfers.detention_words import AFTER_ORDER, CODE, CODE_1108, NONE, ORDERS, PROCESS, REFUSALS, SOIL, WASTE, WAYS, ground
from workflows.library import Procedure
from workflows.script_engine import ClosedEngine

STEP, TABLE = "find_grounds", "detention_grounds.dmn"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
Row = dict[str, str]  # item, law (words), days, unsure


@dataclass(frozen=True, slots=True)
class Found:
    """What the table said. ``grounds``: by the law of the day of the act; ``other``: rows of 法典 beside them, for an old act."""

    grounds: list[Row]
    other: list[Row]
    lighter: str | None
    version: str

    @property
    def items(self) -> list[str]:
        return items([*self.grounds, *self.other])


def items(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(str(row["item"]) for row in rows))


def inputs(answer: Mapping[str, Any], decided_on: date) -> dict[str, Any]:
    """The answer of the form as the table asks it."""
    orders = set(answer.get("orders") or [])
    return {
        "act_to": str(answer["act_to"])[:10], "decided_on": decided_on.isoformat(), "eia_stop_refused": "eia_stop" in orders,
        "eia_restore_refused": "eia_restore" in orders, "permit_stop_refused": "permit_stop" in orders,
        "pesticide_refused": "pesticide" in orders, "way": str(answer.get("escape") or ""),
        "farmland_discharge": bool(answer.get("farmland")), "soil_item": int(answer.get("soil") or 0),
        "waste_item": int(answer.get("waste") or 0), "grave": bool(answer.get("is_grave")), "serious_result": bool(answer.get("serious")),
    }  # fmt: skip


def anything(answer: Mapping[str, Any]) -> bool:
    """Was any situation entered at all?"""
    return any(answer.get(name) for name in ("orders", "escape", "farmland", "soil", "waste"))


def ask(session: Session, values: Mapping[str, Any]) -> Found:
    """The deployed table asked of these inputs."""
    procedure = get_engine().library.current(session, PROCESS)
    spec, _ = procedure.specs(PROCESS)
    asked = SimpleNamespace(data={**procedure.initial_data, **values}, workflow=SimpleNamespace(script_engine=ClosedEngine()))
    return sort(spec.task_specs[STEP].dmnEngine.result(asked), str(values["act_to"]), version(procedure), grave=bool(values.get("grave")))


def sort(said: Mapping[str, Any], act_to: str, table_version: str, *, grave: bool = False) -> Found:
    """Rows of the table's answer (three lists side by side) by the law they belong to; each ground once."""
    rows: dict[str, Row] = {}
    columns = zip(said.get("grounds") or [], said.get("ground_days") or [], said.get("ground_marks") or [], strict=False)
    for item, days, mark in columns:
        if item not in (NONE, ""):
            rows.setdefault(item, {"item": item, "law": ground(item), "days": days, "unsure": mark})
    old = date.fromisoformat(act_to) < law.CODE_FROM
    first = [row for row in rows.values() if row["item"].startswith(CODE) != old]
    other = [row for row in rows.values() if row not in first]
    return Found(first, other, lighter(items(other), grave=grave), table_version)


def lighter(new: Sequence[str], *, grave: bool) -> str | None:
    """法典1057: the law of the day of the act, but the new one where it is lighter. None where only one law is asked.

    63(三) gives 10–15 日 (5–10 where lighter), 1108 gives 5–10 日 (10–15 where grave); the other pairs give the same.
    """
    if not new:
        return None
    return "法典" if CODE_1108 in new and not grave else "行为时的法律"


def needs_order(found: Sequence[str]) -> bool:
    """Is a ground among them that lies in refusing an order?"""
    return any(item in AFTER_ORDER for item in found)


def version(procedure: Procedure) -> str:
    """The table's own version: a hash of its text."""
    return hashlib.sha256(procedure.files[TABLE].encode()).hexdigest()[:12]


def table(session: Session) -> str:
    """The deployed table, as DMN."""
    return get_engine().library.current(session, PROCESS).files[TABLE]


def lines(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts as people read them."""
    said = [
        ("行为时间", f"{answer.get('act_from') or ''} 至 {answer.get('act_to') or ''}"),
        ("拒不执行", "；".join(ORDERS[one] for one in answer.get("orders") or [])),
        ("责令决定", "　".join(str(answer[name]) for name in ("order_no", "order_served_on") if answer.get(name))),
        ("拒不执行的发现", "　".join(filter(None, [REFUSALS.get(str(answer.get("refusal")), ""), str(answer.get("refusal_on") or "")]))),
        ("逃避监管的方式", WAYS.get(str(answer.get("escape")), "")),
        ("农用地", "向农用地排放有毒有害污水、污泥等" if answer.get("farmland") else ""),
        ("土壤", SOIL.get(str(answer.get("soil")), "")),
        ("固体废物", WASTE.get(str(answer.get("waste")), "")),
        ("情节", "情节严重" if answer.get("is_grave") else ""),
        ("后果", "造成严重后果" if answer.get("serious") else ""),
        ("是否涉嫌犯罪", "已核对，尚不构成犯罪" if answer.get("no_crime") else "可能涉嫌犯罪" if answer.get("no_crime") is False else ""),
    ]
    return [line for line in said if line[1].strip(" 至")]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table as the page shows it."""

    item: str
    says: str
    days: str
    mark: str


def rules(session: Session) -> list[Rule]:
    """The rows of the deployed table, without the one that is always there."""
    root = etree.fromstring(table(session).encode())
    found = []
    for row in root.iterfind(f".//{DMN}rule"):
        item, days, mark = (str(cell.findtext(f"{DMN}text") or "").strip('"') for cell in row.iterfind(f"{DMN}outputEntry"))
        if item != NONE:
            found.append(Rule(item, row.findtext(f"{DMN}description") or "", days, mark))
    return found
