"""The list of petitions: those the person may see, most urgent first, page by page from where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP, distinct_on
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.engine import get_engine
from app.inbox.filters import Filter, Place
from app.inbox.queries import CAP, Head, Page
from app.petitions import identity, masking, search
from app.petitions.models import Petition
from workflows.tables import Case, Clock, Task

PAGE = 30
EXPORT_MOST = 5000
MOMENT = TIMESTAMP(timezone=True)
NEVER: ColumnElement[datetime] = literal_column("'infinity'::timestamptz", MOMENT)  # cases without a running period come last
STATES = {"open": "在办", "closed": "已归档", "all": "全部"}


def page(
    session: Session, person: Person, wanted: Filter, state: str, now: datetime, *, after: Place | None = None,
    before: Place | None = None, limit: int = PAGE,
) -> Page:  # fmt: skip
    """One page of the list in its order: due moment, then id."""
    due = _due(session)
    order = func.coalesce(due, NEVER).label("place")
    query = _narrowed(session, person, wanted, state, now, due).add_columns(due.label("due_at"))
    if after is not None:
        query = query.where(tuple_(order, Petition.case_id) > tuple_(cast(after.due, MOMENT), after.id))
    if before is not None:
        query = query.where(tuple_(order, Petition.case_id) < tuple_(cast(before.due, MOMENT), before.id))
        rows = list(session.execute(query.order_by(order.desc(), Petition.case_id.desc()).limit(limit + 1)))[::-1]
        more, rows = len(rows) > limit, rows[-limit:]
        return Page(rows, before=_place(rows[0]) if more else None, after=_place(rows[-1]) if rows else None)
    rows = list(session.execute(query.order_by(order, Petition.case_id).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    return Page(rows, before=_place(rows[0]) if after is not None and rows else None, after=_place(rows[-1]) if more else None)


def head(session: Session, person: Person, wanted: Filter, state: str, now: datetime) -> Head:
    """How many there are, by light; counted up to the cap."""
    due = _due(session)
    inner = _narrowed(session, person, wanted, state, now, due).with_only_columns(due.label("due"), _warn(session).label("warn"))
    rows = inner.limit(CAP).subquery()
    red = func.count().filter(rows.c.due < now)
    amber = func.count().filter(and_(rows.c.due >= now, rows.c.warn <= now))
    none = func.count().filter(rows.c.due.is_(None))
    total, reds, ambers, nones = session.execute(select(func.count(), red, amber, none)).one()
    return Head(total=total, red=reds, amber=ambers, green=total - reds - ambers - nones, none=nones, capped=total >= CAP)


def _rights(session: Session) -> list[str]:
    """Slots in which somebody else may act: nobody of ours is urgent there."""
    slots = get_engine().library.current(session, "petition").slots
    return [name for name, slot in slots.items() if slot.right]


def _running(session: Session) -> ColumnElement[bool]:
    return and_(Clock.case_id == Case.id, Clock.status == "running", Clock.slot.notin_(_rights(session)))


def _due(session: Session) -> Any:
    """SQL: the first due moment of the case's running duties."""
    return select(func.min(Clock.due_at)).where(_running(session)).correlate(Case).scalar_subquery()


def _warn(session: Session) -> Any:
    return select(func.min(Clock.warn_at)).where(_running(session)).correlate(Case).scalar_subquery()


def _narrowed(session: Session, person: Person, wanted: Filter, state: str, now: datetime, due: Any) -> Any:
    """Petitions this person may see, narrowed by the filter."""
    query: Any = select(Petition, Case).join(Case, Case.id == Petition.case_id).where(visible_cases(person))
    if state in ("open", "closed"):
        query = query.where(Case.status == state)
    for name in ("kind", "county", "channel"):
        if value := getattr(wanted, name):
            query = query.where(getattr(Petition, name) == value)
    if wanted.unit:
        query = query.where(Case.attrs["unit"].astext == wanted.unit)
    if wanted.stage:
        open_at = (Task.case_id == Case.id, Task.status == "open", Task.stage == wanted.stage)
        query = query.where(select(Task.id).where(*open_at).exists())
    if wanted.light:
        query = query.where(_light(session, wanted.light, now, due))
    if wanted.q:
        query = query.where(_found(session, person, wanted.q))
    return query


def _light(session: Session, light: str, now: datetime, due: Any) -> Any:
    if light == "red":
        return due < now
    if light == "none":
        return due.is_(None)
    warned = _warn(session) <= now
    return and_(due >= now, warned if light == "amber" else ~func.coalesce(warned, False))


def _found(session: Session, person: Person, question: str) -> ColumnElement[bool]:
    """By words of the item; by name or phone only among those whose names the person may see."""
    ways: list[ColumnElement[bool]] = []
    words = search.matches(question)
    if words is not None:
        ways.append(words)
    asked = question.strip()
    named = [Petition.name == asked]
    if digits := identity.phone_digits(asked):
        named.append(Petition.phone_digits == digits)
    ways.append(and_(or_(*named), masking.sees_names(session, person)))
    return or_(*ways)


def _place(row: Any) -> Place:
    return Place.of(row.due_at, row.Petition.case_id)


def steps_of(session: Session, cases: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """case → (the step that waits, its holder), the most urgent of each."""
    order = (Task.case_id, func.coalesce(Task.due_at, NEVER), Task.opened_at)
    query = select(Task.case_id, Task.label, Task.holder).where(Task.case_id.in_(cases), Task.status == "open").order_by(*order)
    return {row.case_id: (row.label, row.holder) for row in session.execute(query.ext(distinct_on(Task.case_id)))}


def clocks_of(session: Session, cases: Sequence[UUID]) -> dict[UUID, Clock]:
    """case → its running duty that is due first."""
    query = select(Clock).join(Case, Case.id == Clock.case_id).where(Clock.case_id.in_(cases), _running(session))
    return {c.case_id: c for c in session.scalars(query.ext(distinct_on(Clock.case_id)).order_by(Clock.case_id, Clock.due_at))}
