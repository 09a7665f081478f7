"""Small builders: a registration as a clerk types it, and the people of the demo organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.petitions import services
from app.petitions.models import Petition
from workflows.tables import Case, Task

COMPLAINT: dict[str, Any] = {
    "channel": "web",
    "received_at": "2026-09-30T09:00:00+08:00",
    "name": "张晓苇",
    "phone": "13800001234",
    "address": "青山湖区罗家镇栖塘路 12 号",
    "statement": "沁澜厂夜里排水，水渠里都是黄水，酸味很重。我叫张晓苇，电话 13800001234。",
    "enterprise": "沁澜金属表面处理厂",
    "place": "罗家镇栖塘路西侧水渠",
    "county": "360111",
    "kind": "water",
    "gravity": "ordinary",
    "klass": "claim",
    "asks": "penalise",
    "about": "enterprise",
}


def person(session: Session, account: str) -> Person:
    return session.scalars(select(Person).where(Person.account == account)).one()


def register(session: Session, account: str = "xinfang", **changes: Any) -> UUID:
    """Register a complaint; a change of None leaves the field out."""
    answer = {k: v for k, v in {**COMPLAINT, **changes}.items() if v is not None}
    return services.register(session, person(session, account), answer).case_id


def petition(session: Session, case_id: UUID) -> Petition:
    return session.get_one(Petition, case_id, populate_existing=True)


def case(session: Session, case_id: UUID) -> Case:
    return session.get_one(Case, case_id, populate_existing=True)


def step(session: Session, case_id: UUID, element: str) -> Task:
    """The open step of that name."""
    return session.scalars(select(Task).where(Task.case_id == case_id, Task.element == element, Task.status == "open")).one()


def complete(session: Session, case_id: UUID, element: str, account: str, **answer: Any) -> None:
    get_engine().complete(session, step(session, case_id, element).id, person(session, account).actor(), answer)


def accept(session: Session, case_id: UUID, account: str = "xinfang") -> None:
    """Screened and told: track 5, at the bureau."""
    grounds = "属于查处违法行为的职责范围，材料清楚。"
    complete(
        session, case_id, "screen", account, klass="claim", track="5", intake_outcome="accept", grounds=grounds, simple=False,
        sent_down=False, hear_required=False, report_owed=False,
    )  # fmt: skip


def to_branch(session: Session, case_id: UUID) -> Person:
    """Accepted, told, assigned to 青山湖分局, signed for and given to a handler; returns the handler."""
    accept(session, case_id)
    complete(session, case_id, "send_notice", "xinfang", served_at="2026-10-08", way="spot")
    complete(session, case_id, "assign_unit", "xinfang", unit="br-360111")
    task = step(session, case_id, "unit_intake")
    clerk = holder(session, task)
    engine = get_engine()
    engine.complete(session, task.id, clerk.actor(), {"objection": False})
    task = step(session, case_id, "name_handler")
    chosen = engine.directory.people(session, engine.directory.resolve(session, "handler", "br-360111"))[0]
    answer = {"handler": str(chosen), "recusal_checked": True}
    engine.complete(session, task.id, holder(session, task).actor(), answer)
    return session.get_one(Person, chosen)


def holder(session: Session, task: Task) -> Person:
    """Somebody who holds the step."""
    return session.get_one(Person, get_engine().directory.people(session, task.holder)[0])
