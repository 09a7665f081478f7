"""The procuratorate's desk: every transfer of its level, as its file knows it from 移送书, letters and clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.transfers.models import TransferProcurator, TransferSupervision
from workflows.tables import Case, Clock, Task

PAGE = 20
EXPORT_MOST = 5000
SEARCH_MOST = 60
STATES = {"open": "未办结", "closed": "已办结", "all": "全部"}
# what the desk narrows by: whose turn it is, and where the file stands
GROUPS = {
    "mine": "等我办",
    "late": "有一方超期",
    "nontransfer": "监督移送",
    "supervise": "立案监督",
    "prosecution": "审查起诉",
    "penalty": "反向衔接",
}
STAND = {
    "nontransfer": ("nontransfer", "await_transfer"),
    "supervise": ("supervise",),
    "prosecution": ("prosecution", "verdict"),
    "penalty": ("penalty",),
}
MOMENT = TIMESTAMP(timezone=True)
NEVER: Any = literal_column("'infinity'::timestamptz", MOMENT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One narrowing, read from the address; unknown values are dropped."""

    state: str = "open"
    group: str = ""
    q: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Wanted:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        given["state"] = given["state"] if given["state"] in STATES else "open"
        given["group"] = given["group"] if given["group"] in GROUPS else ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        changed = replace(self, **changes)
        return {f.name: v for f in fields(self) if (v := getattr(changed, f.name)) and (f.name, v) != ("state", "open")}


@dataclass(frozen=True, slots=True)
class Line:
    """One file with everything the desk shows of it."""

    file: TransferProcurator
    case: Case
    clocks: Sequence[Clock]
    task: Task | None
    supervision: TransferSupervision | None


def page(
    session: Session, person: Person, wanted: Wanted, moment: datetime, *, offset: int = 0, limit: int = PAGE
) -> tuple[list[Line], int]:
    """One page, the most urgent first, and how many there are."""
    query = _narrowed(person, wanted, moment)
    total = session.scalar(query.with_only_columns(func.count()).order_by(None)) or 0
    due = select(func.min(Clock.due_at)).where(Clock.case_id == Case.id, Clock.status == "running").correlate(Case).scalar_subquery()
    order = (func.coalesce(due, NEVER), TransferProcurator.registered_at.desc(), TransferProcurator.case_id)
    rows = session.execute(query.order_by(*order).offset(offset).limit(limit)).all()
    return _lines(session, rows), total


def counts(session: Session, person: Person, wanted: Wanted, moment: datetime) -> dict[str, int]:
    """How many there are in each group, for the filter row."""
    inner = _narrowed(person, replace(wanted, group=""), moment)
    columns = [func.count().filter(_group(person, name, moment)).label(name) for name in GROUPS]
    row = session.execute(inner.with_only_columns(func.count().label("total"), *columns).order_by(None)).one()
    return {name: int(value) for name, value in row._mapping.items()}


def _narrowed(person: Person, wanted: Wanted, moment: datetime) -> Any:
    query: Any = select(TransferProcurator, Case).join(Case, Case.id == TransferProcurator.case_id).where(visible_cases(person))
    if wanted.state != "all":
        query = query.where(TransferProcurator.closed_at.is_(None) if wanted.state == "open" else TransferProcurator.closed_at.is_not(None))
    if wanted.group:
        query = query.where(_group(person, wanted.group, moment))
    if wanted.q:
        like = f"%{_plain(wanted.q)}%"
        found = TransferProcurator
        query = query.where(or_(found.transfer_no.ilike(like), found.party.ilike(like), found.title.ilike(like)))
    return query


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _group(person: Person, name: str, moment: datetime) -> Any:
    if name in STAND:
        return TransferProcurator.state.in_(STAND[name])
    if name == "late":
        return exists().where(Clock.case_id == Case.id, Clock.status == "running", Clock.due_at <= moment).correlate(Case)
    keys = sorted(person.holder_keys())
    return (
        exists()
        .where(and_(Task.case_id == Case.id, Task.status == "open", or_(Task.holder.in_(keys), Task.pool.in_(keys))))
        .correlate(Case)
    )


def _lines(session: Session, rows: Sequence[Any]) -> list[Line]:
    """Clocks, open steps and rounds of the page in three queries."""
    ids = [row.Case.id for row in rows]
    clocks: dict[UUID, list[Clock]] = {}
    for clock in session.scalars(select(Clock).where(Clock.case_id.in_(ids)).order_by(Clock.from_at, Clock.id)):
        clocks.setdefault(clock.case_id, []).append(clock)
    tasks: dict[UUID, Task] = {}
    for task in session.scalars(select(Task).where(Task.case_id.in_(ids), Task.status == "open").order_by(Task.opened_at.desc())):
        tasks[task.case_id] = task
    rounds: dict[UUID, TransferSupervision] = {}
    for one in session.scalars(select(TransferSupervision).where(TransferSupervision.case_id.in_(ids)).order_by(TransferSupervision.round)):
        rounds[one.case_id] = one
    return [
        Line(row.TransferProcurator, row.Case, clocks.get(row.Case.id, []), tasks.get(row.Case.id), rounds.get(row.Case.id)) for row in rows
    ]
