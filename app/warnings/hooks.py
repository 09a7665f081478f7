"""What the app adds to every step of 预警函: the record, its files and papers, notices of its clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.files import services as files
from app.hooks_base import AreaHooks
from app.inbox import notices
from app.inbox.services import tell
from app.papers import issuing
from app.petitions import options as petition_options
from app.warnings import publishing, queries, record
from app.warnings.models import EarlyWarning
from workflows.forms import Field, Form
from workflows.handlers import Ctx
from workflows.library import MessageRule
from workflows.store import ClockRow
from workflows.tables import Case, Message, Task

OURS = (("office", "intake_org"),)
COUNTY = (("gov_liaison", "unit"),)


class WarningHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        record.store(ctx, form.element, answer)
        files.attach_answer(ctx, form, answer)
        known = {**ctx.case.attrs, **dict.fromkeys(form.fields), **answer}
        issuing.by_form(ctx, form, answer, known, facts=lambda kind: _facts(ctx))

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """Warned and overdue are told to holders and heads; an answer that is overdue goes to the leader for a further letter."""
        slot = notices.slot_of(ctx, clock.slot)
        if slot is None or slot.right:  # a day to look at something again: nobody is late
            return
        fallback: Iterable[tuple[str, str]] = OURS if ctx.case.attrs.get("intake_org") else COUNTY
        notices.clock_notice(ctx, clock, what, fallback=fallback)
        warning = ctx.session.get(EarlyWarning, ctx.case.id) if what == "overdue" and clock.slot == "response" else None
        if warning is not None and warning.state in ("sent", "received"):
            warning.state = "report"

    def message_late(self, ctx: Ctx, message: Message) -> None:
        """An answer that comes while another letter is being written: on the file, and the office is told."""
        said = "区县书面回复到达时已转入再次发函，请在案卷中查看。"
        tell(ctx.session, notices.posts(ctx, OURS), "late_message", f"{ctx.case.number or ctx.case.title}：{said}", case_id=ctx.case.id)

    def options(self, ctx: Ctx, field: Field, answer: dict[str, Any]) -> dict[str, str] | None:
        return _choices(ctx.session, ctx.case.id, ctx.case.attrs, field, answer)

    def choices(self, session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        case = session.get_one(Case, task.case_id)
        return list((_choices(session, case.id, case.attrs, field, values) or {}).items())

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        """A further letter joins the county's file that is still open; each problem opens one of its own."""
        return queries.living_file(session, from_case) if rule.starts == "county_response" else None

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        """The county's file always waits for a further letter while it is open, so this is only written down."""
        ctx.event("来函到达", {"文号": str(payload.get("letter", ""))}, kind="message")


def _choices(session: Session, case_id: UUID, attrs: Mapping[str, Any], field: Field, values: Mapping[str, Any]) -> dict[str, str] | None:
    if field.options_from == "units":
        return petition_options.units(session, case_id, attrs, values)
    warning = session.get(EarlyWarning, case_id)
    if field.options_from == "problems" and warning is not None:
        return publishing.preview(session, warning)
    return None


def _facts(ctx: Ctx) -> list[tuple[str, str]]:
    """What every paper begins with: which file it belongs to."""
    found = [("编号", ctx.case.number or ""), ("事项", ctx.case.title)]
    return [(label, text) for label, text in found if text]
