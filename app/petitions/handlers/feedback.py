"""反馈: the answer gets its number, goes out, and what follows from it starts to count."""

from __future__ import annotations

from app.petitions import papers
from app.petitions.handlers.common import Data, record, rule_of
from app.petitions.models import Petition
from app.petitions.record import event_moment
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()

RATED_TRACKS = ("5", "6", "29")  # not items that go to court, arbitration or 复议


@handlers.register("petition.issue_answer")
def issue_answer(ctx: Ctx, data: Data) -> Data:
    """处理意见书 for 31(6) (条例32), 答复书 else; from now a named reporter is owed the result (法典146)."""
    petition = record(ctx)
    ordinary = data.get("track") == "6" and not data.get("simple")
    paper = papers.letter(ctx, petition, "处理意见书" if ordinary else "答复书", [], numbered=True)
    petition.answer_no = paper.number
    if petition.contactable and petition.klass == "claim":
        ctx.clock.start("feedback", rule_of(ctx, "feedback", data), ctx.now)
    return {}


@handlers.register("petition.note_no_address")
def note_no_address(ctx: Ctx, data: Data) -> Data:
    """Name or address unclear: the answer is filed, nothing is served (条例23(2))."""
    petition = record(ctx)
    petition.sent_on, petition.delivered_on, petition.delivered_way = local(ctx.now).date(), None, "none"
    ctx.event("姓名（名称）、住址不清，无法送达，答复存卷")
    return {}


@handlers.register("petition.answered")
def answered(ctx: Ctx, data: Data) -> Data:
    """The answer period is met on the SENT day; the petitioner's periods run from the RECEIVED day (条例34, 35)."""
    petition = record(ctx)
    ctx.clock.meet("answer", event_moment(petition.sent_on, ctx.now))
    received = event_moment(petition.delivered_on, ctx.now)
    rateable = _rateable(petition, data)
    if petition.contactable and data.get("track") == "6":
        ctx.clock.start("review_request", rule_of(ctx, "review_request", data), received, round=petition.round_no)
    if rateable:
        ctx.clock.start("rating", rule_of(ctx, "rating", data), received, round=petition.round_no)
    start_execution(ctx, petition, data)
    ctx.update_case(facets={"result": petition.result})
    return {"rateable": rateable}


def _rateable(p: Petition, data: Data) -> bool:
    """国信发〔2022〕11号: first-registered items, published ones, reachable people."""
    return p.contactable and p.klass != "accusation" and data.get("track") in RATED_TRACKS and p.repeats <= 1


def start_execution(ctx: Ctx, petition: Petition, data: Data) -> None:
    """支持 and 调解 are carried out by the day the opinion names (条例32(2))."""
    if petition.result in ("support", "mediated") and petition.execute_by is not None:
        until = end_of_day(petition.execute_by)
        ctx.clock.start("execution", rule_of(ctx, "execution", data), ctx.now, round=petition.round_no, until=until)
