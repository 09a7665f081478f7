"""What the pages of the numbers read: sums of whole months from number_month, edges of a period and the cases themselves from the lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Organ, Person
from app.accounts.policy import visible_cases
from app.numbers import lines
from app.numbers.definitions import Side
from app.numbers.period import Period, later
from app.numbers.scope import Scope
from workflows.tables import Case

FACETS = ("county", "unit", "kind")
CUTS = {"county": "county", "unit": "unit", "kind": "kind", "month": "month::text", "all": "''"}
OWN = ("bureau", "department", "branch")
PAGE = 30
EXPORT_MOST = 5000

Sums = dict[tuple[str, str], tuple[int, int]]  # (key, part) → (numerator, denominator)
SIDES: dict[Side, str] = {"num": "num <> 0", "den": "den <> 0", "miss": "den <> 0 AND num = 0"}


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which lines are counted: within a scope, narrowed by facets. An empty string means: all."""

    scope: Scope = field(default_factory=Scope)
    county: str = ""
    unit: str = ""
    kind: str = ""

    def set(self, **changes: str) -> Narrow:
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def facets(self) -> dict[str, str]:
        return {name: value for name in FACETS if (value := getattr(self, name))}

    def where(self, prefix: str = "", facets: Sequence[str] = FACETS) -> tuple[str, dict[str, Any]]:
        """SQL conditions on lines (``prefix``: the table's alias and a dot) and their parameters."""
        params: dict[str, Any] = {name: value for name, value in self.facets.items() if name in facets}
        conditions = [f"{prefix}{name} = :{name}" for name in params]
        if self.scope.counties is not None:
            conditions.append(f"{prefix}county = ANY(:counties)")
            params["counties"] = list(self.scope.counties)
        return " AND ".join(conditions) or "true", params


def sums(session: Session, keys: Sequence[str], period: Period, cut: str, narrow: Narrow) -> Sums:
    """Numerators and denominators by part; ``cut`` is one of CUTS."""
    where, params = narrow.where()
    source, edges = _spread(keys, period, _level(cut, narrow))
    sql = f"SELECT key, {CUTS[cut]} AS part, sum(num) AS num, sum(den) AS den FROM ({source}) l WHERE {where} GROUP BY 1, 2"
    rows = session.execute(text(sql), {**params, **edges, "keys": list(keys)})
    end = len("2026-03") if cut == "month" else None
    return {(r.key, r.part[:end]): (int(r.num), int(r.den)) for r in rows if r.num or r.den}


def _level(cut: str, narrow: Narrow) -> int:
    """The coarsest rows of number_month that still tell apart what is asked for."""
    told_apart = {*narrow.facets, cut, *(("county",) if narrow.scope.counties is not None else ())}
    return sum(1 << bit for bit, facet in enumerate(FACETS) if facet in told_apart)


def _spread(keys: Iterable[str], period: Period, level: int) -> tuple[str, dict[str, Any]]:
    """SQL of the lines of a period: whole months already summed, the days before and after them line by line."""
    first = period.since if period.since.day == 1 else later(period.since.replace(day=1), 1)
    end = period.until.replace(day=1)
    params: dict[str, Any] = {"first": first, "end": end, "level": level}
    columns = "key, county, unit, kind, num, den"
    of_months = "level = :level AND month >= :first AND month < :end AND key = ANY(:keys)"
    parts = [f"SELECT month, {columns} FROM number_month WHERE {of_months}"]
    spans = [(period.since, first), (end, period.until)] if first < end else [(period.since, period.until)]
    for name, (since, until) in zip("ab", spans, strict=False):
        if since < until:
            own = lines.union_between(keys, f"since_{name}", f"until_{name}")
            parts.append(f"SELECT date_trunc('month', day)::date, {columns} FROM ({own}) {name}")
            params |= {f"since_{name}": since, f"until_{name}": until}
    return "\nUNION ALL ".join(parts), params


@dataclass(frozen=True, slots=True)
class At:
    """Where a page of cases begins: behind (or before) this line of the order."""

    day: date
    ref: UUID

    @classmethod
    def read(cls, written: str) -> At | None:
        day, _, ref = written.partition("~")
        try:
            return cls(date.fromisoformat(day), UUID(ref))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.day.isoformat()}~{self.ref}"


@dataclass(frozen=True, slots=True)
class CasePage:
    rows: Sequence[Any]
    before: At | None
    after: At | None


def cases(
    session: Session, key: str, side: Side, period: Period, narrow: Narrow, *, after: At | None = None, before: At | None = None,
    limit: int = PAGE,
) -> CasePage:  # fmt: skip
    """The lines behind a number, the newest day first, with the case each belongs to."""
    where, params = narrow.where()
    at, back = before or after, before is not None
    if at is not None:
        where += f" AND (day, ref) {'>' if back else '<'} (:at_day, :at_ref)"
        params |= {"at_day": at.day, "at_ref": at.ref}
    way = "ASC" if back else "DESC"
    own = lines.LINES[key].between(key)
    sql = f"""
        SELECT l.*, c.number, c.title, c.status FROM (
            SELECT * FROM ({own}) o WHERE {SIDES[side]} AND {where} ORDER BY day {way}, ref {way} LIMIT :n) l
          JOIN wf_case c ON c.id = l.case_id ORDER BY l.day {way}, l.ref {way}"""
    found = list(session.execute(text(sql), {**params, "since": period.since, "until": period.until, "n": limit + 1}))
    more, rows = len(found) > limit, found[:limit]
    if back:
        rows = rows[::-1]
    ends = (_at(rows[0]), _at(rows[-1])) if rows else (None, None)
    return CasePage(rows, before=ends[0] if (more if back else at) else None, after=ends[1] if (at if back else more) else None)


def _at(row: Any) -> At:
    return At(row.day, row.ref)


def seen(session: Session, person: Person, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these cases the person may open."""
    wanted = list(set(ids))
    return set(session.scalars(select(Case.id).where(Case.id.in_(wanted), visible_cases(person)))) if wanted else set()


def organs(session: Session, scope: Scope | None = None) -> dict[str, str]:
    """id → short name of our own organisations: what units are called. With a scope, only those of its counties and of no county."""
    query = select(Organ.id, Organ.short).where(Organ.kind.in_(OWN)).order_by(Organ.id)
    if scope is not None and scope.counties is not None:
        query = query.where(or_(Organ.county.is_(None), Organ.county.in_(scope.counties)))
    return {row.id: row.short for row in session.execute(query)}
