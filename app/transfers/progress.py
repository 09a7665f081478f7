"""Progress of the criminal case as police and procuratorate enter it (17号34): nobody has to phone to ask."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.transfers import carry, circle, platform
from app.transfers.models import TransferProgress
from app.transfers.words import PROGRESS
from workflows.errors import FormError
from workflows.handlers import Ctx
from workflows.time import ZONE

# what of it 17号34 wants on the platform
ENTERED = {
    "arrest_asked": "arrest", "arrested": "arrest_decision", "not_arrested": "arrest_decision", "sent_to_prosecute": "to_prosecution",
    "prosecuted": "prosecution", "nonprosecuted": "prosecution", "verdict": "verdict",
}  # fmt: skip


def add(
    ctx: Ctx, kind: str, happened_on: date, *, party_id: UUID | None = None, party: str | None = None, document_no: str | None = None,
    note: str | None = None,
) -> TransferProgress:  # fmt: skip
    """One entry of the organ whose file is at work, seen by everybody in the transfer, with its clock of 7 日."""
    if kind not in PROGRESS:
        raise FormError({"kind": "请选择进展的种类"})
    if happened_on > ctx.now.date():
        raise FormError({"happened_on": "日期不能晚于今天"})
    home = carry.home_of(ctx)
    row = TransferProgress(
        transfer_no=home.transfer_no, case_id=ctx.case.id, organ=home.organ, party_id=party_id, party=party, kind=kind,
        happened_on=happened_on, document_no=document_no, note=note, by=ctx.actor.shown, entered_at=ctx.now,
        confined=circle.of_transfer(ctx.session, home.transfer_no, home.organ),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    if kind in ENTERED:
        platform.entry(ctx, ENTERED[kind], datetime.combine(happened_on, time(), ZONE), party_id=party_id)
    return row


def of_transfer(session: Session, transfer_no: str) -> list[TransferProgress]:
    query = select(TransferProgress).where(TransferProgress.transfer_no == transfer_no)
    return list(session.scalars(query.order_by(TransferProgress.happened_on, TransferProgress.id)))
