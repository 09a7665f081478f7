"""The board of 督办: what is open by unit and age, and how many were opened and closed month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.engine import get_engine
from app.supervision.listing import aged
from app.supervision.models import Matter
from app.supervision.words import PROCEDURE
from workflows.tables import Case, Clock
from workflows.time import local, start_of_day

FULL = 100  # a bar as long as its track, in hundredths
STEP = 5  # widths of bars are classes, a twentieth each


@dataclass(slots=True)
class UnitLine:
    """Open matters of one unit: by age group, in all, and how many have a period that passed."""

    unit: str
    name: str
    groups: list[int]
    late: int = 0

    @property
    def total(self) -> int:
        return sum(self.groups)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the trend: opened, closed, and open at its end. ``width`` is the class of its bar, 0 for none."""

    label: str
    opened: int
    closed: int
    left: int
    width: int = 0


@dataclass(slots=True)
class Board:
    ages: list[str]
    units: list[UnitLine]
    months: list[Month]
    totals: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.units)

    @property
    def late(self) -> int:
        return sum(line.late for line in self.units)


def settings(session: Session) -> tuple[list[int], int]:
    """(last days of the age groups, months of the trend)."""
    found = get_engine().library.current(session, PROCEDURE).settings
    return [int(n) for n in found["board_ages"]["value"]], int(found["trend_months"]["value"])


def age_words(ages: Sequence[int], group: int) -> str:
    """7 天以内, 8–15 天, 超过 60 天."""
    if group == 0:
        return f"{ages[0]} 天以内"
    if group >= len(ages):
        return f"超过 {ages[-1]} 天"
    return f"{ages[group - 1] + 1}–{ages[group]} 天"


def board(session: Session, person: Person, now: datetime, names: dict[str, str]) -> Board:
    """What this person may see of it; units with open matters only, the fullest first."""
    ages, months = settings(session)
    lines = _open(session, person, now, ages, names)
    made = Board([age_words(ages, n) for n in range(len(ages) + 1)], lines, _trend(session, person, now, months))
    made.totals = [sum(line.groups[n] for line in lines) for n in range(len(ages) + 1)]
    return made


def _open(session: Session, person: Person, now: datetime, ages: list[int], names: dict[str, str]) -> list[UnitLine]:
    group = case(*((aged_all(n, now, ages), literal(n)) for n in range(len(ages))), else_=literal(len(ages))).label("age")
    passed = (Clock.case_id == Matter.case_id, Clock.status == "running", Clock.due_at <= now)
    is_late = select(Clock.id).where(*passed).correlate(Matter).exists()
    query = (
        select(Matter.unit, group, func.count(), func.count().filter(is_late))
        .join(Case, Case.id == Matter.case_id)
        .where(Matter.closed_at.is_(None), visible_cases(person))
        .group_by(Matter.unit, "age")
    )
    found: dict[str, UnitLine] = {}
    for unit, age, count, late in session.execute(query):
        line = found.setdefault(unit, UnitLine(unit, names.get(unit, unit), [0] * (len(ages) + 1)))
        line.groups[age] += count
        line.late += late
    return sorted(found.values(), key=lambda line: (-line.late, -line.total, line.unit))


def aged_all(group: int, now: datetime, ages: list[int]) -> ColumnElement[bool]:
    """SQL: opened no longer ago than the last day of that group (groups are tested in order)."""
    return aged(group, now, ages)[-1]


def _trend(session: Session, person: Person, now: datetime, months: int) -> list[Month]:
    """Opened and closed in each of the last months, and what was open at the end of each: one pass over the matters."""
    firsts = _firsts(local(now).date(), months)
    opened, closed = _month(Matter.opened_at).label("opened"), _month(Matter.closed_at).label("closed")
    alive = or_(Matter.closed_at.is_(None), Matter.closed_at >= start_of_day(firsts[0]))  # what ended before the first month is no more
    query = select(opened, closed, func.count()).join(Case, Case.id == Matter.case_id).where(alive, visible_cases(person))
    began: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for start, end, count in session.execute(query.group_by(opened, closed)):
        began[start] += count
        ended[end or ""] += count
    since = f"{firsts[0]:%Y-%m}"
    left = sum(n for month, n in began.items() if month < since)
    made = []
    for first in firsts:
        key = f"{first:%Y-%m}"
        left += began[key] - ended[key]
        made.append(Month(key, began[key], ended[key], left))
    most = max((m.left for m in made), default=0)
    return [Month(m.label, m.opened, m.closed, m.left, _width(m.left, most)) for m in made]


def _month(moment: Any) -> ColumnElement[str]:
    return func.to_char(func.timezone("Asia/Shanghai", moment), "YYYY-MM")


def _firsts(today: date, months: int) -> list[date]:
    """The first days of the last ``months`` months, this one included, the oldest first."""
    found = [today.replace(day=1)]
    while len(found) < months:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def _width(value: int, most: int) -> int:
    """The class of a bar: hundredths of the longest, in steps that have a class; a little where there is anything."""
    if not value or not most:
        return 0
    return max(STEP, round(value / most * FULL / STEP) * STEP)
