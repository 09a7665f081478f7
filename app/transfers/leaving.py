"""How a letter leaves: into a file of this installation, or to the installation of its addressee by the exchange (app/exchange).

An area that brings letters elsewhere puts its ``Exchange`` here; without one every organ works in this installation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.transfers import platform
from app.transfers.models import TransferLetter
from workflows.handlers import Ctx

HERE, EXCHANGE = "here", "exchange"
# takes a letter for an organ of another installation, in the sender's transaction; True when it did
Outbox = Callable[[Ctx, TransferLetter, dict[str, Any]], bool]


class Exchange(Protocol):
    """What brings letters to other installations."""

    def __call__(self, ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool: ...

    def keeps(self, session: Session, organ: str) -> bool:
        """Does this organ run an installation of its own?"""
        ...

    def told(self, session: Session, letter: TransferLetter) -> str:
        """How far a letter has come, in words for its page; "" for one it does not know."""
        ...


outboxes: list[Outbox] = []
_exchanges: list[Exchange] = []


def register(exchange: Exchange) -> None:
    """Let letters for organs of other installations leave through ``exchange``."""
    if exchange not in _exchanges:
        _exchanges.append(exchange)
        outboxes.append(exchange)


def leave(ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool:
    """Let a letter go to its addressee's installation; False where that is this one. The decision it tells is entered by it (17号34)."""
    gone = any(outbox(ctx, letter, payload) for outbox in outboxes)
    if gone:
        letter.via = EXCHANGE
        ctx.session.flush()
    platform.told(ctx, letter.letter_no, elsewhere=gone)
    return gone


def elsewhere(session: Session, *organs: str | None) -> bool:
    """Does one of these organs run an installation of its own?"""
    return any(one.keeps(session, organ) for one in _exchanges for organ in organs if organ)


def on_its_way(session: Session, letter: TransferLetter) -> str:
    """How far a letter to another installation has come, in words; "" for one that stays here."""
    if letter.via != EXCHANGE:
        return ""
    return next((said for one in _exchanges if (said := one.told(session, letter))), "")
