"""What people do with 督办 outside a drawn step: open a matter by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.registrar import city_of
from app.engine import get_engine
from app.supervision import addressing, record
from app.supervision.words import PROCEDURE, REQUEST
from workflows.errors import Conflict, FormError
from workflows.library import uuid_or_none
from workflows.step import Step


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a request by hand: the new case; or None where it goes by message to the file of the subject.

    ``joined`` is the number of the open matter it becomes an entry of.
    """

    case_id: UUID | None = None
    joined: str = ""


def open_by_hand(session: Session, person: Person, answer: dict[str, Any]) -> Opened:
    """Open a matter: ``unit``, ``trigger``, ``asked`` (first step), ``grounds``, ``subject`` (a case, or none).

    About a case it is a request like any other: its link stands on that case, and an open matter takes it in. Raises FormError.
    """
    subject = uuid_or_none(answer.get("subject"))
    unit = str(answer.get("unit") or "")
    if unit and (reason := addressing.can_be_supervised(session, unit)) is not None:
        raise FormError({"unit": reason})
    data = {
        "requester_kind": "by_hand", "requester_id": str(person.id), "trigger": answer["trigger"], "unit": unit,
        "asked": answer["asked"], "grounds": answer["grounds"],
    }  # fmt: skip
    if subject is not None:
        return _about(session, person, subject, data)
    if not unit:
        raise FormError({"unit": "请选择督办哪个单位"})
    started = get_engine().start(session, PROCEDURE, person.actor(), city=city_of(person), data=data)
    return Opened(started.case_id)


def _about(session: Session, person: Person, subject: UUID, data: dict[str, Any]) -> Opened:
    """The request as the subject's own diagram would throw it: the link row and the message in one step."""
    engine = get_engine()
    main = next(iter(engine.library.of_case(session, subject)), None)
    rule = main.messages.get(REQUEST) if main is not None and main.name != PROCEDURE else None
    if rule is None:
        raise FormError({"subject": "这一件不能作为督办的对象，请选择信访事项、领导包案或问题清单"})
    step = Step.on_case(engine, session, subject, person.actor())
    if not data["unit"] and not (step.case.attrs.get("unit") or step.case.attrs.get("intake_org")):
        raise Conflict("这一件还没有承办单位，请写明督办哪个单位。")
    living = record.open_matter(session, subject)
    payload = {"case_id": str(subject), **data}
    link = step.links.for_message(rule, payload)
    if link is not None:
        payload["link_id"] = str(link.id)
    step.send(REQUEST, payload)
    step.tell("message", "提请督办", {"理由": data["grounds"]})
    step.save()
    return Opened(joined=living.number if living is not None else "")


def code_labels(session: Session, codes: list[str]) -> list[str]:
    """条例43–46 as the form words them."""
    field = get_engine().library.current(session, PROCEDURE).form("refer_liability").fields["codes"]
    return [(field.options or {}).get(code, code) for code in codes]
