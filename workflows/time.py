"""The one source of time. Everything that asks "what time is it" asks here, so a demo month, a walk or a test can shift it.

The shift is a process-wide offset; ``set_now`` pins a starting moment from which time keeps flowing, ``freeze`` stops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_frozen: datetime | None = None
_offset = timedelta(0)


def now() -> datetime:
    """The current moment, zone-aware, in China's time."""
    if _frozen is not None:
        return _frozen
    return datetime.now(ZONE) + _offset


def set_now(moment: datetime | None) -> None:
    """Let time flow on from ``moment``; ``None`` gives it back to the machine's clock."""
    global _offset
    _offset = local(moment) - datetime.now(ZONE) if moment is not None else timedelta(0)


def local(moment: datetime) -> datetime:
    """The same moment on China's clock (a naive moment is taken as China's)."""
    return moment.replace(tzinfo=ZONE) if moment.tzinfo is None else moment.astimezone(ZONE)


def start_of_day(day: date) -> datetime:
    """00:00 of a day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def end_of_day(day: date) -> datetime:
    """24:00 of a day: the first moment of the next."""
    return start_of_day(day + timedelta(days=1))


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Inside the block time stands at ``moment``; nest to move it."""
    global _frozen
    before = _frozen
    _frozen = local(moment)
    try:
        yield
    finally:
        _frozen = before


def freeze(moment: datetime | None) -> None:
    """Stand time at ``moment`` until told otherwise; ``None`` lets it flow again."""
    global _frozen
    _frozen = local(moment) if moment is not None else None
