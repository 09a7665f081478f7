"""The county's side: its own file with the letters it got, its receipt and its answer."""

from __future__ import annotations

from uuid import UUID

from app.papers import services as papers
from app.warnings import lines, queries, words
from app.warnings.handlers.common import Data, start
from app.warnings.models import CountyLetter
from app.warnings.record import warning_of
from workflows.errors import WorkflowError
from workflows.handlers import Ctx, Handlers

handlers = Handlers()


@handlers.register("warning.open_letter")
def open_letter(ctx: Ctx, data: Data) -> Data:
    """A letter opens a file of the government's own: addressed to it alone, with what was sent to it and nothing else."""
    warning = UUID(str(data["from_case"]))
    letter = _receive(ctx, warning, data, data["letter"])
    ctx.update_case(
        number=f"{letter.number}-复",
        title=f"{words.county(warning_of(ctx.session, warning).county)}{words.month(letter.month)}{words.LETTERS[letter.kind]}",
        attrs={"unit": letter.county_org},
        facets={"county": warning_of(ctx.session, warning).county},
    )
    return {"warning_case": str(warning), "letter": letter.number, "letter_items": lines.asked(letter.items)}


@handlers.register("warning.next_letter")
def next_letter(ctx: Ctx, data: Data) -> Data:
    """A further letter takes the place of the one before: signed for and answered anew."""
    warning = queries.county_letters(ctx.session, ctx.case.id)[0].warning
    for slot in ("receipt", "response"):
        ctx.clock.supersede(slot)
    letter = _receive(ctx, warning, data, data["letter_in"]["letter"])
    ctx.tag(words.LETTERS[letter.kind])
    return {"letter": letter.number, "letter_items": lines.asked(letter.items)}


def _receive(ctx: Ctx, warning: UUID, data: Data, number: str) -> CountyLetter:
    """Copy the letter to our side; its periods run from the day it was sent."""
    sent = queries.letter(ctx.session, warning, number)
    if sent is None:
        raise WorkflowError("没有找到发来的预警函。")
    record = warning_of(ctx.session, warning)
    copy = CountyLetter(
        case_id=ctx.case.id, warning=warning, county_org=record.county_org, month=record.month, number=sent.number, kind=sent.kind,
        text=sent.text, items=sent.items, received_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(copy)
    ctx.session.flush()
    for slot in ("receipt", "response"):
        start(ctx, slot, data, sent.number, sent.sent_at)
    paper = papers.issue(ctx, words.LETTERS[copy.kind], lines.letter(ctx.session, copy, copy.county_org, copy.month), number=copy.number)
    paper.organ_id = queries.bureau_writing(ctx.session, warning)
    ctx.event(f"收到{words.LETTERS[copy.kind]}", {"文号": copy.number})
    return copy


@handlers.register("warning.respond")
def respond(ctx: Ctx, data: Data) -> Data:
    """The answer leaves: our period is met by it."""
    ctx.clock.meet("receipt", ctx.now)
    ctx.clock.meet("response", ctx.now)
    return {}
