"""What the app adds to every step of a petition: the record, its papers, notices and the request of 督办."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.files import services as files
from app.hooks_base import AreaHooks
from app.petitions import notices, options, papers, queries, record, record_rows, registering
from app.petitions.models import Petition
from workflows.forms import Field, Form
from workflows.handlers import Ctx
from workflows.store import ClockRow
from workflows.tables import Link, Message, Task


class PetitionHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        """Store the answer on the record, tie its files to the step, issue the papers its form names."""
        if form.element == "register":
            registering.store(ctx, answer)
        petition = ctx.session.get(Petition, ctx.case.id)
        if petition is None:
            return  # a case of another procedure
        if form.sets.get("unit") in answer:
            ctx.update_case(facets={"unit": answer[form.sets["unit"]]})  # inboxes filter by it
        record.store(ctx, form.element, answer)
        record_rows.keep(ctx, form.element, answer)
        files.attach_answer(ctx, form, answer)
        known = {**ctx.case.attrs, **process_data(ctx), **dict.fromkeys(form.fields), **answer}
        papers.by_form(ctx, petition, form, answer, known)

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """Warned and overdue put a notice before holder and head; overdue asks for 督办 (amendments §13)."""
        notices.clock(ctx, clock, what)

    def message_late(self, ctx: Ctx, message: Message) -> None:
        """What came too late is told to the petition office."""
        notices.late(ctx, message)

    def link_closed(self, ctx: Ctx, link: Link) -> None:
        """A paper of how an open item was settled: by whom, with which result and reason (amendments §12)."""
        papers.settled(ctx, link)

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        """What a field with ``options_from`` may hold."""
        return options.allowed(ctx.session, ctx.case.id, ctx.case.attrs, field, {**process_data(ctx), **answer})

    def choices(self, session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """The same for the page that draws the form."""
        return options.choices(session, task, field, values)

    def said(self, session: Session, case_id: UUID, field: Field) -> Mapping[str, str]:
        return queries.named_petitions(session, case_id) if field.options_from == "cases" else options.said(field)


def process_data(ctx: Ctx) -> dict[str, Any]:
    """The process data of the task being completed."""
    if not ctx.step.row:
        return {}
    data: dict[str, Any] = ctx.step.walker.task(ctx.step.row["node"]).data
    return data
