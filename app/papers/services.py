"""Making papers. A paper is written once, in the transaction of the step that issues it; only its delivery is added later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.papers.models import Paper
from workflows.handlers import Actor, Ctx

__all__ = ["Paper", "issue", "owed_once", "put", "record_delivery"]

Lines = Sequence[tuple[str, str]]


def issue(
    ctx: Ctx, kind: str, content: Lines, *, personal: Lines = (), number: str | None = None, round: int = 1, sealed: bool = False,
    ref: str | None = None, delivered: dict[str, Any] | None = None,
) -> Paper:  # fmt: skip
    """Write a paper of the case a step works on. One that carries personal lines is flagged: it names the petitioner."""
    instance = ctx.step.instance
    paper = _paper(ctx.session, ctx.case.id, kind, content, ctx.actor, ctx.now)
    paper.organ_id = paper.organ_id or ctx.case.attrs.get("intake_org")  # what the worker writes is the petition office's
    paper.instance_id, paper.task_id, paper.element = instance.id if instance else None, ctx.task_id, ctx.element
    paper.personal, paper.reporter = [list(line) for line in personal], bool(personal)
    paper.number, paper.round, paper.sealed, paper.ref, paper.delivered = number, round, sealed, ref, delivered
    ctx.session.flush()
    ctx.event(f"文书：{kind}", {"paper": str(paper.id), **({"number": number} if number else {})}, kind="paper")
    return paper


def put(session: Session, case_id: UUID, kind: str, content: Lines, actor: Actor, at: datetime) -> Paper:
    """A paper a person makes outside a step (closing an open item)."""
    paper = _paper(session, case_id, kind, content, actor, at)
    session.flush()
    return paper


def _paper(session: Session, case_id: UUID, kind: str, content: Lines, actor: Actor, at: datetime) -> Paper:
    paper = Paper(
        id=uuid7(), case_id=case_id, kind=kind, content=[list(line) for line in content], personal=[], round=1,
        made_by=actor.id, maker=actor.shown, organ_id=actor.org, made_at=at,
    )  # fmt: skip
    session.add(paper)
    return paper


def record_delivery(session: Session, case_id: UUID, kinds: Sequence[str], delivered: dict[str, Any]) -> None:
    """Note on the newest paper of these kinds how and when it was served."""
    found = select(Paper).where(Paper.case_id == case_id, Paper.kind.in_(kinds)).order_by(Paper.made_at.desc(), Paper.id.desc())
    paper = session.scalars(found.limit(1)).first()
    if paper is not None:
        paper.delivered = delivered
        session.flush()


def owed_once(session: Session, case_id: UUID, kind: str, ref: str) -> bool:
    """Is the one paper of that kind for that reason still to be made?"""
    return session.scalar(select(Paper.id).where(Paper.case_id == case_id, Paper.kind == kind, Paper.ref == ref).limit(1)) is None
