"""The time a page of numbers is about: a month, a quarter, a year, or from one day to another; in addresses 2026-03, 2026Q1, 2026."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal["month", "quarter", "year", "range"]

MONTH, QUARTER, YEAR = re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})Q([1-4])"), re.compile(r"(\d{4})")
EARLIEST, LATEST = 2000, 2100  # years
LENGTH = {"month": 1, "quarter": 3, "year": 12}  # months


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` up to but not including ``until``."""

    kind: Kind
    since: date
    until: date

    @classmethod
    def read(cls, args: Mapping[str, str], today: date) -> Period:
        """From the arguments of an address; the present month where they say nothing that can be understood."""
        since, until = _day(args.get("from", "")), _day(args.get("to", ""))
        if since and until and since <= until:
            return cls("range", since, until + timedelta(days=1))
        return cls.of(args.get("period", "")) or cls.around("month", today)

    @classmethod
    def of(cls, code: str) -> Period | None:
        """The period with this code."""
        if (found := MONTH.fullmatch(code)) and 1 <= int(found[2]) <= 12:
            return cls.starting("month", int(found[1]), int(found[2]))
        if found := QUARTER.fullmatch(code):
            return cls.starting("quarter", int(found[1]), 3 * int(found[2]) - 2)
        if found := YEAR.fullmatch(code):
            return cls.starting("year", int(found[1]), 1)
        return None

    @classmethod
    def starting(cls, kind: Kind, year: int, month: int) -> Period | None:
        if not EARLIEST <= year <= LATEST:
            return None
        since = date(year, month, 1)
        return cls(kind, since, later(since, LENGTH[kind]))

    @classmethod
    def around(cls, kind: Kind, day: date) -> Period:
        """The month, quarter or year this day lies in."""
        length = LENGTH[kind]
        since = date(day.year, (day.month - 1) // length * length + 1, 1)
        return cls(kind, since, later(since, length))

    @property
    def code(self) -> str:
        if self.kind == "month":
            return f"{self.since:%Y-%m}"
        if self.kind == "quarter":
            return f"{self.since.year}Q{(self.since.month + 2) // 3}"
        return f"{self.since.year}" if self.kind == "year" else ""

    @property
    def last(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def label(self) -> str:
        if self.kind == "month":
            return f"{self.since.year}年{self.since.month}月"
        if self.kind == "quarter":
            return f"{self.since.year}年第{'一二三四'[(self.since.month - 1) // 3]}季度"
        return f"{self.since.year}年" if self.kind == "year" else f"{self.since} 至 {self.last}"

    @property
    def args(self) -> dict[str, str]:
        """How it stands in an address."""
        if self.kind == "range":
            return {"from": self.since.isoformat(), "to": self.last.isoformat()}
        return {"period": self.code}

    def moved(self, by: int) -> Period:
        """So many periods later (earlier when negative): the same kind, for days the same number of days."""
        if self.kind == "range":
            length = self.until - self.since
            return Period("range", self.since + by * length, self.until + by * length)
        since = later(self.since, by * LENGTH[self.kind])
        return Period(self.kind, since, later(since, LENGTH[self.kind]))

    def year_before(self) -> Period:
        """The same months a year earlier (同期)."""
        return Period(self.kind, later(self.since, -12), later(self.until, -12))

    def months(self) -> list[date]:
        """The first days of the months it touches."""
        found, month = [], self.since.replace(day=1)
        while month < self.until:
            found.append(month)
            month = later(month, 1)
        return found


def later(month: date, by: int) -> date:
    """The first of a month so many months later."""
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day.year <= LATEST else None
