"""Facts changed outside the drawn step: the same form again, a new screening beside the old, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.inbox.services import tell
from app.transfers import facts, items, screening, services
from app.transfers.models import Transfer
from app.transfers.words import QUESTION
from workflows.errors import FormError
from workflows.handlers import Actor
from workflows.tables import Case, Task

ENTERING = ("enter_facts", "confirm")


def before(session: Session, case_id: UUID) -> dict[str, Any]:
    """What was entered last."""
    row = screening.latest(session, case_id)
    return screening.answer_of(row) if row is not None else {}


def again(session: Session, person: Person, transfer: Transfer, answer: dict[str, Any]) -> str:
    """Screen the changed facts (an answer of the form). Returns what to say; raises FormError.

    While the question is open, legal's step sees the newest facts when it is taken again; once it is answered, new hits are told to
    the head, the team and legal.
    """
    screening.require_confirmed(answer)
    if transfer.answer is None and _still_entering(session, transfer):
        raise FormError({"": "这一件正在筛查，请直接在筛查步骤里填写或由法规处退回补充"})
    if transfer.closed_at is not None:
        return _on_closed(session, person, transfer, answer)
    fresh = take(session, person.actor(), transfer, answer)
    return f"已重新筛查，{_named(fresh)}。"


def take(session: Session, actor: Actor, transfer: Transfer, answer: Mapping[str, Any]) -> list[str]:
    """Changed facts of an open file: a new screening beside the old; returns the items nobody had seen before.

    Facts that are still being entered are no screening yet: the officers are told that there are others.
    """
    old = screening.latest(session, transfer.case_id)
    if old is None:
        _tell(session, transfer, "提出移送问题的案件事实有变化，填写时请一并核对。")
        return []
    if facts.digest(screening.answer_of(old)) == facts.digest(answer):
        return []
    row = screening.rescreen(session, transfer, answer, actor)
    fresh = [one for one in row.hits if one not in [*old.hits, *old.added]]
    get_engine().note(session, transfer.case_id, actor, "transfer.rescreened", "事实有变化，重新筛查", {"新命中": "、".join(fresh)})
    _tell(session, transfer, f"案件事实有变化，已重新筛查，{_named(fresh)}。")
    services.index(session, transfer)
    return fresh


def _on_closed(session: Session, person: Person, transfer: Transfer, answer: dict[str, Any]) -> str:
    """The file has ended: what the changed facts raise is answered on a new one, and its petition waits again while it is open."""
    old = screening.latest(session, transfer.case_id)
    if old is not None and facts.digest(screening.answer_of(old)) == facts.digest(answer):
        return "事实没有变化，原来的答复仍然有效。"
    row = screening.rescreen(session, transfer, answer, person.actor())
    detail = {"命中": "、".join(row.hits)}
    get_engine().note(session, transfer.case_id, person.actor(), "transfer.rescreened", "事实有变化，重新筛查", detail)
    if not row.hits:
        return "已重新筛查，没有命中涉嫌犯罪的情形。"
    asking = _asking(session, transfer)
    payload = {"case_id": str(asking), "screening_id": str(row.id), "link_id": ""}
    get_engine().ask(session, asking, QUESTION, payload, person.actor())
    return f"已重新筛查，命中{'、'.join(items.short(one) for one in row.hits)}，已另立新的案源，移送问题重新提出。"


def _asking(session: Session, transfer: Transfer) -> UUID:
    """The petition while it is open: it waits for the answer; else the file itself (amendments §5: a new 案源)."""
    petition = session.get(Case, transfer.subject_case) if transfer.subject_case is not None else None
    return petition.id if petition is not None and petition.status == "open" else transfer.case_id


def _named(fresh: Sequence[str]) -> str:
    return f"新命中{'、'.join(items.short(one) for one in fresh)}" if fresh else "没有新的情形"


def _tell(session: Session, transfer: Transfer, said: str) -> None:
    holders = [f"o:{transfer.unit}:unit_head", *(f"p:{one['id']}" for one in transfer.team)]
    tell(session, holders, "note", f"{transfer.transfer_no}：{said}", case_id=transfer.case_id)


def _still_entering(session: Session, transfer: Transfer) -> bool:
    query = select(Task.id).where(Task.case_id == transfer.case_id, Task.status == "open", Task.element.in_(ENTERING))
    return session.scalar(query.limit(1)) is not None
