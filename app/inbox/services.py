"""What the inbox changes by itself: notices, follows, and acts on several chosen tasks. Decisions are never among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.inbox.models import Follow, Notice
from workflows.errors import WorkflowError
from workflows.tables import Task
from workflows.time import now


def tell(
    session: Session, holders: Iterable[str], kind: str, said: str, *, case_id: UUID | None = None, task_id: UUID | None = None
) -> None:
    """Put a notice before each holder, once: the same unread words about the same case are not said twice."""
    for holder in dict.fromkeys(holders):
        query = select(Notice.id).where(
            Notice.holder == holder, Notice.read_at.is_(None), Notice.case_id == case_id, Notice.kind == kind, Notice.text == said
        )
        if session.scalar(query.limit(1)) is None:
            session.add(Notice(holder=holder, kind=kind, text=said, case_id=case_id, task_id=task_id, at=now()))


def read_notice(session: Session, notice_id: UUID, person_id: UUID, holders: Iterable[str]) -> bool:
    """Mark one notice as read by this person; False if it is not theirs."""
    mine = (Notice.id == notice_id, Notice.holder.in_(sorted(holders)))
    if session.scalar(select(Notice.id).where(*mine)) is None:
        return False
    session.execute(update(Notice).where(*mine, Notice.read_at.is_(None)).values(read_at=now(), read_by=person_id))
    return True


def read_all(session: Session, person_id: UUID, holders: Iterable[str]) -> int:
    """Mark everything that waits to be read as read; returns how many."""
    sql = text("""
        UPDATE notice SET read_at = :at, read_by = :person
         WHERE holder = ANY(CAST(:holders AS text[])) AND read_at IS NULL RETURNING id""")
    return len(session.execute(sql, {"at": now(), "person": person_id, "holders": sorted(holders)}).all())


def follow(session: Session, person_id: UUID, case_id: UUID) -> None:
    session.execute(insert(Follow).values(person_id=person_id, case_id=case_id, at=now()).on_conflict_do_nothing())


def unfollow(session: Session, person_id: UUID, case_id: UUID) -> None:
    session.execute(delete(Follow).where(Follow.person_id == person_id, Follow.case_id == case_id))


def is_followed(session: Session, person_id: UUID, case_id: UUID) -> bool:
    return session.get(Follow, (person_id, case_id)) is not None


@dataclass(slots=True)
class Outcome:
    """What became of an act on several tasks: how many it was done to, and why not to the others."""

    done: int = 0
    refused: list[str] = field(default_factory=list)


def each(session: Session, task_ids: Iterable[UUID], act: Callable[[Task], None]) -> Outcome:
    """The act on each task in a savepoint of its own: one that cannot be done does not undo the others."""
    outcome = Outcome()
    for task_id in dict.fromkeys(task_ids):
        task = session.get(Task, task_id)
        if task is None:
            outcome.refused.append("有一件已经不在了。")
            continue
        try:
            with session.begin_nested():
                act(task)
            outcome.done += 1
        except WorkflowError as error:
            outcome.refused.append(f"{task.case_number or task.title}：{error.message}")
    return outcome
