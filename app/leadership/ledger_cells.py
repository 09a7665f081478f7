"""The live cells of 动态管理台账: every field of RULES §3 worked out from the records.

A fixed number of queries for any number of files. Nothing of a row is stored with the file itself; what it said
before is the history's (``ledger_history``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Organ, Person
from app.inbox import labels
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderMonth, LeaderVisit
from app.leadership.options import MONTH_STATES, SATISFACTION, STATUS, WAYS
from app.petitions import briefs
from app.petitions.briefs import Brief
from workflows.tables import Case, Clock
from workflows.time import now

Light = Literal["red", "amber", "green", "grey", "met"]
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the ledger. ``wide``: long text; ``numeric``: sorted and totalled as a number."""

    key: str
    label: str
    wide: bool = False
    numeric: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("number", "编号"),
    Column("title", "事项", wide=True),
    Column("petitioner", "信访人"),
    Column("source", "来源"),
    Column("kind", "问题类型"),
    Column("enterprise", "涉及企业"),
    Column("county", "属地"),
    Column("owner", "包案领导"),
    Column("unit", "责任单位"),
    Column("handler", "责任人"),
    Column("assigned_on", "包案日期"),
    Column("plan", "化解方案", wide=True),
    Column("deadline", "化解时限"),
    Column("progress", "进展", wide=True),
    Column("visits", "接访下访次数", numeric=True),
    Column("status", "当前状态"),
    Column("closed_on", "结案日期"),
    Column("exit_way", "结案方式"),
    Column("satisfaction", "满意度"),
)
BY_KEY: dict[str, Column] = {column.key: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Row:
    """One file in the ledger: its cells by column, its light, and how many months were not reported in time."""

    case_id: UUID
    cells: Cells
    light: Light = "grey"
    missed: int = 0


def cells(session: Session, case_ids: Iterable[UUID]) -> dict[UUID, Cells]:
    """The live cells of these files as the history keeps them: every name masked."""
    found = session.execute(live().where(LeaderCase.case_id.in_(list(case_ids)))).all()
    return {row.case_id: row.cells for row in build(session, found, None)}


_OWNER, _HANDLER = aliased(Person), aliased(Person)


def live() -> Select[Any]:
    lc = LeaderCase
    return (
        select(
            lc.case_id, lc.number, lc.title, lc.measures, lc.plan_deadline, lc.assigned_on, lc.status, lc.closed_on, lc.exit_way,
            lc.satisfaction, lc.ended_at, _OWNER.name.label("owner"), _HANDLER.name.label("handler"), Organ.name.label("unit"),
        )
        .join(Case, Case.id == lc.case_id)
        .outerjoin(_OWNER, _OWNER.id == lc.owner_id)
        .outerjoin(_HANDLER, _HANDLER.id == lc.handler_id)
        .outerjoin(Organ, Organ.id == lc.unit)
        .order_by(lc.opened_at.desc(), lc.case_id.desc())
    )  # fmt: skip


def build(session: Session, found: Sequence[Any], person: Person | None) -> list[Row]:
    """Rows from the records: petitions, months, visits and clocks are each read once for all of them."""
    ids = [row.case_id for row in found]
    members, months, missed = _members(session, ids, person), _months(session, ids), _missed(session, ids)
    visits, lights = _visits(session, ids), _lights(session, ids)
    words = labels.facet_labels(session)
    made = []
    for row in found:
        key, late = row.case_id, missed.get(row.case_id, [])
        light: Light = "met" if row.ended_at else "red" if late else lights.get(key, "grey")
        made.append(Row(key, _cells(row, members.get(key, ()), months.get(key), visits.get(key, {}), late, words), light, len(late)))
    return made


def _cells(row: Any, members: Sequence[Brief], month: Any, visits: Mapping[str, int], missed: Sequence[str], words: Any) -> Cells:
    """One row, every column of COLUMNS; empty where nothing is known yet."""
    cover = _cover(members)
    return {
        "number": row.number or "",
        "title": row.title,
        "petitioner": _joined(brief.who for brief in members),
        "source": _joined(labels.label(words, "channel", brief.channel) for brief in members),
        "kind": _joined(labels.label(words, "kind", brief.kind) for brief in members),
        "enterprise": _joined(brief.enterprise for brief in members),
        "county": _joined(labels.label(words, "county", brief.county) for brief in members),
        "owner": row.owner or "",
        "unit": row.unit or "",
        "handler": row.handler or "",
        "assigned_on": _day(row.assigned_on),
        "plan": cover(_plan(row.measures)),
        "deadline": _day(row.plan_deadline),
        "progress": cover(f"{month.month}（{MONTH_STATES.get(month.state, month.state)}）：{month.text}") if month else "",
        "visits": _times(visits),
        "status": STATUS.get(row.status, row.status) + (f"，{'、'.join(missed)} 缺报" if missed and not row.ended_at else ""),
        "closed_on": _day(row.closed_on),
        "exit_way": WAYS.get(row.exit_way or "", ""),
        "satisfaction": SATISFACTION.get(row.satisfaction or "", ""),
    }


def _cover(members: Sequence[Brief]) -> Callable[[str], str]:
    def read(text: str) -> str:
        for brief in members:
            text = brief.cover(text) if text else text
        return text

    return read


def _joined(parts: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(part for part in parts if part))


def _plan(measures: Sequence[Mapping[str, Any]]) -> str:
    return "；".join(f"{i}. {m['what']}（{m['who']}，{m['by']} 前）" for i, m in enumerate(measures, 1))


def _times(visits: Mapping[str, int]) -> str:
    """3（接访 2，下访 1）."""
    total = sum(visits.values())
    if not total:
        return "0"
    said = [f"{word} {visits[kind]}" for kind, word in (("receive", "接访"), ("go_down", "下访")) if visits.get(kind)]
    return f"{total}（{'，'.join(said)}）"


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _among(column: Any, ids: Sequence[UUID]) -> ColumnElement[bool]:
    """SQL: one of these, as one array: thousands of ids cost no more than a few."""
    wanted: ColumnElement[bool] = column == any_(cast(list(ids), ARRAY(PgUUID(as_uuid=True))))
    return wanted


def _members(session: Session, ids: Sequence[UUID], person: Person | None) -> dict[UUID, list[Brief]]:
    """file → its petitions, the oldest first."""
    pairs = session.execute(
        select(LeaderCasePetition.case_id, LeaderCasePetition.petition_id).where(_among(LeaderCasePetition.case_id, ids))
    ).all()
    known = briefs.of(session, {pair.petition_id for pair in pairs}, person)
    order = {petition_id: place for place, petition_id in enumerate(known)}
    found: dict[UUID, list[Brief]] = {}
    for pair in sorted(pairs, key=lambda p: order.get(p.petition_id, len(order))):
        if pair.petition_id in known:
            found.setdefault(pair.case_id, []).append(known[pair.petition_id])
    return found


def _months(session: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """file → its newest report."""
    m = LeaderMonth
    query = select(m.case_id, m.month, m.text, m.state).where(_among(m.case_id, ids), m.reported_at.is_not(None))
    return {row.case_id: row for row in session.execute(query.ext(distinct_on(m.case_id)).order_by(m.case_id, m.month.desc()))}


def _missed(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """file → months that were not reported in time and are still without a report."""
    m = LeaderMonth
    query = select(m.case_id, m.month).where(_among(m.case_id, ids), m.missed, m.reported_at.is_(None)).order_by(m.month)
    found: dict[UUID, list[str]] = {}
    for row in session.execute(query):
        found.setdefault(row.case_id, []).append(row.month)
    return found


def _visits(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """file → kind of visit → how many were entered."""
    v = LeaderVisit
    query = select(v.case_id, v.kind, func.count().label("times")).where(_among(v.case_id, ids), v.logged_at.is_not(None))
    found: dict[UUID, dict[str, int]] = {}
    for row in session.execute(query.group_by(v.case_id, v.kind)):
        found.setdefault(row.case_id, {})[row.kind] = row.times
    return found


def _lights(session: Session, ids: Sequence[UUID]) -> dict[UUID, Light]:
    """file → the light of its most urgent running clock."""
    moment = now()
    query = select(Clock.case_id, func.min(Clock.due_at).label("due"), func.min(Clock.warn_at).label("warn"))
    query = query.where(_among(Clock.case_id, ids), Clock.status == "running").group_by(Clock.case_id)
    found: dict[UUID, Light] = {}
    for row in session.execute(query):
        found[row.case_id] = "red" if row.due <= moment else "amber" if row.warn is not None and row.warn <= moment else "green"
    return found
