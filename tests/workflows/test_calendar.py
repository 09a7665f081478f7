"""Ends of periods: every boundary the procedure lists, holidays and 调休, pauses, warnings, and properties that hold for any day."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import Calendar, Notices, last_day, shown
from workflows.deadlines import Rule, Rules
from workflows.time import ZONE

BPMN = Path(__file__).parents[2] / "bpmn"
CALENDAR = Calendar.load(BPMN / "calendar.yaml")
RULES = Rules.load(BPMN / "deadlines.yaml")
DAYS = st.dates(date(2018, 1, 1), date(2029, 12, 31))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def rule(id: str, on: str = "2026-09-01") -> Rule:
    return RULES.get(id, date.fromisoformat(on[:10]))


def of(unit: str, amount: int | None = 10, warn_days: int | None = None) -> Rule:
    return Rule("a.b", "某项", amount, unit, "收到之日", "本局规定", "…", "house", None, None, warn_days=warn_days)


BOUNDARIES = [
    ("petition.notify", "2026-09-30 10:00", "2026-10-15"),
    ("petition.simple_notify", "2026-09-30 10:00", "2026-10-10"),  # a Saturday that is worked (调休)
    ("petition.simple", "2026-09-30 10:00", "2026-10-20"),
    ("petition.feedback", "2026-09-30 10:00", "2026-10-08"),  # 10-07 is a holiday
    ("petition.objection", "2026-09-30 10:00", "2026-10-13"),
    ("petition.handle_enforcement", "2026-12-31 10:00", "2027-03-01"),  # no 31st in February; 02-28 is a Sunday
    ("petition.handle", "2026-08-03 10:00", "2026-10-08"),  # the 60th day is 10-02
    ("petition.recheck_request", "2026-09-04 10:00", "2026-10-08"),  # the 30th day is 10-04
    ("petition.review_request", "2026-09-01 00:00", "2026-10-08"),
    ("petition.notify", "2026-09-30 23:59", "2026-10-15"),  # the time of day does not matter
    ("petition.notify", "2026-09-30 00:00", "2026-10-15"),
    ("leader.progress", "2026-10-01 00:00", "2026-10-31"),  # the month's last day, though a Saturday
    ("leader.progress", "2027-02-11 09:00", "2027-02-28"),
]


@pytest.mark.parametrize(("id", "event", "last"), BOUNDARIES)
def test_periods_end_on_the_day_the_procedure_says(id: str, event: str, last: str) -> None:
    due = CALENDAR.due(rule(id, event), at(event)).due
    assert last_day(due).isoformat() == last
    assert due == at(last) + timedelta(days=1), "at 24:00, which is 00:00 of the next day"


def test_an_extension_counts_from_the_unrolled_end() -> None:
    first = CALENDAR.due(rule("petition.handle"), at("2026-08-03 09:00"))
    extended = CALENDAR.due(rule("petition.extend"), first.raw - timedelta(seconds=1))
    assert (shown(first.raw), shown(first.due)) == ("10-02 24:00", "10-08 24:00")
    assert (shown(extended.raw), shown(extended.due)) == ("11-01 24:00", "11-02 24:00")


def test_hours_run_through_nights_and_holidays() -> None:
    due = CALENDAR.due(rule("urgent.report"), at("2026-10-01 23:40"))
    assert shown(due.due) == "10-02 00:40"
    assert due.raw == due.due


def test_at_once_is_due_at_once() -> None:
    assert CALENDAR.due(rule("petition.register"), at("2026-10-01 08:15")).due == at("2026-10-01 08:15")


def test_a_moment_of_another_zone_is_the_day_it_is_in_china() -> None:
    there = datetime(2026, 9, 29, 16, 30, tzinfo=UTC)  # 00:30 of the 30th
    assert CALENDAR.due(rule("petition.notify"), there) == CALENDAR.due(rule("petition.notify"), at("2026-09-30 00:30"))


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [("2026-11-30", 3, "2027-03-01"), ("2027-08-31", 1, "2027-09-30"), ("2027-12-29", 2, "2028-02-29"), ("2026-06-15", 12, "2027-06-15")],
)
def test_months_end_on_the_same_day_or_the_months_last(start: str, months: int, last: str) -> None:
    assert last_day(CALENDAR.due(of("month", months), at(start)).due).isoformat() == last


def test_a_rule_set_per_item_takes_its_days() -> None:
    assert last_day(CALENDAR.due(rule("petition.assigned"), at("2026-11-02"), amount=10).due) == date(2026, 11, 12)
    with pytest.raises(ValueError, match="没有给出天数"):
        CALENDAR.due(rule("petition.assigned"), at("2026-11-02"))
    with pytest.raises(ValueError, match="不得超过"):
        CALENDAR.due(rule("petition.extend"), at("2026-11-02"), amount=31)


def test_a_promised_day_is_taken_as_given() -> None:
    assert shown(CALENDAR.on_day(date(2026, 10, 3)).due) == "10-03 24:00"


def test_the_chase_keeps_its_weekday() -> None:
    first = CALENDAR.due(of("day", 1), at("2026-11-02 09:00")).due  # due Tuesday 24:00, first chase there
    second = CALENDAR.again(rule("petition.chase"), first)
    third = CALENDAR.again(rule("petition.chase"), second)
    assert [d.isoformat()[:10] for d in (first, second, third)] == ["2026-11-04", "2026-11-11", "2026-11-18"]


# The notices of the State Council's office on holidays: rest days that are weekdays, and weekend days that are worked.
OFFICIAL = {
    2023: (
        "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29 10-02 10-03 10-04 10-05 10-06",
        "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    ),
    2024: (
        "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 10-01 10-02 10-03 10-04 10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


@pytest.mark.parametrize("year", OFFICIAL)
def test_the_calendar_is_the_official_one(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    off = [d for d in days if d.weekday() < 5 and not CALENDAR.is_workday(d)]
    work = [d for d in days if d.weekday() >= 5 and CALENDAR.is_workday(d)]
    assert (" ".join(f"{d:%m-%d}" for d in off), " ".join(f"{d:%m-%d}" for d in work)) == OFFICIAL[year]


def test_a_year_without_notice_is_provisional() -> None:
    assert [CALENDAR.provisional(y) for y in (2025, 2026, 2027)] == [False, False, True]
    assert not CALENDAR.is_workday(date(2027, 10, 1))
    assert CALENDAR.is_workday(date(2027, 10, 8))


NOTICE = """announced_through: 2026
years:
  2027: {source: 国办发明电, rest: [2027-02-11], work: [2027-02-20]}
  2026: {work: [2026-10-07]}
"""


def test_a_notice_by_hand_wins(tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    calendar = Calendar.load(file)
    assert not calendar.provisional(2027)
    assert calendar.provisional(2028)
    assert (calendar.is_workday(date(2027, 2, 11)), calendar.is_workday(date(2027, 2, 20)), calendar.is_workday(date(2026, 10, 7))) == (
        False,
        True,
        True,
    )
    assert last_day(calendar.due(rule("petition.feedback"), at("2026-09-30")).due) == date(2026, 10, 7)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("years: {}", "announced_through"),
        ("announced_through: 2026\nyears: {2027: {off: [2027-02-11]}}", "不认识"),
        ("announced_through: 2026\nyears: {2027: {rest: [2026-02-11]}}", "不是这一年"),
        ("announced_through: 2026\nyears: {2027: {rest: [2027-02-11], work: [2027-02-11]}}", "既是休息日又是工作日"),
    ],
)
def test_a_wrong_notice_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        Notices.load(file)


PAUSES = [
    ("day", "2026-11-10", "2026-11-03 09:00", "2026-11-05 17:00", "11-12 24:00", "11-12 24:00"),
    ("day", "2026-11-10", "2026-11-03 09:00", "2026-11-03 17:00", "11-10 24:00", "11-10 24:00"),
    ("day", "2026-09-29", "2026-09-20 09:00", "2026-09-22 09:00", "10-01 24:00", "10-08 24:00"),
    ("workday", "2026-11-10", "2026-11-06 09:00", "2026-11-09 09:00", "11-11 24:00", "11-11 24:00"),
    ("month", "2026-11-13", "2026-11-03 09:00", "2026-11-04 09:00", "11-14 24:00", "11-16 24:00"),
]


@pytest.mark.parametrize(("unit", "last", "paused", "resumed", "raw", "due"), PAUSES)
def test_a_pause_is_added_and_then_rolled(unit: str, last: str, paused: str, resumed: str, raw: str, due: str) -> None:
    end = at(last) + timedelta(days=1)
    assert tuple(map(shown, CALENDAR.resume_due(end, at(paused), at(resumed), unit))) == (raw, due)


def test_a_pause_of_hours_is_added_exactly() -> None:
    raw, due = CALENDAR.resume_due(at("2026-10-02 10:00"), at("2026-10-02 09:10"), at("2026-10-02 09:40"), "hour")
    assert raw == due == at("2026-10-02 10:30")


def test_a_pause_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="pause"):
        CALENDAR.resume_due(at("2026-10-02"), at("2026-09-20"), at("2026-09-19"), "day")


def test_the_warning_is_the_later_of_half_and_the_setting() -> None:
    long_start, long_end = at("2026-08-03 09:00"), at("2026-10-09 00:00")
    assert CALENDAR.warn_at(of("day"), long_start, long_end, 3) == at("2026-10-06 00:00")
    assert CALENDAR.warn_at(of("day", warn_days=7), long_start, long_end, 3) == at("2026-10-02 00:00")
    assert CALENDAR.warn_at(of("workday"), at("2026-11-02 00:00"), at("2026-11-06 00:00"), 3) == at("2026-11-04 00:00")
    assert CALENDAR.warn_at(of("hour"), at("2026-11-02 09:00"), at("2026-11-02 10:00"), 3) == at("2026-11-02 09:30")


def _spent(law: Rule, event: datetime) -> float:
    """CPU seconds of one count; the machine may be busy with other things."""
    began = time.process_time()
    for _ in range(1000):
        CALENDAR.due(law, event)
    return (time.process_time() - began) / 1000


def test_a_due_moment_is_quick() -> None:
    event, longest = at("2026-08-03 09:00"), 0.0
    for id in ("petition.handle", "petition.objection", "petition.handle_enforcement"):
        law = rule(id)
        CALENDAR.due(law, event)
        longest = max(longest, min(_spent(law, event) for _ in range(5)))
    assert longest < 20e-6, f"{longest * 1e6:.1f} µs"


@given(DAYS, st.integers(1, 120))
def test_a_period_in_days_never_ends_on_a_holiday_nor_early(start: date, amount: int) -> None:
    due = CALENDAR.due(of("day", amount), at(start.isoformat()))
    assert CALENDAR.is_workday(last_day(due.due))
    assert last_day(due.raw) == start + timedelta(days=amount)
    assert due.due >= due.raw
    assert not any(CALENDAR.is_workday(last_day(due.raw) + timedelta(days=i)) for i in range((due.due - due.raw).days))


@given(DAYS, st.integers(1, 120))
def test_working_days_are_counted_one_by_one(start: date, amount: int) -> None:
    last = last_day(CALENDAR.due(of("workday", amount), at(start.isoformat())).due)
    between = [start + timedelta(days=i) for i in range(1, (last - start).days + 1)]
    assert sum(CALENDAR.is_workday(day) for day in between) == amount == CALENDAR.count_workdays(start, last)
    assert CALENDAR.is_workday(last)


@given(DAYS, st.integers(0, 40), st.integers(1, 60), st.sampled_from(["day", "workday", "month", "hour", "month_end"]))
def test_a_later_event_is_never_due_earlier(start: date, later: int, amount: int, unit: str) -> None:
    law = of(unit, None if unit == "month_end" else amount)
    first, second = (CALENDAR.due(law, at(d.isoformat())).due for d in (start, start + timedelta(days=later)))
    assert first <= second


@given(DAYS, st.integers(1, 60), st.sampled_from(["day", "workday", "month"]))
def test_a_longer_period_is_never_due_earlier(start: date, amount: int, unit: str) -> None:
    event = at(start.isoformat())
    assert CALENDAR.due(of(unit, amount), event).due <= CALENDAR.due(of(unit, amount + 1), event).due


@given(DAYS, st.integers(1, 60), st.integers(0, 20), st.sampled_from(["day", "workday"]))
def test_a_pause_never_shortens(start: date, amount: int, length: int, unit: str) -> None:
    event = at(start.isoformat())
    due = CALENDAR.due(of(unit, amount), event)
    raw, rolled = CALENDAR.resume_due(due.raw, event, event + timedelta(days=length), unit)
    assert raw >= due.raw
    assert rolled >= due.due
    assert CALENDAR.is_workday(last_day(rolled))


@given(DAYS)
def test_the_next_working_day_is_the_nearest(day: date) -> None:
    found = CALENDAR.next_workday(day)
    assert CALENDAR.is_workday(found)
    assert not any(CALENDAR.is_workday(day + timedelta(days=i)) for i in range((found - day).days))
