"""SQL of the lists: warnings by month and county, the 问题清单, a county's letters. Each narrowed to what the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.accounts.models import Organ, Person
from app.accounts.policy import visible_cases
from app.inbox.filters import SEARCH_MOST
from app.inbox.queries import Head
from app.warnings.models import CountyLetter, EarlyWarning, Problem, WarningItem
from app.warnings.words import PROBLEM_STATES
from workflows.tables import Case, Clock, Task
from workflows.time import local

PAGE = 40
EXPORT_MOST = 5000
VIEWS = {"open": "未销号", "done": "已销号", "all": "全部"}
LIGHTS = ("red", "amber", "green")
DUTIES = ("issue", "receipt", "response", "settle")  # `check` is only the day of the next look


# --- warnings ---------------------------------------------------------------------------------------------------------


def years(session: Session, person: Person) -> list[int]:
    """Years there are warnings of, the newest first."""
    year = func.substr(EarlyWarning.month, 1, 4)
    query = select(year).join(Case, Case.id == EarlyWarning.case_id).where(visible_cases(person)).distinct()
    return sorted((int(one) for one in session.scalars(query)), reverse=True)


def of_year(session: Session, person: Person, year: int) -> list[EarlyWarning]:
    """Every warning of a year the person may see."""
    query = select(EarlyWarning).join(Case, Case.id == EarlyWarning.case_id)
    query = query.where(EarlyWarning.month.startswith(f"{year}-"), visible_cases(person))
    return list(session.scalars(query.order_by(EarlyWarning.month, EarlyWarning.county)))


def item_counts(session: Session, warnings: Sequence[UUID]) -> dict[UUID, int]:
    """Warning → how many items its letter has."""
    query = select(WarningItem.warning, func.count()).where(WarningItem.warning.in_(warnings), WarningItem.no > 0)
    return {row[0]: row[1] for row in session.execute(query.group_by(WarningItem.warning))}


def problem_counts(session: Session, warnings: Sequence[UUID], today: date) -> dict[UUID, tuple[int, int, int]]:
    """Warning → its problems: all, done, past their date and not done."""
    late = and_(Problem.state != "done", Problem.deadline < today)
    query = select(Problem.warning, func.count(), func.count().filter(Problem.state == "done"), func.count().filter(late))
    rows = session.execute(query.where(Problem.warning.in_(warnings)).group_by(Problem.warning))
    return {warning: (total, done, over) for warning, total, done, over in rows}


def clocks_of(session: Session, cases: Sequence[UUID]) -> dict[UUID, Clock]:
    """Case → its running duty that is due first."""
    query = select(Clock).where(Clock.case_id.in_(cases), Clock.status == "running", Clock.slot.in_(DUTIES))
    return {c.case_id: c for c in session.scalars(query.ext(distinct_on(Clock.case_id)).order_by(Clock.case_id, Clock.due_at))}


# --- the 问题清单 -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What narrows the list of problems; an empty string means all."""

    view: str = "open"
    light: str = ""
    county: str = ""
    unit: str = ""
    state: str = ""
    q: str = ""

    @classmethod
    def read(cls, args: Any) -> Narrowing:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        given["view"] = given["view"] if given["view"] in VIEWS else "open"
        given["light"] = given["light"] if given["light"] in LIGHTS else ""
        given["state"] = given["state"] if given["state"] in PROBLEM_STATES else ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        """The address arguments of this narrowing with some changed."""
        found = {f.name: changes.get(f.name, getattr(self, f.name)) for f in fields(self)}
        return {name: value for name, value in found.items() if value and (name, value) != ("view", "open")}


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ends: behind this row of the order (deadline, id)."""

    day: date
    id: UUID

    @classmethod
    def read(cls, text: str) -> Mark | None:
        day, _, found = text.partition("~")
        try:
            return cls(date.fromisoformat(day), UUID(found))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.day.isoformat()}~{self.id}"


def problems(
    session: Session, person: Person, wanted: Narrowing, now: datetime, warn_days: int, *, after: Mark | None = None, limit: int = PAGE
) -> tuple[list[Any], Mark | None]:
    """One page in order of deadline, and where the next one begins."""
    query = _narrowed(select(Problem, Case), person, wanted, local(now).date(), warn_days)
    if after is not None:
        query = query.where(tuple_(Problem.deadline, Problem.case_id) > tuple_(after.day, after.id))
    rows = list(session.execute(query.order_by(Problem.deadline, Problem.case_id).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    return rows, Mark(rows[-1].Problem.deadline, rows[-1].Problem.case_id) if more else None


def head(session: Session, person: Person, wanted: Narrowing, now: datetime, warn_days: int) -> Head:
    """How many there are, by light."""
    today = local(now).date()
    inner = _narrowed(select(_light(today, warn_days).label("light")), person, wanted, today, warn_days).subquery()
    found = {row[0]: row[1] for row in session.execute(select(inner.c.light, func.count()).group_by(inner.c.light))}
    red, amber, green = (found.get(light, 0) for light in LIGHTS)
    total = sum(found.values())
    return Head(total=total, red=red, amber=amber, green=green, none=total - red - amber - green, capped=False)


def _light(today: date, warn_days: int) -> ColumnElement[str]:
    """By the day it is to be done: past, near, or not yet; what is done has none."""
    near = today + timedelta(days=warn_days)
    return case((Problem.state == "done", "none"), (Problem.deadline < today, "red"), (Problem.deadline <= near, "amber"), else_="green")


def _narrowed(query: Any, person: Person, wanted: Narrowing, today: date, warn_days: int) -> Any:
    query = query.select_from(Problem).join(Case, Case.id == Problem.case_id).where(visible_cases(person))
    if wanted.view != "all":
        query = query.where(Problem.state == "done" if wanted.view == "done" else Problem.state != "done")
    for name in ("county", "unit", "state"):
        if value := getattr(wanted, name):
            query = query.where(getattr(Problem, name) == value)
    if wanted.light:
        query = query.where(_light(today, warn_days) == wanted.light)
    if wanted.q:
        plain = wanted.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(
            or_(Problem.title.ilike(f"%{plain}%"), Problem.number.ilike(f"%{plain}%"), Problem.standard.ilike(f"%{plain}%"))
        )
    return query


def units_of(session: Session, person: Person) -> list[tuple[str, str]]:
    """The units that verify some problem this person may see."""
    query = select(Organ.id, Organ.short).join(Problem, Problem.unit == Organ.id).join(Case, Case.id == Problem.case_id)
    return [(row.id, row.short) for row in session.execute(query.where(visible_cases(person)).distinct().order_by(Organ.id))]


def steps_of(session: Session, cases: Sequence[UUID]) -> dict[UUID, Any]:
    """Case → the step that waits (label, holder, slot, due_at, warn_at)."""
    query = select(Task.case_id, Task.label, Task.holder, Task.due_at, Task.warn_at).where(Task.case_id.in_(cases), Task.status == "open")
    return {row.case_id: row for row in session.execute(query.ext(distinct_on(Task.case_id)).order_by(Task.case_id, Task.opened_at))}


# --- a county's letters -----------------------------------------------------------------------------------------------


def letters_of(session: Session, organs: Sequence[str]) -> list[Any]:
    """The letters sent to these governments with their file, the newest first."""
    query = select(CountyLetter, Case.status).join(Case, Case.id == CountyLetter.case_id).where(CountyLetter.county_org.in_(organs))
    return list(session.execute(query.order_by(CountyLetter.received_at.desc(), CountyLetter.id.desc())))


def letter_clocks(session: Session, cases: Sequence[UUID]) -> dict[tuple[UUID, str, str], Clock]:
    """(case, slot, letter) → the newest clock of receipt and of response."""
    query = select(Clock).where(Clock.case_id.in_(cases), Clock.slot.in_(("receipt", "response")))
    return {(c.case_id, c.slot, c.letter or ""): c for c in session.scalars(query.order_by(Clock.from_at, Clock.id))}


def tasks_of(session: Session, cases: Sequence[UUID]) -> dict[UUID, UUID]:
    """Case → its open step."""
    query = select(Task.case_id, Task.id).where(Task.case_id.in_(cases), Task.status == "open")
    return {row.case_id: row.id for row in session.execute(query.order_by(Task.opened_at.desc()))}
