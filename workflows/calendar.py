"""Working days and the ends of periods (期间), by the State Council's yearly notice on holidays with its 调休 make-up days.

A period is counted from the day after the event. One in days ends at 24:00 of its last day, which is stored as 00:00 of the day after
and shown as ``10-15 24:00``; a last day that is a holiday moves the end to the first working day after it. Hours run through.
"""

from __future__ import annotations

import calendar as months
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import holidays

from . import yamltext
from .deadlines import Rule
from .time import ZONE, end_of_day, local

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a period: ``raw`` as counted, ``due`` after moving past holidays. Extensions count from ``raw``."""

    raw: datetime
    due: datetime


@dataclass(frozen=True)
class Notices:
    """What ``bpmn/calendar.yaml`` says beyond the holidays package: the last announced year, and years given or corrected by hand."""

    announced_through: int
    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    announced: frozenset[int] = frozenset()

    @classmethod
    def load(cls, path: Path) -> Notices:
        """Raises ValueError naming the file and what is wrong in it."""
        data: dict[str, Any] = yamltext.load(path.read_text(encoding="utf-8")) or {}
        rest: set[date] = set()
        work: set[date] = set()
        announced: set[int] = set()
        for year, notice in (data.get("years") or {}).items():
            if unknown := set(notice) - {"source", "rest", "work"}:
                raise ValueError(f"{path}: {year} 年有不认识的项：{unknown}")
            rest |= set(_days(path, year, notice, "rest"))
            work |= set(_days(path, year, notice, "work"))
            if notice.get("source"):
                announced.add(year)
        if rest & work:
            raise ValueError(f"{path}: {min(rest & work)} 既是休息日又是工作日")
        if not isinstance(data.get("announced_through"), int):
            raise ValueError(f"{path}: 缺少 announced_through（国务院办公厅已公布放假安排的最后一年）")
        return cls(data["announced_through"], frozenset(rest), frozenset(work), frozenset(announced))


def _days(path: Path, year: int, notice: Mapping[str, Any], key: str) -> Iterable[date]:
    for day in notice.get(key) or []:
        if not isinstance(day, date) or day.year != year:
            raise ValueError(f"{path}: {year} 年的 {key} 里有“{day}”，不是这一年的日期")
        yield day


@dataclass(frozen=True, slots=True)
class _Year:
    """One year: a flag for each day of it and the ordinals of its working days."""

    first: int
    working: bytes
    ordinals: list[int]


@dataclass
class Calendar:
    """The working days of China. Years are worked out on first use and kept."""

    notices: Notices
    _years: dict[int, _Year] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, path: Path) -> Calendar:
        return cls(Notices.load(path))

    def provisional(self, year: int) -> bool:
        """Whether the year's notice is still to come: weekends and statutory holidays only, no 调休."""
        return year > self.notices.announced_through and year not in self.notices.announced

    def is_workday(self, day: date) -> bool:
        year = self._year(day.year)
        return bool(year.working[day.toordinal() - year.first])

    def next_workday(self, day: date) -> date:
        """``day`` itself when it is a working day, else the first one after it."""
        while not self.is_workday(day):
            day += DAY
        return day

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``; ``day`` is not counted, whatever it is. Zero gives ``day``."""
        if count < 0:
            raise ValueError("a period cannot be negative")
        if count == 0:
            return day
        year = self._year(day.year)
        at = bisect_right(year.ordinals, day.toordinal()) + count - 1
        number = day.year
        while at >= len(year.ordinals):
            at -= len(year.ordinals)
            number += 1
            year = self._year(number)
        return date.fromordinal(year.ordinals[at])

    def count_workdays(self, after: date, through: date) -> int:
        """Working days later than ``after``, up to and with ``through``."""
        total = 0
        for number in range(after.year, through.year + 1):
            ordinals = self._year(number).ordinals
            total += bisect_right(ordinals, through.toordinal()) - bisect_right(ordinals, after.toordinal())
        return max(total, 0)

    def due(self, rule: Rule, from_at: datetime, *, amount: int | None = None) -> Due:
        """The end of the rule's period when the event is at ``from_at``.

        ``amount`` is for rules set per item, and for shorter periods of a rule that states only the most.
        Raises ValueError when there is no amount or it is above the rule's limit.
        """
        number = rule.length(amount)
        start = local(from_at)
        if rule.unit == "once":
            return Due(start, start)
        if rule.unit == "hour":
            moment = local(from_at.astimezone(ZONE) + timedelta(hours=number))
            return Due(moment, moment)
        last = self._last_day(rule.unit, start.date(), number)
        if rule.unit in ("workday", "month_end"):
            return Due(end_of_day(last), end_of_day(last))
        return Due(end_of_day(last), end_of_day(self.next_workday(last)))

    def again(self, rule: Rule, at: datetime) -> datetime:
        """The next moment of a repeating rule after ``at``: midnight is the end of the day before, so a week's rhythm keeps its weekday."""
        return self.due(rule, at - timedelta(microseconds=1) if _is_midnight(at) else at).due

    def on_day(self, day: date) -> Due:
        """The end of a promised or ordered day, taken as it was given."""
        return Due(end_of_day(day), end_of_day(day))

    def resume_due(self, raw_due: datetime, paused_at: datetime, resumed_at: datetime, unit: str) -> tuple[datetime, datetime]:
        """Raw and rolled end after a pause: its days (working days, hours) are added to the unrolled end."""
        start, end = local(paused_at), local(resumed_at)
        if end < start:
            raise ValueError("a pause cannot end before it began")
        if unit in ("hour", "once"):
            moment = local(raw_due) + (end - start)
            return moment, moment
        last = last_day(raw_due)
        if unit == "workday":
            moved = end_of_day(self.add_workdays(last, self.count_workdays(start.date(), end.date())))
            return moved, moved
        moved_day = last + (end.date() - start.date())
        return end_of_day(moved_day), end_of_day(self.next_workday(moved_day))

    def warn_at(self, rule: Rule, from_at: datetime, due: datetime, setting_days: int) -> datetime:
        """When to warn: the later of half the period and so many days before its end; short periods are not amber from the start."""
        before = rule.warn_days if rule.warn_days is not None else setting_days
        start, end = local(from_at), local(due)
        return max(start + (end - start) / 2, end - timedelta(days=before))

    def _last_day(self, unit: str, start: date, number: int) -> date:
        if unit == "workday":
            return self.add_workdays(start, number)
        if unit == "month":
            return _month_after(start, number)
        if unit == "month_end":
            return start.replace(day=months.monthrange(start.year, start.month)[1])
        return start + timedelta(days=number)

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._work_out(number)
        return found

    def _work_out(self, number: int) -> _Year:
        """Neighbour years are asked too: a New Year's holiday may be moved into the December before."""
        china = holidays.country_holidays("CN", years=(number - 1, number, number + 1))
        made_up = set(china.weekend_workdays)
        first = date(number, 1, 1)
        flags = bytearray()
        for offset in range((date(number + 1, 1, 1) - first).days):
            day = first + timedelta(days=offset)
            flags.append(self._works(day, day in china, day in made_up))
        ordinal = first.toordinal()
        return _Year(ordinal, bytes(flags), [ordinal + i for i, works in enumerate(flags) if works])

    def _works(self, day: date, holiday: bool, made_up: bool) -> bool:
        if day in self.notices.work:
            return True
        if day in self.notices.rest:
            return False
        return made_up or (day.weekday() < 5 and not holiday)


def last_day(due: datetime) -> date:
    """The day a period ends on: midnight belongs to the day before."""
    moment = local(due)
    return (moment - DAY).date() if _is_midnight(moment) else moment.date()


def shown(due: datetime) -> str:
    """``10-15 24:00`` for the end of a day, ``10-15 09:30`` for a moment in it."""
    moment = local(due)
    return f"{last_day(due):%m-%d} 24:00" if _is_midnight(moment) else f"{moment:%m-%d %H:%M}"


def _is_midnight(moment: datetime) -> bool:
    there = local(moment)
    return (there.hour, there.minute, there.second, there.microsecond) == (0, 0, 0, 0)


def _month_after(start: date, number: int) -> date:
    """The same day of the month (民法典第二百零二条), the month's last day where there is none."""
    year, month = divmod(start.month - 1 + number, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, months.monthrange(year, month)[1]))
