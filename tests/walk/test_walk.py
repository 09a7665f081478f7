"""The walk: complaints from any file reach the archive by the stated rule, and every arrow is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app import db
from app.engine import PROCEDURES, get_engine
from app.walk import checks, complaints, flows, report
from app.walk.driver import Stuck
from app.walk.finish import Finish
from app.walk.timeline import Timeline
from workflows import Engine
from workflows import time as clock_time

AT = datetime(2026, 3, 2, 9, tzinfo=clock_time.ZONE)


@pytest.fixture
def engine_at_work(demo_org: Flask) -> Iterator[Engine]:
    with demo_org.app_context():
        with db.transaction() as session:
            get_engine().deploy(session)
        yield get_engine()


def test_complaints_come_from_the_demo_or_from_a_file(tmp_path: Path) -> None:
    assert len(complaints.read(None)) >= 80
    file = tmp_path / "留言.csv"
    file.write_text("编号,内容,姓名\n1,夜里机器声音很大睡不着觉,甲\n2,短,乙\n", encoding="utf-8")
    (one,) = complaints.read(file)
    assert one.form["kind"] == "noise"
    assert one.form["county"], "a county that cannot be read is drawn"
    assert complaints.read(file)[0].form["county"] == one.form["county"], "and is always the same"


@pytest.mark.parametrize("index", [0, 17, 18, 29, 84])
def test_a_complaint_is_driven_to_the_archive(engine_at_work: Engine, index: int) -> None:
    case_id = Finish(engine_at_work, db.transaction, complaints.read(None)[index], AT).run()
    with db.transaction() as session:
        checks.ended(session, case_id)
        line = report.trail(engine_at_work, session, "一件", case_id)
    assert "登记信访事项 > " in line
    assert line.endswith("立卷")


def test_every_arrow_of_the_diagrams_is_known(engine_at_work: Engine) -> None:
    drawn = flows.drawn(PROCEDURES / "petition")
    assert len(drawn) >= 284
    assert len({flow.id for flow in drawn}) == len(drawn)
    missed = flows.not_taken(drawn, Counter({flow.id: 1 for flow in drawn[1:]}))
    assert missed == drawn[:1]


def test_who_may_not_is_not_let(engine_at_work: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk asks the permissions: without them it gets nowhere."""
    monkeypatch.setattr("app.walk.play.can", lambda *_: False)
    with pytest.raises(Stuck, match="may not"):
        Finish(engine_at_work, db.transaction, complaints.read(None)[0], AT).run()


def test_acts_of_a_timeline_fall_on_working_hours(engine_at_work: Engine) -> None:
    drive = Finish(engine_at_work, db.transaction, complaints.read(None)[0], AT)
    for number in range(60):
        moment = Timeline._day(drive, number)
        assert engine_at_work.calendar.is_workday(moment.date())
        assert 8 <= moment.hour < 18
