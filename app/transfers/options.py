"""What the choices of the bureau's forms come from (``options_from``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.inbox import labels
from app.transfers import items, opening
from app.transfers.handlers import objection
from app.transfers.keeping import CHOOSERS, WORDS, chooser
from app.transfers.models import TransferLetter
from app.transfers.words import WAYS
from workflows.forms import Field
from workflows.tables import Clock

TEAM_LEAST = 2


def allowed(session: Session, case: Any, field: Field, values: Mapping[str, Any]) -> dict[str, str] | None:
    """The values a field may take: value → label; None when any is taken. ``case`` has id and attrs."""
    choose = CHOOSERS.get(field.options_from or "")
    return choose(session, case, values) if choose is not None else None


def choices(session: Session, case: Any, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return list((allowed(session, case, field, values) or {}).items())


def words(session: Session, case: Any, field: Field, value: str) -> str:
    """What a chosen value is called, offered or not by now; else a person or an organ by its name."""
    say = WORDS.get(field.options_from or "")
    known = say(session, case, {}) if say is not None else {}
    return known.get(value) or labels.named(session, value)


@chooser("certified_officers")
def officers(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Certified officers of the unit; where it has too few, of the whole organ."""
    found = opening.certified(session, [str(case.attrs.get("unit") or "")])
    if len(found) < TEAM_LEAST:
        found = opening.certified(session, [str(case.attrs.get("bureau") or "")])
    return {str(p.id): _named(p) for p in found}


def _named(person: Person) -> str:
    return f"{person.name}（{person.certificate_no}）"


@chooser("added_items", words=items.ITEMS)
def added(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Items legal may add: those the table did not hit."""
    hit = set(values.get("hits") or [])
    return {item: items.label(item) for item in items.ITEMS if item not in hit}


@chooser("objection_ways", words=WAYS)
def ways(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """The ways of objecting that are open now."""
    running = select(Clock.id).where(Clock.case_id == case.id, Clock.slot == "reconsider", Clock.status == "running")
    unread = select(TransferLetter.id).where(
        TransferLetter.to_case == case.id, TransferLetter.received_at.is_(None), TransferLetter.name.in_(objection.UNREAD)
    )
    return objection.ways(
        str(values.get("ground") or ""), reconsider_runs=session.scalar(running.limit(1)) is not None,
        has_unread=session.scalar(unread.limit(1)) is not None,
    )  # fmt: skip
