"""How scenarios of 督办 begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.supervision import services
from app.walk.play import Play

GROUNDS = "整改问题没有按要求完成，需要督办。"


def by_hand(play: Play, args: dict[str, Any]) -> None:
    """The 督办岗 of the petition office opens a matter: unit, trigger, first step (none: as the ladder says)."""
    with play.begin() as session:
        desk = play._account(session, args.pop("by", "xinfangkezhang"))
        answer = {"trigger": "by_hand", "asked": "", "grounds": GROUNDS, **args}
        play.case_id = services.open_by_hand(session, desk, answer).case_id


STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {"by_hand": by_hand}
