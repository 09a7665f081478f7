"""Papers of a case, oldest first."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.papers.models import Paper


def of_case(session: Session, case_id: UUID) -> list[Paper]:
    return list(session.scalars(select(Paper).where(Paper.case_id == case_id).order_by(Paper.made_at, Paper.id)))


def kinds(session: Session, case_id: UUID) -> list[str]:
    """The kinds of paper the case has, each once: what the completeness rule asks."""
    found = session.execute(select(Paper.kind).where(Paper.case_id == case_id).order_by(Paper.id)).scalars()
    return list(dict.fromkeys(found))


def find(session: Session, paper_id: UUID) -> Paper | None:
    return session.get(Paper, paper_id)
