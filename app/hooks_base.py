"""What an area may add to every step of its own procedure; the defaults do nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.inbox import labels
from workflows.forms import Field, Form
from workflows.handlers import Ctx
from workflows.library import MessageRule
from workflows.store import ClockRow
from workflows.tables import Case, Link, Message, Task


class AreaHooks:
    """The engine's ``Hooks`` for one procedure; ``app/hooks.py`` asks the area whose procedure is at work."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        """A human task was answered: store the record, its files and papers."""

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """``what``: warned, overdue or chase."""

    def message_late(self, ctx: Ctx, message: Message) -> None:
        """A message came when nobody could take it any more."""

    def link_closed(self, ctx: Ctx, link: Link) -> None:
        """An open item was closed, by a person with result and reason or by the file that answered it."""

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        """The values a field with ``options_from`` may take: value → label; None when any is taken."""
        return None

    def choices(self, session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """The same for the page that draws the form."""
        return ()

    def words(self, session: Session, case: Case, field: Field, value: str) -> str:
        """What a chosen value of a field with ``options_from`` is called, offered or not by now."""
        return labels.named(session, value)

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        """The living file a routed message joins; None starts a new one."""
        return None

    def carry(self, ctx: Ctx, rule: MessageRule, payload: dict[str, Any]) -> None:
        """Send a thrown message of ``carrier: app`` to the organ it is for; by default it stays with the case."""
        ctx.send(rule.name, payload)

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        """A routed message joined this living file and no step waited for it."""
