"""What other areas ask about imported items."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.imports.models import Imported


def submitted_at(session: Session, case_id: UUID) -> datetime | None:
    """When the petitioner wrote an item that was imported; None for one that was registered by hand."""
    return session.scalar(select(Imported.submitted_at).where(Imported.case_id == case_id).limit(1))
