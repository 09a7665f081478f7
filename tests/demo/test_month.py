"""The demo month: petitions at every stage by the real procedure, the same again on any day, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.demo import month
from app.engine import get_engine
from app.files.models import File
from app.petitions.models import Petition
from workflows import time as clock_time
from workflows.tables import Case, Event, Incident, Link, Task

TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=clock_time.ZONE)


@pytest.fixture
def bureau(demo_org: Flask) -> Iterator[Flask]:
    with demo_org.app_context():
        with db.transaction() as session:
            get_engine().deploy(session)
        yield demo_org


def test_the_plans_fit_the_petitions() -> None:
    cases = month.cases()
    assert len(cases) >= 60
    assert len({case.index for case in cases}) == len(cases), "a petition is taken once"
    assert len(month.petitions()) >= 80
    ages = {case.index: case.age for case in cases}
    for case in cases:
        if "after" in case.spec:
            assert ages[case.spec["after"]] > case.age, "what it follows upon is older"


@pytest.mark.slow
@pytest.mark.parametrize("today", [TODAY, datetime(2027, 2, 17, 9, 30, tzinfo=clock_time.ZONE)], ids=["November", "after Spring Festival"])
def test_every_stage_on_any_day(bureau: Flask, session: Session, today: datetime) -> None:
    assert len(list(month.load(today))) == len(month.cases())
    count = session.scalar(select(func.count()).select_from(Petition)) or 0
    assert count >= 60
    open_tasks = session.scalars(select(Task).where(Task.status == "open")).all()
    assert {task.stage for task in open_tasks} >= {"受理", "接待", "办理", "督办", "反馈", "归档"}
    assert sum(task.due_at is not None and task.due_at <= today for task in open_tasks) >= 4, "some are late"
    near = [t for t in open_tasks if t.due_at and t.warn_at and t.warn_at <= today < t.due_at]
    assert near, "some are nearly late"
    outcomes = set(session.scalars(select(Petition.closed_as)))
    assert outcomes >= {"answered", "refused", "merged", "withdrawn", "told_elsewhere"}
    assert (session.scalar(select(func.count()).where(Case.status == "closed")) or 0) >= 8
    assert set(session.scalars(select(Link.kind).where(Link.status == "open"))) >= {"supervision_requested", "transfer.question"}
    assert session.scalar(select(func.count()).select_from(File))
    assert session.scalar(select(func.max(Event.at))) <= today, "nothing happened in the future"
    assert session.scalars(select(Incident.error)).all() == []


def test_loading_again_adds_what_is_missing(bureau: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    some = month.cases()[-12:]
    monkeypatch.setattr(month, "cases", lambda: some[:5])
    list(month.load(TODAY))
    monkeypatch.setattr(month, "cases", lambda: some)
    list(month.load(TODAY + timedelta(minutes=1)))
    list(month.load(TODAY + timedelta(minutes=2)))
    assert session.scalar(select(func.count()).select_from(Case)) == len(some)
