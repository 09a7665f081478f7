"""Letters on their way out: a row with the step that sends one, a number and the text by the worker, then until it is signed for.

Numbering is the worker's: a step of a person locks nothing that another case's step could wait for, and a signing device that is away
holds nobody up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.clockwords import moment
from app.config import Settings
from app.exchange import envelope, partners, signing
from app.exchange.models import Incoming, Outgoing, Partner, Stream, Text
from app.transfers import transport
from app.transfers.letters import TransferLetter
from workflows.handlers import Ctx
from workflows.time import now

SKEW_SHOWN = 300  # seconds two clocks may differ before it is shown (amendments §8)
WRITTEN, READY, DELIVERED, REFUSED = "written", "ready", "delivered", "refused"
_STREAMS = text("select distinct partner_id, transfer_no from exchange_out where status = 'written' limit 50")
_LOCK = text("select out_seq from exchange_stream where partner_id = :partner and transfer_no = :number for update skip locked")
# of each stream the first letter that is not delivered, unless that one is refused: then the stream stands still
_FIRST = text("""
select id from (select distinct on (transfer_no) id, transfer_no, seq, status from exchange_out
                 where partner_id = :partner and status in ('ready', 'refused') order by transfer_no, seq) first
 where status = 'ready' order by id limit :most""")


class Box:
    """The exchange as app/transfers sees it (leaving.Exchange)."""

    def __call__(self, ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool:
        """In the sender's transaction: the letter is to be brought to its addressee's installation."""
        partner = partners.of_organ(ctx.session, letter.to_organ) if exchanging() else None
        if partner is None:
            return False
        ctx.session.add(Outgoing(partner_id=partner, transfer_no=letter.transfer_no, letter_id=letter.id, made_at=ctx.now))
        ctx.session.flush()
        return True

    def keeps(self, session: Session, organ: str) -> bool:
        return exchanging() and partners.of_organ(session, organ) is not None

    def told(self, session: Session, letter: TransferLetter) -> str:
        """经数据交换发出，对方平台 11-26 10:32 签收 · 正在发送（已试 3 次：连接不上）."""
        row = session.execute(
            select(Outgoing, Partner.name).join(Partner, Partner.id == Outgoing.partner_id).where(Outgoing.letter_id == letter.id)
        ).first()
        if row is None:
            return _came(session, letter.letter_no)
        out, name = row
        if out.delivered_at is not None:
            return f"经数据交换发出，{name} {moment(out.delivered_at, now())} 签收"
        if out.status == REFUSED:
            return f"{name}没有接受：{out.error}，请联系运维人员"
        tries = f"，已试 {out.attempts} 次，会自动重发" if out.attempts else ""
        return f"经数据交换发出，{name}尚未签收{tries}"


def _came(session: Session, letter_no: str) -> str:
    """A letter of a partner: when it came, and how far the partner's clock was from ours (amendments §8)."""
    query = select(Incoming, Partner.name).join(Partner, Partner.id == Incoming.partner_id).where(Incoming.letter_no == letter_no)
    row = session.execute(query).first()
    if row is None:
        return ""
    came, name = row
    said = f"{moment(came.received_at, now())} 经数据交换收到，{name}发出"
    if abs(came.skew_seconds) > SKEW_SHOWN:
        said += (
            f"；对方时钟比本平台{'快' if came.skew_seconds > 0 else '慢'} {abs(came.skew_seconds) // 60} 分钟，文书上的时间以对方时钟为准"
        )
    return said


def exchanging() -> bool:
    """Does this installation exchange with others at all?"""
    settings: Settings = current_app.extensions["settings"]
    return bool(settings.exchange_id)


def number_next(session: Session, settings: Settings) -> bool:
    """Give the oldest written letter of one stream its number and its text; False when there is none."""
    for partner_id, number in session.execute(_STREAMS).all():
        session.execute(insert(Stream).values(partner_id=partner_id, transfer_no=number).on_conflict_do_nothing())
        if session.execute(_LOCK, {"partner": partner_id, "number": number}).first() is None:
            continue  # another worker is at it
        stream = session.get_one(Stream, (partner_id, number), populate_existing=True)
        query = select(Outgoing).where(Outgoing.partner_id == partner_id, Outgoing.transfer_no == number, Outgoing.status == WRITTEN)
        row = session.scalars(query.order_by(Outgoing.id).limit(1)).first()
        if row is not None:
            _number(session, settings, stream, row)
            return True
    return False


def _number(session: Session, settings: Settings, stream: Stream, row: Outgoing) -> None:
    seq = stream.out_seq + 1
    written = envelope.write(
        settings.exchange_id, row.partner_id, row.transfer_no, seq, stream.out_digest, now(),
        transport.export(session, row.letter_id), transport.blobs(session, row.letter_id),
    )  # fmt: skip
    row.seq, row.status, row.digest = seq, READY, signing.digest(written)
    stream.out_seq, stream.out_digest = seq, row.digest
    session.add(Text(id=row.id, text=written))
    session.flush()


def next_ready(session: Session, partner_id: str, most: int = 50) -> list[UUID]:
    """The letters that may be brought to a partner now: of each stream the first."""
    return list(session.scalars(_FIRST, {"partner": partner_id, "most": most}))


def tried(session: Session, row_id: UUID, error: str | None, *, refused: bool = False) -> None:
    """An attempt that brought no receipt."""
    row = session.get_one(Outgoing, row_id, with_for_update=True)
    row.attempts, row.tried_at, row.error = row.attempts + 1, now(), error
    if refused and row.status == READY:
        row.status = REFUSED
    session.flush()


def signed_for(session: Session, row_id: UUID, receipt: dict[str, Any], received_at: datetime) -> None:
    """The partner's receipt is here: kept with the letter, once."""
    row = session.get_one(Outgoing, row_id, with_for_update=True)
    row.attempts, row.tried_at, row.error = row.attempts + 1, now(), None
    if row.status == DELIVERED:
        return
    row.status, row.delivered_at, row.receipt = DELIVERED, received_at, receipt
    session.flush()
    transport.delivered(session, row.letter_id, received_at)


def again(session: Session, partner_id: str, transfer_no: str, from_seq: int = 1) -> int:
    """Bring letters again, delivered or refused ones too: the partner answers what it has with the receipt it gave. How many."""
    query = select(Outgoing).where(
        Outgoing.partner_id == partner_id, Outgoing.transfer_no == transfer_no, Outgoing.seq >= from_seq,
        Outgoing.status.in_((DELIVERED, REFUSED)),
    )  # fmt: skip
    rows = list(session.scalars(query.with_for_update()))
    for row in rows:
        row.status, row.error = READY, None
    session.flush()
    return len(rows)


def skip_to(session: Session, partner_id: str, transfer_no: str, seq: int, digest: str) -> None:
    """After a restore from a backup: the partner has letters of ours that we have not. The next gets the number after them."""
    stream = session.get(Stream, (partner_id, transfer_no), with_for_update=True)
    if stream is None:
        stream = Stream(partner_id=partner_id, transfer_no=transfer_no)
        session.add(stream)
    if seq > (stream.out_seq or 0):
        stream.out_seq, stream.out_digest = seq, digest
    session.flush()
