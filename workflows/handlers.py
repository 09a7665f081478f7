"""Who acts, and what service tasks do: a registry of named handlers that the app fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from .clocks import CaseClocks
    from .forms import Form
    from .runtime import Engine
    from .tables import Case, Clock, Link, Message


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a step. ``behalf`` is the person acted for (甲代乙); a system actor has no id."""

    id: UUID | None
    name: str
    org: str | None = None
    behalf: str | None = None

    @property
    def shown(self) -> str:
        return f"{self.name}代{self.behalf}" if self.behalf else self.name

    @classmethod
    def system(cls, name: str = "系统") -> Actor:
        return cls(None, name)

    def as_dict(self) -> dict[str, Any]:
        return {"id": str(self.id) if self.id else None, "name": self.name, "org": self.org, "behalf": self.behalf}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Actor:
        return cls(UUID(value["id"]) if value.get("id") else None, value["name"], value.get("org"), value.get("behalf"))


@dataclass(slots=True)
class Ctx:
    """What a handler or a hook works with. It shares the step's transaction and never commits."""

    session: Session
    engine: Engine
    case: Case
    instance_id: UUID
    process: str
    actor: Actor
    now: datetime
    task_id: UUID | None = None
    link_id: UUID | None = None
    element: str | None = None

    @property
    def clock(self) -> CaseClocks:
        """The clocks of this case."""
        return self.engine.clocks.of(self.session, self.case, self.actor, self.instance_id)

    def set_attr(self, name: str, value: str | None) -> None:
        """Set one case attribute (unit, handler …); later tasks are addressed by it."""
        self.engine.update_case(self.session, self.case.id, attrs={name: value}, actor=self.actor)

    def tag(self, text: str) -> None:
        """Put a short mark on the case and its open tasks."""
        if text not in self.case.tags:
            self.engine.update_case(self.session, self.case.id, tags=[*self.case.tags, text], actor=self.actor)

    def event(self, label: str, detail: dict[str, Any] | None = None, kind: str = "note") -> None:
        """A line in the trail."""
        self.engine.note(self.session, self.case.id, kind, label, detail, self.actor, self.instance_id, self.task_id)

    def send(self, name: str, payload: dict[str, Any], instance_id: UUID | None = None) -> None:
        self.engine.send(self.session, self.case.id, name, payload, self.actor, instance_id=instance_id, sender_id=self.instance_id)

    def open_link(
        self, kind: str, label: str, *, holds: bool = True, closable_by: str | None = None, detail: dict[str, Any] | None = None
    ) -> Link:
        return self.engine.open_link(self.session, self.case.id, kind, label, self.actor, holds=holds, closable_by=closable_by, detail=detail)


Handler = Callable[[Ctx, dict[str, Any]], dict[str, Any] | None]


class Handlers:
    """Named operations of service tasks and of forms' ``on_complete``."""

    def __init__(self) -> None:
        self._by_name: dict[str, Handler] = {}

    def register(self, name: str) -> Callable[[Handler], Handler]:
        def add(fn: Handler) -> Handler:
            if name in self._by_name:
                raise ValueError(f"handler {name} is registered twice")
            self._by_name[name] = fn
            return fn

        return add

    def update(self, other: Handlers) -> None:
        for name, fn in other._by_name.items():
            self.register(name)(fn)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Handler:
        return self._by_name[name]

    def names(self) -> set[str]:
        return set(self._by_name)


class Directory(Protocol):
    """Who holds a post: the engine asks, the app knows."""

    def resolve(self, session: Session, role: str, org: str) -> str:
        """The holder key ``o:<organ>:<role>`` of the nearest organisation at or above ``org``; raises NobodyThere."""
        ...


class Hooks(Protocol):
    """What the app adds to every step, whichever procedure it belongs to."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None: ...

    def clock_event(self, ctx: Ctx, clock: Clock, what: str) -> None: ...

    def message_late(self, ctx: Ctx, message: Message) -> None: ...


class NoHooks:
    """Hooks of a procedure that runs by the engine alone."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        return None

    def clock_event(self, ctx: Ctx, clock: Clock, what: str) -> None:
        return None

    def message_late(self, ctx: Ctx, message: Message) -> None:
        return None
