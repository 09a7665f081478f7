"""复查、复核 as the petition sees them: requests, final result, a new round."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.accounts.directory import directory
from app.petitions.handlers.common import Data, end_instances, record, rule_of, setting
from app.petitions.record import as_date, event_moment
from app.petitions.record_rows import newest
from app.petitions.records import Appeal
from workflows.errors import NobodyThere
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()


@handlers.register("petition.no_remedy")
def no_remedy(ctx: Ctx, data: Data) -> Data:
    """复查 is of 处理意见书 only (条例35); other tracks have 复议 or 诉讼."""
    return {"remedy_outcome": "final"}


@handlers.register("petition.open_review")
def open_review(ctx: Ctx, data: Data) -> Data:
    """条例35: asked of the next higher organ; the day of posting counts, our period runs from receipt."""
    return _open(ctx, data, "review", directory.appeal_org(ctx.session, str(ctx.case.attrs.get("unit"))))


@handlers.register("petition.open_recheck")
def open_recheck(ctx: Ctx, data: Data) -> Data:
    """条例36: asked of the organ above the one that reviewed."""
    reviewer = newest(ctx, Appeal).organ_id
    return _open(ctx, data, "recheck", directory.appeal_org(ctx.session, reviewer) if reviewer else None)


def _open(ctx: Ctx, data: Data, stage: str, organ: str | None) -> Data:
    """The request's row, the organ that decides, its period."""
    request: dict[str, Any] = data.get("request") or {}
    organ = request.get("appeal_org") or organ
    internal = _takes_part(ctx, organ)
    today = local(ctx.now).date()
    received = as_date(request.get("received_at")) or today
    asked = as_date(request.get("asked_at")) or received
    ctx.session.add(
        Appeal(
            case_id=ctx.case.id, round_no=record(ctx).round_no, stage=stage, organ_id=organ, internal=internal, requested_on=asked,
            organ=directory.name(ctx.session, organ) if organ else None, received_on=received, document=request.get("doc"),
        )
    )  # fmt: skip
    ctx.session.flush()
    ctx.set_attr("appeal_org", organ)
    ctx.clock.meet(f"{stage}_request", event_moment(asked, ctx.now))
    ctx.clock.start(stage, rule_of(ctx, stage, data), event_moment(received, ctx.now), round=record(ctx).round_no)
    ctx.tag("复查" if stage == "review" else "复核")
    return {"appeal_stage": stage, "appeal_internal": internal, "appeal_outcome": "", "appeal_decision": "", "needs_hearing": False}


def _takes_part(ctx: Ctx, organ: str | None) -> bool:
    """Does the organ work with this system, that is: does somebody there take in requests?"""
    if organ is None:
        return False
    try:
        directory.resolve(ctx.session, "appeal_clerk", organ)
    except NobodyThere:
        return False
    return True


@handlers.register("petition.finalise")
def finalise(ctx: Ctx, data: Data) -> Data:
    """The result stands: lapsed, refused, upheld, changed; a remand opens a new round. A changed opinion is carried out instead."""
    outcome = data.get("appeal_outcome") or ""
    if outcome in ("remand", "change"):
        _drop_execution(ctx, "复查（复核）撤销或变更了原意见")
    if outcome == "change":
        petition = record(ctx)
        petition.result = "support"
        days = setting(ctx, "execution_days")
        petition.execute_by = local(ctx.now).date() + timedelta(days=days)
        ctx.clock.start("execution", rule_of(ctx, "execution", data), ctx.now, round=petition.round_no, days=days)
    return {"remedy_outcome": "remand" if outcome == "remand" else "final"}


def _drop_execution(ctx: Ctx, reason: str) -> None:
    ctx.clock.cancel_all(reason, slots={"execution"})
    end_instances(ctx, ("petition_execution",), reason)


@handlers.register("petition.reopen")
def reopen(ctx: Ctx, data: Data) -> Data:
    """责令重新办理: a new round with a new period (house), counted from now; results of the old round do not reach it."""
    petition = record(ctx)
    petition.round_no += 1
    petition.accepted_at = petition.accepted_at or ctx.now
    petition.signed_at = petition.signed_by = petition.sent_on = petition.delivered_on = petition.delivered_way = None
    fresh = {**data, "simple": False}
    ctx.clock.start("answer", rule_of(ctx, "answer", fresh), ctx.now, round=petition.round_no)
    ctx.tag(f"第 {petition.round_no} 轮")
    return {"round_no": petition.round_no, "remedy_outcome": "", "appeal_outcome": "", "simple": False}
