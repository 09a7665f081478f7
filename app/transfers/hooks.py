"""What the app adds to every step of 两法衔接 and 移送行政拘留, on the files of all organs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.files import services as files
from app.hooks_base import AreaHooks
from app.inbox.notices import clock_notice
from app.papers import issuing
from app.papers.numbering import document_number
from app.transfers import carry, joining, keeping, options, records
from app.transfers.handlers import objection
from app.transfers.models import TransferFile
from app.transfers.numbering import PAPERS
from workflows.forms import Field, Form
from workflows.handlers import Ctx
from workflows.library import MessageRule
from workflows.store import ClockRow
from workflows.tables import Case, Message, Task
from workflows.time import local

# who is told when no open step shows the clock: role and case attribute, by the kind of file
FALLBACK = {
    "police_case": (("police_officer", "unit"), ("police_head", "unit")),
    "police_detention": (("police_officer", "unit"), ("police_head", "unit")),
    "procuratorate_case": (("prosecutor", "unit"),),
    "consultation_reply": (("police_officer", "unit"), ("prosecutor", "unit")),
}
OURS = (("unit_head", "unit"), ("legal", "bureau"))


class TransferHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        """Store the answer on the record, tie its files to the step, issue the papers its form names."""
        data = process_data(ctx)
        keep = keeping.KEEPERS.get(form.element)
        if keep is not None:
            keep(ctx, answer, data)
        files.attach_answer(ctx, form, answer)
        known = {**ctx.case.attrs, **data, **dict.fromkeys(form.fields), **answer}
        issuing.by_form(
            ctx, form, answer, known, facts=lambda kind: records.facts(ctx, kind), number=lambda kind: _number(ctx, kind),
            words=lambda field, value: options.words(ctx.session, ctx.case, field, value),
        )  # fmt: skip

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """Warned and overdue are told to holder and head; a late duty of the bureau asks for 督办."""
        home = ctx.session.get(TransferFile, ctx.case.id)
        process = home.process if home is not None else ""
        slot = clock_notice(ctx, clock, what, fallback=FALLBACK.get(process, OURS))
        if what == "overdue" and process not in FALLBACK and clock.slot == "reconsider_decide":
            objection.reconsideration_late(ctx)
        if what == "overdue" and process not in FALLBACK and slot is not None and slot.spec.get("on_overdue") == "supervise":
            joining.ask_supervision(ctx, clock)

    def message_late(self, ctx: Ctx, message: Message) -> None:
        """A letter nobody can take any more stays with the file, marked as received."""
        carry.received(ctx, message.payload)

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        return options.allowed(ctx.session, ctx.case, field, {**process_data(ctx), **answer})

    def choices(self, session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        return options.choices(session, session.get_one(Case, task.case_id), field, values)

    def words(self, session: Session, case: Case, field: Field, value: str) -> str:
        return options.words(session, case, field, value)

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        return joining.living(session, rule.name, payload, from_case)

    def carry(self, ctx: Ctx, rule: MessageRule, payload: dict[str, Any]) -> None:
        carry.carry(ctx, rule, payload)

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        joining.joined(ctx, name, payload)


def _number(ctx: Ctx, kind: str) -> str | None:
    prefix = PAPERS.get(kind) or keeping.NUMBERS.get(kind)
    return document_number(ctx.session, prefix, local(ctx.now).year) if prefix else None


def process_data(ctx: Ctx) -> dict[str, Any]:
    """The process data of the task being completed."""
    if not ctx.step.row:
        return {}
    data: dict[str, Any] = ctx.step.walker.task(ctx.step.row["node"]).data
    return data


def process_of(session: Session, case_id: UUID) -> str:
    """The kind of file a case is."""
    return session.scalar(select(TransferFile.process).where(TransferFile.case_id == case_id)) or ""
