"""办理: the transfer question, the hearing, the simple item that turns ordinary."""

from __future__ import annotations

from app.petitions.handlers.common import Data, answer_from, record, rule_of
from workflows.handlers import Ctx, Handlers

handlers = Handlers()


@handlers.register("transfer.screen")
def screen_transfer(ctx: Ctx, data: Data) -> Data:
    """A violation puts the transfer question: its facts go to the shared screening and to legal (310号11: no 以罚代刑; amendments §5).

    Asked once; again when an investigation after that finds items or measured values nobody was asked about.
    """
    petition = record(ctx)
    asked, found = set(petition.screening_asked), _found(data)
    ask = bool(found - asked)
    if ask:
        petition.screening_asked = sorted(asked | found)
        ctx.tag("移送筛查")
    if data.get("violation") and data.get("detention"):
        _ask_detention(ctx)
    return {"transfer_question": ask}


def _found(data: Data) -> set[str]:
    """What of the findings the question is about: the violation, each item of the checklist, each measured value."""
    if not data.get("violation"):
        return set()
    rows = data.get("measurements") or []
    measured = (" ".join(str(row.get(name) or "") for name in ("factor", "value", "standard", "unit")) for row in rows)
    return {"violation", *(data.get("screening") or []), *measured}


def _ask_detention(ctx: Ctx) -> None:
    """A ground of 行政拘留 puts its own question, once: the petition is not closed before it is answered (公治〔2014〕853号)."""
    from app.transfers import detention  # it reads petitions' briefs in turn

    if detention.asked(ctx.session, ctx.case.id):
        return
    link = ctx.open_link("detention.question", "移送行政拘留问题", holds=True)
    detention.by_case(ctx.session, ctx.actor, ctx.case.id, link_id=link.id)
    ctx.tag("拘留筛查")


@handlers.register("petition.open_hearing")
def open_hearing(ctx: Ctx, data: Data) -> Data:
    """条例31(6): a hearing may be held in grave, complex and difficult items."""
    ctx.tag("听证")
    ctx.event("启动听证")
    return {}


@handlers.register("petition.turn_ordinary")
def turn_ordinary(ctx: Ctx, data: Data) -> Data:
    """简易转普通, once and for good: the ordinary period counts from the ORIGINAL day."""
    data = {**data, "simple": False}
    petition = record(ctx)
    petition.simple = False
    ctx.clock.supersede("answer")
    ctx.clock.start("answer", rule_of(ctx, "answer", data), answer_from(ctx, data))
    ctx.update_case(tags=[tag for tag in ctx.case.tags if tag != "简易办理"])
    ctx.event("转为普通程序")
    return {"simple": False}
