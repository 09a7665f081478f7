"""Incidents for operators: kept in a transaction of its own, shown, retried or marked as dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from workflows import incidents
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
