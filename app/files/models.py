"""Files of a case (材料). The row says what and whose; the bytes lie in the storage under their hash."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class File(Base):
    """One upload. Two uploads of the same bytes are two rows over one stored file.

    ``case_id`` is empty while a registration is being typed: such a file is its uploader's alone until it is attached.
    """

    __tablename__ = "file"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    task_id: Mapped[UUID | None]  # the step it was handed in with
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str]
    kind: Mapped[str]  # one of content.LABELS: pdf, image, office, text, audio, video
    sha256: Mapped[str]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    uploaded_name: Mapped[str]
    uploaded_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None]
    confined: Mapped[list[str] | None]  # copied from the case by the database
    __table_args__ = (Index(None, "case_id"), Index(None, "sha256"))
