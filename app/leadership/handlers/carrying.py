"""化解: visits and their promises are logged, the five duties (五包) checked before the exit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.leadership import duties, papers
from app.leadership.handlers.common import Data, record, registrar
from app.leadership.models import LeaderPromise, LeaderVisit
from app.leadership.records import moment_of
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()
step = registrar(handlers)


@step("leader.check_visit")
def check_visit(ctx: Ctx, data: Data) -> Data:
    """What is promised is promised for a day after the visit."""
    answer = data["answer"]
    held = str(answer.get("held_at") or "")[:10]
    if any(str(row["by"]) < held for row in answer.get("promises") or []):
        raise FormError({"promises": "答应办到的日期不能早于接访、下访的日期"})
    return {}


@step("leader.log_visit")
def log_visit(ctx: Ctx, data: Data) -> Data:
    """入台账: the visit counts from here, has its record, and each promise begins its own clock."""
    visits = select(LeaderVisit).where(LeaderVisit.instance_id == ctx.instance_id, LeaderVisit.logged_at.is_(None))
    for visit in ctx.session.scalars(visits.order_by(LeaderVisit.recorded_at, LeaderVisit.id)).all():
        visit.logged_at = ctx.now
        promises = list(ctx.session.scalars(select(LeaderPromise).where(LeaderPromise.visit_id == visit.id).order_by(LeaderPromise.id)))
        papers.visit(ctx, record(ctx), visit, promises)
        for promise in promises:
            ctx.send("leader.promise", {"case_id": str(ctx.case.id), "promise_id": str(promise.id), "letter": str(promise.id)})
    return {}


@step("leader.check_duties")
def check_duties(ctx: Ctx, data: Data) -> Data:
    """五包核对: what is missing keeps the file in 化解 (RULES §3)."""
    missing = duties.missing(ctx.session, record(ctx))
    if missing:
        ctx.event("五包核对：还缺" + "、".join(missing))
    return {"missing": missing}


@step("leader.open_promise")
def open_promise(ctx: Ctx, data: Data) -> Data:
    """leader.promise runs to the day that was promised."""
    promise = ctx.session.get_one(LeaderPromise, UUID(str(data["promise_id"])))
    visit = ctx.session.get_one(LeaderVisit, promise.visit_id)
    ctx.clock.start("promise", "leader.promise", visit.held_at, letter=str(promise.id), until=end_of_day(promise.due_on))
    return {}


@step("leader.check_kept")
def check_kept(ctx: Ctx, data: Data) -> Data:
    """A promise is kept after it was given."""
    promise = ctx.session.get_one(LeaderPromise, UUID(str(data["promise_id"])))
    given = local(ctx.session.get_one(LeaderVisit, promise.visit_id).held_at).date()
    if date.fromisoformat(str(data["answer"]["kept_on"])) < given:
        raise FormError({"kept_on": f"办到的日期不能早于答应的日期（{given}）"})
    return {}


@step("leader.promise_late")
def promise_late(ctx: Ctx, data: Data) -> Data:
    """The day passed: the promise is red; it is still to be kept."""
    promise = ctx.session.get_one(LeaderPromise, UUID(str(data["promise_id"])))
    if not promise.late:
        promise.late = True
        ctx.tag("承诺超期")
        ctx.event("答应的事没有按期办到", {"due": str(promise.due_on)})
    return {}


@step("leader.promise_kept")
def promise_kept(ctx: Ctx, data: Data) -> Data:
    """The clock is met on the day it was done, not on the day it was typed."""
    promise = ctx.session.get_one(LeaderPromise, UUID(str(data["promise_id"])))
    assert promise.kept_on is not None
    ctx.clock.meet("promise", moment_of(promise.kept_on, ctx.now), letter=str(promise.id))
    return {}
