"""What the inbox keeps besides the engine's tasks: notices to read (待阅) and cases somebody follows (关注)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class Notice(Base):
    """Something a holder should know: a clock is near or over, a message came too late. It carries no names of petitioners."""

    __tablename__ = "notice"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    holder: Mapped[str]  # p:<person id> | o:<organ id>:<role>
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_task.id"))
    kind: Mapped[str]  # warned | overdue | late_message | note
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
    read_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confined: Mapped[list[str] | None]  # copied from the case by the database
    __table_args__ = (
        Index("ix_notice_unread", "holder", "id", postgresql_where=sql("read_at is null")),
        Index("ix_notice_holder", "holder", "id"),
        Index(None, "case_id"),
    )


class Follow(Base):
    """A person keeps an eye on a case (关注)."""

    __tablename__ = "follow"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index(None, "person_id", "at"),)
