"""What makes a petition important, counted as of now for many open items in one query; ``counting`` does it for one at registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.petitions.models import Petition
from app.petitions.records import Instruction
from workflows.tables import Case


@dataclass(frozen=True, slots=True)
class Matter:
    """What the table of important items is asked about one petition."""

    case_id: UUID
    repeats: int
    households: int
    is_group: bool
    irregular: bool
    source: str
    flagged: bool

    def as_data(self) -> dict[str, Any]:
        """As process data and message payload write it."""
        return {
            "repeats": self.repeats, "households": self.households, "is_group": self.is_group, "irregular": self.irregular,
            "source": self.source, "flagged": self.flagged,
        }  # fmt: skip


def open_items(
    session: Session, days: int, now: datetime, *, county: str | None = None, without: Select[Any] | None = None, limit: int | None = None
) -> list[Matter]:
    """Registered open items (of a county), the newest first, accusations left out; ``without``: case ids that are not asked about.

    What was found at registration counts as well as what is found now: of repeats and households the larger number.
    """
    conditions = [Case.status == "open", Petition.number.is_not(None), ~Petition.sealed, Petition.stopped_at.is_(None)]
    if county is not None:
        conditions.append(Petition.county == county)
    if without is not None:
        conditions.append(Petition.case_id.notin_(without))
    return _matters(session, days, now, conditions, limit)


def of(session: Session, case_id: UUID, days: int, now: datetime) -> Matter | None:
    """The same for one petition, open or not."""
    return next(iter(_matters(session, days, now, [Petition.case_id == case_id])), None)


def _matters(session: Session, days: int, now: datetime, conditions: list[ColumnElement[bool]], limit: int | None = None) -> list[Matter]:
    p = Petition
    instructed = select(Instruction.id).where(Instruction.case_id == p.case_id).correlate(p).exists()
    query = (
        select(
            p.case_id,
            func.greatest(p.repeats, 1 + _repeats()),
            func.greatest(p.households, _households(now - timedelta(days=days))),
            p.is_group,
            p.irregular,
            case((instructed, "leader"), else_=p.source),
            p.flagged,
        )
        .join(Case, Case.id == p.case_id)
        .where(*conditions)
        .order_by(p.received_at.desc(), p.case_id.desc())
        .limit(limit)
    )
    return [Matter(*row) for row in session.execute(query)]


@cache
def _other() -> Any:
    """The table once more. Made once: an alias of ninety columns costs more than the query it is for."""
    return aliased(Petition)


def _repeats() -> Any:
    """SQL: how many other items the same person brought on the same matter."""
    p, o = Petition, _other()
    # only the address tells that two of one name are one person
    named = and_(o.name == p.name, o.household == p.household, p.household.startswith("a:"))
    person = or_(o.phone_digits == p.phone_digits, named)
    matter = case(
        (p.enterprise_id.is_not(None), o.enterprise_id == p.enterprise_id),
        (p.place_key.is_not(None), and_(o.place_key == p.place_key, o.enterprise_id.is_(None))),
        else_=and_(o.county == p.county, o.kind == p.kind),
    )
    return select(func.count()).where(person, matter, o.case_id != p.case_id).correlate(p).scalar_subquery()


def _households(since: datetime) -> Any:
    """SQL: how many households complained of the same source since that moment; without a source none but the item's own."""
    p, o = Petition, _other()
    near = (o.received_at > since, o.household.is_not(None))
    of_enterprise = select(func.count(o.household.distinct())).where(o.enterprise_id == p.enterprise_id, *near).correlate(p)
    at_place = select(func.count(o.household.distinct())).where(o.place_key == p.place_key, o.enterprise_id.is_(None), *near).correlate(p)
    return case(
        (p.enterprise_id.is_not(None), of_enterprise.scalar_subquery()),
        (p.place_key.is_not(None), at_place.scalar_subquery()),
        else_=literal(0),
    )
