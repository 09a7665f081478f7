"""How scenarios of 督办 begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.supervision import drawing, services
from app.walk.driver import Drive
from app.walk.play import Play
from app.walk.scenarios import scenario as petition
from workflows import time as clock_time
from workflows.tables import Case

GROUNDS = "整改问题没有按要求完成，需要督办。"


def by_hand(play: Play, args: dict[str, Any]) -> None:
    """The 督办岗 of the petition office opens a matter: unit, trigger, first step (none: as the ladder says)."""
    with play.begin() as session:
        desk = play._account(session, args.pop("by", "xinfangkezhang"))
        answer = {"trigger": "by_hand", "asked": "", "grounds": GROUNDS, **args}
        play.case_id = services.open_by_hand(session, desk, answer).case_id


def reviewed(play: Play, args: dict[str, Any]) -> None:
    """A petition goes its way to the archive; in the month after, the draw takes it."""
    before = Drive(play.engine, play.begin, petition(args["run"]), checking=False)
    play.case_id = before.run()
    with play.begin() as session:
        attrs = session.get_one(Case, play.case_id).attrs
    month = f"{clock_time.now():%Y-%m}"
    drawn = drawing.draw_day(play.engine.calendar, drawing.bounds(month)[1].date(), args.get("day", 3))
    play._go_to(clock_time.start_of_day(drawn))
    with play.begin() as session:
        drawing.draw(session, month, str(attrs.get("unit") or attrs["intake_org"]), clock_time.now())


def chased(play: Play, args: dict[str, Any]) -> None:
    """A petition is late: its own file chases, then asks for 督办."""
    plan = petition(args["run"])
    drive = Drive(play.engine, play.begin, plan, checking=False)
    play.case_id = drive.run(args["until"])
    play._clock(args["late"])


STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {"by_hand": by_hand, "reviewed": reviewed, "chased": chased}
