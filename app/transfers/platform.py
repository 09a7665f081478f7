"""信息共享 (17号34): each decision is entered for the others within 7 日 of it.

Inside one installation the decision itself is the entry; between two the delivery receipt is; what goes on paper is typed in by a liaison
officer (代录). The clock is slot ``platform_entry`` of the deciding organ's file, one row an entry.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import circle
from app.transfers.models import PlatformEntry, TransferFile
from app.transfers.words import ENTRIES
from workflows.errors import Conflict, FormError, NotFound
from workflows.handlers import Ctx
from workflows.time import now

NOTE_LEAST = 6  # characters
SLOT, RULE = "platform_entry", "transfer.platform_entry"
HERE, RECEIPT, LIAISON = "here", "receipt", "by_liaison"
ORGANS = ("bureau", "police", "procuratorate", "asking")  # case attributes: who else has a part in the transfer


def entry(ctx: Ctx, decision: str, decided_at: datetime, *, party_id: UUID | None = None, letter_no: str | None = None) -> PlatformEntry:
    """The entry of a decision. Where others of the transfer work in another installation it waits for the letter that tells it.

    ``letter_no``: that letter, where its number is known before; else the next letter of this file is it (``told``).
    """
    from app.transfers import leaving  # it asks this module in turn

    if decision not in ENTRIES:
        raise LookupError(f"unknown entry {decision!r}")
    home = ctx.session.get_one(TransferFile, ctx.case.id)
    clock = None
    made = PlatformEntry(
        transfer_no=home.transfer_no, case_id=ctx.case.id, organ=home.organ, decision=decision, party_id=party_id, letter_no=letter_no,
        decided_at=decided_at, due_at=decided_at, confined=circle.of_transfer(ctx.session, home.transfer_no, home.organ),
    )  # fmt: skip
    ctx.session.add(made)
    ctx.session.flush()
    clock = ctx.clock.start(SLOT, RULE, decided_at, letter=str(made.id), quiet=True)
    made.due_at = clock.due_at
    if not leaving.elsewhere(ctx.session, *(ctx.case.attrs.get(name) for name in ORGANS)):
        made.entered_at, made.how, made.entered_by = ctx.now, HERE, ctx.actor.shown
        ctx.clock.meet(SLOT, ctx.now, letter=str(made.id), quiet=True)
    ctx.session.flush()
    return made


def told(ctx: Ctx, letter_no: str, *, elsewhere: bool) -> None:
    """A letter of this file is written: what waits for it is entered with it here, or with its receipt from elsewhere."""
    waiting = select(PlatformEntry).where(PlatformEntry.case_id == ctx.case.id, PlatformEntry.entered_at.is_(None))
    mine = (PlatformEntry.letter_no == letter_no) | PlatformEntry.letter_no.is_(None)
    for one in ctx.session.scalars(waiting.where(mine)):
        one.letter_no = letter_no
        if not elsewhere:
            one.entered_at, one.how, one.entered_by = ctx.now, HERE, ctx.actor.shown
            ctx.clock.meet(SLOT, ctx.now, letter=str(one.id), quiet=True)
    ctx.session.flush()


def met_by_receipt(session: Session, letter_no: str, at: datetime) -> int:
    """The other installation has confirmed a letter: the decision it told is entered."""
    found = list(session.scalars(select(PlatformEntry).where(PlatformEntry.letter_no == letter_no, PlatformEntry.entered_at.is_(None))))
    for one in found:
        _done(session, one, at, RECEIPT, "对方平台签收", None)
    return len(found)


def by_liaison(session: Session, person: Person, case_id: UUID, entry_id: UUID, note: str) -> PlatformEntry:
    """代录: what was told on paper is typed in. ``note``: number of the paper and when it was served. Raises FormError, Conflict."""
    one = session.get(PlatformEntry, entry_id, with_for_update=True)
    if one is None or one.case_id != case_id:
        raise NotFound("没有这一项。")
    if one.entered_at is not None:
        raise Conflict("这一项已经录入。")
    if len(note) < NOTE_LEAST:
        raise FormError({"note": f"请写明文书号和送达日期（至少 {NOTE_LEAST} 个字）"})
    _done(session, one, now(), LIAISON, person.name, person)
    get_engine().note(session, case_id, person.actor(), "platform", f"代录信息共享：{ENTRIES[one.decision]}", {"说明": note[:500]})
    return one


def _done(session: Session, one: PlatformEntry, at: datetime, how: str, by: str, person: Person | None) -> None:
    from workflows.handlers import Actor

    one.entered_at, one.how, one.entered_by = at, how, by
    session.flush()
    get_engine().clocks.meet(session, one.case_id, SLOT, at, person.actor() if person else Actor.system(by), letter=str(one.id))


def of_case(session: Session, case_id: UUID) -> list[PlatformEntry]:
    """What a file had to enter, the open ones first."""
    query = select(PlatformEntry).where(PlatformEntry.case_id == case_id)
    return list(session.scalars(query.order_by(PlatformEntry.entered_at.is_not(None), PlatformEntry.decided_at, PlatformEntry.id)))
