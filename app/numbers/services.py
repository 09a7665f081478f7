"""Keeping the numbers up to date: only what changed since, or all of it anew. Either way the same figures come out (tested)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.numbers import facts, lines
from app.numbers.models import NumberMonth, NumberState, PetitionFact
from workflows.time import now as moment_now

ONE = 1  # the id of the only state row
MANY = 20_000  # from so many changed petitions on, counting everything anew is quicker
# A transaction that is still open may hold back events with lower numbers than the newest. Those gaps are waited for this long; the
# guards of app/db.py end every transaction sooner, and the nightly rebuild would find what slipped through.
GAP_MINUTES = 15

CHANGED = """
SELECT DISTINCT e.case_id FROM wf_event e JOIN petition p ON p.case_id = e.case_id WHERE e.id > :last
 UNION SELECT case_id FROM petition_fact WHERE turns_at <= :now
"""
REACHED = f"""
SELECT coalesce(
    (SELECT min(before) FROM (SELECT id, entered_at, lag(id, 1, :last) OVER (ORDER BY id) AS before FROM wf_event WHERE id > :last) e
      WHERE id > before + 1 AND entered_at > now() - interval '{GAP_MINUTES} minutes'),
    (SELECT max(id) FROM wf_event), 0)
"""


def refresh(session: Session, now: datetime | None = None) -> datetime:
    """Count what changed since the last time; returns the moment the numbers now stand at. Several at once wait for each other."""
    now = now or moment_now()
    state = _locked(session)
    if state is None or now < state.as_of:
        return rebuild(session, now)
    reached = session.scalar(text(REACHED), {"last": state.event_id}) or 0
    changed = set(session.scalars(text(CHANGED), {"last": state.event_id, "now": now}))
    ids = sorted(facts.with_related(session, changed))
    if len(ids) > MANY:
        return rebuild(session, now)
    if ids:
        facts.fill(session, now, ids)
    _stand(session, reached, now)
    _whole(session)
    return now


def rebuild(session: Session, now: datetime | None = None) -> datetime:
    """Count everything anew."""
    now = now or moment_now()
    _locked(session)
    reached = session.scalar(text(REACHED), {"last": 0}) or 0
    session.execute(delete(NumberMonth))
    session.execute(delete(PetitionFact))
    facts.fill(session, now)
    _stand(session, reached, now)
    _whole(session)
    return now


def as_of(session: Session) -> datetime:
    """统计截至: the moment the numbers stand at; the first to ask has them counted."""
    found = session.scalar(select(NumberState.as_of))
    return found if found is not None else refresh(session)


def _locked(session: Session) -> NumberState | None:
    """The state row, locked; one counts at a time."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('number_state'))"))
    return session.get(NumberState, ONE, populate_existing=True)


def _stand(session: Session, event_id: int, now: datetime) -> None:
    """Say how far the numbers have come."""
    values = {"id": ONE, "event_id": event_id, "as_of": now}
    session.execute(insert(NumberState).values(**values).on_conflict_do_update(index_elements=["id"], set_=values))


def _whole(session: Session) -> None:
    """Numbers that follow from other records than petition_fact: few lines, summed afresh."""
    session.execute(delete(NumberMonth).where(NumberMonth.key.in_(lines.WHOLE)))
    session.execute(text(lines.ADD.format(lines=lines.union(lines.WHOLE))))
