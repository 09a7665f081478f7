"""Who acts, and what service tasks do: a registry of named handlers that the app fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from .clocks import CaseClocks
    from .forms import Field, Form
    from .library import MessageRule
    from .runtime import Engine
    from .step import Step
    from .store import CaseRow, ClockRow
    from .tables import Link, Message


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
    """What a handler or a hook works with: the step's case, clocks and transaction. It never commits."""

    step: Step
    element: str | None = None

    @property
    def session(self) -> Session:
        return self.step.session

    @property
    def engine(self) -> Engine:
        return self.step.engine

    @property
    def case(self) -> CaseRow:
        return self.step.case

    @property
    def actor(self) -> Actor:
        return self.step.actor

    @property
    def now(self) -> datetime:
        return self.step.now

    @property
    def instance_id(self) -> UUID:
        assert self.step.instance is not None
        return self.step.instance.id

    @property
    def process(self) -> str:
        assert self.step.instance is not None
        return self.step.instance.process

    @property
    def link_id(self) -> UUID | None:
        return self.step.instance.link_id if self.step.instance else None

    @property
    def task_id(self) -> UUID | None:
        return self.step.task_id

    @property
    def clock(self) -> CaseClocks:
        """The clocks of this case: start, meet, lapse, pause, resume, extend."""
        return self.step.clocks

    def set_attr(self, name: str, value: str | None) -> None:
        """Set one case attribute (unit, handler …); later tasks are addressed by it."""
        self.step.update_case(attrs={name: value})

    def update_case(self, **changes: Any) -> None:
        """Change title, number, attrs, facets, tags or confined (the organs that may see it) of the case."""
        self.step.update_case(**changes)

    def tag(self, text: str) -> None:
        """Put a short mark on the case and its open tasks."""
        if text not in self.case.tags:
            self.step.update_case(tags=[*self.case.tags, text])

    def event(self, label: str, detail: dict[str, Any] | None = None, kind: str = "note") -> None:
        """A line in the trail."""
        self.step.tell(kind, label, detail)

    def send(self, name: str, payload: dict[str, Any], instance_id: UUID | None = None, to_case: UUID | None = None) -> None:
        """Write a message; ``to_case``: for another case, which only its delivery will lock."""
        self.step.send(name, payload, instance_id=instance_id, to_case=to_case)

    def open_link(
        self, kind: str, label: str, *, holds: bool = True, closable_by: str | None = None, detail: dict[str, Any] | None = None
    ) -> Link:
        return self.step.links.open(kind, label, holds=holds, closable_by=closable_by, detail=detail)

    def close_link(self, link_id: UUID, result: dict[str, Any] | None = None) -> Link | None:
        """Close a link of this case; None when it was closed before."""
        return self.step.links.close(link_id, result)


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

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """``what``: warned, overdue or chase, told by the clock job for every row."""
        ...

    def message_late(self, ctx: Ctx, message: Message) -> None: ...

    def link_closed(self, ctx: Ctx, link: Link) -> None:
        """An open item was closed, by a person with result and reason or by the file that answered it."""
        ...

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        """The values a field with ``options_from`` may take: value → label; None when any value is taken."""
        ...

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        """The living file a message joins whose procedure opens files of its own; None opens a new one."""
        ...

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        """A message joined a living file in which no step waits for it."""
        ...

    def carry(self, ctx: Ctx, rule: MessageRule, payload: dict[str, Any]) -> None:
        """Send a thrown message of ``carrier: app`` to the organ it is for."""
        ...

    def known_here(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What a message says in the words of the file that takes it, before it is asked whether a step waits for just this one."""
        ...


class NoHooks:
    """Hooks of a procedure that runs by the engine alone."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        return None

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        return None

    def message_late(self, ctx: Ctx, message: Message) -> None:
        return None

    def link_closed(self, ctx: Ctx, link: Link) -> None:
        return None

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        return None

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        return None

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        return None

    def carry(self, ctx: Ctx, rule: MessageRule, payload: dict[str, Any]) -> None:
        ctx.send(rule.name, payload)

    def known_here(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        return payload
