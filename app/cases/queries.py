"""What the case page reads: the case's tasks, clocks, instances, links and trail. One query each, none per row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.models import Person
from workflows.tables import Case, Clock, Event, Instance, Link, Task


def open_tasks(session: Session, case_id: UUID) -> list[Task]:
    """The steps that wait now, most urgent first."""
    query = select(Task).where(Task.case_id == case_id, Task.status.in_(("open", "held"))).order_by(Task.due_at.nulls_last(), Task.id)
    return list(session.scalars(query))


def clocks(session: Session, case_id: UUID) -> list[Clock]:
    """Every clock of the case: the living ones first by due moment, then the ended ones, the latest first."""
    found = list(session.scalars(select(Clock).where(Clock.case_id == case_id)))
    living = sorted((c for c in found if c.status in ("running", "paused")), key=lambda c: (c.due_at, c.id))
    ended = sorted((c for c in found if c.status not in ("running", "paused")), key=lambda c: (c.ended_at or c.due_at, c.id), reverse=True)
    return [*living, *ended]


def instances(session: Session, case_id: UUID) -> Sequence[Any]:
    """The case's instances without their stored state, the main one first."""
    query = (
        select(Instance.id, Instance.process, Instance.version, Instance.status, Instance.started_at, Instance.ended_at, Instance.link_id)
        .where(Instance.case_id == case_id)
        .order_by(Instance.link_id.is_not(None), Instance.started_at, Instance.id)
    )
    return session.execute(query).all()


def procedure_name(session: Session, version: str) -> str | None:
    """The folder a version was deployed from."""
    return session.execute(text("SELECT name FROM wf_definition WHERE version = :v"), {"v": version}).scalar()


def links(session: Session, case_id: UUID) -> list[Link]:
    query = select(Link).where(Link.case_id == case_id).order_by(Link.status.desc(), Link.opened_at)
    return list(session.scalars(query))


def events(session: Session, case_id: UUID) -> list[Event]:
    """The trail, the latest first."""
    return list(session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.at.desc(), Event.id.desc())))


def names_of(session: Session, ids: set[str]) -> dict[str, str]:
    """Organisation ids and person ids → names, for attributes that changed."""
    found = session.execute(
        text("SELECT id, short AS name FROM organ WHERE id = ANY(:ids) UNION ALL SELECT CAST(id AS text), name FROM person"
             " WHERE CAST(id AS text) = ANY(:ids)"),
        {"ids": sorted(ids)},
    )  # fmt: skip
    return {r.id: r.name for r in found}


def lookup(session: Session, person: Person, typed: str, limit: int = 10) -> list[Case]:
    """Cases this person may see whose number or title holds the text, the newest first."""
    like = f"%{typed.replace(chr(92), '').replace('%', '').replace('_', '')}%"
    query = (
        select(Case)
        .where(or_(Case.number.ilike(like), Case.title.ilike(like)), policy.visible_cases(person))
        .order_by(Case.created_at.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def file_of_version(session: Session, version: str, file: str) -> str | None:
    """One stored file of a deployed version."""
    return session.execute(text("SELECT files ->> :file FROM wf_definition WHERE version = :v"), {"v": version, "file": file}).scalar()


def done_tasks(session: Session, case_id: UUID) -> list[Task]:
    """Finished steps with what was filled in."""
    return list(session.scalars(select(Task).where(Task.case_id == case_id, Task.status == "done", Task.answer.is_not(None))))


def last_answer(session: Session, task: Task) -> dict[str, Any]:
    """What was written the last time this step was done in this run: a document that was returned is written on, not anew."""
    before = (Task.instance_id == task.instance_id, Task.element == task.element, Task.status == "done", Task.answer.is_not(None))
    found = session.scalars(select(Task.answer).where(*before).order_by(Task.closed_at.desc(), Task.id.desc()).limit(1)).first()
    return dict(found or {})
