"""What the app adds to every step of 领导包案: the record, its papers, notices, and the ledger's history after each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.files import services as files
from app.hooks_base import AreaHooks
from app.inbox.notices import clock_notice
from app.leadership import candidates, ledger_history, options, papers, records
from app.leadership.handlers import opening
from app.leadership.handlers.common import process_data
from workflows.forms import Field, Form
from workflows.handlers import Ctx
from workflows.library import MessageRule
from workflows.store import ClockRow
from workflows.tables import Task

ASKS_SUPERVISION = "progress"  # the slot whose lateness the diagram turns into one request of 督办


class LeadershipHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        """Store the answer on the record, tie its files to the step, issue the papers its form names, keep the ledger's history."""
        data = process_data(ctx)
        records.store(ctx, form.element, answer, data)
        files.attach_answer(ctx, form, answer)
        papers.by_form(ctx, form, answer, {**ctx.case.attrs, **data, **dict.fromkeys(form.fields), **answer})
        ledger_history.keep(ctx)

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """Warned and overdue put a notice before holder and head."""
        clock_notice(ctx, clock, what, then="已列入督办" if clock.slot == ASKS_SUPERVISION else "请抓紧办理")

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        """What a field with ``options_from`` may hold."""
        return options.allowed(ctx.session, ctx.case.attrs, field, answer)

    def choices(self, session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """The same for the page that draws the form."""
        return options.choices(session, task, field, values)

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        """One open file for one matter: the same source, or the same petitioner (amendments §4)."""
        found = candidates.living_of(session, from_case) if rule.name == candidates.PROPOSE else None
        return found.case_id if found is not None else None

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        """A further proposal of the same matter adds its petition."""
        if name == candidates.PROPOSE:
            opening.join(ctx, payload)
            ledger_history.keep(ctx)
