"""结案: what still stands in the way is named; closing ends everything that runs beside the file."""

from __future__ import annotations

from sqlalchemy import select, update

from app.leadership import duties
from app.leadership.handlers.common import Data, record, registrar
from app.leadership.models import LeaderCasePetition, LeaderPromise
from app.petitions import briefs
from app.petitions.handlers.common import end_instances
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.tables import Link, Message
from workflows.time import local

handlers = Handlers()
step = registrar(handlers)

BESIDE = ("leader_month", "leader_visit", "leader_promise", "leader_change")
STARTS_BESIDE = ("leader.month", "leader.visit", "leader.promise", "leader.change")
QUESTION = "transfer.question"
REASON = "包案已结案"


@step("leader.may_close")
def may_close(ctx: Ctx, data: Data) -> Data:
    """Refuses to confirm while a petition in it is unanswered, its transfer question open, a promise not kept or a month not reported."""
    if not data["answer"].get("confirmed"):
        return {}
    in_the_way = [
        *_petitions(ctx),
        *_promises(ctx),
        *(f"{month} 的进展还没有报告" for month in duties.unreported(ctx.session, record(ctx))),
    ]
    if in_the_way:
        raise FormError({"confirmed": "还不能销账：" + "；".join(in_the_way)})
    return {}


def _petitions(ctx: Ctx) -> list[str]:
    members = list(ctx.session.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == ctx.case.id)))
    known = briefs.of(ctx.session, members, None)
    asked = select(Link.case_id).where(Link.case_id.in_(members), Link.kind == QUESTION, Link.status == "open")
    questions = set(ctx.session.scalars(asked))
    said = [f"{brief.number} 还没有答复" for brief in known.values() if not brief.answered]
    return said + [f"{brief.number} 是否移送公安机关还没有答复" for brief in known.values() if brief.case_id in questions]


def _promises(ctx: Ctx) -> list[str]:
    living = (LeaderPromise.case_id == ctx.case.id, LeaderPromise.kept_on.is_(None))
    found = ctx.session.scalars(select(LeaderPromise).where(*living).order_by(LeaderPromise.due_on, LeaderPromise.id))
    return [f"答应 {promise.due_on} 办到的“{promise.what}”还没有兑现" for promise in found]


@step("leader.close")
def close(ctx: Ctx, data: Data) -> Data:
    """销账: the plan is met; reports, visits and changes that still run end with the file, and so do their clocks."""
    lc = record(ctx)
    lc.status, lc.closed_on, lc.ended_at, lc.month_next = "closed", local(ctx.now).date(), ctx.now, None
    _stop_asking(ctx)
    end_instances(ctx, BESIDE, REASON)
    ctx.clock.meet("plan", ctx.now)
    ctx.clock.lapse("progress", note=REASON)
    ctx.clock.cancel_all(REASON)
    ctx.event("领导包案销账", {"number": lc.number or ""})
    return {}


def _stop_asking(ctx: Ctx) -> None:
    """What was asked for and not begun yet is not begun any more."""
    queued = (Message.case_id == ctx.case.id, Message.name.in_(STARTS_BESIDE), Message.status.in_(("queued", "waiting")))
    ctx.session.execute(update(Message).where(*queued).values(status="filed", delivered_at=ctx.now))
