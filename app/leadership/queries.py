"""What the pages of 领导包案 read: a leader's own files, reception days with who comes, petitions for the typeahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.leadership.models import LeaderCase, LeaderMonth, LeaderPromise, LeaderVisit, ReceptionDay, ReceptionVisitor
from workflows.tables import Case, Clock, Event, Instance, Task

# --- a leader's own files ---------------------------------------------------------------------------------------------


def last_visits(session: Session, cases: Iterable[UUID]) -> dict[UUID, Any]:
    """case → (how many 接访下访, the latest moment)."""
    query = select(LeaderVisit.case_id, func.count().label("times"), func.max(LeaderVisit.held_at).label("last"))
    found = session.execute(query.where(LeaderVisit.case_id.in_(list(cases))).group_by(LeaderVisit.case_id))
    return {row.case_id: row for row in found}


def months(session: Session, cases: Iterable[UUID]) -> dict[UUID, list[LeaderMonth]]:
    """case → its months that were asked for, the latest first."""
    query = select(LeaderMonth).where(LeaderMonth.case_id.in_(list(cases))).order_by(LeaderMonth.month.desc())
    found: dict[UUID, list[LeaderMonth]] = {}
    for row in session.scalars(query):
        found.setdefault(row.case_id, []).append(row)
    return found


def running_clocks(session: Session, cases: Iterable[UUID]) -> dict[UUID, list[Clock]]:
    """case → its running clocks, the most urgent first."""
    query = select(Clock).where(Clock.case_id.in_(list(cases)), Clock.status == "running").order_by(Clock.due_at, Clock.id)
    found: dict[UUID, list[Clock]] = {}
    for row in session.scalars(query):
        found.setdefault(row.case_id, []).append(row)
    return found


def next_steps(session: Session, cases: Iterable[UUID], besides: Sequence[str]) -> dict[UUID, Any]:
    """case → its most urgent open step (label, holder), leaving out the steps named in ``besides``."""
    sql = text("""
        SELECT DISTINCT ON (case_id) case_id, label, holder, due_at FROM wf_task
         WHERE case_id = ANY(CAST(:cases AS uuid[])) AND status = 'open' AND element <> ALL(:besides)
         ORDER BY case_id, coalesce(due_at, 'infinity'), opened_at""")
    found = session.execute(sql, {"cases": list(cases), "besides": list(besides)})
    return {row.case_id: row for row in found}


def open_promises(session: Session, cases: Iterable[UUID]) -> dict[UUID, Any]:
    """case → (promises made, promises still open)."""
    still = func.count().filter(LeaderPromise.kept_on.is_(None)).label("still")
    query = select(LeaderPromise.case_id, func.count().label("made"), still)
    found = session.execute(query.where(LeaderPromise.case_id.in_(list(cases))).group_by(LeaderPromise.case_id))
    return {row.case_id: row for row in found}


def living_of(session: Session, owner: UUID) -> list[LeaderCase]:
    """The open files a leader owns, the oldest first."""
    query = select(LeaderCase).where(LeaderCase.owner_id == owner, LeaderCase.ended_at.is_(None), LeaderCase.assigned_on.is_not(None))
    return list(session.scalars(query.order_by(LeaderCase.assigned_on, LeaderCase.case_id)))


def steps_behind(session: Session, events: Iterable[int]) -> dict[int, str]:
    """line of the audit → the step that wrote it."""
    query = select(Event.id, Task.label).join(Task, Task.id == Event.task_id).where(Event.id.in_(list(events)))
    return {row.id: row.label for row in session.execute(query)}


# --- reception days ---------------------------------------------------------------------------------------------------


def days_between(session: Session, leaders: Iterable[UUID], first: date, last: date) -> list[ReceptionDay]:
    """Reception days of these leaders from one day to another, cancelled ones too, earliest first."""
    query = select(ReceptionDay).where(ReceptionDay.leader_id.in_(list(leaders)), ReceptionDay.day.between(first, last))
    return list(session.scalars(query.order_by(ReceptionDay.day, ReceptionDay.starts, ReceptionDay.id)))


def coming_days(session: Session, leader: UUID, today: date, limit: int) -> list[ReceptionDay]:
    """The next days on which the leader sits for visitors."""
    query = select(ReceptionDay).where(
        ReceptionDay.leader_id == leader, ReceptionDay.day >= today, ReceptionDay.cancelled_at.is_(None)
    )  # fmt: skip
    return list(session.scalars(query.order_by(ReceptionDay.day, ReceptionDay.starts).limit(limit)))


def overlapping(session: Session, leader: UUID, day: date, starts: time, ends: time, besides: UUID | None) -> ReceptionDay | None:
    """A reception of the same leader that runs at that time already."""
    query = select(ReceptionDay).where(
        ReceptionDay.leader_id == leader, ReceptionDay.day == day, ReceptionDay.cancelled_at.is_(None),
        ReceptionDay.starts < ends, ReceptionDay.ends > starts,
    )  # fmt: skip
    if besides is not None:
        query = query.where(ReceptionDay.id != besides)
    return session.scalars(query.order_by(ReceptionDay.starts).limit(1)).first()


def visitors_of(session: Session, days: Iterable[UUID]) -> dict[UUID, list[ReceptionVisitor]]:
    """day → who comes, in the order of the line."""
    query = select(ReceptionVisitor).where(ReceptionVisitor.reception_day_id.in_(list(days)))
    found: dict[UUID, list[ReceptionVisitor]] = {}
    for row in session.scalars(query.order_by(ReceptionVisitor.place_in_line)):
        found.setdefault(row.reception_day_id, []).append(row)
    return found


def arranged(session: Session, holder: str) -> list[Task]:
    """Petitions whose leader reception (领导接访) waits for this leader."""
    query = select(Task).where(Task.status == "open", Task.element == "leader_reception", Task.holder == holder)
    return list(session.scalars(query.order_by(Task.opened_at, Task.id)))


def arrangements(session: Session, instances: Iterable[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """instance → the latest appointment made in it: arranged_at, place."""
    made = (Task.instance_id.in_(list(instances)), Task.element == "arrange", Task.status == "done", Task.answer.is_not(None))
    query = select(Task.instance_id, Task.answer).where(*made).order_by(Task.closed_at, Task.id)
    return {row.instance_id: row.answer for row in session.execute(query)}


def receptions_of(session: Session, cases: Iterable[UUID]) -> dict[UUID, Task]:
    """petition's case → its newest step 领导接访, open or done."""
    wanted = (Task.case_id.in_(list(cases)), Task.element == "leader_reception", Task.status.in_(("open", "done")))
    return {task.case_id: task for task in session.scalars(select(Task).where(*wanted).order_by(Task.opened_at, Task.id))}


# --- cases ------------------------------------------------------------------------------------------------------------


def seen_among(session: Session, person: Person, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these cases the person may see: one question for all of them."""
    return set(session.scalars(select(Case.id).where(Case.id.in_(list(ids)), visible_cases(person))))


def cases_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, Case]:
    return {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(list(ids))))}


def petitions_among(session: Session, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these cases are petitions."""
    query = select(Instance.case_id).where(Instance.case_id.in_(list(ids)), Instance.process == "petition")
    return set(session.scalars(query.distinct()))


def leader_cases_among(session: Session, ids: Iterable[UUID]) -> dict[UUID, LeaderCase]:
    """Which of these cases are ownerships."""
    return {row.case_id: row for row in session.scalars(select(LeaderCase).where(LeaderCase.case_id.in_(list(ids))))}
