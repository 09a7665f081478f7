"""What the drafter of a letter finds filled in: which periods passed, what was sent before and what came of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.supervision.models import Matter, MatterLetter
from app.supervision.words import STEPS, TRIGGERS
from workflows.errors import NotFound
from workflows.handlers import Ctx
from workflows.tables import Case, Clock
from workflows.time import local

MOST = 5  # overdue periods named in one letter


def facts(ctx: Ctx, matter: Matter, letters: list[MatterLetter]) -> str:
    """The way so far: why, about what, which letters and what was answered."""
    subject = ctx.session.get(Case, matter.subject_case) if matter.subject_case else None
    said = [
        f"{subject.number or ''}“{subject.title}”{TRIGGERS[matter.trigger]}。" if subject is not None else f"{TRIGGERS[matter.trigger]}。"
    ]
    if matter.grounds:
        said.append(matter.grounds)
    said += [_letter(row) for row in letters if row.sent_at is not None]
    return "".join(said)


def _letter(row: MatterLetter) -> str:
    assert row.sent_at is not None
    sent = f"{local(row.sent_at):%Y年%-m月%-d日}发出{STEPS[row.step]}{f'（{row.number}）' if row.number else ''}"
    if row.replied_at is None:
        return f"{sent}，未按要求书面回复。"
    came = f"{sent}，{local(row.replied_at):%-m月%-d日}回复"
    if row.verdict == "poor":
        return f"{came}，审核不合格。"
    if row.measures and not row.done:
        return f"{came}，承诺整改，尚未完成。"
    return f"{came}。"


def breach(ctx: Ctx, subject: UUID | None, rule: str | None) -> str:
    """The periods that passed, with their articles; the one named in the request first."""
    if subject is None:
        return ""
    return "；".join(_period(ctx, clock) for clock in overdue(ctx.session, subject, rule))


def overdue(session: Session, case_id: UUID, rule: str | None = None) -> list[Clock]:
    """Duties of a case that passed their due moment and are still owed."""
    query = select(Clock).where(Clock.case_id == case_id, Clock.overdue_at.is_not(None), Clock.status == "running")
    found = sorted(session.scalars(query), key=lambda c: (c.rule != rule, c.due_at))
    return found[:MOST]


def _period(ctx: Ctx, clock: Clock) -> str:
    last = local(clock.due_at - timedelta(seconds=1))
    try:
        law = ctx.engine.rules.get(clock.rule, local(clock.from_at).date())
    except NotFound:
        return f"期限已于{last:%Y年%-m月%-d日}届满"
    return f"{law.citation}“{law.label}”（{law.period}）已于{last:%Y年%-m月%-d日}届满"
