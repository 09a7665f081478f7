"""What registration counts and compares: repeats, households on one source, possible duplicates with their reasons. Real queries only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from workflows.tables import Case

LOOKED_AT = 12  # candidates compared for the panel beside the form


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an item when it is compared: as typed, nothing of it needs to be stored yet."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    enterprise: str | None = None
    place: str | None = None
    county: str | None = None
    kind: str | None = None
    received_at: datetime | None = None


@dataclass(slots=True)
class Alike:
    """An earlier item that may be the same, and why."""

    petition: Petition
    case: Case
    reasons: list[str] = field(default_factory=list)
    same_person: bool = False
    same_source: bool = False


def of(petition: Petition) -> Facts:
    p = petition
    return Facts(p.name, p.phone, p.address, p.enterprise, p.place, p.county, p.kind, p.received_at)


def same_person(facts: Facts) -> ColumnElement[bool] | None:
    """SQL: the same phone, or the same name at the same address. None when the person cannot be recognised."""
    ways: list[ColumnElement[bool]] = []
    if digits := identity.phone_digits(facts.phone):
        ways.append(Petition.phone_digits == digits)
    if facts.name and identity.key(facts.address):
        ways.append(and_(Petition.name == facts.name, Petition.household == identity.household(facts.name, None, facts.address)))
    return or_(*ways) if ways else None


def same_source(facts: Facts) -> ColumnElement[bool] | None:
    """SQL: the same enterprise; where none is named, the same place."""
    if key := identity.enterprise_key(facts.enterprise):
        return Petition.enterprise_id.in_(select(Enterprise.id).where(Enterprise.key == key))
    if place := identity.place_key(facts.place):
        return and_(Petition.place_key == place, Petition.enterprise_id.is_(None))
    return None


def same_matter(facts: Facts) -> ColumnElement[bool]:
    """SQL: the same source, or without one the same kind of problem in the same county."""
    source = same_source(facts)
    return source if source is not None else and_(Petition.county == facts.county, Petition.kind == facts.kind)


def repeats(session: Session, facts: Facts, besides: UUID) -> int:
    """How many items this person has brought on this matter, the present one included."""
    person = same_person(facts)
    if person is None:
        return 1
    earlier = select(func.count()).select_from(Petition).where(person, same_matter(facts), Petition.case_id != besides)
    return 1 + (session.scalar(earlier) or 0)


def households(session: Session, facts: Facts, days: int, besides: UUID) -> int:
    """How many households complained of this source in the days before, the present one included."""
    own = identity.household(facts.name, facts.phone, facts.address)
    source = same_source(facts)
    if source is None or facts.received_at is None:
        return 1 if own else 0
    since = facts.received_at - timedelta(days=days)
    near = (source, Petition.received_at > since, Petition.case_id != besides, Petition.household.is_not(None))
    found = set(session.scalars(select(Petition.household).where(*near).distinct()))
    return len(found | ({own} if own else set()))


def alike(session: Session, facts: Facts, besides: UUID | None = None) -> list[Alike]:
    """Possible duplicates, the strongest reasons first."""
    person, source = same_person(facts), same_source(facts)
    place = identity.place_key(facts.place)
    ways = [way for way in (person, source, Petition.place_key == place if place else None) if way is not None]
    if not ways:
        return []
    query = select(Petition, Case).join(Case, Case.id == Petition.case_id).where(or_(*ways))
    if besides is not None:
        query = query.where(Petition.case_id != besides)
    rows = session.execute(query.order_by(Petition.received_at.desc(), Petition.case_id).limit(LOOKED_AT))
    found = [_compare(facts, petition, case) for petition, case in rows]
    return sorted(found, key=lambda a: (-a.same_person, -a.same_source, -len(a.reasons)))


def _compare(facts: Facts, petition: Petition, case: Case) -> Alike:
    """Say what the two have in common."""
    found = Alike(petition, case)
    digits = identity.phone_digits(facts.phone)
    if digits and digits == petition.phone_digits:
        found.reasons.append("同一电话")
        found.same_person = True
    if facts.name and facts.name == petition.name and identity.key(facts.address) and petition.household == identity.household(
        facts.name, None, facts.address
    ):  # fmt: skip
        found.reasons.append("同一人")
        found.same_person = True
    if (key := identity.enterprise_key(facts.enterprise)) and key == identity.enterprise_key(petition.enterprise):
        found.reasons.append("同一单位")
        found.same_source = True
    if (place := identity.place_key(facts.place)) and place == petition.place_key:
        found.reasons.append("同一地点")
        found.same_source = found.same_source or not facts.enterprise
    if facts.kind and facts.kind == petition.kind:
        found.reasons.append("同类问题")
    return found
