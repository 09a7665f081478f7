"""A month as weeks of days, Monday first: the grid of the reception calendar."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the grid. ``rest``: nobody works; ``found``: the receptions of that day, earliest first."""

    day: date
    inside: bool
    today: bool
    past: bool
    rest: bool
    found: Sequence[Any] = ()


def read(text: str, today: date) -> date:
    """The first day of the month that ``2026-11`` names; this month when it names none."""
    found = MONTH.fullmatch(text.strip())
    return date(int(found.group(1)), int(found.group(2)), 1) if found else today.replace(day=1)


def moved(month: date, by: int) -> date:
    """The first day of the month so many months later or earlier."""
    years, index = divmod(month.month - 1 + by, 12)
    return date(month.year + years, index + 1, 1)


def weeks(month: date, today: date, works: Callable[[date], bool], found: Mapping[date, Sequence[Any]]) -> list[list[Cell]]:
    """The weeks that touch the month."""
    return [
        [Cell(day, day.month == month.month, day == today, day < today, not works(day), found.get(day, ())) for day in week]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]


def bounds(month: date) -> tuple[date, date]:
    """First and last day the grid shows."""
    shown = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return shown[0][0], shown[-1][-1]


def label(month: date) -> str:
    """2026 年 11 月."""
    return f"{month.year} 年 {month.month} 月"
