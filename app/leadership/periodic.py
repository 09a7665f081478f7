"""What 领导包案 does by the calendar: asks for each month's report, looks for candidates at night, checks the ledger's history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.inbox.labels import COUNTIES
from app.leadership import candidates, ledger_cells, ledger_history, months
from app.leadership.models import LeaderCase, LedgerCell
from app.periodic import Periodic
from workflows.handlers import Actor
from workflows.step import Step
from workflows.time import local

CALENDAR = "月度"
CHECKED = "台账核对"


def _months_due(session: Session, now: datetime) -> Iterable[str]:
    """``2026-10:<file>``: the next month whose report a file has not been asked for, once that month has begun."""
    lc, today = LeaderCase, local(now).date()
    query = select(lc.month_next, lc.case_id).where(lc.month_next <= today).order_by(lc.month_next, lc.case_id)
    return [f"{months.name(day)}:{case_id}" for day, case_id in session.execute(query) if day is not None]


def _ask_month(session: Session, key: str, now: datetime) -> None:
    """Send one file's request for one month, and remember which month comes next, under the lock of the file."""
    month, _, case = key.partition(":")
    case_id = UUID(case)
    step = Step.on_case(get_engine(), session, case_id, Actor.system(CALENDAR))
    lc = session.get_one(LeaderCase, case_id, populate_existing=True)
    if lc.month_next is not None and months.name(lc.month_next) == month:  # closed meanwhile: nothing is asked for any more
        lc.month_next = months.after(lc.month_next)
        step.send(months.MESSAGE, months.payload(case_id, month))
    step.save()


def _nights(session: Session, now: datetime) -> Iterable[str]:
    """``2026-10-01:360111``: each county once a night, from the hour of the settings on."""
    if get_engine().library.find(session, candidates.PROCESS) is None:
        return ()
    moment = local(now)
    if moment.hour < candidates.setting(session, "nightly_hour"):
        return ()
    return [f"{moment:%Y-%m-%d}:{county}" for county in COUNTIES]


def _look(session: Session, key: str, now: datetime) -> None:
    candidates.propose_found(session, now, key.partition(":")[2])


def _days(session: Session, now: datetime) -> Iterable[str]:
    """Each day once there is a ledger."""
    kept = session.scalar(select(LedgerCell.id).limit(1))
    return () if kept is None else (f"{local(now):%Y-%m-%d}",)


def _check_ledger(session: Session, key: str, now: datetime) -> None:
    """What changed without a step of the file (a person's new name, a petition's) comes into the history the night after."""
    living = list(session.scalars(select(LeaderCase.case_id).where(LeaderCase.assigned_on.is_not(None), LeaderCase.ended_at.is_(None))))
    live, kept = ledger_cells.cells(session, living), ledger_history.as_of(session, now, living)
    for case_id, cells in live.items():
        if {name: text for name, text in cells.items() if text} != kept.get(case_id, {}):
            step = Step.on_case(get_engine(), session, case_id, Actor.system(CHECKED))
            ledger_history.keep(step.ctx())
            step.save()


MONTHS = Periodic("leader.month", _months_due, _ask_month)
NIGHTS = Periodic("leader.nightly", _nights, _look)
LEDGER = Periodic("leader.ledger", _days, _check_ledger)
PERIODIC: tuple[Periodic, ...] = (MONTHS, NIGHTS, LEDGER)
