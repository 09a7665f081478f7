"""行政处罚登记: the few facts of a penalty case that the fine block, 以罚代管, 以罚代刑 and detention read."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from app.transfers.models_base import EMPTY, Confined
from workflows.tables import Base
from workflows.time import now


class PenaltyCase(Confined, Base):
    """One penalty case (行政处罚案件). Amounts are yuan."""

    __tablename__ = "penalty_case"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(unique=True)  # the bureau's own, e.g. 洪环罚立〔2026〕12号
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    county: Mapped[str | None]
    party: Mapped[str]
    party_key: Mapped[str]  # the name without spaces and punctuation
    act: Mapped[str]
    act_kind: Mapped[str]  # words.ACT_KINDS: what counts as the same kind of act
    act_from: Mapped[date | None]
    act_to: Mapped[date | None]
    filed_on: Mapped[date]  # 立案
    decide_by: Mapped[date]  # 处罚法60, by rule from filed_on, moved by holds
    decided_on: Mapped[date | None]
    decision_no: Mapped[str | None]
    kinds: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # words.PENALTIES
    amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    confiscated: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    served_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    paid_on: Mapped[date | None]
    paid_amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    rectify_order: Mapped[str | None]  # what was ordered
    rectify_by: Mapped[date | None]
    rectified_checked_on: Mapped[date | None]
    rectified_checked_by: Mapped[str | None]
    recheck_on: Mapped[date | None]
    recheck_result: Mapped[str | None]  # rectified | not_rectified | refused
    closed_on: Mapped[date | None]
    offset_amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))  # of the fine against a criminal one (处罚法35)
    offset_note: Mapped[str | None]
    screening: Mapped[dict[str, Any] | None]  # facts for the table, so that closed cases are looked at again
    subject_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the petition it came from
    note: Mapped[str | None]
    imported: Mapped[str | None]  # file it came from
    entered_by: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str | None]
    changed_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "organ", "filed_on"),
        Index(None, "party_key", "act_kind", "decided_on"),
        Index(None, "subject_case"),
        Index("ix_penalty_case_open", "decide_by", postgresql_where=text("decided_on is null and closed_on is null")),
    )
