"""What people do with petitions outside a drawn step: register, confirm imported ones, keep a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.registrar import city_of, intake_org
from app.engine import get_engine
from app.imports import services as imports
from app.petitions.models import RegistrationDraft
from workflows import Done
from workflows.errors import WorkflowError
from workflows.tables import Case, Task
from workflows.time import now

PROCEDURE = "petition"


@dataclass(slots=True)
class Confirmed:
    """What became of several pending registrations at once."""

    done: int = 0
    refused: list[str] = field(default_factory=list)


def register(session: Session, person: Person, answer: dict[str, Any], *, title: str = "") -> Done:
    """Register a petition: the case and its first step, in one transaction. Raises what the form says."""
    engine, actor = get_engine(), person.actor()
    started = engine.start(
        session,
        PROCEDURE,
        actor,
        title=title,
        city=city_of(person),
        attrs={"intake_org": intake_org(person)},
        facets={name: answer[name] for name in ("county", "kind", "channel") if answer.get(name)},
    )
    done = engine.complete(session, started.task_ids[0], actor, answer)
    drop_draft(session, person.id)
    return done


def confirm_several(session: Session, person: Person, task_ids: Iterable[UUID]) -> Confirmed:
    """Confirm imported registrations, each in a savepoint of its own: one that is not complete does not undo the others."""
    outcome = Confirmed()
    for task_id in dict.fromkeys(task_ids):
        try:
            with session.begin_nested():
                imports.confirm(session, person, task_id)
            outcome.done += 1
        except WorkflowError as error:
            task = session.get(Task, task_id)
            case = session.get(Case, task.case_id) if task else None
            outcome.refused.append(f"{case.title if case else '这一件'}：{_why(error)}")
    return outcome


def _why(error: WorkflowError) -> str:
    errors = getattr(error, "errors", None)
    return "；".join(errors.values()) if errors else error.message


def save_draft(session: Session, person_id: UUID, values: dict[str, Any]) -> None:
    """Keep what a clerk has typed into the registration page."""
    row = {"person_id": person_id, "values": values, "saved_at": now()}
    changed = {"values": row["values"], "saved_at": row["saved_at"]}
    statement = insert(RegistrationDraft).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=changed))


def draft(session: Session, person_id: UUID) -> RegistrationDraft | None:
    return session.get(RegistrationDraft, person_id, populate_existing=True)


def drop_draft(session: Session, person_id: UUID) -> None:
    kept = session.get(RegistrationDraft, person_id)
    if kept is not None:
        session.delete(kept)
        session.flush()
