"""Instances of their own: rating, extension, urgent report. They hold closing and touch no other token."""

from __future__ import annotations

from sqlalchemy import select

from app.petitions import papers
from app.petitions.handlers.common import Data, record
from app.petitions.record_rows import own
from app.petitions.records import Extension, Rating
from workflows.handlers import Ctx, Handlers

handlers = Handlers()

SCORES = ("满意", "基本满意", "不满意")


@handlers.register("petition.note_rating")
def note_rating(ctx: Ctx, data: Data) -> Data:
    """国信发〔2022〕11号: the receiving and the handling organ are rated apart; either 不满意 fails."""
    given = data.get("rating") or {}
    row = _rating(ctx, data)
    row.receiving, row.handling, row.comment = given.get("score_receiving"), given.get("score_handling"), given.get("comment")
    row.rated_at = ctx.now
    ctx.clock.meet("rating", ctx.now)
    lines = [("对受理机关", row.receiving or ""), ("对办理机关", row.handling or "")]
    papers.letter(ctx, record(ctx), "满意度评价表", lines)
    failed = SCORES[2] in (row.receiving, row.handling)
    if failed:
        ctx.tag("不满意")
    return {"rating_failed": failed}


@handlers.register("petition.note_unrated")
def note_unrated(ctx: Ctx, data: Data) -> Data:
    """Nobody rated in time: counted as asked, not as rated."""
    _rating(ctx, data).lapsed_at = ctx.now
    ctx.clock.lapse("rating", note="期满未评价")
    ctx.event("评价期满，未评价")
    return {}


def _rating(ctx: Ctx, data: Data) -> Rating:
    """The row of this invitation."""
    row = ctx.session.scalar(select(Rating).where(Rating.instance_id == ctx.instance_id))
    if row is None:
        row = Rating(case_id=ctx.case.id, instance_id=ctx.instance_id, round_no=int(data.get("round") or 1), asked_at=ctx.now)
        ctx.session.add(row)
    return row


@handlers.register("petition.extend")
def extend(ctx: Ctx, data: Data) -> Data:
    """条例34: once, at most as long as the rule allows, counted from the unrolled end; the petitioner is told why."""
    row = own(ctx, Extension)
    shown = ctx.clock.shown("answer")
    row.due_before = shown.due_at if shown else None
    row.due_after = ctx.clock.extend("answer", row.reason, days=row.days, rule="petition.extend").due_at
    row.outcome = "approved"
    ctx.tag("已延期")
    return {"extended": True}


@handlers.register("petition.extension_too_late")
def extension_too_late(ctx: Ctx, data: Data) -> Data:
    """The period ended before approval: it cannot be extended any more (条例34)."""
    own(ctx, Extension).outcome = "too_late"
    ctx.event("期限届满前未获批准，不能延期")
    return {}


@handlers.register("petition.extension_refused")
def extension_refused(ctx: Ctx, data: Data) -> Data:
    """Not approved: the period stays as it is."""
    own(ctx, Extension).outcome = "refused"
    ctx.event("延期未获批准")
    return {}


@handlers.register("petition.send_report")
def send_report(ctx: Ctx, data: Data) -> Data:
    """条例25: reported to Party committee, government, departments and 联席会议办公室."""
    papers.letter(ctx, record(ctx), "紧急报告", _report(ctx), numbered=True)
    ctx.clock.meet("urgent", ctx.now)
    return {}


def _report(ctx: Ctx) -> list[tuple[str, str]]:
    """What the signed draft says."""
    from app.petitions.queries import last_answer

    answer = last_answer(ctx.session, ctx.instance_id, "draft_report")
    form = ctx.step.procedure.form("draft_report") if ctx.step.procedure else None
    return [(f.label, f.label_of(answer.get(f.name))) for f in form.fields.values()] if form else []
