"""Clocks in words: the light, how long is left or gone, and the exact moment as a lawyer writes it.

A period in days ends at 24:00. It is stored as 00:00 of the next day and shown as ``10-15 24:00``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from workflows.time import local

Light = Literal["red", "amber", "green", "grey", "paused", "met", "late"]

WEEKDAYS = "一二三四五六日"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockView:
    """What the clock macro draws: a light with words, and the moment, the start and the article behind it."""

    light: Light
    words: str
    label: str = "时限"
    due: datetime | None = None
    exact: str = ""
    counted: str = ""
    citation: str = ""
    check: bool = False  # 依据待核: the article has not been verified


def light(due: datetime | None, warn: datetime | None, now: datetime) -> Light:
    """Red from the due moment on, amber from the warning on, green before, grey without a period."""
    if due is None:
        return "grey"
    if now >= due:
        return "red"
    if warn is not None and now >= warn:
        return "amber"
    return "green"


def words(due: datetime | None, now: datetime) -> str:
    """剩 3 天 · 剩 1 天 9 小时 · 剩 9 小时 40 分 · 剩 35 分钟 · 超期 2 天 14 小时 · 超期 35 分钟."""
    if due is None:
        return "无时限"
    if now >= due:
        gone = now - due
        return f"超期 {span(gone)}" if gone >= MINUTE else "刚刚超期"
    left = due - now
    if left < MINUTE:
        return "剩不到 1 分钟"
    if left >= 2 * DAY:
        return f"剩 {left // DAY} 天"
    return f"剩 {span(left)}"


def span(length: timedelta) -> str:
    """A length in at most two units: 2 天 14 小时, 9 小时 40 分, 35 分钟."""
    days, rest = divmod(length, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    return f"{minutes} 分钟"


def day_and_time(moment: datetime) -> tuple[datetime, str]:
    """The calendar day and the time of day of a due moment: midnight belongs to the day it ends."""
    there = local(moment)
    if (there.hour, there.minute, there.second) == (0, 0, 0):
        return there - DAY, "24:00"
    return there, f"{there:%H:%M}"


def exact(due: datetime) -> str:
    """2026-11-20（周五）24:00."""
    day, time = day_and_time(due)
    return f"{day:%Y-%m-%d}（周{WEEKDAYS[day.weekday()]}）{time}"


def short(due: datetime, now: datetime) -> str:
    """11-20 24:00, with the year only when it is another one."""
    day, time = day_and_time(due)
    return f"{day:%m-%d} {time}" if day.year == local(now).year else f"{day:%Y-%m-%d} {time}"


def moment(at: datetime | None, now: datetime) -> str:
    """When something happened: 11-18 09:05, with the year when it is another one. Here midnight stays 00:00."""
    if at is None:
        return ""
    there = local(at)
    return f"{there:%m-%d %H:%M}" if there.year == local(now).year else f"{there:%Y-%m-%d %H:%M}"


def day(at: datetime | None, now: datetime) -> str:
    """The day something happened: 11-18."""
    if at is None:
        return ""
    there = local(at)
    return f"{there:%m-%d}" if there.year == local(now).year else f"{there:%Y-%m-%d}"


def headline(now: datetime) -> str:
    """11月23日 周一 14:20, beside a page's title."""
    there = local(now)
    return f"{there.month}月{there.day}日 周{WEEKDAYS[there.weekday()]} {there:%H:%M}"


def view(due: datetime | None, warn: datetime | None, now: datetime, label: str = "时限", **more: str | bool) -> ClockView:
    """A ClockView of a running clock."""
    return ClockView(
        light=light(due, warn, now),
        words=words(due, now),
        label=label,
        due=due,
        exact=exact(due) if due else "",
        counted=str(more.get("counted", "")),
        citation=str(more.get("citation", "")),
        check=bool(more.get("check", False)),
    )
