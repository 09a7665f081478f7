"""Notices of clocks and late messages, and the request of 督办 for what is late. No names of petitioners in any of them."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.directory import directory
from app.inbox.notices import clock_notice
from app.inbox.services import tell
from app.petitions.handlers.main import chase_one
from workflows.errors import NobodyThere
from workflows.handlers import Ctx
from workflows.library import Slot
from workflows.store import ClockRow
from workflows.tables import Link, Message

PROCEDURE = "petition"
SUPERVISION = "supervision_requested"


def clock(ctx: Ctx, row: ClockRow, what: str) -> None:
    """Warned, overdue or chased: tell holder and head; overdue marks the case and asks for 督办 where no diagram does."""
    slot = clock_notice(ctx, row, what, then="已列入督办")
    if slot is None:
        return
    if what == "overdue" and slot.spec.get("on_overdue") == "supervise":
        supervise(ctx, slot, row)
    if what == ("chase" if slot.chase else "overdue") and slot.spec.get("on_overdue") == "diagram" and not _drawn(ctx, row.slot):
        chase_one(ctx, row)
        supervise(ctx, slot, row)


def _drawn(ctx: Ctx, slot: str) -> bool:
    """Does a timer of the diagram wait for this clock? After the signature none does, yet the answer is chased until it is sent."""
    return any(ctx.engine.waiting_for(ctx.session, ctx.case.id, f"{moment}:{slot}") for moment in ("due", "every"))


def supervise(ctx: Ctx, slot: Slot, row: ClockRow) -> None:
    """Ask for 督办 once for one lateness: the link row with the request, as if the diagram had thrown it."""
    rule = ctx.engine.message_rule(ctx.session, PROCEDURE, SUPERVISION)
    if rule is None or _asked(ctx, str(row.id)):
        return
    payload = {"case_id": str(ctx.case.id), "requester_kind": "petition", "trigger": "period_past", "rule": row.rule, "clock": str(row.id)}
    link = ctx.step.links.for_message(rule, payload)
    if link is not None:
        payload["link_id"] = str(link.id)
    ctx.send(SUPERVISION, payload)
    ctx.tag("督办")
    ctx.event(f"提请督办：{slot.label}超期", kind="message")


def _asked(ctx: Ctx, clock_id: str) -> bool:
    asked = (Link.case_id == ctx.case.id, Link.kind == SUPERVISION, Link.detail["clock"].astext == clock_id)
    return ctx.session.scalar(select(Link.id).where(*asked).limit(1)) is not None


def late(ctx: Ctx, message: Message) -> None:
    """The addressee has passed the only place that could take the message: the office is told."""
    rule = ctx.engine.message_rule(ctx.session, PROCEDURE, message.name)
    label = rule.label if rule else message.name
    try:
        holder = directory.resolve(ctx.session, "office", str(ctx.case.attrs.get("intake_org")))
    except NobodyThere:
        return
    said = f"{ctx.case.number or ctx.case.title}：“{label}”到达时已过可以办理的环节，请另行处理。"
    tell(ctx.session, [holder], "late_message", said, case_id=ctx.case.id)
