"""Lists of files."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.files.models import File


def of_case(session: Session, case_id: UUID) -> list[File]:
    """The files of a case, the newest first."""
    query = select(File).where(File.case_id == case_id, File.removed_at.is_(None)).order_by(File.uploaded_at.desc(), File.id.desc())
    return list(session.scalars(query))


def by_ids(session: Session, ids: Iterable[UUID]) -> dict[UUID, File]:
    """Those of the ids that are files and were not removed."""
    query = select(File).where(File.id.in_(list(ids)), File.removed_at.is_(None))
    return {file.id: file for file in session.scalars(query)}
