"""月度进展: one short instance a month, from the entry in the ledger to the closing; a month without a report is red and asks for 督办."""

from __future__ import annotations

from app.leadership import months
from app.leadership.handlers.common import Data, registrar
from app.leadership.models import LeaderMonth
from workflows.handlers import Ctx, Handlers

handlers = Handlers()
step = registrar(handlers)

TAG = "月报缺报"
RULE = "leader.progress"


@step("leader.open_month")
def open_month(ctx: Ctx, data: Data) -> Data:
    """leader.progress: due on the last day of the month (amendments §4)."""
    month = str(data["month"])
    if ctx.session.get(LeaderMonth, (ctx.case.id, month)) is None:
        ctx.session.add(LeaderMonth(case_id=ctx.case.id, month=month, asked_at=ctx.now))
        ctx.session.flush()
    ctx.clock.start("progress", RULE, months.first_day(month), letter=month)
    return {}


@step("leader.month_missed")
def month_missed(ctx: Ctx, data: Data) -> Data:
    """Red, and once for this month a request of 督办; the report is still owed."""
    row = ctx.session.get_one(LeaderMonth, (ctx.case.id, str(data["month"])))
    row.missed = True
    ctx.tag(TAG)
    ctx.event(f"{row.month} 的进展没有报告")
    return {"unit": str(ctx.case.attrs.get("unit") or "")}


@step("leader.month_done")
def month_done(ctx: Ctx, data: Data) -> Data:
    """Reported; the mark goes when no missed month is left without its report."""
    ctx.clock.meet("progress", ctx.now, letter=str(data["month"]))
    left = ctx.session.query(LeaderMonth).filter_by(case_id=ctx.case.id, missed=True, reported_at=None).first()
    if left is None and TAG in ctx.case.tags:
        ctx.update_case(tags=[tag for tag in ctx.case.tags if tag != TAG])
    return {}
