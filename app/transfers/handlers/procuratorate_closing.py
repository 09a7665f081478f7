"""The end of the procuratorate's file: the case has gone on to prosecution, back, or to other police; or everything in it is done."""

from __future__ import annotations

from app.transfers import carry, routing
from app.transfers.handlers.common import Data, moment
from app.transfers.models import TransferProcurator
from app.transfers.procuratorate_files import at, record
from workflows.handlers import Ctx

# how the police stand while the procuratorate watches: their clocks are told by their letters
OF_POLICE = ("receipt", "decide", "notify")


def moved_on(ctx: Ctx, found: TransferProcurator, m: Data) -> None:
    kind = str(m.get("kind") or "")
    found.moved_at = moment(m.get("sent_at"), ctx.now)
    for slot in (*OF_POLICE, "window"):
        if ctx.clock.running(slot):
            ctx.clock.lapse(slot, note="案件已移送其他环节")
    if kind == "prosecution":
        at(ctx, "prosecution")
        return
    if kind == "passed":
        _again(ctx, found)
    finish(ctx, "passed" if kind == "passed" else "returned")


def _again(ctx: Ctx, found: TransferProcurator) -> None:
    """Passed on to police whose procuratorate we are as well: the copy that came with it opens the next file."""
    for letter in carry.of_case(ctx.session, ctx.case.id):
        if letter.name != "transfer_copied" or letter.kind != "passed" or letter.to_organ != found.organ:
            continue
        if routing.procuratorate_of(ctx.session, str(letter.body.get("police") or "")) == found.organ:
            letter.to_case, letter.received_at = None, None
            ctx.send(letter.name, carry.payload_of(letter))


def finish(ctx: Ctx, closed_as: str) -> None:
    """The procuratorate's file comes to its end; nothing runs on it any more."""
    found = record(ctx)
    found.closed_at, found.closed_as, found.state = ctx.now, closed_as, "closed"
    for slot in {clock.slot for clock in ctx.clock.running()}:
        ctx.clock.lapse(slot, note="检察案卷已办结")
    ctx.update_case(facets={"closed_as": closed_as})
    ctx.session.flush()
