"""The list of the bureau's transfers: those the person may see, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, cast, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.petitions import search
from app.transfers.models import Transfer, TransferSearch
from app.transfers.words import SOURCES
from workflows.tables import Case, Clock, Task

PAGE = 30
EXPORT_MOST = 5000
SEARCH_MOST = 60
STATES = {"open": "在办", "closed": "已办结", "all": "全部"}
LIGHTS = ("red", "amber", "green", "none")
# what the file waits for, in the groups people ask about
GROUPS = {
    "screening": ("筛查", ("facts", "confirm")),
    "approval": ("审批", ("team", "report", "legal", "decide")),
    "sending": ("待移送", ("assemble",)),
    "police": ("等公安", ("receipt", "police")),
    "objection": ("异议", ("way", "draft", "challenge", "route")),
    "criminal": ("刑事程序", ("handover", "outcome")),
    "penalty": ("待定处罚", ("penalty",)),
}
MOMENT = TIMESTAMP(timezone=True)
NEVER: Any = literal_column("'infinity'::timestamptz", MOMENT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One narrowing, read from the address; unknown values are dropped."""

    state: str = "open"
    group: str = ""
    light: str = ""
    source: str = ""
    q: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Wanted:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        for name, known in (("state", STATES), ("group", GROUPS), ("light", LIGHTS), ("source", SOURCES)):
            if given[name] not in known:
                given[name] = "open" if name == "state" else ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        changed = replace(self, **changes)
        return {f.name: v for f in fields(self) if (v := getattr(changed, f.name)) and (f.name, v) != ("state", "open")}


@dataclass(frozen=True, slots=True)
class Line:
    """One file with what the list shows of it."""

    transfer: Transfer
    case: Case
    due: datetime | None
    clock: Clock | None
    step: str
    holder: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended."""

    due: str
    id: UUID

    @classmethod
    def read(cls, text: str) -> Mark | None:
        due, _, one = text.partition("~")
        try:
            return cls(due, UUID(one)) if due else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.due}~{self.id}"


def page(
    session: Session, person: Person, wanted: Wanted, moment: datetime, *, after: Mark | None = None, limit: int = PAGE
) -> tuple[list[Line], Mark | None]:
    """One page and where it ended, if there is more."""
    due = _due()
    order = func.coalesce(due, NEVER)
    query = _narrowed(person, wanted, moment).add_columns(due.label("due_at"))
    if after is not None:
        query = query.where(tuple_(order, Transfer.case_id) > tuple_(cast(after.due, MOMENT), after.id))
    rows = session.execute(query.order_by(order, Transfer.case_id).limit(limit + 1)).all()
    more = rows[limit - 1] if len(rows) > limit else None
    mark = Mark(more.due_at.isoformat() if more.due_at else "infinity", more.Transfer.case_id) if more is not None else None
    return _lines(session, rows[:limit]), mark


def counts(session: Session, person: Person, wanted: Wanted, moment: datetime) -> dict[str, int]:
    """How many there are by group and light, for the filter row."""
    query = _narrowed(person, replace(wanted, group="", light=""), moment)
    inner = query.with_only_columns(Transfer.state.label("state"), _due().label("due"), _warn().label("warn")).subquery()
    columns = [func.count().filter(inner.c.state.in_(states)).label(name) for name, (_, states) in GROUPS.items()]
    red = func.count().filter(inner.c.due < moment).label("red")
    amber = func.count().filter(and_(inner.c.due >= moment, inner.c.warn <= moment)).label("amber")
    row = session.execute(select(func.count().label("total"), red, amber, *columns).select_from(inner)).one()
    return {name: int(value) for name, value in row._mapping.items()}


def _running() -> Any:
    return and_(Clock.case_id == Transfer.case_id, Clock.status == "running")


def _due() -> Any:
    return select(func.min(Clock.due_at)).where(_running()).correlate(Transfer).scalar_subquery()


def _warn() -> Any:
    return select(func.min(Clock.warn_at)).where(_running()).correlate(Transfer).scalar_subquery()


def _narrowed(person: Person, wanted: Wanted, moment: datetime) -> Any:
    query: Any = select(Transfer, Case).join(Case, Case.id == Transfer.case_id).where(visible_cases(person))
    if wanted.state != "all":
        query = query.where(Transfer.closed_at.is_(None) if wanted.state == "open" else Transfer.closed_at.is_not(None))
    if wanted.group:
        query = query.where(Transfer.state.in_(GROUPS[wanted.group][1]))
    if wanted.source:
        query = query.where(Transfer.source == wanted.source)
    if wanted.light:
        query = query.where(_light(wanted.light, moment))
    if wanted.q:
        asked = func.tsvector_to_array(search.vector(wanted.q))
        hit = select(TransferSearch.case_id).where(func.tsvector_to_array(TransferSearch.search).op("@>")(asked))
        query = query.where(Transfer.case_id.in_(hit))
    return query


def _light(light: str, moment: datetime) -> Any:
    due, warned = _due(), _warn() <= moment
    if light == "red":
        return due < moment
    if light == "none":
        return due.is_(None)
    return and_(due >= moment, warned if light == "amber" else ~func.coalesce(warned, False))


def _lines(session: Session, rows: Sequence[Any]) -> list[Line]:
    """Clocks and open steps of the page in two queries."""
    ids = [row.Transfer.case_id for row in rows]
    clocks: dict[UUID, Clock] = {}
    running = select(Clock).where(Clock.case_id.in_(ids), Clock.status == "running").order_by(Clock.due_at.desc())
    for clock in session.scalars(running):
        clocks[clock.case_id] = clock
    steps: dict[UUID, Task] = {}
    open_tasks = select(Task).where(Task.case_id.in_(ids), Task.status == "open").order_by(Task.opened_at)
    for one in session.scalars(open_tasks):
        steps[one.case_id] = one
    made = []
    for row in rows:
        task = steps.get(row.Case.id)
        step, holder = (task.label, task.holder) if task is not None else ("", "")
        made.append(Line(row.Transfer, row.Case, row.due_at, clocks.get(row.Case.id), step, holder))
    return made
