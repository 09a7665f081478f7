"""A paper (文书): its kind, what it says, who made it when, and how it was served."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class Paper(Base):
    """One paper of a case. ``content`` and ``personal`` are lists of [label, value]; the second is shown by masking rules only."""

    __tablename__ = "paper"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    instance_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    element: Mapped[str | None]  # the step that made it
    kind: Mapped[str]  # 处理意见书 …
    number: Mapped[str | None]  # 洪环信〔2026〕12号, where the letter has one
    round: Mapped[int] = mapped_column(server_default="1", default=1)
    content: Mapped[list[Any]] = mapped_column(default=list)
    personal: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    reporter: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # carries the petitioner's identity
    sealed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    ref: Mapped[str | None]  # what one paper is owed for: a clock's id
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    maker: Mapped[str]
    organ_id: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    delivered: Mapped[dict[str, Any] | None]  # way, sent, received
    confined: Mapped[list[str] | None]  # copied from the case by the database
    __table_args__ = (
        Index(None, "case_id", "id"),
        Index("ix_paper_ref", "case_id", "kind", "ref", postgresql_where=text("ref is not null")),
    )
