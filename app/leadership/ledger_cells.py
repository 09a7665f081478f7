"""The live cells of 动态管理台账: every field of RULES §3 worked out from the records.

A fixed number of queries for any number of files. Nothing of a row is stored with the file itself; what it said
before is the history's (``ledger_history``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, any_, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app import clockwords
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
    """SQL: one row a file with everything but its petitions: people, newest report, months missed, visits, running clocks."""
    lc, month, visits, clocks = LeaderCase, _newest_report(), _visits(), _clocks()
    return (
        select(
            lc.case_id, lc.number, lc.title, lc.measures, lc.plan_deadline, lc.assigned_on, lc.status, lc.closed_on, lc.exit_way,
            lc.satisfaction, lc.ended_at, _OWNER.name.label("owner"), _HANDLER.name.label("handler"), Organ.name.label("unit"),
            month.c.month, month.c.text, month.c.state, visits.c.received, visits.c.went_down, clocks.c.due, clocks.c.warn,
            _missed().label("missed"),
        )
        .join(Case, Case.id == lc.case_id)
        .outerjoin(_OWNER, _OWNER.id == lc.owner_id)
        .outerjoin(_HANDLER, _HANDLER.id == lc.handler_id)
        .outerjoin(Organ, Organ.id == lc.unit)
        .outerjoin(month, true())
        .outerjoin(visits, true())
        .outerjoin(clocks, true())
        .order_by(lc.opened_at.desc(), lc.case_id.desc())
    )  # fmt: skip


def _newest_report() -> LateralFromClause:
    m = LeaderMonth
    reported = select(m.month, m.text, m.state).where(m.case_id == LeaderCase.case_id, m.reported_at.is_not(None))
    return reported.order_by(m.month.desc()).limit(1).correlate(LeaderCase).lateral("newest_report")


def _missed() -> Any:
    """Months that were not reported in time and still have no report, as one array."""
    m = LeaderMonth
    late = select(m.month).where(m.case_id == LeaderCase.case_id, m.missed, m.reported_at.is_(None)).order_by(m.month)
    return func.array(late.correlate(LeaderCase).scalar_subquery())


def _visits() -> LateralFromClause:
    v = LeaderVisit
    counts = [func.count().filter(v.kind == kind).label(name) for kind, name in (("receive", "received"), ("go_down", "went_down"))]
    entered = select(*counts).where(v.case_id == LeaderCase.case_id, v.logged_at.is_not(None))
    return entered.correlate(LeaderCase).lateral("entered")


def _clocks() -> LateralFromClause:
    c = Clock
    running = select(func.min(c.due_at).label("due"), func.min(c.warn_at).label("warn"))
    return running.where(c.case_id == LeaderCase.case_id, c.status == "running").correlate(LeaderCase).lateral("clocks")


def build(session: Session, found: Sequence[Any], person: Person | None) -> list[Row]:
    """Rows of the ledger from rows of ``live``; their petitions are read once for all of them."""
    members, words, moment = _members(session, [row.case_id for row in found], person), labels.facet_labels(session), now()
    return [
        Row(row.case_id, _cells(row, members.get(row.case_id, ()), words), _light(row, moment), 0 if row.ended_at else len(row.missed))
        for row in found
    ]


def _light(row: Any, moment: datetime) -> Light:
    """Red also for a month that was missed and still has no report."""
    if row.ended_at is not None:
        return "met"
    return "red" if row.missed else clockwords.light(row.due, row.warn, moment)  # type: ignore[return-value]  # of its lights those five


def _cells(row: Any, members: Sequence[Brief], words: Any) -> Cells:
    """One row, every column of COLUMNS; empty where nothing is known yet."""
    cover = _cover(members)
    return {
        "number": row.number or "",
        "title": row.title,
        "petitioner": _joined([brief.who for brief in members]),
        "source": _joined([labels.label(words, "channel", brief.channel) for brief in members]),
        "kind": _joined([labels.label(words, "kind", brief.kind) for brief in members]),
        "enterprise": _joined([brief.enterprise for brief in members]),
        "county": _joined([labels.label(words, "county", brief.county) for brief in members]),
        "owner": row.owner or "",
        "unit": row.unit or "",
        "handler": row.handler or "",
        "assigned_on": _day(row.assigned_on),
        "plan": cover(_plan(row.measures)),
        "deadline": _day(row.plan_deadline),
        "progress": cover(f"{row.month}（{MONTH_STATES.get(row.state, row.state)}）：{row.text}") if row.month else "",
        "visits": _times(row.received, row.went_down),
        "status": STATUS.get(row.status, row.status) + (f"，{'、'.join(row.missed)} 缺报" if row.missed and not row.ended_at else ""),
        "closed_on": _day(row.closed_on),
        "exit_way": WAYS.get(row.exit_way or "", ""),
        "satisfaction": SATISFACTION.get(row.satisfaction or "", ""),
    }


def _cover(members: Sequence[Brief]) -> Callable[[str], str]:
    """Takes the names of those petitioners out of a text whom the viewer may not know; with a sealed item among them the whole text."""
    covered = [brief for brief in members if brief.level != "full"]
    if any(brief.level == "sealed" for brief in covered):
        return lambda text: briefs.SEALED if text else ""

    def read(text: str) -> str:
        for brief in covered:
            text = brief.cover(text) if text else text
        return text

    return read


def _joined(parts: Sequence[str]) -> str:
    """Each once, in order. Most files hold one petition."""
    return parts[0] if len(parts) == 1 else "、".join(dict.fromkeys(part for part in parts if part))


def _plan(measures: Sequence[Mapping[str, Any]]) -> str:
    return "；".join(f"{i}. {m['what']}（{m['who']}，{m['by']} 前）" for i, m in enumerate(measures, 1))


def _times(received: int, went_down: int) -> str:
    """3（接访 2，下访 1）."""
    if not received + went_down:
        return "0"
    said = [f"{word} {times}" for word, times in (("接访", received), ("下访", went_down)) if times]
    return f"{received + went_down}（{'，'.join(said)}）"


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _members(session: Session, ids: Sequence[UUID], person: Person | None) -> dict[UUID, list[Brief]]:
    """file → its petitions, the oldest first."""
    query = select(LeaderCasePetition.petition_id, LeaderCasePetition.case_id)
    query = query.where(LeaderCasePetition.case_id == any_(cast(list(ids), ARRAY(PgUUID(as_uuid=True)))))
    files: dict[UUID, list[UUID]] = {}
    for petition_id, case_id in session.execute(query):
        files.setdefault(petition_id, []).append(case_id)
    found: dict[UUID, list[Brief]] = {}
    for petition_id, brief in briefs.of(session, files, person).items():
        for case_id in files[petition_id]:
            found.setdefault(case_id, []).append(brief)
    return found
