"""Calendar months of the monthly report (月度进展): their names, first days, and the request for one month's report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from workflows.time import local

MESSAGE = "leader.month"


def name(day: date) -> str:
    """2026-09."""
    return f"{day:%Y-%m}"


def first_day(month: str) -> datetime:
    """The moment a month begins, in China's time."""
    return local(datetime.fromisoformat(f"{month}-01T00:00"))


def after(day: date) -> date:
    """The first day of the month after this day's."""
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)


def payload(case_id: UUID, month: str) -> dict[str, Any]:
    """What starts the report of a month: the month is also the letter of its clock."""
    return {"case_id": str(case_id), "month": month, "letter": month}
