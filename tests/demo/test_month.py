"""The demo: petitions at every stage and what came of them by the real procedures, the same again on any day, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Organ
from app.demo import loading, month, penalties, transfers
from app.demo.pictures import scene
from app.demo.transfers import Plan
from app.engine import get_engine
from app.files.models import File
from app.leadership.models import LeaderCase, LeaderMonth, LeaderPromise, LeaderVisit, ReceptionDay, ReceptionVisitor
from app.numbers.models import NumberMonth
from app.petitions.models import Petition
from app.supervision.models import Matter, MatterLetter, ReviewSample
from app.transfers import boards, statistics
from app.transfers.detention_words import OUTCOMES as DETENTION_OUTCOMES
from app.transfers.detention_words import POLICE_STATES as DETENTION_POLICE_STATES
from app.transfers.models import (
    Consultation,
    Detention,
    DetentionPolice,
    PenaltyCase,
    Transfer,
    TransferFile,
    TransferPolice,
    TransferProcurator,
)
from app.transfers.words import CLOSED_AS, DETENTION_STATES, POLICE_STATES, PROCURATOR_STATES, STATES
from app.walk import checks
from app.warnings.models import EarlyWarning, Problem, Publication
from workflows import time as clock_time
from workflows.tables import Case, Clock, Event, Incident, Instance, Link, Task

TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=clock_time.ZONE)
# states in which no file can be met: none; each of them waits for a person or for another organ
CANNOT_STAND: dict[str, str] = {}
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


def test_every_state_of_a_transfer_is_planned_for() -> None:
    """Cheap: what the lines of the demo say they lead to. That they do is asked of the lived month."""
    criminal = [plan.stands for plan in transfers.plans() if not plan.detention]
    detained = [plan.stands for plan in transfers.plans() if plan.detention]
    of_older_files = {"passed"}  # lines say where the newest file of each organ is; other police have taken this one over
    for plans, index, states in (
        (criminal, 0, STATES), (criminal, 1, POLICE_STATES), (criminal, 2, PROCURATOR_STATES),
        (detained, 0, DETENTION_STATES), (detained, 1, DETENTION_POLICE_STATES),
    ):  # fmt: skip
        assert set(states) - {stands[index] for stands in plans} - of_older_files == set(CANNOT_STAND)
    assert max(len(plan.party) for plan in transfers.plans()) >= 40, "some titles are long"


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
    _transfers(session)
    _clocks(session, today)
    _boards(session, today)
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


def _transfers(session: Session) -> None:
    """Every state of every organ's files, each file where its line says; every way a bureau's file can end."""
    for plan in transfers.plans():
        assert _stands(session, plan) == plan.stands, plan.party
    found: dict[Any, set[str]] = {
        Transfer: set(STATES), TransferPolice: set(POLICE_STATES), TransferProcurator: set(PROCURATOR_STATES),
        Detention: set(DETENTION_STATES), DetentionPolice: set(DETENTION_POLICE_STATES),
    }  # fmt: skip
    for model, states in found.items():
        assert set(session.scalars(select(model.state))) == states - set(CANNOT_STAND), model.__name__
    assert set(session.scalars(select(Transfer.closed_as).where(Transfer.closed_as.is_not(None)))) == set(CLOSED_AS)
    assert set(session.scalars(select(Detention.outcome).where(Detention.outcome.is_not(None)))) == set(DETENTION_OUTCOMES)
    assert set(session.scalars(select(Transfer.source))) >= {"inspection", "alarm", "clue", "petition", "penalty", "opinion"}
    assert len(set(session.scalars(select(Transfer.county)))) >= 8
    answered = session.execute(select(Consultation.answered_at, Consultation.recorded_at).where(Consultation.side == "asks")).all()
    assert {(told is None, kept is None) for told, kept in answered} == {(True, True), (False, True), (False, False)}


def _stands(session: Session, plan: Plan) -> tuple[str, ...]:
    """Where the newest file of each organ has got to; - for none."""
    if plan.detention:
        rows = [session.scalars(select(model.state).where(model.party == plan.party)).first() for model in (Detention, DetentionPolice)]
        return tuple(row or "-" for row in rows)
    kept = [session.scalars(select(model.transfer_no).where(model.party == plan.party)).first() for model in (Transfer, TransferProcurator)]
    number = next(one for one in kept if one is not None)
    newest = (
        (Transfer, Transfer.opened_at),
        (TransferPolice, TransferPolice.arrived_at),
        (TransferProcurator, TransferProcurator.registered_at),
    )
    query = [select(model.state).where(model.transfer_no == number).order_by(since.desc()) for model, since in newest]
    return tuple(session.scalars(one).first() or "-" for one in query)


def _clocks(session: Session, today: datetime) -> None:
    """No clock runs on what has ended; few are late, some nearly so."""
    checks.no_clock_left(session, session.scalars(select(Case.id)))
    living = Clock.status.in_(("running", "paused"))
    for model in (Transfer, TransferPolice, TransferProcurator, Detention, DetentionPolice):
        left = select(model.title, Clock.slot).join(Clock, Clock.case_id == model.case_id).where(model.closed_at.is_not(None), living)
        assert session.execute(left).all() == []
    query = select(Task).join(TransferFile, TransferFile.case_id == Task.case_id).where(Task.status == "open")
    assert [task.element for task in session.scalars(query.where(Task.due_at <= today))] == ["write_report"]
    assert len(session.scalars(query.where(Task.warn_at <= today, Task.due_at > today)).all()) >= 3
    late = select(TransferFile.transfer_no).join(Clock, Clock.case_id == TransferFile.case_id).where(living, Clock.due_at <= today)
    assert len(set(session.scalars(late))) == 2, "the report of one team, the decision of one police organ"


def _boards(session: Session, today: datetime) -> None:
    """Boards with cases and one without; figures of four months and more counties."""
    found: dict[str, int] = {}
    for rule, hits in boards.findings(boards.look(session, today)):
        found[rule.board] = found.get(rule.board, 0) + len(hits)
    assert {board for board, count in found.items() if count == 0} == {"not_taken"}
    organs = set(session.scalars(select(Organ.id).where(Organ.kind.in_(boards.OURS))))
    months = [statistics.sent_in(session, month, organs) for month in statistics.months(today)[:5]]
    assert sum(1 for sent in months if sent) >= 4
    assert sum(len(sent) for sent in months) >= 30
    every = [one for sent in months for one in sent]
    assert all(any(one.counts(measure.id) for one in every) for measure in statistics.MEASURES)
    assert (session.scalar(select(func.count()).select_from(PenaltyCase)) or 0) == len(penalties.lines())


def _counted(session: Session) -> dict[str, int]:
    query = select(Instance.process, func.count().label("number")).group_by(Instance.process)
    days = session.scalar(select(func.count(ReceptionDay.id))) or 0
    return {row.process: row.number for row in session.execute(query)} | {"reception days": days}


def test_loading_again_adds_what_is_missing(bureau: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [case for case in month.cases() if 0 < case.age <= 4]
    monkeypatch.setattr(loading, "do_calendar", lambda *_: False)
    for area, name in ((transfers, "files"), (transfers, "asked"), (penalties, "lines")):  # a part of the petitions is enough
        monkeypatch.setattr(area, name, dict)
    monkeypatch.setattr(month, "cases", lambda: some[:4])
    list(loading.load(TODAY))
    before = session.scalar(select(func.count()).select_from(Matter)) or 0
    monkeypatch.setattr(month, "cases", lambda: some)
    list(loading.load(TODAY + timedelta(minutes=1)))
    list(loading.load(TODAY + timedelta(minutes=2)))
    assert session.scalar(select(func.count()).select_from(Petition)) == len(some)
    assert session.scalar(select(func.count()).select_from(Matter)) == before > 0
