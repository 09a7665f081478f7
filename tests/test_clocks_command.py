"""``flask clocks recompute``: a holiday announced later moves the clocks that run, and says so in the trail."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.demo.organs import seed_organisation
from app.demo.people import seed_people
from app.engine import get_engine
from workflows import Actor
from workflows import time as clock_time
from workflows.tables import Clock, Event
from workflows.time import end_of_day


def test_holiday_announced_later_moves_a_running_clock(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    clock_time.freeze(datetime.fromisoformat("2026-11-02T09:00"))
    with app.app_context():
        engine, clerk = get_engine(), Actor.system("窗口")
        with db.transaction() as s:
            seed_organisation(s)
            seed_people(s)
            engine.deploy(s)
        with db.transaction() as s:
            started = engine.start(s, "petition", clerk, attrs={"intake_org": "nc-petition"})
            engine.clocks.start(s, started.case_id, "notify", "petition.notify", clock_time.now(), clerk)
        assert session.scalars(select(Clock.due_at)).one() == end_of_day(date(2026, 11, 17))
        calendar, holiday = engine.calendar, date(2026, 11, 17)
        known = calendar._works
        monkeypatch.setattr(calendar, "_years", {})
        monkeypatch.setattr(calendar, "_works", lambda day, rest, made_up: day != holiday and known(day, rest, made_up))
    said = app.test_cli_runner().invoke(args=["clocks", "recompute", "11月17日放假"])
    assert said.exit_code == 0 and "1 个" in said.output
    session.rollback()
    session.expire_all()
    assert session.scalars(select(Clock.due_at)).one() == end_of_day(date(2026, 11, 18))
    moved = session.scalars(select(Event).where(Event.kind == "clock.recomputed")).one()
    assert moved.detail is not None and moved.detail["reason"] == "11月17日放假"
