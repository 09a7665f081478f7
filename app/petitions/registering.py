"""The registration form becomes the petition's record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.imports import queries as imports
from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from app.petitions.record import as_date, as_moment
from workflows.handlers import Ctx
from workflows.time import now

AS_TYPED = (
    "channel", "outside_no", "visitors", "levels_up", "designated_place", "name", "phone", "address", "statement", "place", "county",
    "kind", "gravity", "klass", "asks", "about", "complained_unit", "flagged_reason",
)  # fmt: skip


def store(ctx: Ctx, answer: dict[str, Any]) -> Petition:
    """Write the record of a new petition; its number, counts and title follow in ``petition.enrich``."""
    accusation = answer.get("klass") == "accusation"
    petition = Petition(case_id=ctx.case.id, **{name: answer.get(name) for name in AS_TYPED})
    petition.received_at, petition.entered_at = as_moment(answer["received_at"]) or ctx.now, ctx.now
    petition.superior_due = as_date(answer.get("superior_due"))
    petition.registrar_id, petition.registrar = ctx.actor.id, ctx.actor.shown
    petition.submitted_at = imports.submitted_at(ctx.session, ctx.case.id)
    petition.anonymous, petition.flagged = bool(answer.get("anonymous")), bool(answer.get("flagged"))
    petition.in_court = bool(answer.get("in_court"))
    petition.representatives, petition.other_kinds = answer.get("representatives", []), answer.get("other_kinds", [])
    # a report of pollution with a name is kept secret unless the reporter agrees otherwise (法典146, amendments §11)
    petition.secrecy = bool(answer.get("secrecy", True)) or accusation
    petition.sealed = accusation
    petition.phone_digits = identity.phone_digits(petition.phone)
    petition.household = identity.household(petition.name, petition.phone, petition.address)
    petition.place_key = identity.place_key(petition.place)
    petition.enterprise = answer.get("enterprise")
    # whom an accusation names does not become a suggestion of the typeahead
    petition.enterprise_id = None if accusation else enterprise_id(ctx.session, petition.enterprise, petition.county)
    ctx.session.add(petition)
    ctx.session.flush()
    return petition


def enterprise_id(session: Session, name: str | None, county: str | None) -> UUID | None:
    """The enterprise of that name, made when it is new; two clerks at once agree on one row."""
    key = identity.enterprise_key(name)
    if not key or name is None:
        return None
    values = {"id": uuid7(), "key": key, "name": name.strip(), "county": county, "created_at": now()}
    session.execute(insert(Enterprise).values(**values).on_conflict_do_nothing(index_elements=["key"]))
    return session.scalar(select(Enterprise.id).where(Enterprise.key == key))


def forget_enterprise(session: Session, petition: Petition) -> None:
    """Take the name an accusation brought out of the typeahead, unless another petition speaks of it too."""
    brought, petition.enterprise_id = petition.enterprise_id, None
    session.flush()
    used = select(Petition.case_id).where(Petition.enterprise_id == brought).exists()
    session.execute(delete(Enterprise).where(Enterprise.id == brought, ~used))
