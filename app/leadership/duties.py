"""五包核对: what an ownership still owes before it may be closed (RULES §3), asked by the diagram and shown on the page."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.leadership import months
from app.leadership.models import LeaderCase, LeaderMonth, LeaderPromise, LeaderVisit
from app.leadership.options import DUTIES
from workflows.time import local, now


def missing(session: Session, lc: LeaderCase) -> list[str]:
    """The duties not done yet, in words and in the order of DUTIES."""
    visited = select(func.count()).select_from(LeaderVisit).where(LeaderVisit.case_id == lc.case_id, LeaderVisit.by_owner)
    open_promise = (LeaderPromise.case_id == lc.case_id, LeaderPromise.kept_on.is_(None))
    done = {
        "meeting": lc.met_at is not None,
        "visit": bool(session.scalar(visited.where(LeaderVisit.logged_at.is_not(None)))),
        "plan": lc.plan_signed_at is not None,
        "months": not unreported(session, lc),
        "promises": session.scalar(select(LeaderPromise.id).where(*open_promise).limit(1)) is None,
    }
    return [label for duty, label in DUTIES.items() if not done[duty]]


def unreported(session: Session, lc: LeaderCase) -> list[str]:
    """Months that are over and were not reported, not even late. The present month may still be reported."""
    this, m = months.name(local(now()).date()), LeaderMonth
    query = select(m.month).where(m.case_id == lc.case_id, m.reported_at.is_(None), m.month < this)
    return list(session.scalars(query.order_by(m.month)))
