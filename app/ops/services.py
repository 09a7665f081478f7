"""Incidents for operators: kept in a transaction of its own, shown, retried or marked as dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts import scope
from workflows import Engine, incidents
from workflows.handlers import Actor
from workflows.tables import Incident, Task


def record(error: BaseException, actor: Actor, *, task: Task, typed: dict[str, Any]) -> UUID:
    """Keep a person's failed step; called after the rollback. The number is what the person is told."""
    with db.transaction() as session:
        return incidents.record_step(session, task.id, actor, typed, error).id


def listed(session: Session, *, resolved: bool, limit: int = 100) -> Sequence[Incident]:
    """Open incidents, or the ones dealt with, the latest first."""
    status = "resolved" if resolved else "open"
    return list(session.scalars(select(Incident).where(Incident.status == status).order_by(Incident.at.desc()).limit(limit)))


def retry(engine: Engine, session: Session, incident_id: UUID, operator: Actor) -> Incident:
    """Repeat the attempt as whoever made it, with sight of the case alone that it was about."""
    case_id = session.scalar(select(Incident.case_id).where(Incident.id == incident_id))
    if case_id is not None:
        scope.lend(session, case_id)
    return incidents.retry(engine, session, incident_id, operator)
