"""分析、方案: the meeting is late, the plan is checked, signed and begins to run."""

from __future__ import annotations

from app.leadership.handlers.common import Data, mark_late, record, registrar
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day

handlers = Handlers()
step = registrar(handlers)


@step("leader.meeting_late")
def meeting_late(ctx: Ctx, data: Data) -> Data:
    mark_late(ctx, "分析会超期", "超过期限没有召开案情分析会")
    return {}


@step("leader.check_plan")
def check_plan(ctx: Ctx, data: Data) -> Data:
    """Each measure has its own day, and the plan ends with the last of them."""
    deadline = str(data["answer"]["deadline"])
    last = max(str(row["by"]) for row in data["answer"]["measures"])
    if last > deadline:
        raise FormError({"deadline": f"化解时限不能早于最后一项措施的完成日期（{last}）"})
    return {}


@step("leader.enter_plan")
def enter_plan(ctx: Ctx, data: Data) -> Data:
    """The signed plan runs until its own day (leader.plan)."""
    lc = record(ctx)
    assert lc.plan_deadline is not None
    lc.status = "carrying"
    ctx.clock.meet("draft", ctx.now)
    ctx.clock.start("plan", "leader.plan", ctx.now, until=end_of_day(lc.plan_deadline))
    return {}


@step("leader.plan_late")
def plan_late(ctx: Ctx, data: Data) -> Data:
    mark_late(ctx, "化解超期", "超过化解方案的时限仍未结案")
    return {}
