"""What the pages and handlers of petitions read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.petitions import counting
from app.petitions.models import Petition
from workflows.library import uuid_or_none
from workflows.tables import Case, Task


def last_answer(session: Session, instance_id: UUID, element: str) -> dict[str, Any]:
    """The newest answer given to a step of an instance."""
    done = (Task.instance_id == instance_id, Task.element == element, Task.status == "done")
    found = session.scalar(select(Task.answer).where(*done).order_by(Task.closed_at.desc(), Task.id.desc()).limit(1))
    return dict(found or {})


def person_name(session: Session, person_id: str) -> str:
    """The name behind a case attribute that is a person."""
    found = uuid_or_none(person_id)
    return (session.scalar(select(Person.name).where(Person.id == found)) or "") if found else ""


def named_petitions(session: Session, case_id: UUID) -> dict[str, str]:
    """Number of the petitions this record names as the one before it or the one it was merged into: the number alone tells nothing more."""
    mine = select(Petition.prior_case, Petition.merge_target).where(Petition.case_id == case_id)
    wanted = [one for row in session.execute(mine) for one in row if one is not None]
    found = session.execute(select(Petition.case_id, Petition.number).where(Petition.case_id.in_(wanted))) if wanted else ()
    return {str(row.case_id): row.number for row in found}


def state(session: Session, case: Case, petition: Petition) -> str:
    """Where the petition is, in a few words: the step that waits for people, else what it waits for."""
    if case.status == "closed":
        return "已归档"
    waiting = select(Task.label).where(Task.case_id == case.id, Task.status == "open").order_by(Task.opened_at.desc(), Task.id)
    label = session.scalar(waiting.limit(1))
    if label:
        return str(label)
    return "已答复" if petition.sent_on else "办理中"


def related(session: Session, person: Person, petition: Petition) -> list[tuple[Petition, Case, str, str]]:
    """Other petitions that belong to this one and that the person may see: (record, case, why, state)."""
    reasons: dict[UUID, str] = {}
    for other_id, why in _linked(session, petition):
        reasons.setdefault(other_id, why)
    if not petition.sealed:
        facts = counting.of(petition)
        for found in counting.alike(session, facts, petition.case_id):
            why = "同一人" if found.same_person else "同一来源" if found.same_source else ""
            if why and not found.petition.sealed:
                reasons.setdefault(found.petition.case_id, why)
    query = select(Petition, Case).join(Case, Case.id == Petition.case_id).where(Petition.case_id.in_(reasons), visible_cases(person))
    rows = session.execute(query.order_by(Petition.received_at.desc(), Petition.case_id)).all()
    return [(other, case, reasons[other.case_id], "已归档" if case.status == "closed" else "在办") for other, case in rows]


def _linked(session: Session, petition: Petition) -> list[tuple[UUID, str]]:
    """Cases the record itself names, in both directions."""
    found = []
    if petition.merge_target:
        found.append((petition.merge_target, "本件已并入此件"))
    if petition.prior_case and petition.prior_case != petition.merge_target:
        found.append((petition.prior_case, "原信访事项"))
    into = select(Petition.case_id).where(Petition.merge_target == petition.case_id)
    after = select(Petition.case_id).where(Petition.prior_case == petition.case_id)
    found += [(one, "并入本件") for one in session.scalars(into)]
    found += [(one, "以本件为原件") for one in session.scalars(after)]
    return found
