"""What the pages and handlers of petitions read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.tables import Task


def last_answer(session: Session, instance_id: UUID, element: str) -> dict[str, Any]:
    """The newest answer given to a step of an instance."""
    done = (Task.instance_id == instance_id, Task.element == element, Task.status == "done")
    found = session.scalar(select(Task.answer).where(*done).order_by(Task.closed_at.desc(), Task.id.desc()).limit(1))
    return dict(found or {})
