"""What came in from a file: where from, what was suggested, and what it became. One row a complaint, once per source."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class Imported(Base):
    """A row of an imported file that became a pending registration, or a closed record (``historic``) without an instance."""

    __tablename__ = "imported"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    source: Mapped[str]  # where the external number is unique: a platform, a hotline
    outside_no: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # empty for a historic record
    subject: Mapped[str]
    submitted_at: Mapped[datetime | None]  # when the petitioner wrote; our clocks run from the import day
    suggested: Mapped[dict[str, Any]]  # field → value the keyword table proposed (待核)
    historic: Mapped[dict[str, Any] | None]  # the closed record: statement, reply, replied_at and the other columns
    file_name: Mapped[str]
    row_no: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(default=now)
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (Index("uq_imported_source_outside_no", "source", "outside_no", unique=True), Index(None, "case_id"))
