"""Brings letters: the worker's second thread. One pass numbers, puts on file, and brings to each partner what is ready for it.

Requests to a partner run outside any transaction. Who is at a partner holds it for a lease (``Partner.next_at``); a courier that is
killed lets go of it when the lease is over, and what it had not recorded is brought again and answered with the same receipt.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import structlog
from flask import Flask
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.exchange import inbox, outbox, partners, pieces, reconcile, signing
from app.exchange.client import Answered, Away, Client, Denied
from app.exchange.models import Outgoing, Partner, Text
from app.files import services as files
from app.transfers import transport
from workflows.errors import WorkflowError
from workflows.time import local, now

log = structlog.get_logger("exchange")

POLL_SECONDS = 0.5
PAUSE_AFTER_ERROR_SECONDS = 2.0
LONGEST_PAUSE = timedelta(minutes=5)
MOST_LETTERS = 200  # brought to one partner in one go


class WrongReceipt(Exception):
    """What came back is not this partner's signature for this letter."""


class Courier:
    """All that has to be done to exchange; ``once`` does what there is, and says whether there was anything."""

    def __init__(self, settings: Settings, http: httpx.Client | None = None) -> None:
        self.settings = settings
        self.http = http or httpx.Client(follow_redirects=False, trust_env=False)

    def once(self) -> bool:
        """Number, put on file, bring."""
        numbered = self._all(lambda session: outbox.number_next(session, self.settings))
        applied = self._all(self._apply)
        compared = self._all(lambda session: reconcile.compare_next(session, self.settings))
        brought = [self._at_partner(partner_id) for partner_id in self._due()]
        return numbered or applied or compared or any(brought)

    # -- in -------------------------------------------------------------------------------------------------------

    def _all(self, unit: Callable[[Session], bool]) -> bool:
        """A unit of work in transactions of its own until there is none left."""
        did = False
        while True:
            try:
                with db.transaction() as session:
                    if not unit(session):
                        return did
            except inbox.ApplyFailed as failed:
                cause = failed.__cause__ or failed
                log.error("letter not put on file", row=str(failed.row_id), error=repr(cause))
                with db.transaction() as session:
                    inbox.set_aside(session, failed.row_id, _words(cause))
            did = True

    @staticmethod
    def _apply(session: Session) -> bool:
        return inbox.apply_next(session)

    # -- out ------------------------------------------------------------------------------------------------------

    def _due(self) -> list[str]:
        """Partners something is ready for, whose pause is over."""
        moment = now()
        with db.transaction() as session:
            waiting = select(Outgoing.partner_id).where(Outgoing.status == outbox.READY)
            query = select(Partner.id).where(Partner.active, or_(Partner.next_at.is_(None), Partner.next_at <= moment))
            owing = [p for p in session.scalars(query) if reconcile.owed(session, p, moment)]
            return sorted({*session.scalars(query.where(Partner.id.in_(waiting))), *owing})

    def _at_partner(self, partner_id: str) -> bool:
        """Bring what is ready to one partner; False when another courier is there or nothing went."""
        with self._lease(partner_id) as client:
            if client is None:
                return False
            try:
                went = False
                for _ in range(MOST_LETTERS):
                    with db.transaction() as session:
                        ready = outbox.next_ready(session, partner_id)
                    if not ready:
                        break
                    for row_id in ready:
                        went = self._bring(client, row_id) or went
                went = self._statement(client) or went
                self._well(partner_id)
                return went
            except (Away, Denied, signing.Unsigned, WrongReceipt) as error:
                self._away(partner_id, str(error))
                return False

    @contextmanager
    def _lease(self, partner_id: str) -> Iterator[Client | None]:
        moment = now()
        with db.transaction() as session:
            query = select(Partner).where(Partner.id == partner_id, Partner.active).with_for_update(skip_locked=True)
            partner = session.scalars(query).first()
            free = partner is not None and (partner.next_at is None or partner.next_at <= moment)
            if partner is not None and free:
                partner.next_at = moment + self._leased()
        yield Client(self.settings, partner.id, partner.url, self.http) if partner is not None and free else None

    def _leased(self) -> timedelta:
        return timedelta(seconds=self.settings.exchange_lease_seconds)

    def _hold_on(self, partner_id: str) -> None:
        """Still at it: a large file takes longer than a lease."""
        with db.transaction() as session:
            session.get_one(Partner, partner_id, with_for_update=True).next_at = now() + self._leased()

    def _bring(self, client: Client, row_id: UUID) -> bool:
        """One letter: its files first, then the letter itself."""
        with db.transaction() as session:
            row = session.get_one(Outgoing, row_id)
            text, wanted = session.get_one(Text, row_id).text, transport.blobs(session, row.letter_id)
        try:
            for blob in wanted:
                self._file(client, blob)
            receipt = client.bring(text)
            received_at = self._checked(client.partner_id, receipt, text)
        except Answered as answer:
            missing = answer.said.get("missing")  # only after the partner was restored from a backup: its files go with the next try
            with db.transaction() as session:
                outbox.tried(session, row_id, str(answer), refused=not missing)
            if missing:
                raise Away(str(answer)) from answer
            return False
        except (Away, Denied, signing.Unsigned, WrongReceipt) as error:
            with db.transaction() as session:
                outbox.tried(session, row_id, str(error))
            raise
        with db.transaction() as session:
            outbox.signed_for(session, row_id, receipt, received_at)
        return True

    def _file(self, client: Client, blob: transport.Blob) -> None:
        """From where the partner's part of the file ends."""
        got, whole = client.have(blob.sm3)
        size = self.settings.exchange_chunk_mb << 20
        with files.storage().open(blob.sha256) as stream:
            while not whole:
                stream.seek(got)
                before, (got, whole) = got, self._piece(client, blob, got, stream.read(size))
                if not whole and got <= before:
                    raise Away(f"“{blob.name}”传送没有进展")
                self._hold_on(client.partner_id)

    @staticmethod
    def _piece(client: Client, blob: transport.Blob, offset: int, piece: bytes) -> tuple[int, bool]:
        try:
            return client.put(blob.sm3, blob.size, blob.name, offset, piece)
        except Answered as answer:
            if answer.status == 409 and isinstance(answer.said.get("got"), int) and answer.said["got"] > offset:
                return answer.said["got"], False  # another courier was quicker
            raise

    def _checked(self, partner_id: str, receipt: dict[str, object], text: str) -> datetime:
        """The receipt is the partner's, for this very letter: when it came."""
        with db.transaction() as session:
            said = partners.signed_by(session, partner_id, signing.RECEIPT, receipt)
        found = json.loads(said) if said is not None else {}
        if found.get("digest") != signing.digest(text) or found.get("to") != self.settings.exchange_id:
            raise WrongReceipt("对方的回执验证不通过")
        return local(datetime.fromisoformat(str(found["received_at"])))

    def _statement(self, client: Client) -> bool:
        """Once a day, what we think of every transfer we share."""
        with db.transaction() as session:
            text = reconcile.write(session, self.settings, client.partner_id, now())
        if text is None:
            return False
        try:
            said = client.state(text)
        except Answered as answer:
            raise Away(f"对账单没有被接受：{answer}") from answer
        with db.transaction() as session:
            if partners.signed_by(session, client.partner_id, signing.RECEIPT, said) is None:
                raise WrongReceipt("对方的对账回执验证不通过")
            reconcile.sent(session, client.partner_id, now(), json.loads(text))
            pieces.sweep(session, self.settings)
        return True

    def _well(self, partner_id: str) -> None:
        with db.transaction() as session:
            partner = session.get_one(Partner, partner_id, with_for_update=True)
            partner.failures, partner.next_at, partner.error, partner.answered_at = 0, None, None, now()

    def _away(self, partner_id: str, error: str) -> None:
        """Not again before a pause that doubles with each failure in a row."""
        log.warning("partner away", partner=partner_id, error=error)
        with db.transaction() as session:
            partner = session.get_one(Partner, partner_id, with_for_update=True)
            partner.failures, partner.error = partner.failures + 1, error[:500]
            pause = timedelta(seconds=self.settings.exchange_retry_seconds * 2.0 ** min(partner.failures - 1, 12))
            partner.next_at = now() + min(pause, LONGEST_PAUSE)


def _words(error: BaseException) -> str:
    return error.message if isinstance(error, WorkflowError) else f"{type(error).__name__}: {error}"


def run(stop: threading.Event, app: Flask) -> None:
    """Until ``stop`` is set; nothing to do where this installation exchanges with nobody."""
    settings: Settings = app.extensions["settings"]
    if not settings.exchange_id:
        return
    courier = Courier(settings)
    with app.app_context():
        while not stop.is_set():
            try:
                worked = courier.once()
            except Exception:
                log.exception("exchange")
                stop.wait(PAUSE_AFTER_ERROR_SECONDS)
                continue
            if not worked:
                stop.wait(POLL_SECONDS)
