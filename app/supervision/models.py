"""Records of 督办: the matter, who asked for it, its letters, the proposal of liability; and the sample review (抽查)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class Matter(Base):
    """One matter under 督办 (督办件). It shares its id with the engine's case. Of one subject at most one is open."""

    __tablename__ = "matter"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # 洪环督〔2026〕3号
    subject_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the petition, ownership or problem it is about
    unit: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # who is supervised
    desk_org: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # whose 督办岗 works on it; never the unit's own
    county: Mapped[str | None]
    kind: Mapped[str | None]
    trigger: Mapped[str]  # of the first request; words.TRIGGERS
    grounds: Mapped[str | None]  # by hand: why
    step: Mapped[str | None]  # the rung of the ladder it stands on; words.STEPS
    rounds: Mapped[int] = mapped_column(server_default="0", default=0)  # how often it was escalated
    rectify_by: Mapped[date | None]
    moved: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # the day of rectification was moved, once
    adopted_paper: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))  # 催办通知书 the subject's own file had issued
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    way: Mapped[str | None]  # closed | in_error
    evidence: Mapped[str | None]
    __table_args__ = (
        Index("uq_matter_open_subject", "subject_case", unique=True, postgresql_where=text("closed_at is null")),
        Index(None, "subject_case"),
        Index(None, "unit", "opened_at"),
        Index(None, "opened_at", "case_id"),
        Index("ix_matter_open", "unit", postgresql_where=text("closed_at is null")),
    )


class MatterRequest(Base):
    """One request for 督办: the first opened the matter, later ones joined it. Each is answered when the matter is closed."""

    __tablename__ = "matter_request"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("matter.case_id"))
    requester_kind: Mapped[str]  # petition | leader_case | problem | review | transfer | by_hand
    requester_id: Mapped[UUID | None]
    from_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the case that asked, and is answered
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_link.id"))
    trigger: Mapped[str]
    rule: Mapped[str | None]  # the period that passed
    at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "from_case"))


class MatterLetter(Base):
    """One letter to the supervised unit, from its draft to what the unit did and the desk said to it."""

    __tablename__ = "matter_letter"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("matter.case_id"))
    step: Mapped[str]
    number: Mapped[str | None]  # 洪环督函〔2026〕5号, given when it is sent
    facts: Mapped[str | None]
    breach: Mapped[str | None]
    demand: Mapped[str | None]
    advice: Mapped[str | None]
    meet_at: Mapped[datetime | None]
    meet_place: Mapped[str | None]
    scope: Mapped[str | None]
    wanted_by: Mapped[date | None]  # an earlier day than the rule's, if the draft asks for one
    drafted_by: Mapped[str | None]
    drafted_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    reply_by: Mapped[datetime | None]  # due moment of the reply
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))
    signed_for_at: Mapped[datetime | None]
    signed_for_by: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    adopt: Mapped[bool | None]
    reason: Mapped[str | None]  # why not adopted
    situation: Mapped[str | None]
    measures: Mapped[bool | None]
    plan: Mapped[str | None]
    promised_by: Mapped[date | None]
    result_at: Mapped[datetime | None]
    result: Mapped[str | None]
    done: Mapped[bool | None]  # False: an interim report
    verdict: Mapped[str | None]  # done | measures | poor, the last one given
    opinion: Mapped[str | None]
    judged_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id", "id"), Index("ix_matter_letter_sent", "sent_at", postgresql_where=text("sent_at is not null")))


class MatterReferral(Base):
    """A proposal of liability (法典1084): for the organ it goes to, never shown to the supervised unit (条例30)."""

    __tablename__ = "matter_referral"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("matter.case_id"))
    number: Mapped[str | None]
    codes: Mapped[list[Any]]  # 条例43–46: c43 … c46_7
    refer_to: Mapped[str]  # appoint | inspect
    addressee: Mapped[str]
    persons: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    clue: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str]
    __table_args__ = (Index(None, "case_id"),)


class ReviewDraw(Base):
    """The monthly draw of one unit's finished petitions. ``seed`` over the sorted ids gives the same sample to anybody who draws again."""

    __tablename__ = "review_draw"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    month: Mapped[str]  # of the archiving, e.g. 2026-09
    unit: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    closed: Mapped[int]  # how many were archived in that month
    share: Mapped[int]  # percent, as set that day
    least: Mapped[int]
    size: Mapped[int]  # how many were drawn
    drawn_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("month", "unit"),)


class ReviewSample(Base):
    """One drawn petition and what its reviewers found."""

    __tablename__ = "review_sample"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("review_draw.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    reviewers: Mapped[list[Any]]  # person ids
    scores: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)  # person id → points, total, remark
    points: Mapped[float | None]  # average of the totals
    passed: Mapped[bool | None]
    scored_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("draw_id", "case_id"), Index(None, "case_id"))
