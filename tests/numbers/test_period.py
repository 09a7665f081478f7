"""The time a page is about, as addresses write it."""

from __future__ import annotations

from datetime import date

import pytest

from app.numbers.period import Period

TODAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("args", "since", "until", "label", "before"),
    [
        ({"period": "2026-03"}, date(2026, 3, 1), date(2026, 4, 1), "2026年3月", "2026年2月"),
        ({"period": "2026-01"}, date(2026, 1, 1), date(2026, 2, 1), "2026年1月", "2025年12月"),
        ({"period": "2026Q4"}, date(2026, 10, 1), date(2027, 1, 1), "2026年第四季度", "2026年第三季度"),
        ({"period": "2026"}, date(2026, 1, 1), date(2027, 1, 1), "2026年", "2025年"),
        (
            {"from": "2026-03-05", "to": "2026-03-14"},
            date(2026, 3, 5),
            date(2026, 3, 15),
            "2026-03-05 至 2026-03-14",
            "2026-02-23 至 2026-03-04",
        ),
        ({}, date(2026, 5, 1), date(2026, 6, 1), "2026年5月", "2026年4月"),
        ({"period": "2026-13"}, date(2026, 5, 1), date(2026, 6, 1), "2026年5月", "2026年4月"),
        ({"period": "9999"}, date(2026, 5, 1), date(2026, 6, 1), "2026年5月", "2026年4月"),
        ({"from": "2026-03-14", "to": "2026-03-05"}, date(2026, 5, 1), date(2026, 6, 1), "2026年5月", "2026年4月"),
        ({"from": "0001-01-01", "to": "x"}, date(2026, 5, 1), date(2026, 6, 1), "2026年5月", "2026年4月"),
    ],
)
def test_reading(args: dict[str, str], since: date, until: date, label: str, before: str) -> None:
    found = Period.read(args, TODAY)
    assert (found.since, found.until, found.label, found.moved(-1).label) == (since, until, label, before)
    assert Period.read(found.args, TODAY) == found


def test_around_and_a_year_before() -> None:
    assert Period.around("quarter", date(2026, 5, 20)).code == "2026Q2"
    assert Period.starting("month", 2026, 3).year_before().code == "2025-03"  # type: ignore[union-attr]
    assert [f"{m:%Y-%m}" for m in Period.read({"from": "2025-12-31", "to": "2026-02-01"}, TODAY).months()] == [
        "2025-12",
        "2026-01",
        "2026-02",
    ]
