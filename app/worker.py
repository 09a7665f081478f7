"""The worker: delivers messages and does what time asks of clocks, one unit in one transaction, until told to stop.

It works outside any request and therefore as the database role that sees every case (app/db.py).
The tables are the queue. A killed worker loses nothing: what it had not committed is still queued, and several may run side by side.
"""

from __future__ import annotations

import threading
import time

import structlog
from flask import Flask, current_app

from app import db, periodic
from app.engine import get_engine
from app.exchange import courier
from workflows import JobFailed, incidents
from workflows.time import now

log = structlog.get_logger("worker")

POLL_SECONDS = 0.5
CALENDAR_SECONDS = 10.0  # how often the calendar is asked; while there is work of it, without a pause
PAUSE_AFTER_ERROR_SECONDS = 2.0


def work_once() -> bool:
    """One message, one clock or one unit of the calendar's work; False when there is nothing to do."""
    return queue_once() or calendar_once()


def queue_once() -> bool:
    """One message or one clock. A failure becomes an incident and holds back only its own case."""
    engine = get_engine()
    for unit in (engine.deliver_next, engine.fire_next_clock):
        try:
            with db.transaction() as session:
                if unit(session):
                    return True
        except JobFailed as failed:
            cause = failed.__cause__ or failed
            log.error("job failed", case=str(failed.job.case_id), error=repr(cause))
            with db.transaction() as session:
                incidents.record_job(session, failed.job, cause)
            return True
    return False


def calendar_once() -> bool:
    """One unit of what the calendar asks for. A failure becomes an incident and holds back only its own unit."""
    moment = now()
    try:
        with db.transaction() as session:
            return periodic.run_next(session, moment)
    except periodic.PeriodicFailed as failed:
        cause = failed.__cause__ or failed
        log.error("periodic work failed", work=failed.name, key=failed.key, error=repr(cause))
        with db.transaction() as session:
            periodic.set_aside(session, failed.name, failed.key, moment)
            incidents.record_periodic(session, f"{failed.name} {failed.key}", cause)
        return True


def work_off(limit: int = 10_000) -> int:
    """Work until nothing is left (tests, the walk and the demo month call this directly); returns the number of units."""
    done = 0
    while done < limit and work_once():
        done += 1
    return done


def run(stop: threading.Event, app: Flask | None = None) -> None:
    """Until ``stop`` is set. A database that is away for a moment is waited for."""
    flask_app = app or current_app._get_current_object()  # type: ignore[attr-defined]
    beside = threading.Thread(target=courier.run, args=(stop, flask_app), name="courier", daemon=True)
    beside.start()  # a partner that is slow to answer must not hold up clocks and messages
    with flask_app.app_context():
        log.info("worker started")
        asked_at = -CALENDAR_SECONDS
        while not stop.is_set():
            try:
                worked = queue_once()
                if not worked and time.monotonic() - asked_at >= CALENDAR_SECONDS:
                    worked = calendar_once()
                    asked_at = asked_at if worked else time.monotonic()
            except Exception:
                log.exception("worker")
                stop.wait(PAUSE_AFTER_ERROR_SECONDS)
                continue
            if not worked:
                stop.wait(POLL_SECONDS)
        log.info("worker stopped")
    beside.join(timeout=5)
