"""案卷抽查 as the page shows it: the draws of a month with their samples; shares reviewed and passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.supervision.models import ReviewDraw, ReviewSample
from workflows.library import uuid_or_none
from workflows.tables import Case

RESULTS = {True: "合格", False: "不合格", None: "评查中"}


@dataclass(frozen=True, slots=True)
class SampleLine:
    case_id: UUID
    number: str
    title: str
    reviewers: str
    points: str
    result: str
    passed: bool | None
    seen: bool  # this person may open the file


@dataclass(slots=True)
class DrawLine:
    """One unit's draw of a month."""

    draw: ReviewDraw
    unit: str
    samples: list[SampleLine] = field(default_factory=list)

    @property
    def scored(self) -> int:
        return sum(s.passed is not None for s in self.samples)

    @property
    def passed(self) -> int:
        return sum(bool(s.passed) for s in self.samples)


@dataclass(frozen=True, slots=True)
class Share:
    """抽查占比 and 抽查通过率 of one unit and month (or of all): finished, drawn, scored, passed."""

    closed: int
    drawn: int
    scored: int
    passed: int


def months(session: Session) -> list[str]:
    """Months there are draws of, the newest first."""
    return list(session.scalars(select(ReviewDraw.month).distinct().order_by(ReviewDraw.month.desc())))


def draws(session: Session, person: Person, month: str, units: dict[str, str]) -> list[DrawLine]:
    """The draws of a month with their samples; the title of a file only where the person may see it."""
    rows = session.scalars(select(ReviewDraw).where(ReviewDraw.month == month).order_by(ReviewDraw.unit)).all()
    lines = {row.id: DrawLine(row, units.get(row.unit, row.unit)) for row in rows}
    query = select(ReviewSample, Case, visible_cases(person).label("seen")).join(Case, Case.id == ReviewSample.case_id)
    found = session.execute(query.where(ReviewSample.draw_id.in_(lines)).order_by(ReviewSample.case_id)).all()
    names = _names(session, [sample for sample, _, _ in found])
    for sample, case, seen in found:
        lines[sample.draw_id].samples.append(_line(sample, case, bool(seen), names))
    return list(lines.values())


def _line(sample: ReviewSample, case: Case, seen: bool, names: dict[str, str]) -> SampleLine:
    said = [f"{names.get(str(one), '')}{_points(sample, str(one))}" for one in sample.reviewers]
    points = f"{sample.points:g}" if sample.points is not None else ""
    title = case.title if seen else ""
    return SampleLine(case.id, case.number or "", title, "、".join(said), points, RESULTS[sample.passed], sample.passed, seen)


def _points(sample: ReviewSample, person: str) -> str:
    """A reviewer's total once the sample is decided: before that neither sees the other's."""
    given = sample.scores.get(person)
    return f"（{given['total']} 分）" if given and sample.passed is not None else ""


def _names(session: Session, samples: Sequence[ReviewSample]) -> dict[str, str]:
    ids = {found for sample in samples for one in sample.reviewers if (found := uuid_or_none(one))}
    return {str(row.id): row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def shares(session: Session, since: str, until: str, unit: str | None = None) -> dict[tuple[str, str], Share]:
    """(month, unit) → share, for months ``since`` … ``until`` (2026-01 … 2026-12); also for the numbers of other areas."""
    where = [ReviewDraw.month >= since, ReviewDraw.month <= until]
    if unit is not None:
        where.append(ReviewDraw.unit == unit)
    scored = func.count(ReviewSample.id).filter(ReviewSample.passed.is_not(None))
    passed = func.coalesce(func.sum(cast(ReviewSample.passed, Integer)), 0)
    query: Any = (
        select(ReviewDraw.month, ReviewDraw.unit, ReviewDraw.closed, ReviewDraw.size, scored, passed)
        .outerjoin(ReviewSample, ReviewSample.draw_id == ReviewDraw.id)
        .where(*where)
        .group_by(ReviewDraw.id)
    )
    return {(r[0], r[1]): Share(r[2], r[3], r[4], r[5]) for r in session.execute(query)}


def total(found: Sequence[Share]) -> Share:
    """Several shares as one."""
    return Share(sum(s.closed for s in found), sum(s.drawn for s in found), sum(s.scored for s in found), sum(s.passed for s in found))
