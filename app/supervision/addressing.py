"""Who is supervised, and by whom: the unit of a request, the 督办岗 that is not its own, the bureau whose leaders sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person, Post
from app.accounts.roles import LABELS
from workflows.errors import NobodyThere, WorkflowError
from workflows.library import uuid_or_none
from workflows.tables import Case, Clock
from workflows.time import now

# whose duty a clock of a petition is, where it is not the handling unit's: slot → case attribute
DUTY_OF = {"notify": "intake_org", "urgent": "intake_org", "consult": "consult_org", "execution": "execute_org"}
NOTICE_RULES = ("petition.notify", "petition.simple_notify")  # the registering office's own (条例23)
UNITS = ("department", "branch")


def lateness(session: Session, request: Mapping[str, Any], subject: Case | None) -> Clock | None:
    """The clock a request is about: named in it, else the one of the subject that passed last."""
    named = uuid_or_none(request.get("clock"))
    if named is not None:
        return session.get(Clock, named)
    if subject is None or request.get("trigger") != "period_past":
        return None
    late = select(Clock).where(Clock.case_id == subject.id, Clock.overdue_at.is_not(None), Clock.status == "running")
    if request.get("rule"):
        late = late.where(Clock.rule == request["rule"])
    return session.scalars(late.order_by(Clock.overdue_at.desc(), Clock.id.desc()).limit(1)).first()


def supervised_unit(request: Mapping[str, Any], subject: Case | None, late: Clock | None = None) -> str:
    """The unit a request is about: named in it, else whose duty is late, else the one that handles the subject."""
    attrs = subject.attrs if subject is not None else {}
    duty = DUTY_OF.get(late.slot) if late is not None else "intake_org" if request.get("rule") in NOTICE_RULES else None
    unit = request.get("unit") or (attrs.get(duty) if duty else None) or attrs.get("unit") or attrs.get("intake_org")
    if not unit:
        raise WorkflowError("督办没有指明责任单位。")
    return str(unit)


def desk_of(session: Session, unit: str) -> str:
    """The organisation whose 督办岗 takes the matter: the petition office's first; never the supervised unit or one within it."""
    barred = {unit, *directory.below(session, [unit]), *_above(session, unit)}
    desks = [organ for organ in _holding(session, unit, "supervisor") if organ not in barred]
    if not desks:
        raise NobodyThere(LABELS["supervisor"], f"{directory.name(session, unit)} 以外")
    offices = _holding(session, unit, "office")
    return min(desks, key=lambda organ: (organ not in offices, organ))


def bureau_of(session: Session, desk: str) -> str:
    """The organ that acts in its own name above the desk: its leaders sign."""
    return directory.signer_org(session, desk)


def units(session: Session, desk_or_bureau: str) -> dict[str, str]:
    """Departments and branches that may be supervised there: id → name."""
    below = directory.below(session, [directory.signer_org(session, desk_or_bureau)])
    query = select(Organ.id, Organ.name).where(Organ.active, Organ.kind.in_(UNITS), Organ.id.in_(below))
    return {row.id: row.name for row in session.execute(query.order_by(Organ.kind.desc(), Organ.id))}


def can_be_supervised(session: Session, unit: str) -> str | None:
    """Why a unit cannot be supervised: a post its steps need is empty. None: it can."""
    for role in ("unit_clerk", "unit_head"):
        try:
            directory.resolve(session, role, unit)
        except NobodyThere as error:
            return error.message
    return None


def has_handler(session: Session, unit: str) -> bool:
    """Does somebody at the unit carry out measures?"""
    try:
        directory.resolve(session, "handler", unit)
    except NobodyThere:
        return False
    return True


def _above(session: Session, unit: str) -> list[str]:
    """The departments a unit belongs to; the bureau itself may watch over its own units."""
    found: list[str] = []
    organ = session.get(Organ, unit)
    while organ is not None and organ.parent_id is not None and organ.parent_id not in found:
        organ = session.get(Organ, organ.parent_id)
        if organ is not None and organ.kind in UNITS:
            found.append(organ.id)
    return found


def _holding(session: Session, unit: str, role: str) -> list[str]:
    """Organisations of the unit's city where somebody holds that role now."""
    city, moment = select(Organ.city).where(Organ.id == unit).scalar_subquery(), now()
    query = (
        select(Post.organ_id)
        .join(Organ, Organ.id == Post.organ_id)
        .join(Person, Person.id == Post.person_id)
        .where(Organ.active, Organ.city == city, Person.active, Post.role == role)
        .where(Post.since <= moment, or_(Post.until.is_(None), Post.until > moment))
    )
    return list(session.scalars(query.distinct().order_by(Post.organ_id)))
