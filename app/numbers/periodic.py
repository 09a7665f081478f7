"""What the numbers do by the calendar: brought forward every few minutes, counted anew each night."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.numbers import services
from app.periodic import Periodic, PeriodicRun
from workflows.time import local

EVERY_MINUTES = 5
NIGHT_HOUR = 3  # when nobody works; before that hour the night's count is not due
KEPT = timedelta(days=2)  # rows of slots that are over


def slot(now: datetime) -> str:
    """The slot of time a moment lies in: 2026-11-23T14:20."""
    there = local(now)
    return f"{there:%Y-%m-%dT%H}:{there.minute // EVERY_MINUTES * EVERY_MINUTES:02d}"


def _slots(session: Session, now: datetime) -> Iterable[str]:
    """Only the present one: a slot that was missed is made good by the next."""
    return (slot(now),)


def _refresh(session: Session, key: str, now: datetime) -> None:
    services.refresh(session, now)
    past = (PeriodicRun.name == REFRESH, PeriodicRun.at < now - KEPT)
    session.execute(delete(PeriodicRun).where(*past))


def _nights(session: Session, now: datetime) -> Iterable[str]:
    there = local(now)
    return (f"{there:%Y-%m-%d}",) if there.hour >= NIGHT_HOUR else ()


def _rebuild(session: Session, key: str, now: datetime) -> None:
    services.rebuild(session, now)


REFRESH = "numbers.refresh"
PERIODIC: tuple[Periodic, ...] = (
    Periodic("numbers.rebuild", _nights, _rebuild),
    Periodic(REFRESH, _slots, _refresh),
)
