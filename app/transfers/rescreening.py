"""Facts changed outside the drawn step: the same form again, a new screening beside the old, and what follows from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.inbox import screen
from app.inbox.screen import Sources
from app.inbox.services import tell
from app.transfers import facts, forms, items, screening, services
from app.transfers.models import Transfer
from workflows.errors import FormError
from workflows.forms import Form
from workflows.tables import Task

FORM = "enter_facts"


def form(session: Session) -> Form:
    return get_engine().library.current(session, screening.PROCESS).form(FORM)


def before(session: Session, case_id: UUID) -> dict[str, Any]:
    """What was entered last."""
    row = screening.latest(session, case_id)
    return screening.answer_of(row) if row is not None else {}


def draw(session: Session, typed: dict[str, Any], errors: dict[str, str], upload: str) -> screen.Screen:
    return screen.draw(form(session), typed, forms.context(), {k: v for k, v in errors.items() if k}, Sources(upload=upload))


def again(session: Session, person: Person, transfer: Transfer, typed: dict[str, Any]) -> str:
    """Screen the changed facts. Returns what to say; raises FormError.

    While the question is open, legal's step sees the newest facts when it is taken again; once it is answered, new hits are told to
    the head, the team and legal.
    """
    answer = form(session).check(typed, forms.context())
    if not facts.anything(answer) and not answer.get("none"):
        raise FormError({"none": "没有填任何情形的，请确认已逐项核对、均不涉及"})
    if transfer.answer is None and _still_entering(session, transfer):
        raise FormError({"": "这一件正在筛查，请直接在筛查步骤里填写或由法规处退回补充"})
    old = screening.latest(session, transfer.case_id)
    row = screening.rescreen(session, transfer, answer, person.actor())
    fresh = [one for one in row.hits if old is None or one not in [*old.hits, *old.added]]
    said = f"已重新筛查，{'新命中' + '、'.join(items.short(one) for one in fresh) if fresh else '没有新的情形'}。"
    get_engine().note(
        session, transfer.case_id, person.actor(), "transfer.rescreened", "事实有变化，重新筛查", {"新命中": "、".join(fresh)}
    )
    holders = [f"o:{transfer.unit}:unit_head", *(f"p:{one['id']}" for one in transfer.team)]
    tell(session, holders, "note", f"{transfer.transfer_no}：{said}", case_id=transfer.case_id)
    services.index(session, transfer)
    return said


def _still_entering(session: Session, transfer: Transfer) -> bool:
    query = select(Task.id).where(Task.case_id == transfer.case_id, Task.status == "open", Task.element.in_((FORM, "confirm")))
    return session.scalar(query.limit(1)) is not None
