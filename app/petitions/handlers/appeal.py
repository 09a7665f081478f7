"""复查、复核 itself: pause for the hearing, the end of the period, the petitioner's next one."""

from __future__ import annotations

from app.petitions.handlers.common import Data, rule_of
from app.petitions.record import event_moment
from app.petitions.record_rows import newest
from app.petitions.records import Appeal
from workflows.handlers import Ctx, Handlers

handlers = Handlers()


@handlers.register("petition.pause_recheck")
def pause_recheck(ctx: Ctx, data: Data) -> Data:
    """条例36(2): the time of a hearing is not counted in 复核."""
    ctx.clock.pause("recheck", ctx.now, "复核听证", ctx.actor.shown)
    return {}


@handlers.register("petition.resume_recheck")
def resume_recheck(ctx: Ctx, data: Data) -> Data:
    """The hearing is over: the period runs on."""
    ctx.clock.resume("recheck", ctx.now)
    return {}


@handlers.register("petition.review_refused")
def review_refused(ctx: Ctx, data: Data) -> Data:
    """A request that is late or goes elsewhere is not taken; the petitioner is told why (条例35, 36)."""
    row = newest(ctx, Appeal)
    ctx.event(f"{'复查' if row.stage == 'review' else '复核'}请求不予收下")
    return {}


@handlers.register("petition.appeal_answered")
def appeal_answered(ctx: Ctx, data: Data) -> Data:
    """条例35, 36: met on the day the opinion was sent; after a 复查 the petitioner's period to ask for 复核 starts on receipt."""
    row = newest(ctx, Appeal)
    row.ended_at = ctx.now
    ctx.clock.meet(row.stage, event_moment(row.sent_on, ctx.now))
    if row.stage == "review" and row.outcome in ("uphold", "change"):
        received = event_moment(row.delivered_on, ctx.now)
        ctx.clock.start("recheck_request", rule_of(ctx, "recheck_request", data), received, round=row.round_no)
    return {}
