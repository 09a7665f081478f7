"""Each county's month once, on the working day that is a setting, whatever happens to the worker."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import db, periodic
from app.accounts.directory import forget
from app.accounts.models import Post
from app.engine import WORKING_DAYS
from app.warnings import periodic as monthly
from app.warnings.models import EarlyWarning
from tests.warnings.builders import petition
from workflows import time as clock_time
from workflows.calendar import Calendar
from workflows.errors import NobodyThere
from workflows.tables import Case


@pytest.mark.parametrize(
    ("day", "workday", "month"),
    [
        ("2026-08-31", 1, "2026-07"),
        ("2026-09-01", 1, "2026-08"),
        ("2026-09-02", 3, "2026-07"),  # the third working day is the 3rd
        ("2026-09-03", 3, "2026-08"),
        ("2026-10-01", 1, "2026-08"),  # National Day: the first working day of October is the 8th
        ("2026-10-07", 1, "2026-08"),
        ("2026-10-08", 1, "2026-09"),
        ("2027-01-04", 1, "2026-12"),
    ],
)
def test_which_month_is_due(day: str, workday: int, month: str) -> None:
    calendar = Calendar.load(Path(WORKING_DAYS))
    assert monthly.collected_month(calendar, date.fromisoformat(day), workday) == month


def test_one_file_for_each_county_exactly_once(september: Flask) -> None:
    with september.app_context():
        with db.transaction() as session:
            for _ in range(6):
                petition(session)
            keys = list(monthly.units(session, clock_time.now()))
        assert len(keys) == 12 and "2026-08:360111" in keys and "2026-08:jkq" in keys
        assert _run() == 12 and _run() == 0
        with db.transaction() as session:
            found = session.execute(select(EarlyWarning.county, EarlyWarning.state)).all()
            assert len(found) == 12
            assert [row.state for row in found if row.county == "360111"] == ["draft"]
            assert {row.state for row in found if row.county != "360111"} == {"nothing"}
            over = select(func.count()).select_from(Case).join(EarlyWarning, EarlyWarning.case_id == Case.id).where(Case.status == "closed")
            assert session.scalar(over) == 11  # 没有需要预警的: the file ends and is shown


def test_a_worker_killed_in_between_leaves_nothing_and_nothing_twice(september: Flask) -> None:
    with september.app_context():
        try:
            with db.transaction() as session:
                assert periodic.run_next(session, clock_time.now())
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        with db.transaction() as session:
            assert session.scalar(select(func.count()).select_from(EarlyWarning)) == 0
        assert _run() == 12


def test_a_month_that_was_missed_is_caught_up_until_the_next(september: Flask) -> None:
    clock_time.freeze(datetime(2026, 9, 29, 9, tzinfo=clock_time.ZONE))
    with september.app_context():
        assert _run() == 12
        clock_time.freeze(datetime(2026, 10, 8, 9, tzinfo=clock_time.ZONE))
        assert _run() == 12
        with db.transaction() as session:
            months = session.scalars(select(EarlyWarning.month).distinct().order_by(EarlyWarning.month)).all()
            assert months == ["2026-08", "2026-09"]


def _run() -> int:
    """What the worker does until the calendar asks for nothing more; how many files of ours that opened."""
    with db.transaction() as session:
        before = session.scalar(select(func.count()).select_from(EarlyWarning)) or 0
    more = True
    while more:
        with db.transaction() as session:
            more = periodic.run_next(session, clock_time.now())
    with db.transaction() as session:
        return (session.scalar(select(func.count()).select_from(EarlyWarning)) or 0) - before


def test_nobody_at_the_petition_office_stops_it_with_words(september: Flask) -> None:
    with september.app_context(), db.transaction() as session:
        for post in session.scalars(select(Post).where(Post.role == "office", Post.organ_id.like("nc%"))):
            post.until = clock_time.now()
        session.flush()
        forget(session)
        with pytest.raises(NobodyThere):
            monthly.run(session, "2026-08:360111", clock_time.now())
        session.rollback()
