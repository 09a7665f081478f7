"""What 两法衔接 does by the calendar: each night the boards are looked at and whoever must act is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.periodic import Periodic
from app.transfers import boards_night, sharing
from workflows.time import local


def units(session: Session, now: datetime) -> Iterable[str]:
    """The day that has begun, e.g. 2026-11-23; none while the procedure is not deployed."""
    return [f"{local(now):%Y-%m-%d}"] if boards_night.deployed(session) else []


def run(session: Session, key: str, now: datetime) -> None:
    """One night: all boards in one transaction."""
    boards_night.check(session, now)


PERIODIC: tuple[Periodic, ...] = (Periodic("boards.check", units, run, everywhere=True), sharing.PERIODIC)
