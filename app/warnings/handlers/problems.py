"""One problem of the 问题清单: a file of its own, checked again and again until it is done or supervised."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.papers import services as papers
from app.warnings import lines, publishing
from app.warnings.handlers.common import Data, attrs_of, problem_of, start, warning_of
from app.warnings.models import Problem
from workflows.handlers import Ctx, Handlers

handlers = Handlers()

TITLE = 60


@handlers.register("warning.open_problem")
def open_problem(ctx: Ctx, data: Data) -> Data:
    """The file of a problem: who verifies it, by when it is to be done, when it is looked at next."""
    warning = warning_of(ctx.session, UUID(str(data.get("warning_case") or data["from_case"])))
    row = next(row for row in warning.problems if row["no"] == data["problem_no"])
    number, unit = f"{warning.number}-{row['no']}", str(warning.unit)
    ctx.session.add(
        Problem(
            case_id=ctx.case.id, warning=warning.case_id, no=row["no"], number=number, county=warning.county, month=warning.month,
            title=row["problem"], standard=row["standard"], deadline=date.fromisoformat(row["deadline"]), owner=row.get("owner"), unit=unit,
            state="going", opened_at=ctx.now,
        )
    )  # fmt: skip
    ctx.session.flush()
    attrs = {**attrs_of(ctx, warning.case_id), "unit": unit}
    ctx.update_case(number=number, title=row["problem"][:TITLE], attrs=attrs, facets={"county": warning.county, "unit": unit})
    papers.issue(ctx, "问题清单", lines.problems([row]))
    start(ctx, "check", data)
    return {"unit": unit, "deadline": row["deadline"], "warning_case": str(warning.case_id)}


@handlers.register("warning.recheck")
def recheck(ctx: Ctx, data: Data) -> Data:
    """Not done yet: looked at again a period later."""
    problem_of(ctx.session, ctx.case.id).state = "going"
    start(ctx, "check", data)
    return {}


@handlers.register("warning.escalate")
def escalate(ctx: Ctx, data: Data) -> Data:
    """Late: 督办 of the unit that was to follow it; the file waits for what comes of it."""
    problem = problem_of(ctx.session, ctx.case.id)
    problem.escalations, problem.state = problem.escalations + 1, "supervised"
    ctx.tag("督办")
    ctx.event("逾期未完成，启动督办", {"次数": problem.escalations})
    return {}


@handlers.register("warning.publish_item")
def publish_item(ctx: Ctx, data: Data) -> Data:
    """销号: the result stands on the public list where legal had cleared the problem."""
    problem = problem_of(ctx.session, ctx.case.id)
    problem.state, problem.verified_at = "done", ctx.now
    problem.public = any(row["public"] for row in warning_of(ctx.session, problem.warning).problems if row["no"] == problem.no)
    if publishing.result(ctx, problem):
        problem.published_at = ctx.now
    ctx.event("核查销号", {"公开": "是" if problem.published_at else "否"})
    return {}
