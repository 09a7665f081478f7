"""What a letter does that no step waits for: clocks of the addressee, a notice. One function per message and kind of file.

    @taker("material_supplied", process="police_case")
    def supplied(ctx, m, letter): …

``transfer.take_letter`` (process ``letter_taken``) calls it on the addressee's file, after the letter is marked as received.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.transfers.models import TransferLetter
from workflows.handlers import Ctx

Take = Callable[[Ctx, dict[str, Any], TransferLetter | None], None]
_TAKERS: dict[tuple[str, str], Take] = {}


def taker(name: str, process: str = "") -> Callable[[Take], Take]:
    """Register what ``name`` does on files of ``process``; without one on any file that has none of its own."""

    def add(fn: Take) -> Take:
        if (name, process) in _TAKERS:
            raise ValueError(f"{name} on {process} is taken twice")
        _TAKERS[name, process] = fn
        return fn

    return add


def take(ctx: Ctx, process: str, m: dict[str, Any], letter: TransferLetter | None) -> None:
    name = str(m.get("name") or "")
    found = _TAKERS.get((name, process)) or _TAKERS.get((name, ""))
    if found is not None:
        found(ctx, m, letter)
