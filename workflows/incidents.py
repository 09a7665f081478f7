"""Incidents (故障): a step that failed is kept in a short transaction of its own, with what was typed, and can be retried."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from . import store
from . import time as clock_time
from .delivery import Job, retry_failed
from .errors import Conflict, NotFound, WorkflowError
from .handlers import Actor
from .tables import Clock, Incident, Message, Task

if TYPE_CHECKING:
    from .runtime import Engine


def record_step(session: Session, task_id: UUID, actor: Actor, answer: dict[str, Any], error: BaseException) -> Incident:
    """A person's step that failed; called after the rollback, in a transaction of its own."""
    task = session.get(Task, task_id)
    return _record(
        session, "complete", actor, error, input=answer, task_id=task_id,
        case_id=task.case_id if task else None, instance_id=task.instance_id if task else None,
    )  # fmt: skip


def record_job(session: Session, job: Job, error: BaseException) -> Incident:
    """Worker work that failed. The message waits as failed (and holds back only the later ones of its case); a clock is tried later."""
    if job.message_id is not None:
        message = session.get(Message, job.message_id)
        if message is not None:
            message.status = "failed"
    if job.clock_id is not None:
        clock = session.get(Clock, job.clock_id)
        if clock is not None:
            clock.next_at = None
    action = "message" if job.message_id else "clock"
    return _record(session, action, Actor.system("系统"), error, case_id=job.case_id, message_id=job.message_id, clock_id=job.clock_id)


def record_periodic(session: Session, work: str, error: BaseException) -> Incident:
    """A unit of the calendar's work that failed; the worker tries it again by itself."""
    return _record(session, "periodic", Actor.system("系统"), error, input={"work": work})


def retry(engine: Engine, session: Session, incident_id: UUID, operator: Actor) -> Incident:
    """Repeat the attempt as the actor who made it, if it is still open; the incident is then resolved."""
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise NotFound("没有这条故障记录。")
    if incident.status != "open":
        raise Conflict("这条故障已经处理。")
    if incident.message_id is not None:
        retry_failed(session, incident.message_id)
    elif incident.clock_id is not None:
        clock = session.get(Clock, incident.clock_id)
        if clock is not None and clock.status == "running":
            clock.next_at = clock_time.now()
    elif incident.task_id is not None:
        engine.complete(session, incident.task_id, Actor.from_dict(incident.actor), incident.input or {})
    _resolve(incident, operator)
    return incident


def dismiss(session: Session, incident_id: UUID, operator: Actor) -> Incident:
    """Mark an incident as dealt with without repeating it (the person did the step again)."""
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None or incident.status != "open":
        raise Conflict("这条故障已经处理。")
    _resolve(incident, operator)
    return incident


def _resolve(incident: Incident, operator: Actor) -> None:
    incident.status, incident.resolved_at, incident.resolved_by = "resolved", clock_time.now(), operator.shown


def _record(
    session: Session, action: str, actor: Actor, error: BaseException, *, input: dict[str, Any] | None = None, **ids: Any
) -> Incident:
    root = error.__cause__ if isinstance(error, WorkflowError) and error.__cause__ else error
    incident = Incident(
        id=store.new_id(), action=action, actor=actor.as_dict(), input=input, at=clock_time.now(), status="open",
        error="".join(traceback.format_exception(root))[-8000:], **ids,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    return incident
