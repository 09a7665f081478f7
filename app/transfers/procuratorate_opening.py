"""A matter the procuratorate finds by itself (17号14): its own file, before any transfer and any letter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organ, Person
from app.engine import get_engine
from app.inbox import screen
from app.inbox.screen import Screen, Sources
from app.transfers import numbering, routing
from app.transfers.models import TransferProcurator
from app.transfers.opening import title_of
from app.transfers.procuratorate_files import PROCESS
from workflows.errors import Conflict, FormError
from workflows.forms import Form
from workflows.step import Step
from workflows.time import local, now

FILE = Path(__file__).with_name("procuratorate_forms.yaml")
ROLES = ("prosecutor", "prosecutor_admin")
FOUND = "found"


@cache
def form() -> Form:
    return Form.parse(FOUND, yaml.safe_load(FILE.read_text(encoding="utf-8"))[FOUND])


def organ_of(person: Person) -> str:
    """The procuratorate a person works at."""
    held = next((post.organ_id for post in person.posts if post.role in ROLES), None)
    if held is None:
        raise Conflict("只有人民检察院的检察官可以登记。")
    return str(held)


def bureaus(session: Session, organ: str) -> dict[str, str]:
    """The organs of its level that transfer: those whose procuratorate it is."""
    found = session.scalars(select(Organ).where(Organ.kind.in_(("bureau", "branch")), Organ.active).order_by(Organ.id))
    return {one.id: one.name for one in found if routing.procuratorate_of(session, one.id) == organ}


def context() -> dict[str, str]:
    moment = now()
    return {"now": moment.strftime("%Y-%m-%dT%H:%M"), "today": local(moment).date().isoformat()}


def draw(session: Session, person: Person, typed: Mapping[str, Any], errors: Mapping[str, str]) -> Screen:
    """The form for the template."""
    offered = list(bureaus(session, organ_of(person)).items())
    sources = Sources(choose=lambda _: offered, files={}, upload="")
    return screen.draw(form(), typed, context(), {k: v for k, v in errors.items() if k}, sources)


def open_found(session: Session, person: Person, typed: Mapping[str, Any]) -> UUID:
    """Open the file; its first step asks whether the case must be transferred. Raises FormError."""
    organ, clean = organ_of(person), form().check(typed, context())
    bureau = str(clean["bureau"])
    if bureau not in bureaus(session, organ):
        raise FormError({"bureau": "请从列出的机关中选择"})
    home, party = session.get_one(Organ, organ), str(clean["party"]).strip()
    step = Step.new_case(
        get_engine(), session, person.actor(), title=title_of(party), city=home.city, attrs={"unit": organ, "bureau": bureau}
    )
    number = numbering.new(session, f"{home.short}{numbering.FOUND}")
    session.add(
        TransferProcurator(
            case_id=step.case.id, transfer_no=number, organ=organ, bureau=bureau,
            police=routing.police_of(session, bureau), origin=FOUND, state="nontransfer", title=title_of(party), party=party,
            registered_at=now(),
            nontransfer={"act": clean["act"], "place": clean.get("place"), "reason": clean["reason"], "head": "", "hits": []},
        )
    )  # fmt: skip
    session.flush()
    step.begin(PROCESS, {})
    step.save()
    return step.case.id
