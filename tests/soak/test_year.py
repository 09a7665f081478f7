"""A whole year: twelve letters a county, a report a month, missed months and escalations, each exactly once though workers are killed.

COUNTIES counties have something to warn of (3 in a test run, all of them in ``make soak``).
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import db
from app.config import Settings
from app.demo.organs import COUNTIES
from app.demo.people import seed_organisation, seed_people
from app.engine import get_engine
from app.leadership.models import LeaderCase, LeaderMonth
from app.supervision.models import Matter, MatterLetter, MatterRequest
from app.walk import checks
from app.warnings.models import EarlyWarning
from tests.soak import invariants
from tests.soak.test_kill import Parent, parent
from tests.soak.year import MISSED, YEAR, Year
from workflows.tables import Case, Incident

MANY = int(os.environ.get("COUNTIES", "3"))
SHORTEST, LONGEST = 0.01, 0.12  # seconds a worker lives before it is killed


@pytest.mark.soak
def test_a_year_of_letters_reports_and_escalations_each_once(app: Flask, settings: Settings) -> None:
    counties = list(COUNTIES)[:MANY]
    with app.app_context():
        with db.transaction() as session:
            seed_organisation(session)
            seed_people(session)
            get_engine().deploy(session)
        with parent(settings, quiet=True) as victims:
            killed = Killer(victims)
            year = Year(counties, killed)
            year.live()
        assert killed.times >= 55, "the workers were hardly ever killed"
        _letters(counties)
        _months(year)
        _escalations()
        _whole(year)


class Killer:
    """Starts two workers at a moment of the simulated year and kills them in the middle of what they do."""

    def __init__(self, victims: Parent) -> None:
        self.victims, self.dice, self.times = victims, random.Random(YEAR), 0

    def __call__(self, moment: datetime) -> None:
        crew = [self.victims.fork("worker", self.dice.randrange(1 << 30), moment) for _ in range(2)]
        time.sleep(self.dice.uniform(SHORTEST, LONGEST))
        for pid in crew:
            os.kill(pid, signal.SIGKILL)
        self.victims.drain()
        self.times += 1


def _letters(counties: list[str]) -> None:
    with db.transaction() as session:
        sent = Counter(session.execute(select(EarlyWarning.county, EarlyWarning.month).where(EarlyWarning.number.is_not(None))).all())
        looked = Counter(session.execute(select(EarlyWarning.county, EarlyWarning.month)).all())
    assert set(sent.values()) == {1} and set(looked.values()) == {1}, "one file, one letter for a county and month"
    for county in counties:
        assert len([1 for found, _ in sent if found == county]) == 12
    assert {county for county, _ in sent} == set(counties)
    assert len(looked) == 13 * len(COUNTIES)  # on New Year's Day November is looked at, on the first working day December …


def _months(year: Year) -> None:
    months = [f"{YEAR}-{number:02d}" for number in range(1, 13)]
    with db.transaction() as session:
        for case_id in year.owned:
            rows = session.execute(select(LeaderMonth.month, LeaderMonth.missed).where(LeaderMonth.case_id == case_id)).all()
            assert sorted(row.month for row in rows) == months
            missed = {int(row.month[5:]) for row in rows if row.missed}
            assert missed == (MISSED if case_id == year.owned[0] else set())
        asked = (
            select(MatterRequest.from_case, func.count()).where(MatterRequest.trigger == "missed_month").group_by(MatterRequest.from_case)
        )
        assert {row[0]: row[1] for row in session.execute(asked)} == {year.owned[0]: len(MISSED)}
        assert session.get_one(LeaderCase, year.owned[1]).ended_at is not None


def _escalations() -> None:
    """Each rung once, the last one again only in a round of its own; a letter is numbered once."""
    with db.transaction() as session:
        letters = session.execute(select(MatterLetter.case_id, MatterLetter.step, MatterLetter.number)).all()
        matters = session.scalars(select(Matter)).all()
    sent = Counter((row.case_id, row.step) for row in letters)
    rounds = {m.case_id: m.rounds for m in matters}
    # a unit that never answers is proposed for liability each time its reply is due (the ladder's row refer → refer)
    assert {pair: times for pair, times in sent.items() if times > 1 and pair[1] != "refer"} == {}
    assert all(times <= rounds[case_id] for (case_id, step), times in sent.items() if step == "refer")
    assert all(sum(n for (case_id, _), n in sent.items() if case_id == m.case_id) <= m.rounds + 1 for m in matters)
    numbers = [row.number for row in letters if row.number]
    assert len(numbers) == len(set(numbers)) and len({m.number for m in matters}) == len(matters)
    assert any(m.rounds for m in matters), "nobody was slow enough to be escalated"


def _whole(year: Year) -> None:
    with db.transaction() as session:
        wrong = invariants.broken(get_engine(), session)
        wrong += [f"incident: {error}" for error in session.scalars(select(Incident.error).limit(3))]
        checks.no_clock_left(session, session.scalars(select(Case.id)).all())
    assert wrong == []
