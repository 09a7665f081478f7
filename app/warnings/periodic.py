"""What 预警函 does by the calendar: each month one file a county, on the working day that is a setting, about the month before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.engine import get_engine
from app.periodic import Periodic
from app.warnings import collect, queries, services
from workflows.calendar import Calendar
from workflows.errors import NotFound
from workflows.time import local


def collected_month(calendar: Calendar, today: date, workday: int) -> str:
    """The month that was to be looked at last: 2026-03 from April's working day on until May's."""
    first = today.replace(day=1)
    if today < day_of(calendar, first, workday):
        first = (first - timedelta(days=1)).replace(day=1)
    return collect.month_before(first)


def day_of(calendar: Calendar, first: date, workday: int) -> date:
    """The so-manieth working day of a month."""
    return calendar.add_workdays(first - timedelta(days=1), workday)


def units(session: Session, now: datetime) -> Iterable[str]:
    """2026-03:360111 for each county whose month is to be looked at by now."""
    engine = get_engine()
    procedure = engine.library.find(session, services.PROCESS)
    if procedure is None:
        return []
    month = collected_month(engine.calendar, local(now).date(), int(procedure.settings["start_workday"]["value"]))
    return [f"{month}:{organ.county}" for organ in queries.governments(session)]


def run(session: Session, key: str, now: datetime) -> None:
    """One county's month."""
    month, _, county = key.partition(":")
    government = next((organ for organ in queries.governments(session) if organ.county == county), None)
    if government is None:
        raise NotFound(f"没有代码为 {county} 的区县政府。")
    services.begin(session, government, month)


PERIODIC: tuple[Periodic, ...] = (Periodic("warning.monthly", units, run),)
