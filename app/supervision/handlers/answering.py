"""What the unit says, and what the desk says to it."""

from __future__ import annotations

from datetime import date, timedelta

from app.accounts.roles import LABELS
from app.petitions.handlers.common import Data, rule_of
from app.supervision import addressing, ladder
from app.supervision.handlers.opening import note_once
from app.supervision.models import Matter, MatterLetter
from app.supervision.record import current, matter_of, requests
from workflows.errors import FormError, NobodyThere
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()


@handlers.register("supervision.take_letter")
def take_letter(ctx: Ctx, data: Data) -> Data:
    """A new letter takes the place of the old one at the unit, whatever step it was on."""
    came = data.get("letter_in") or {}
    return {"letter": came.get("letter"), "step": came.get("step", ""), "slot": came.get("slot") or "reply"}


@handlers.register("supervision.replying")
def replying(ctx: Ctx, data: Data) -> Data:
    """Measures have a day within the rule, and somebody who carries them out."""
    answer = data.get("answer", {})
    if not answer.get("measures"):
        return {}
    _within(ctx, answer["promised_by"], "promised_by", data)
    unit = str(ctx.case.attrs["unit"])
    if not addressing.has_handler(ctx.session, unit):
        raise FormError({"measures": NobodyThere(LABELS["handler"], unit).message})
    return {}


def _within(ctx: Ctx, day: str, field: str, data: Data) -> None:
    """A day of rectification lies within the rule's limit (supervise.rectify), counted from today."""
    law = ctx.engine.rules.get(rule_of(ctx, "rectify", data), local(ctx.now).date())
    if law.limit is not None and date.fromisoformat(day) > local(ctx.now).date() + timedelta(days=law.limit):
        raise FormError({field: f"整改期限最长 {law.limit} 日，请填写更早的日期（{law.citation}）"})


@handlers.register("supervision.take_reply")
def take_reply(ctx: Ctx, data: Data) -> Data:
    """The written answer is there; its clock was met by the unit's own step."""
    row = current(ctx)
    return {"not_done": bool(row.measures), "promised_by": row.promised_by.isoformat() if row.promised_by else None}


@handlers.register("supervision.take_result")
def take_result(ctx: Ctx, data: Data) -> Data:
    """What became of the measures; the rectification's clock runs on until the desk finds them done."""
    return {"not_done": not current(ctx).done}


@handlers.register("supervision.judged")
def judged(ctx: Ctx, data: Data) -> Data:
    """The desk's verdict moves the clock of rectification: started once, moved once, met only by ``done`` (amendments §2)."""
    matter, row, answer = matter_of(ctx.session, ctx.case.id), current(ctx), data.get("answer", {})
    higher = _joined_higher(ctx, matter)
    if answer["verdict"] == "measures" and not higher:
        _rectify(ctx, matter, row, answer.get("new_by"), data)
    elif answer["verdict"] == "done" and not higher:
        ctx.clock.meet("rectify", row.result_at or ctx.now)
    return {"higher": higher, "rectify_by": matter.rectify_by.isoformat() if matter.rectify_by else None, "moved": matter.moved}


def _joined_higher(ctx: Ctx, matter: Matter) -> bool:
    """Did a request join that would have begun on a higher rung?"""
    assert ctx.step.procedure is not None
    step = matter.step or ""
    return any(ladder.is_higher(ctx.step.procedure, one.trigger, step) for one in requests(ctx.session, ctx.case.id))


def _rectify(ctx: Ctx, matter: Matter, row: MatterLetter, new_by: str | None, data: Data) -> None:
    if not ctx.clock.running("rectify"):
        matter.rectify_by = row.promised_by or local(ctx.now).date()
        ctx.clock.start("rectify", rule_of(ctx, "rectify", data), row.replied_at or ctx.now, until=end_of_day(matter.rectify_by))
    elif new_by:
        _within(ctx, new_by, "new_by", data)
        matter.rectify_by, matter.moved = date.fromisoformat(new_by), True
        ctx.clock.extend("rectify", row.opinion or "", until=end_of_day(matter.rectify_by))


@handlers.register("supervision.reply_late")
def reply_late(ctx: Ctx, data: Data) -> Data:
    """The reply is late: the desk's side escalates, the unit still owes it."""
    note_once(ctx, f"书面回复超期（第 {matter_of(ctx.session, ctx.case.id).rounds + 1} 轮）")
    return {}


@handlers.register("supervision.rectify_late")
def rectify_late(ctx: Ctx, data: Data) -> Data:
    """The measures are late; they are still owed."""
    note_once(ctx, "整改超期，整改仍须完成")
    return {}
