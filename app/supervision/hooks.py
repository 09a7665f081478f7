"""What the app adds to every step of 督办: the record, its papers, notices of clocks, requests that join."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.files import services as files
from app.hooks_base import AreaHooks
from app.inbox.notices import clock_notice
from app.papers import issuing
from app.supervision import notices, record
from app.supervision.handlers.opening import join
from app.supervision.models import Matter
from workflows.forms import Form
from workflows.handlers import Ctx
from workflows.library import MessageRule
from workflows.store import ClockRow
from workflows.tables import Message

# what follows when the clock of a slot has passed: said in the notice
THEN = {
    "remind": "将升级督办", "reply": "将升级督办", "rectify": "将升级督办", "draft": "请尽快拟制、签发", "score": "请尽快评分",
}  # fmt: skip


class SupervisionHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""

    def task_completed(self, ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
        """Store the answer on the record, tie its files to the step, issue the papers its form names."""
        data = process_data(ctx)
        record.keep(ctx, form.element, answer, data)
        files.attach_answer(ctx, form, answer)
        known = {**ctx.case.attrs, **data, **dict.fromkeys(form.fields), **answer}
        issuing.by_form(ctx, form, answer, known, facts=lambda kind: _facts(ctx, kind))

    def clock_event(self, ctx: Ctx, clock: ClockRow, what: str) -> None:
        """Warned and overdue put a notice before holder and head; the desk hears of what the unit owes."""
        tags = list(ctx.case.tags)
        slot = clock_notice(ctx, clock, what, then=THEN.get(clock.slot, "请抓紧办理"), fallback=notices.DESK)
        if clock.slot == "score":  # the reviewers are late, not the petition under review
            ctx.update_case(tags=tags)
        if slot is not None and what == "overdue" and clock.slot in ("remind", "reply", "rectify"):
            notices.to_desk(ctx, f"{ctx.case.number or ctx.case.title}：“{slot.label}”超期，督办升级。", "overdue")

    def message_late(self, ctx: Ctx, message: Message) -> None:
        """The unit answered after the matter had gone on: the answer is on record, the desk is told."""
        if message.name == "supervision.replied":
            notices.to_desk(ctx, f"{ctx.case.number or ctx.case.title}：责任单位在升级以后才书面回复，已记入案卷。", "late_message")

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        """The open matter about the case that asks; a further request joins it."""
        matter = record.open_matter(session, record.subject_of(payload) or from_case)
        return matter.case_id if matter is not None else None

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        """One more entry on the open matter."""
        join(ctx, payload)


def _facts(ctx: Ctx, kind: str) -> list[tuple[str, str]]:
    """What every paper of a matter begins with."""
    matter = ctx.session.get(Matter, ctx.case.id)
    return [("督办编号", matter.number), ("事项", ctx.case.title)] if matter is not None else []


def process_data(ctx: Ctx) -> dict[str, Any]:
    """The process data of the task being completed."""
    if not ctx.step.row:
        return {}
    data: dict[str, Any] = ctx.step.walker.task(ctx.step.row["node"]).data
    return data
