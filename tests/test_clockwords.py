"""Time in words: every form the design names, and the midnight that belongs to the day before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import clockwords
from workflows.time import ZONE

NOW = datetime(2026, 11, 23, 14, 20, tzinfo=ZONE)


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (at(11, 27), "剩 3 天"),
        (at(11, 25), "剩 1 天 9 小时"),
        (at(11, 24), "剩 9 小时 40 分"),
        (at(11, 23, 14, 55), "剩 35 分钟"),
        (at(11, 23, 15, 20), "剩 1 小时"),
        (NOW + timedelta(seconds=20), "剩不到 1 分钟"),
        (NOW + timedelta(days=2), "剩 2 天"),
        (NOW, "刚刚超期"),
        (at(11, 21), "超期 2 天 14 小时"),
        (at(11, 22, 10, 20), "超期 1 天 4 小时"),
        (at(11, 23, 13, 45), "超期 35 分钟"),
        (at(11, 22, 14, 20), "超期 1 天"),
        (None, "无时限"),
    ],
)
def test_words(due: datetime | None, said: str) -> None:
    assert clockwords.words(due, NOW) == said


def test_light_turns_amber_at_the_warning_and_red_at_the_due_moment() -> None:
    warn, due = at(11, 24), at(11, 27)
    assert clockwords.light(due, warn, at(11, 23, 23, 59)) == "green"
    assert clockwords.light(due, warn, warn) == "amber"
    assert clockwords.light(due, warn, at(11, 26, 23, 59)) == "amber"
    assert clockwords.light(due, warn, due) == "red"
    assert clockwords.light(None, None, NOW) == "grey"
    assert clockwords.light(due, None, NOW) == "green"


def test_a_day_period_ends_at_24_of_its_last_day() -> None:
    stored = at(10, 16)
    assert clockwords.short(stored, NOW) == "10-15 24:00"
    assert clockwords.exact(stored) == "2026-10-15（周四）24:00"
    assert clockwords.exact(at(1, 1, year=2027)) == "2026-12-31（周四）24:00"
    assert clockwords.short(at(1, 6, year=2027), NOW) == "2027-01-05 24:00"


def test_hours_keep_their_time_and_moments_keep_midnight() -> None:
    assert clockwords.exact(at(11, 22, 10, 20)) == "2026-11-22（周日）10:20"
    assert clockwords.moment(at(11, 22), NOW) == "11-22 00:00"
    assert clockwords.moment(None, NOW) == ""


def test_moments_from_the_database_are_shown_on_chinas_clock() -> None:
    stored = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
    assert clockwords.short(stored, NOW) == "10-15 24:00"
    assert clockwords.day(stored, NOW) == "10-16"


def test_headline() -> None:
    assert clockwords.headline(NOW) == "11月23日 周一 14:20"


def test_view_carries_what_the_popover_shows() -> None:
    view = clockwords.view(at(11, 27), at(11, 23), NOW, "书面告知", citation="《信访工作条例》第二十三条", check=True)
    assert (view.light, view.words, view.exact) == ("amber", "剩 3 天", "2026-11-26（周四）24:00")
    assert view.check and view.citation.endswith("第二十三条")
