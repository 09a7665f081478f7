"""信息共享 (17号34) between installations: a decision no letter tells is told by a letter of its own, so that all know it within 7 日."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.papers import services as papers
from app.periodic import Periodic
from app.transfers import leaving
from app.transfers.models import PlatformEntry
from app.transfers.procuratorate_notes import put_before
from app.transfers.words import ENTRIES
from workflows.handlers import Actor
from workflows.step import Step
from workflows.time import local

NAME, PAPER = "platform_entry", "信息共享告知"
LETTER_COMES_WITHIN = timedelta(minutes=10)  # the letter that tells a decision is written by the step that made it
SHARED = ("bureau", "police", "procuratorate")


def units(session: Session, now: datetime) -> Iterable[str]:
    """Entries that no letter has told: their ids."""
    query = select(PlatformEntry.id).where(
        PlatformEntry.entered_at.is_(None), PlatformEntry.letter_no.is_(None), PlatformEntry.decided_at <= now - LETTER_COMES_WITHIN
    )
    return [str(one) for one in session.scalars(query.order_by(PlatformEntry.due_at).limit(200))]


def run(session: Session, key: str, now: datetime) -> None:
    """One letter to each organ of the transfer that works elsewhere; its receipt is the entry."""
    entry = session.get_one(PlatformEntry, UUID(key), with_for_update=True)
    if entry.entered_at is not None or entry.letter_no is not None:
        return
    step = Step.on_case(get_engine(), session, entry.case_id, Actor.system("信息共享"))
    ctx = step.ctx()
    ctx.step.clocks.slots = ctx.engine.library.slots_of(session, entry.case_id)
    named = [str(ctx.case.attrs.get(name) or "") for name in SHARED]
    others = [organ for organ in dict.fromkeys(named) if organ and organ != entry.organ and leaving.elsewhere(session, organ)]
    lines = [("决定", ENTRIES[entry.decision]), ("作出时间", f"{local(entry.decided_at):%Y-%m-%d %H:%M}")]
    for organ in others:
        put_before(ctx, organ, NAME, papers.issue(ctx, PAPER, lines), lines)
    step.save()


PERIODIC = Periodic("transfers.share", units, run, everywhere=True)
