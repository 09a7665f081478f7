"""案卷抽查: the clock of the reviewers and what their points come to."""

from __future__ import annotations

from uuid import UUID

from app.petitions.handlers.common import Data, rule_of, setting
from app.supervision.models import ReviewSample
from workflows.handlers import Ctx, Handlers

handlers = Handlers()


@handlers.register("review.open")
def open_review(ctx: Ctx, data: Data) -> Data:
    """The file was drawn: its reviewers' period runs."""
    ctx.clock.start("score", rule_of(ctx, "score", data), ctx.now)
    ctx.event("案卷抽中评查")
    return {}


@handlers.register("review.tally")
def tally(ctx: Ctx, data: Data) -> Data:
    """The average of the totals; below the setting the file comes back as 督办 (amendments §3)."""
    sample = ctx.session.get_one(ReviewSample, UUID(str(data["sample_id"])))
    totals = [given["total"] for given in sample.scores.values()]
    sample.points = round(sum(totals) / len(totals), 1) if totals else 0.0
    sample.passed, sample.scored_at = sample.points >= setting(ctx, "review_pass"), ctx.now
    ctx.clock.meet("score", ctx.now)
    ctx.event("案卷评查完成", {"得分": f"{sample.points:g}", "结果": "合格" if sample.passed else "不合格"})
    return {"passed": sample.passed}
