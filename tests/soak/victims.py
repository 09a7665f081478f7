"""Processes made to be killed: people completing steps of petitions, and the worker. Started by test_kill.py.

One parent imports everything once and forks a child for each order it reads (``people|worker seed moment``), so that a round costs
no start-up. A child writes ``ack <task>`` after each commit: what it said is done must be found done, whenever it is killed.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app, db
from app.config import Settings
from app.demo import month
from app.engine import get_engine
from app.walk.complaints import Complaint
from app.walk.driver import Stuck
from app.walk.finish import Finish
from app.worker import work_once
from workflows import WorkflowError
from workflows import time as clock_time
from workflows.tables import Case, Task

FEW = 6  # fewer open cases than this: another is registered


class Victim(Finish):
    """Somebody at work on one case; what the worker does is left to the worker."""

    done: UUID | None = None

    def _open(self, session: Session, element: str, case_id: UUID | None = None) -> Task:
        task = super()._open(session, element, case_id)
        self.done = task.id
        return task

    def _complete(self, element: str, given: dict[str, object], **more: object) -> None:
        super()._complete(element, given, **more)
        say(f"ack {self.done}")

    def _settle(self) -> None:
        """Nothing: messages and clocks are the worker's."""

    def _wait(self) -> None:
        """Nothing to do on this case just now."""

    def _go_to(self, moment: datetime) -> None:
        """Time stands at the moment of the round."""


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one write: two children never mix their lines


def victim(number: int) -> Victim:
    petition = month.petitions()[number % len(month.petitions())]
    complaint = Complaint(f"soak-{number}", month.registration(petition, f"soak-{number}"))
    return Victim(get_engine(), db.transaction, complaint, clock_time.now())


def one_act(dice: random.Random) -> None:
    """Register when there is little to do, else do something on some open case."""
    with db.transaction() as session:
        cases = session.execute(select(Case.id, Case.facets).where(Case.status == "open").order_by(Case.id)).all()
        number = session.scalar(select(func.count()).select_from(Case)) or 0
    somebody = victim(dice.randrange(10_000))
    somebody.number = number + dice.randrange(1_000_000)
    if len(cases) < FEW:
        somebody._register()
        return
    case_id, facets = dice.choice(cases)
    somebody.case_id = case_id
    somebody.form = {**somebody.form, "county": facets.get("county", "360111")}
    somebody._once()


def live(app: Flask, kind: str, seed: int, moment: datetime) -> None:
    """Work until killed."""
    dice = random.Random(seed)
    clock_time.freeze(moment)
    with app.app_context():
        while True:
            if kind == "worker":
                if not work_once():
                    time.sleep(0.005)
                continue
            try:
                one_act(dice)
            except (WorkflowError, Stuck):  # another process was quicker; that is the point
                time.sleep(0.002)


def warm_up(app: Flask, moment: datetime) -> None:
    """Do everything once before the forks, so that a child is at work at once; no connection is handed on to them."""
    dice = random.Random(0)
    clock_time.freeze(moment)
    with app.app_context():
        for _ in range(4 * FEW):
            one_act(dice)
            work_once()
        db.dispose()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    app = create_app(Settings(database_url=sys.argv[1], instance=Path(sys.argv[2]), secret_key="s" * 32, testing=True))
    if "quiet" in sys.argv:  # what there is to do is made by the test itself
        with app.app_context():
            db.dispose()
    else:
        warm_up(app, datetime.fromisoformat(sys.argv[3]))
    say("ready")
    for line in sys.stdin:
        kind, seed, moment = line.split()
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            live(app, kind, int(seed), datetime.fromisoformat(moment))
        say(f"pid {pid}")


if __name__ == "__main__":
    main()
