"""The record of a matter: its row, its letters, and what a completed form leaves on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.petitions.record import as_date, as_moment
from app.supervision.models import Matter, MatterLetter, MatterReferral, MatterRequest, ReviewSample
from workflows.handlers import Ctx
from workflows.library import uuid_or_none

Answer = dict[str, Any]
POINTS = ("p_intake", "p_period", "p_facts", "p_answer", "p_volume")


def matter_of(session: Session, case_id: UUID) -> Matter:
    """The record of a case under 督办; it has one from its first step on."""
    return session.get_one(Matter, case_id)


def open_matter(session: Session, subject: UUID | None) -> Matter | None:
    """The one open matter about a case."""
    if subject is None:
        return None
    return session.scalars(select(Matter).where(Matter.subject_case == subject, Matter.closed_at.is_(None))).first()


def subject_of(request: Mapping[str, Any]) -> UUID | None:
    """The case a request is about: named in it, else the one it comes from."""
    return uuid_or_none(request.get("subject")) or uuid_or_none(request.get("from_case"))


def letters(session: Session, case_id: UUID) -> list[MatterLetter]:
    """All letters of a matter, the oldest first; a draft not sent yet is the last."""
    return list(session.scalars(select(MatterLetter).where(MatterLetter.case_id == case_id).order_by(MatterLetter.id)))


def requests(session: Session, case_id: UUID) -> list[MatterRequest]:
    return list(session.scalars(select(MatterRequest).where(MatterRequest.case_id == case_id).order_by(MatterRequest.id)))


def unsent(ctx: Ctx) -> MatterLetter:
    """The letter being drafted: one at a time."""
    query = select(MatterLetter).where(MatterLetter.case_id == ctx.case.id, MatterLetter.sent_at.is_(None))
    found = ctx.session.scalars(query.order_by(MatterLetter.id.desc()).limit(1)).first()
    if found is None:
        found = MatterLetter(case_id=ctx.case.id, step="")
        ctx.session.add(found)
    return found


def current(ctx: Ctx) -> MatterLetter:
    """The letter that was sent last: what is signed for, answered and judged now."""
    query = select(MatterLetter).where(MatterLetter.case_id == ctx.case.id, MatterLetter.sent_at.is_not(None))
    return ctx.session.scalars(query.order_by(MatterLetter.sent_at.desc(), MatterLetter.id.desc()).limit(1)).one()


def letter_in(ctx: Ctx, data: Answer) -> MatterLetter:
    """The letter the unit's instance is about."""
    found = ctx.session.get(MatterLetter, uuid_or_none(data.get("letter")))
    return found if found is not None and found.case_id == ctx.case.id else current(ctx)


def keep(ctx: Ctx, element: str, answer: Answer, data: Answer) -> None:
    """Put the answer of a completed step on the record. ``data``: the process data of that step."""
    if element in KEEPS:
        KEEPS[element](ctx, answer, data)
        ctx.session.flush()


def _draft_letter(ctx: Ctx, a: Answer, data: Answer) -> None:
    row = unsent(ctx)
    row.step, row.drafted_by, row.drafted_at = str(data["step"]), ctx.actor.shown, ctx.now
    row.facts, row.breach, row.demand, row.advice = a["facts"], a["breach"], a["demand"], a.get("advice")
    row.meet_at, row.meet_place, row.scope = as_moment(a.get("meet_at")), a.get("meet_place"), a.get("scope")
    row.wanted_by = as_date(a.get("reply_by"))


def _refer_liability(ctx: Ctx, a: Answer, data: Answer) -> None:
    referral = MatterReferral(case_id=ctx.case.id, codes=a["codes"], refer_to=a["refer_to"], addressee=a["addressee"], clue=a["clue"])
    referral.persons, referral.at, referral.by = a.get("persons", []), ctx.now, ctx.actor.shown
    ctx.session.add(referral)
    row = unsent(ctx)
    row.step, row.drafted_by, row.drafted_at, row.demand = "refer", ctx.actor.shown, ctx.now, a["demand"]


def _sign_for(ctx: Ctx, a: Answer, data: Answer) -> None:
    row = letter_in(ctx, data)
    row.signed_for_at, row.signed_for_by = as_moment(a["signed_at"]), a.get("signed_by") or ctx.actor.shown


def _reply(ctx: Ctx, a: Answer, data: Answer) -> None:
    row = letter_in(ctx, data)
    row.replied_at, row.adopt, row.reason, row.situation = ctx.now, a.get("adopt"), a.get("reason"), a["situation"]
    row.measures, row.plan, row.promised_by = a["measures"], a.get("plan"), as_date(a.get("promised_by"))


def _do_measures(ctx: Ctx, a: Answer, data: Answer) -> None:
    row = letter_in(ctx, data)
    row.result_at, row.result, row.done = ctx.now, a["work"], a["done"]


def _judge(ctx: Ctx, a: Answer, data: Answer) -> None:
    row = current(ctx)
    row.verdict, row.opinion, row.judged_at = a["verdict"], a["opinion"], ctx.now


def _confirm(ctx: Ctx, a: Answer, data: Answer) -> None:
    if a["closed"]:
        matter = matter_of(ctx.session, ctx.case.id)
        matter.way, matter.evidence = a["way"], a["evidence"]


def _score(ctx: Ctx, a: Answer, data: Answer) -> None:
    """One reviewer's points; the other's stay as they are. The case is locked, so both fit into one row."""
    sample = ctx.session.get_one(ReviewSample, UUID(str(data["sample_id"])))
    points = {name: a[name] for name in POINTS}
    given = {**points, "total": sum(points.values()), "remark": a.get("remark", ""), "at": ctx.now.isoformat(), "by": ctx.actor.shown}
    sample.scores = {**sample.scores, str(data.get("reviewer") or ctx.actor.id): given}


KEEPS: dict[str, Callable[[Ctx, Answer, Answer], None]] = {
    "draft_letter": _draft_letter,
    "refer_liability": _refer_liability,
    "sign_for": _sign_for,
    "reply": _reply,
    "do_measures": _do_measures,
    "judge": _judge,
    "confirm_desk": _confirm,
    "confirm_leader": _confirm,
    "confirm_head": _confirm,
    "score": _score,
}
