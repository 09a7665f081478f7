"""The map itself: chasing what is late, the effects of a stop, what still holds the closing."""

from __future__ import annotations

from sqlalchemy import func, select

from app.accounts.directory import directory
from app.papers import services as paper_services
from app.petitions import papers
from app.petitions.handlers.common import Data, end_instances, record
from workflows.handlers import Ctx, Handlers
from workflows.store import ClockRow
from workflows.tables import Link

handlers = Handlers()

CHASED = {"chase": ("notify", "answer"), "chase_execution": ("execution",), "chase_instruction": ("instruction",)}  # element → slots
# their drawn chase throws no request of 督办, which every late duty owes (amendments §13)
SUPERVISED_HERE = {"chase_execution", "chase_instruction"}
LETTER = "催办通知书"
ENDED_BY_STOP = ("petition_extension", "petition_consult", "petition_rating", "petition_execution")
OUTLIVES = {"instruction", "urgent"}  # a leader's instruction and the urgent report are still owed


@handlers.register("petition.chase")
def chase(ctx: Ctx, data: Data) -> Data:
    """One 催办通知书 for one lateness (amendments §3); what comes after it is written into the trail only."""
    for clock in _late(ctx, CHASED.get(ctx.element or "", ())):
        chase_one(ctx, clock)
        if ctx.element in SUPERVISED_HERE:
            from app.petitions import notices  # it imports this module for the letter

            notices.supervise(ctx, ctx.engine.library.slots_of(ctx.session, ctx.case.id)[clock.slot], clock)
    return {}


def chase_one(ctx: Ctx, clock: ClockRow) -> None:
    """The letter for one lateness, or a line in the trail where it was written before."""
    if paper_services.owed_once(ctx.session, ctx.case.id, LETTER, str(clock.id)) and not _supervised(ctx):
        unit = str(ctx.case.attrs.get("unit") or ctx.case.attrs["intake_org"])
        lines = [("发往", directory.name(ctx.session, unit)), ("逾期事项", _label(ctx, clock.slot))]
        papers.letter(ctx, record(ctx), LETTER, lines, numbered=True, ref=str(clock.id))
    else:
        ctx.event(f"再次催办：{_label(ctx, clock.slot)}")
    ctx.tag("督办")


def _late(ctx: Ctx, slots: tuple[str, ...]) -> list[ClockRow]:
    return [c for slot in slots for c in ctx.clock.running(slot) if c.overdue_at is not None]


def _supervised(ctx: Ctx) -> bool:
    """Is the case under 督办 already? Then the matter writes the letters."""
    held = (Link.case_id == ctx.case.id, Link.kind == "supervision_requested", Link.status == "open")
    return ctx.session.scalar(select(Link.id).where(*held).limit(1)) is not None


def _label(ctx: Ctx, slot: str) -> str:
    found = ctx.engine.library.slots_of(ctx.session, ctx.case.id).get(slot)
    return found.label if found else slot


@handlers.register("petition.stop_effects")
def stop_effects(ctx: Ctx, data: Data) -> Data:
    """After withdrawal or merging nothing else goes on; the duty to investigate a violation stays (kept as a clue)."""
    stop = data.get("stop") or {}
    petition = record(ctx)
    petition.stopped_as, petition.stopped_at = stop.get("kind"), ctx.now
    petition.keep_clue = bool(stop.get("keep_clue"))
    if stop.get("into"):
        petition.merge_target = stop["into"]
    reason = "信访人撤回" if stop.get("kind") == "withdrawn" else "并入他件"
    ended = end_instances(ctx, ENDED_BY_STOP, reason)
    slots = {c.slot for c in ctx.clock.running()} - OUTLIVES
    ctx.clock.cancel_all(reason, slots=slots)
    ctx.event(f"终止办理：{reason}", {"终止的流程": len(ended), "终止的期限": len(slots), "保留线索": "是" if petition.keep_clue else "否"})
    return {}


@handlers.register("petition.count_links")
def count_links(ctx: Ctx, data: Data) -> Data:
    """Closing waits for everything that holds it."""
    held = select(func.count()).select_from(Link).where(Link.case_id == ctx.case.id, Link.holds, Link.status == "open")
    return {"open_links": ctx.session.scalar(held) or 0}
