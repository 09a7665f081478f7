"""What other areas ask about imported items."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.imports.models import Imported

PAGE = 50
WRITTEN = func.coalesce(Imported.submitted_at, Imported.imported_at)


def submitted_at(session: Session, case_id: UUID) -> datetime | None:
    """When the petitioner wrote an item that was imported; None for one that was registered by hand."""
    return session.scalar(select(Imported.submitted_at).where(Imported.case_id == case_id).limit(1))


def historic(session: Session, words: str = "", after: UUID | None = None) -> list[Imported]:
    """A page of closed records and one more, the newest complaint first; ``after`` is the last one seen."""
    query = select(Imported).where(Imported.historic.is_not(None))
    if words:
        text = Imported.historic["statement"].astext
        query = query.where(or_(Imported.subject.contains(words, autoescape=True), text.contains(words, autoescape=True)))
    if after is not None and (last := session.get(Imported, after)) is not None:
        query = query.where(tuple_(WRITTEN, Imported.id) < (last.submitted_at or last.imported_at, last.id))
    return list(session.scalars(query.order_by(WRITTEN.desc(), Imported.id.desc()).limit(PAGE + 1)))


def historic_record(session: Session, record_id: UUID) -> Imported | None:
    return session.scalar(select(Imported).where(Imported.id == record_id, Imported.historic.is_not(None)))
