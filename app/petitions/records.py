"""What happens to a petition more than once or beside its main path: a row each, so that nothing is overwritten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class Transfer(Base):
    """A 转送（交办）函 to a unit, and what the unit said to it."""

    __tablename__ = "petition_transfer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    unit: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    sender_org: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    sent_at: Mapped[datetime] = mapped_column(default=now)
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    objection: Mapped[str | None]  # the reason
    competent_unit: Mapped[str | None]
    decision: Mapped[str | None]  # agree | refuse | lapsed | arbitrated
    decision_reason: Mapped[str | None]
    notified_on: Mapped[date | None]  # the unit told the petitioner
    __table_args__ = (Index(None, "case_id", "sent_at"),)


class Supplement(Base):
    """A request to complete the item (补正), and what came of it."""

    __tablename__ = "petition_supplement"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    missing: Mapped[list[Any]]
    sent_on: Mapped[date]
    supplied_on: Mapped[date | None]
    document: Mapped[str | None]
    lapsed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id"),)


class Reception(Base):
    """An appointment to hear the petitioner (接待) and its record."""

    __tablename__ = "petition_reception"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    host: Mapped[str]  # handler | leader | joint
    arranged_at: Mapped[datetime]
    place: Mapped[str]
    partners: Mapped[str | None]
    result: Mapped[str | None]  # held | absent | waived
    held_at: Mapped[datetime | None]
    attendees: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)  # personal
    statement: Mapped[str | None]  # personal
    promises: Mapped[str | None]
    held_by: Mapped[str | None]
    note: Mapped[str | None]
    __table_args__ = (Index(None, "case_id", "id"),)


class Appeal(Base):
    """A 复查 or 复核: one row a request."""

    __tablename__ = "petition_appeal"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    round_no: Mapped[int]
    stage: Mapped[str]  # review | recheck
    organ: Mapped[str | None]  # name of the organ that decides
    organ_id: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    internal: Mapped[bool]
    requested_on: Mapped[date]  # the day it was posted
    received_on: Mapped[date]
    document: Mapped[str | None]
    proposal: Mapped[str | None]
    reviewed: Mapped[str | None]
    opinion: Mapped[str | None]
    opinion_no: Mapped[str | None]
    outcome: Mapped[str | None]  # refused | uphold | change | remand
    refused_ground: Mapped[str | None]
    heard_at: Mapped[datetime | None]
    sent_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id", "id"),)


class Extension(Base):
    """A request to extend the period (延期), once a petition."""

    __tablename__ = "petition_extension"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    instance_id: Mapped[UUID] = mapped_column(unique=True)
    days: Mapped[int]
    reason: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(default=now)
    outcome: Mapped[str | None]  # approved | refused | too_late | cancelled
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision_reason: Mapped[str | None]
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    served_on: Mapped[date | None]
    __table_args__ = (Index(None, "case_id"),)


class Stop(Base):
    """A withdrawal (撤回) or merging (并入) that was asked for."""

    __tablename__ = "petition_stop"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    instance_id: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str]  # withdrawn | merged
    merge_target: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    keep_clue: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    note: Mapped[str]  # personal
    verified_at: Mapped[datetime] = mapped_column(default=now)
    verified_by: Mapped[str]
    decision: Mapped[str | None]  # approve | refuse
    decided_by: Mapped[str | None]
    decision_reason: Mapped[str | None]
    __table_args__ = (Index(None, "case_id"),)


class Instruction(Base):
    """A leader's written instruction (领导批示) and what was reported back."""

    __tablename__ = "petition_instruction"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    instance_id: Mapped[UUID] = mapped_column(unique=True)
    leader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    instructed_on: Mapped[date]
    due_on: Mapped[date]
    measures: Mapped[str | None]
    returned_reason: Mapped[str | None]
    read_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id"),)


class Rating(Base):
    """A petitioner's rating (满意度评价) of one answer: of the receiving and of the handling organ."""

    __tablename__ = "petition_rating"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    instance_id: Mapped[UUID | None] = mapped_column(unique=True)
    round_no: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    receiving: Mapped[str | None]  # 满意 | 基本满意 | 不满意
    handling: Mapped[str | None]
    comment: Mapped[str | None]  # personal
    rated_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]
    call_back: Mapped[str | None]  # justified | explained
    called_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id", "round_no"),)


class Execution(Base):
    """One round of carrying out an opinion, or of counselling (执行督促、疏导)."""

    __tablename__ = "petition_execution"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("petition.case_id"))
    instance_id: Mapped[UUID]
    done_on: Mapped[date | None]
    measures: Mapped[str | None]
    verdict: Mapped[str | None]  # done | not_done | refused
    verdict_reason: Mapped[str | None]
    counsel: Mapped[str | None]
    aid: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index(None, "case_id"), Index(None, "instance_id", "id"))
