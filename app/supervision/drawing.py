"""The monthly draw of finished petitions for review: at random, with a seed anybody can draw again from."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from math import ceil
from random import Random
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.supervision.models import ReviewDraw, ReviewSample
from workflows import Actor
from workflows.calendar import Calendar
from workflows.errors import Conflict
from workflows.time import local, start_of_day

PROCESS = "case_review"
SEED_BITS = 62  # fits a bigint
_UNITS = text("""
    SELECT DISTINCT organ_id FROM post p JOIN organ o ON o.id = p.organ_id
     WHERE p.role = 'unit_head' AND o.active AND o.kind IN ('department', 'branch') ORDER BY organ_id""")
# an accusation (检举控告) is seen by named persons only: it is not given to reviewers
_CLOSED = text("""
    SELECT p.case_id FROM petition p JOIN wf_case c ON c.id = p.case_id
     WHERE p.archived_at >= :since AND p.archived_at < :until AND NOT p.sealed
       AND coalesce(c.attrs ->> 'unit', c.attrs ->> 'intake_org') = :unit ORDER BY p.case_id""")
_REVIEWERS = text("""
    SELECT DISTINCT p.person_id FROM post p JOIN person x ON x.id = p.person_id JOIN organ o ON o.id = p.organ_id
     WHERE p.role = 'handler' AND x.active AND o.active AND o.kind IN ('department', 'branch')
       AND o.city = (SELECT city FROM organ WHERE id = :unit)
       AND p.since <= :now AND (p.until IS NULL OR p.until > :now)
       AND NOT EXISTS (SELECT 1 FROM post q WHERE q.person_id = p.person_id AND q.organ_id = :unit AND q.since <= :now
                        AND (q.until IS NULL OR q.until > :now))
       AND NOT EXISTS (SELECT 1 FROM wf_task t WHERE t.case_id = :case AND t.closed_by = p.person_id)
     ORDER BY p.person_id""")


def setting(session: Session, name: str) -> int:
    """A number of the procedure's settings.yaml."""
    return int(get_engine().library.current(session, PROCESS).settings[name]["value"])


def months_due(session: Session, now: datetime) -> list[str]:
    """The months whose finished petitions are to be drawn from by now: the last one, from its draw day on, and the one before it."""
    today, day = local(now).date(), setting(session, "review_day")
    first = today.replace(day=1)
    last = (first - timedelta(days=1)).replace(day=1)
    found = [(last - timedelta(days=1)).replace(day=1)]
    if today >= draw_day(get_engine().calendar, first, day):
        found.append(last)
    return [f"{one:%Y-%m}" for one in found]


def draw_day(calendar: Calendar, first: date, nth: int) -> date:
    """The nth working day of the month that begins at ``first``."""
    return calendar.add_workdays(first - timedelta(days=1), nth)


def units(session: Session) -> list[str]:
    """Every unit that could have finished a petition."""
    return list(session.scalars(_UNITS))


def bounds(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month (2026-09) and of the next."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return start_of_day(first), start_of_day(following)


def size_of(closed: int, share: int, least: int) -> int:
    """max(least, share %) of what was finished; never more than there is."""
    return min(closed, max(least, ceil(closed * share / 100)))


def pick(seed: int, ids: list[UUID], size: int) -> list[UUID]:
    """The sample: the same for the same seed over the same ids, in order of id."""
    return sorted(Random(seed).sample(sorted(ids), size))


def draw(session: Session, month: str, unit: str, now: datetime) -> ReviewDraw | None:
    """Draw from one unit's month and start a review of each drawn file; None where nothing was finished or it was drawn before."""
    if session.scalar(select(ReviewDraw.id).where(ReviewDraw.month == month, ReviewDraw.unit == unit)) is not None:
        return None
    since, until = bounds(month)
    ids = list(session.scalars(_CLOSED, {"since": since, "until": until, "unit": unit}))
    if not ids:
        return None
    share, least = setting(session, "review_share"), setting(session, "review_least")
    row = ReviewDraw(month=month, unit=unit, seed=secrets.randbits(SEED_BITS), closed=len(ids), share=share, least=least, drawn_at=now)
    row.size = size_of(row.closed, share, least)
    session.add(row)
    session.flush()
    for case_id in pick(row.seed, ids, row.size):
        _review(session, row, case_id, now)
    return row


def _review(session: Session, row: ReviewDraw, case_id: UUID, now: datetime) -> None:
    """One sample: reviewers of other units who had no part in the file, chosen by the same seed; then the review begins."""
    able = list(session.scalars(_REVIEWERS, {"unit": row.unit, "case": case_id, "now": now}))
    wanted = setting(session, "review_reviewers")
    if len(able) < wanted:
        raise Conflict(f"其他单位没有参与过这一件的承办人不足 {wanted} 名，不能抽查，请先设置岗位。")
    chosen = [str(one) for one in Random(f"{row.seed}:{case_id}").sample(able, wanted)]
    sample = ReviewSample(draw_id=row.id, case_id=case_id, reviewers=chosen)
    session.add(sample)
    session.flush()
    data = {"sample_id": str(sample.id), "reviewers": chosen, "review_unit": row.unit}
    get_engine().start(session, PROCESS, Actor.system("抽查"), case_id=case_id, link="案卷抽查", data=data)
