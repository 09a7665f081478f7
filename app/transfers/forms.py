"""The forms of pages outside a drawn step (forms.yaml), checked and drawn with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.inbox import screen
from app.inbox.screen import Sources
from app.transfers import materials, opening, penalties
from app.transfers.models import PenaltyCase
from workflows.errors import FormError
from workflows.forms import Field, Form
from workflows.time import local, now

FILE = Path(__file__).with_name("forms.yaml")
Choices = dict[str, dict[str, str]]


@cache
def form(name: str) -> Form:
    return Form.parse(name, yaml.safe_load(FILE.read_text(encoding="utf-8"))[name])


def context() -> dict[str, str]:
    moment = now()
    return {"now": moment.strftime("%Y-%m-%dT%H:%M"), "today": local(moment).date().isoformat()}


def check(name: str, typed: Mapping[str, Any], offered: Choices) -> dict[str, Any]:
    """The answer as the form takes it; what is not offered is refused. Raises FormError."""
    clean = form(name).check(typed, context())
    errors = {}
    for field in form(name).fields.values():
        known = offered.get(field.options_from or "")
        if known is not None and clean.get(field.name) and str(clean[field.name]) not in known:
            errors[field.name] = "请从列出的选项中选择"
    if errors:
        raise FormError(errors)
    return clean


def draw(
    name: str, typed: Mapping[str, Any], errors: Mapping[str, str], offered: Choices, *, files: Mapping[str, str] | None = None,
    case_id: Any = None,
) -> screen.Screen:  # fmt: skip
    """The form for the template."""

    def choose(field: Field) -> screen.Choices:
        return list(offered.get(field.options_from or "", {}).items())

    upload = url_for("files.add_to_case", case_id=case_id) if case_id is not None else ""
    sources = Sources(choose=choose, files=files or {}, upload=upload)
    return screen.draw(form(name), typed, context(), {k: v for k, v in errors.items() if k}, sources)


def defaults(name: str) -> dict[str, Any]:
    return form(name).defaults(context())


# --- choices ------------------------------------------------------------------------------------------------------------


def opening_choices(session: Session, person: Person, unit: str = "") -> Choices:
    """Units this person may open a file for, their certified officers, the open penalty cases of the organ."""
    units = my_units(session, person)
    chosen = [unit] if unit in units else list(units)
    officers = {str(p.id): f"{p.name}（{p.certificate_no}）" for p in opening.certified(session, chosen)}
    return {"my_units": units, "unit_officers": officers, "open_penalties": open_penalties(session, person)}


def my_units(session: Session, person: Person) -> dict[str, str]:
    """The organisations a person works at, and for the legal department those of its bureau with officers of their own."""
    mine = {post.organ_id for post in person.posts if post.role in ("handler", "unit_head", "legal", "organ_head")}
    if person.has_role("legal") or person.has_role("organ_head"):
        mine |= set(directory.below(session, [directory.signer_org(session, one) for one in mine]))
    query = select(Organ.id, Organ.name).where(Organ.id.in_(sorted(mine)), Organ.active, Organ.kind.in_(("department", "branch")))
    found = dict(session.execute(query.order_by(Organ.kind.desc(), Organ.id)).all())
    return {unit: name for unit, name in found.items() if opening.certified(session, [unit])}


def open_penalties(session: Session, person: Person) -> dict[str, str]:
    organ = penalties.organ_of(session, person)
    query = select(PenaltyCase).where(PenaltyCase.organ == organ, PenaltyCase.closed_on.is_(None)).order_by(PenaltyCase.filed_on.desc())
    return {str(p.id): f"{p.number} {p.party}" for p in session.scalars(query.limit(200))}


def material_kinds(package_kind: str) -> Choices:
    return {"material_kinds": {k.id: f"{k.item}{k.label}" for k in materials.kinds(package_kind)}}
