"""Letters on their way in: verified and signed for by the web, put on file by the worker, in order, each once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import Organ
from app.config import Settings
from app.exchange import envelope, partners, pieces, signing
from app.exchange.envelope import Envelope
from app.exchange.models import Incoming, Partner, Stream, Text
from app.transfers import transport
from app.transfers.manifest import canonical
from workflows.errors import Conflict, WorkflowError
from workflows.time import local, now

STORED, APPLIED, FAILED = "stored", "applied", "failed"
LONGEST_WAIT = timedelta(minutes=5)
# of each stream the next letter, when it is here and its pause is over
_NEXT = text("""
select i.id, i.partner_id, i.transfer_no from exchange_in i
  left join exchange_stream s on s.partner_id = i.partner_id and s.transfer_no = i.transfer_no
 where i.status in ('stored', 'failed') and i.seq = coalesce(s.in_seq, 0) + 1 and coalesce(i.next_at, :now) <= :now
 order by i.received_at limit 20""")
_LOCK = text("select in_seq from exchange_stream where partner_id = :partner and transfer_no = :number for update skip locked")


class Refused(WorkflowError):
    """The letter is not taken in; the same one would be refused again."""


class FilesMissing(Exception):
    """Its files have to be here first; ``sm3`` says which are not."""

    def __init__(self, sm3: list[str]) -> None:
        super().__init__(", ".join(sm3))
        self.sm3 = sm3


# --- taken in by the web ------------------------------------------------------------------------------------------------


def take_in(session: Session, settings: Settings, partner: Partner, given: dict[str, Any], skew: int) -> dict[str, Any]:
    """Store a verified letter and answer the receipt; one that is here is answered with the receipt it got.

    ``skew``: seconds the partner's clock is ahead of ours, by the request that brought it (the letter itself may be days old).

    Raises Refused, Conflict (another letter has that number), FilesMissing, envelope.Malformed, signing.Unsigned.
    """
    letter = envelope.read(str(given["text"]))
    digest = signing.digest(letter.text)
    if known := _known(session, partner, letter, digest):
        return known
    _fits(session, settings, partner, letter)
    received = now()
    receipt = _receipt(settings, partner, letter, digest, received)
    row_id = uuid7()
    made = insert(Incoming).values(
        id=row_id, partner_id=partner.id, transfer_no=letter.transfer_no, seq=letter.seq, digest=digest, key_id=str(given["key_id"]),
        signature=str(given["signature"]), sent_at=letter.made_at, received_at=received,
        skew_seconds=skew, status=STORED, attempts=0, receipt=receipt,
    )  # fmt: skip
    if session.execute(made.on_conflict_do_nothing().returning(Incoming.id)).first() is None:  # the same letter at the same moment
        return _known(session, partner, letter, digest) or receipt
    session.add(Text(id=row_id, text=letter.text))
    session.flush()
    return receipt


def _known(session: Session, partner: Partner, letter: Envelope, digest: str) -> dict[str, Any] | None:
    query = select(Incoming).where(
        Incoming.partner_id == partner.id, Incoming.transfer_no == letter.transfer_no, Incoming.seq == letter.seq
    )
    known = session.scalars(query).first()
    if known is None:
        return None
    if known.digest != digest:
        raise Conflict(f"{letter.transfer_no} 的第 {letter.seq} 号已经收到过，内容不同。")
    return known.receipt


def _fits(session: Session, settings: Settings, partner: Partner, letter: Envelope) -> None:
    """From whom it says, to whom works here, between organs that are these two; its files are here."""
    if letter.sender != partner.id or letter.receiver != settings.exchange_id:
        raise Refused(f"信封写明由 {letter.sender} 发给 {letter.receiver}，与签名或者本平台（{settings.exchange_id}）不符。")
    sender, to = str(letter.letter["from_organ"]), str(letter.letter["to_organ"])
    if partners.of_organ(session, sender) != partner.id:
        raise Refused(f"机构 {sender} 没有登记在平台 {partner.id}。")
    if session.get(Organ, to) is None or partners.of_organ(session, to) is not None:
        raise Refused(f"机构 {to} 不在本平台办案。")
    if sum(line.size for line in letter.files) > settings.exchange_material_mb << 20:
        raise Refused(f"材料合计超过 {settings.exchange_material_mb} MB。")
    if absent := pieces.missing(session, partner.id, letter.files):
        raise FilesMissing(absent)


def _receipt(settings: Settings, partner: Partner, letter: Envelope, digest: str, received: datetime) -> dict[str, Any]:
    """Our signature for it: which letter, by its digest, and when it came."""
    said = {
        "format": envelope.FORMAT, "from": settings.exchange_id, "to": partner.id, "transfer_no": letter.transfer_no, "seq": letter.seq,
        "digest": digest, "received_at": local(received).isoformat(),
    }  # fmt: skip
    return signing.sign(signing.signer(settings), signing.RECEIPT, canonical(said))


# --- put on file by the worker ------------------------------------------------------------------------------------------


class ApplyFailed(Exception):
    """Putting a letter on file failed; the cause says why. The caller rolls back and sets it aside."""

    def __init__(self, row_id: UUID) -> None:
        super().__init__(str(row_id))
        self.row_id = row_id


def apply_next(session: Session) -> bool:
    """Put the next letter of one stream on file; False when none is there. Raises ApplyFailed."""
    for row_id, partner_id, number in session.execute(_NEXT, {"now": now()}).all():
        session.execute(insert(Stream).values(partner_id=partner_id, transfer_no=number).on_conflict_do_nothing())
        if session.execute(_LOCK, {"partner": partner_id, "number": number}).first() is None:
            continue
        stream = session.get_one(Stream, (partner_id, number), populate_existing=True)
        row = session.get_one(Incoming, row_id, populate_existing=True)
        if row.status == APPLIED or row.seq != stream.in_seq + 1:
            continue
        try:
            _apply(session, stream, row)
        except Exception as error:
            raise ApplyFailed(row_id) from error
        return True
    return False


def _apply(session: Session, stream: Stream, row: Incoming) -> None:
    letter = envelope.read(session.get_one(Text, row.id).text)
    if letter.follows != stream.in_digest and stream.in_seq:
        raise transport.Unfit(f"第 {letter.seq} 号写明接在另一份之后，与本平台的第 {stream.in_seq} 号不符，请与对方核对。")
    have = pieces.blobs(session, row.partner_id, letter.files)
    row.letter_no = transport.take(session, letter.transfer_no, letter.content, have)
    row.status, row.applied_at, row.error, row.attempts = APPLIED, now(), None, row.attempts + 1
    stream.in_seq, stream.in_digest = row.seq, row.digest
    session.flush()


def set_aside(session: Session, row_id: UUID, error: str) -> None:
    """A letter that could not be put on file waits for its next try; those after it wait with it."""
    row = session.get_one(Incoming, row_id, with_for_update=True)
    row.attempts += 1
    pause = min(timedelta(seconds=2.0 ** min(row.attempts, 10)), LONGEST_WAIT)
    row.status, row.error, row.next_at = FAILED, error[:2000], now() + pause
    session.flush()


def try_now(session: Session, row_id: UUID) -> None:
    """An operator lets a letter that failed try again at once."""
    row = session.get(Incoming, row_id, with_for_update=True)
    if row is None or row.status != FAILED:
        raise Conflict("这一份不在待重试的状态。")
    row.next_at = None
    session.flush()
