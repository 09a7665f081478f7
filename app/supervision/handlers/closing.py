"""销号: what keeps a matter open, and the answer to everybody who asked for it."""

from __future__ import annotations

from sqlalchemy import select

from app.petitions.handlers.common import Data, end_instances
from app.supervision.handlers.opening import forget_results
from app.supervision.record import matter_of, requests
from app.supervision.words import CLOSED, TRANSFER_QUESTION, WAYS
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.tables import Case, Link

handlers = Handlers()

REASON = "督办已销号"


@handlers.register("supervision.may_close")
def may_close(ctx: Ctx, data: Data) -> Data:
    """A matter does not end while the petition it is about has an unanswered question of transfer (criminal_transfer.md §7)."""
    subject = matter_of(ctx.session, ctx.case.id).subject_case
    if not data.get("answer", {}).get("closed") or subject is None:
        return {}
    open_question = (Link.case_id == subject, Link.kind == TRANSFER_QUESTION, Link.status == "open")
    if ctx.session.scalar(select(Link.id).where(*open_question).limit(1)) is not None:
        number = ctx.session.scalar(select(Case.number).where(Case.id == subject)) or ""
        raise FormError({"closed": f"{number} 是否移送公安机关还没有决定，不能销号"})
    return {}


@handlers.register("supervision.close")
def close(ctx: Ctx, data: Data) -> Data:
    """The end: the unit's open steps and clocks end with it, every requester is told."""
    matter = matter_of(ctx.session, ctx.case.id)
    matter.closed_at, matter.closed_by = ctx.now, ctx.actor.shown
    end_instances(ctx, ("supervision_reply",), REASON)
    forget_results(ctx)
    if ctx.clock.running():
        ctx.clock.cancel_all(REASON)
    result = WAYS[matter.way or "closed"]
    for row in requests(ctx.session, ctx.case.id):
        row.answered_at = ctx.now
        if row.from_case is not None:
            payload = {
                "case_id": str(row.from_case), "link_id": str(row.link_id) if row.link_id else None,
                "requester_id": str(row.requester_id) if row.requester_id else None,
                "matter_no": matter.number, "way": matter.way, "result": f"{matter.number} {result}",
            }  # fmt: skip
            ctx.send(CLOSED, payload, to_case=row.from_case)
    ctx.event("督办销号", {"方式": result})
    return {}
