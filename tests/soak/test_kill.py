"""kill -9 of people's and the worker's processes in the middle of what they do: nothing is lost, nothing is doubled.

ROUNDS rounds (50 in a test run, a thousand and more in ``make soak``). In each, two processes complete steps of petitions and one is
the worker; at a random moment all are killed. Afterwards every acknowledged step is done, and the invariants hold. At the end
every petition is driven to the archive.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import db
from app.config import Settings
from app.demo.people import seed_organisation, seed_people
from app.engine import get_engine
from app.petitions.models import Petition
from app.walk import checks
from app.walk.complaints import Complaint
from app.walk.finish import Finish
from app.walk.play import Stuck
from tests.soak import invariants
from workflows import time as clock_time
from workflows.tables import Case, Incident, Link, Task

ROUNDS = int(os.environ.get("ROUNDS", "50"))
LONGEST = 0.35  # seconds a round lives
MOST = 4  # times as many rounds, until there was something to kill
BEGIN = datetime(2026, 3, 2, 9, tzinfo=clock_time.ZONE)
AT_WORK = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""
CREW = ("people", "people", "worker")


class Parent:
    """The process that forks the victims."""

    def __init__(self, settings: Settings, quiet: bool = False) -> None:
        command = [sys.executable, "-m", "tests.soak.victims", settings.url("worker"), str(settings.instance), BEGIN.isoformat()]
        command += ["quiet"] * quiet
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.acknowledged: set[UUID] = set()
        while (line := self._line()) != "ready":
            self._take(line)

    def fork(self, kind: str, seed: int, moment: datetime) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kind} {seed} {moment.isoformat()}\n")
        self.process.stdin.flush()
        while not (line := self._line()).startswith("pid "):
            self._take(line)
        return int(line.removeprefix("pid "))

    def drain(self) -> None:
        """Read what the dead said last: a marker child says nothing after it."""
        pid = self.fork("worker", 0, BEGIN)
        os.kill(pid, signal.SIGKILL)

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the parent of the victims died"
        return line.strip()

    def _take(self, line: str) -> None:
        if line.startswith("ack "):
            self.acknowledged.add(UUID(line.removeprefix("ack ")))


@contextmanager
def parent(settings: Settings, quiet: bool = False) -> Iterator[Parent]:
    made = Parent(settings, quiet)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


@pytest.mark.soak
def test_killed_in_the_middle_nothing_is_lost_or_doubled(app: Flask, settings: Settings) -> None:
    dice = random.Random(20261124)
    with app.app_context(), db.transaction() as session:
        seed_organisation(session)
        seed_people(session)
        get_engine().deploy(session)
    with app.app_context(), parent(settings) as victims:
        number = 0
        while number < ROUNDS or (len(victims.acknowledged) <= ROUNDS and number < MOST * ROUNDS):  # a slow machine gets longer rounds
            moment = BEGIN + timedelta(days=2 * number % 300, minutes=number)
            crew = [victims.fork(kind, dice.randrange(1 << 30), moment) for kind in CREW]
            time.sleep(dice.uniform(0.02, LONGEST * (1 + number // ROUNDS)))
            for pid in crew:
                os.kill(pid, signal.SIGKILL)
            victims.drain()
            _settled(number, victims.acknowledged)
            number += 1
        assert len(victims.acknowledged) > ROUNDS, "the victims hardly worked"
        _finish_all(BEGIN + timedelta(days=400))


def _settled(number: int, acknowledged: set[UUID]) -> None:
    """Wait until the server has noticed the deaths, then look."""
    for _ in range(500):
        with db.transaction() as session:  # a new one each time: within one the server's figures stand still
            if not session.scalar(text(AT_WORK)):
                break
        time.sleep(0.01)
    with db.transaction() as session:
        wrong = invariants.broken(get_engine(), session) + invariants.not_done(session, acknowledged)
        wrong += [f"incident: {error}" for error in session.scalars(select(Incident.error).limit(3))]
    assert wrong == [], f"round {number}"


def _finish_all(at: datetime) -> None:
    """Nobody is killed any more: every petition gets to the archive, or waits for nothing but a 督办 that somebody has in hand."""
    with db.transaction() as session:
        petitions = select(Case.id, Case.facets).join(Petition, Petition.case_id == Case.id)  # a 督办 has its own people
        left = session.execute(petitions.where(Case.status == "open")).all()
    for case_id, facets in left:
        complaint = Complaint(f"left-{case_id}", {"county": facets.get("county", "360111")})
        drive = Finish(get_engine(), db.transaction, complaint, at)
        drive.case_id = case_id
        clock_time.freeze(at)
        try:
            while drive._once():
                pass
        except Stuck:
            with db.transaction() as session:
                holding = session.scalars(select(Link).where(Link.case_id == case_id, Link.status == "open", Link.holds)).all()
                assert holding and {link.kind for link in holding} == {"supervision_requested"}, holding
                at_work = select(Task.id).where(Task.process.startswith("supervision"), Task.status == "open")
                assert session.scalars(at_work).first() is not None, "the 督办 it waits for is nobody's work"
        else:
            with db.transaction() as session:
                checks.ended(session, case_id)
