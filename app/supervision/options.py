"""What the choices of a form come from (``options_from``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.supervision import addressing
from app.supervision.words import STEPS, TRIGGERS
from workflows.forms import Field

FIRST_STEPS = ("remind", "letter", "advice", "interview", "circular")


def allowed(session: Session, organ: str, field: Field) -> dict[str, str] | None:
    """The values a field may take; None when any is taken. ``organ``: where whoever fills it in works."""
    if field.options_from == "units":
        return addressing.units(session, organ)
    if field.options_from == "triggers":
        return dict(TRIGGERS)
    if field.options_from == "first_steps":
        return {step: STEPS[step] for step in FIRST_STEPS}
    return None


def choices(session: Session, organ: str, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """For a page: (value, label) in the order shown."""
    return list((allowed(session, organ, field) or {}).items())
