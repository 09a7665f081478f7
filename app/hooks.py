"""One set of hooks for the engine: each question goes to the area whose procedure is at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.hooks_base import AreaHooks
from workflows.forms import Field, Form
from workflows.handlers import Ctx
from workflows.library import MessageRule
from workflows.store import ClockRow
from workflows.tables import Case, Definition, Instance, Link, Message, Task


def areas() -> dict[str, AreaHooks]:
    """Folder under bpmn/ → the hooks of its area."""
    from app.leadership.hooks import LeadershipHooks
    from app.petitions.hooks import PetitionHooks
    from app.supervision.hooks import SupervisionHooks
    from app.transfers.hooks import TransferHooks
    from app.warnings.hooks import WarningHooks

    return {
        "petition": PetitionHooks(),
        "supervision": SupervisionHooks(),
        "leader_case": LeadershipHooks(),
        "early_warning": WarningHooks(),
        "criminal_transfer": TransferHooks(),
        "detention": TransferHooks(),
    }


class AppHooks:
    """The engine's ``Hooks``. A procedure without an area gets the defaults, which do nothing."""

    def __init__(self, by_procedure: Mapping[str, AreaHooks]) -> None:
        self._by_procedure = by_procedure
        self._plain = AreaHooks()

    def of(self, procedure: str | None) -> AreaHooks:
        return self._by_procedure.get(procedure or "", self._plain)

    def _at_work(self, ctx: Ctx) -> AreaHooks:
        """The area of the instance at work; outside an instance that of the case's main path."""
        if ctx.step.procedure is not None:
            return self.of(ctx.step.procedure.name)
        return self._of_case(ctx)

    def _of_case(self, ctx: Ctx) -> AreaHooks:
        procedures = ctx.engine.library.of_case(ctx.session, ctx.case.id)
        return self.of(procedures[0].name if procedures else None)

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        self._at_work(ctx).task_completed(ctx, form, answer)

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        self.of(ctx.engine.procedure_of_slot(ctx.session, ctx.case.id, clock.slot)).clock_event(ctx, clock, what)

    def message_late(self, ctx: Ctx, message: Message) -> None:
        self._of_case(ctx).message_late(ctx, message)

    def link_closed(self, ctx: Ctx, link: Link) -> None:
        self._of_case(ctx).link_closed(ctx, link)

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        return self._at_work(ctx).options(ctx, field, answer)

    def choices(self, session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """For a page: the choices of a field of an open step."""
        return self._of_task(session, task).choices(session, task, field, values)

    def words(self, session: Session, task: Task, field: Field, value: str) -> str:
        """For a page: what a value chosen in a step is called."""
        return self._of_task(session, task).words(session, session.get_one(Case, task.case_id), field, value)

    def _of_task(self, session: Session, task: Task) -> AreaHooks:
        query = select(Definition.name).join(Instance, Instance.version == Definition.version).where(Instance.id == task.instance_id)
        return self.of(session.scalar(query))

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        from app.engine import get_engine

        opened = get_engine().library.find(session, rule.starts or "")
        return self.of(opened.name if opened else None).living(session, rule, payload, from_case)

    def carry(self, ctx: Ctx, rule: MessageRule, payload: dict[str, Any]) -> None:
        self._at_work(ctx).carry(ctx, rule, payload)

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        self._of_case(ctx).joined(ctx, name, payload)
