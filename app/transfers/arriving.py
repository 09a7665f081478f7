"""What a letter from another installation brings besides itself: rows that sender and addressee share where both work in one.

    @arrival("case_progress")
    def progress(session, letter, case_id): …

Called once, when the letter is put on the addressee's file, before any step reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.transfers.models import TransferLetter, TransferProgress
from app.transfers.words import PROGRESS

Arrival = Callable[[Session, TransferLetter, UUID], None]
_ARRIVALS: dict[str, Arrival] = {}


def arrival(name: str) -> Callable[[Arrival], Arrival]:
    """Register what a message of that name brings."""

    def add(fn: Arrival) -> Arrival:
        if name in _ARRIVALS:
            raise ValueError(f"{name} arrives twice")
        _ARRIVALS[name] = fn
        return fn

    return add


def arrived(session: Session, letter: TransferLetter, case_id: UUID) -> None:
    """Write what the letter brings."""
    found = _ARRIVALS.get(letter.name)
    if found is not None:
        found(session, letter, case_id)


@arrival("case_progress")
def progress(session: Session, letter: TransferLetter, case_id: UUID) -> None:
    """The entry of the police, as everybody in the transfer sees it."""
    said = letter.body
    if letter.kind not in PROGRESS or not said.get("happened_on"):
        return
    session.add(
        TransferProgress(
            transfer_no=letter.transfer_no, case_id=case_id, organ=letter.from_organ, party=said.get("party") or None, kind=letter.kind,
            happened_on=date.fromisoformat(str(said["happened_on"])), document_no=said.get("document_no") or None,
            note=said.get("note") or None, by=letter.by, entered_at=letter.sent_at, confined=letter.confined,
        )
    )  # fmt: skip
    session.flush()
