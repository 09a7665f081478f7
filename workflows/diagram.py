"""The state of a run on its own diagram: what is done, where it stands, with whom, and what is late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import time as clock_time
from .errors import NotFound
from .tables import Instance, Task

if TYPE_CHECKING:
    from .runtime import Engine


@dataclass
class ElementState:
    status: str  # done | current | overdue
    holder: str | None = None
    due: datetime | None = None


@dataclass
class DiagramState:
    """``pages``: process → element → state; what is not listed lies ahead. ``files``: process → .bpmn of that version."""

    instance_id: UUID
    process: str
    version: str
    procedure: str
    files: dict[str, str]
    pages: dict[str, dict[str, ElementState]] = field(default_factory=dict)


def state(engine: Engine, session: Session, instance_id: UUID) -> DiagramState:
    instance = session.get(Instance, instance_id, populate_existing=True)
    if instance is None:
        raise NotFound("没有这个流程实例。")
    p = engine.library.version(session, instance.version)
    out = DiagramState(instance.id, instance.process, instance.version, p.name, dict(p.process_files))
    for process, elements in instance.visited.items():
        out.pages[process] = {e: ElementState("done") for e in elements}
    now = clock_time.now()
    current = select(Task).where(Task.instance_id == instance_id, Task.status.in_(("open", "held")))
    for t in session.scalars(current):
        late = t.due_at is not None and t.due_at <= now
        page = out.pages.setdefault(t.process, {})
        before = page.get(t.element)
        if before is None or before.status == "done" or late:
            page[t.element] = ElementState("overdue" if late else "current", t.holder, t.due_at)
    _holders(out, engine, session, instance)
    return out


def _holders(out: DiagramState, engine: Engine, session: Session, instance: Instance) -> None:
    """A call activity or sub-process whose inside is at work is at work itself."""
    if instance.status in ("completed", "cancelled"):
        return
    p = engine.library.version(session, instance.version)
    for process, called in p.calls.items():
        for element, target in called.items():
            inner = out.pages.get(target, {})
            worst = [s for s in inner.values() if s.status in ("current", "overdue")]
            if worst:
                status = "overdue" if any(s.status == "overdue" for s in worst) else "current"
                out.pages.setdefault(process, {})[element] = ElementState(status)
