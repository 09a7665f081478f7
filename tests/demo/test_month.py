"""The demo: petitions at every stage and what came of them by the real procedures, the same again on any day, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.demo import loading, month
from app.demo.pictures import scene
from app.engine import get_engine
from app.files.models import File
from app.leadership.models import LeaderCase, LeaderMonth, LeaderPromise, LeaderVisit, ReceptionDay, ReceptionVisitor
from app.numbers.models import NumberMonth
from app.petitions.models import Petition
from app.supervision.models import Matter, MatterLetter, ReviewSample
from app.warnings.models import EarlyWarning, Problem, Publication
from workflows import time as clock_time
from workflows.tables import Case, Event, Incident, Instance, Link, Task

TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=clock_time.ZONE)
DAYS = {"November": TODAY, "after Spring Festival": datetime(2027, 2, 17, 9, 30, tzinfo=clock_time.ZONE)}


@pytest.fixture
def bureau(demo_org: Flask) -> Iterator[Flask]:
    with demo_org.app_context():
        with db.transaction() as session:
            get_engine().deploy(session)
        yield demo_org


def test_the_plans_fit_the_petitions() -> None:
    cases = month.cases()
    assert len(cases) >= 100
    assert len({case.index for case in cases}) == len(cases), "a petition is taken once"
    assert len(month.petitions()) >= 80
    ages = {case.index: case.age for case in cases}
    for case in cases:
        if "after" in case.spec:
            assert ages[case.spec["after"]] > case.age, "what it follows upon is older"


def test_days_of_earlier_months() -> None:
    assert f"{month.on_day(datetime(2027, 2, 17), 3, 5)} {month.on_day(datetime(2027, 2, 17), 0, 5)}" == "2026-11-05 2027-02-05"
    cluster = next(case for case in month.cases() if case.key == "demo-c0")
    assert cluster.started(TODAY).date().isoformat() == "2026-08-04"


def test_a_picture_is_the_same_again() -> None:
    assert scene("demo-003") == scene("demo-003") != scene("demo-006")
    assert scene("demo-003").startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("today", DAYS.values(), ids=DAYS)
def test_every_stage_on_any_day(bureau: Flask, session: Session, today: datetime) -> None:
    moments = list(loading.load(today))
    assert moments == sorted(moments), "things happen one after the other"
    assert session.scalar(select(func.count()).select_from(Petition)) == len(month.cases())
    _petitions(session, today)
    _supervision(session, today)
    _leadership(session, today)
    _warnings(session)
    assert session.scalar(select(func.max(Event.at))) <= today, "nothing happened in the future"
    assert session.scalars(select(Incident.error)).all() == []
    assert set(session.scalars(select(NumberMonth.month))) >= {month.on_day(today, back, 1) for back in (0, 1, 2)}
    before = _counted(session)
    list(loading.load(today + timedelta(minutes=30)))
    assert _counted(session) == before, "loading again makes nothing twice"


def _petitions(session: Session, today: datetime) -> None:
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


def _open(session: Session, *processes: str) -> set[str]:
    return set(session.scalars(select(Task.element).where(Task.status == "open", Task.process.in_(processes))))


def _supervision(session: Session, today: datetime) -> None:
    """Each state, each rung; two and more are closed; letters that asked for more than was done."""
    steps = _open(session, "supervision", "supervision_reply")
    assert steps >= {"sign_for", "reply", "draft_letter", "sign_leader", "judge", "do_measures", "hold_interview"}
    assert set(session.scalars(select(Matter.step).where(Matter.closed_at.is_(None)))) >= {"remind", "letter", "advice", "interview"}
    assert (session.scalar(select(func.count()).where(Matter.closed_at.is_not(None))) or 0) >= 2
    late = select(func.count()).select_from(Task).where(Task.status == "open", Task.due_at <= today)
    assert session.scalar(late.where(Task.process.in_(("supervision", "supervision_reply"))))
    assert set(session.scalars(select(Matter.trigger))) >= {"period_past", "missed_month", "late_problem", "review_failed", "media"}
    assert "违反的规定或超过的期限" not in set(session.scalars(select(MatterLetter.breach)))
    assert set(session.scalars(select(ReviewSample.passed))) == {True, False, None}


def _leadership(session: Session, today: datetime) -> None:
    states = list(session.scalars(select(LeaderCase.status)))
    assert set(states) >= {"opened", "proposed", "assigned", "analysed", "carrying", "exit_proposed", "closed"}
    assert 6 <= len(states) <= 10
    carried = select(LeaderCase.case_id).where(LeaderCase.status == "carrying").scalar_subquery()
    months = list(session.scalars(select(LeaderMonth.missed).where(LeaderMonth.case_id == carried, LeaderMonth.reported_at.is_not(None))))
    assert len(months) >= 3
    assert months.count(True) == 1
    promises = list(session.execute(select(LeaderPromise.late, LeaderPromise.kept_on).where(LeaderPromise.case_id == carried)))
    assert {(late, kept is not None) for late, kept in promises} == {(False, True), (True, False), (False, False)}
    assert (session.scalar(select(func.count()).select_from(LeaderVisit)) or 0) >= 4
    days = set(session.scalars(select(ReceptionDay.day)))
    assert {day >= today.date() for day in days} == {True, False}
    assert set(session.scalars(select(ReceptionVisitor.status))) == {"waiting", "received", "absent"}


def _warnings(session: Session) -> None:
    states = set(session.scalars(select(EarlyWarning.state)))
    assert len(states) >= 5, states
    assert _open(session, "early_warning", "county_response") >= {"draft", "approve", "judge_response", "sign_receipt"}
    assert set(session.scalars(select(Problem.state))) >= {"going", "supervised", "done"}
    assert set(session.scalars(select(Publication.kind))) == {"problems", "results"}


def _counted(session: Session) -> dict[str, int]:
    query = select(Instance.process, func.count().label("number")).group_by(Instance.process)
    days = session.scalar(select(func.count(ReceptionDay.id))) or 0
    return {row.process: row.number for row in session.execute(query)} | {"reception days": days}


def test_loading_again_adds_what_is_missing(bureau: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [case for case in month.cases() if 0 < case.age <= 4]
    monkeypatch.setattr(loading, "do_calendar", lambda *_: False)
    monkeypatch.setattr(month, "cases", lambda: some[:4])
    list(loading.load(TODAY))
    before = session.scalar(select(func.count()).select_from(Matter)) or 0
    monkeypatch.setattr(month, "cases", lambda: some)
    list(loading.load(TODAY + timedelta(minutes=1)))
    list(loading.load(TODAY + timedelta(minutes=2)))
    assert session.scalar(select(func.count()).select_from(Petition)) == len(some)
    assert session.scalar(select(func.count()).select_from(Matter)) == before > 0
