"""移送行政拘留: the bureau's file, its persons, the police's file, and what the police answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from app.transfers.models_base import EMPTY, NO, NONE, OBJECT, Confined
from workflows.tables import Base
from workflows.time import now


class Detention(Confined, Base):
    """The bureau's file of one case that may be transferred for detention (移送行政拘留)."""

    __tablename__ = "detention"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # 洪环拘〔2026〕3号
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    unit: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    county: Mapped[str | None]
    police: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    penalty_id: Mapped[UUID | None] = mapped_column(ForeignKey("penalty_case.id"))
    subject_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    transfer_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the criminal question of the same act
    title: Mapped[str]
    party: Mapped[str]
    act: Mapped[str]
    act_from: Mapped[date | None]
    act_to: Mapped[date | None]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=OBJECT, default=dict)
    grounds: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {item, law, days, lighter, unsure}
    other_law: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # an old act decided now: rows of the other law
    lighter: Mapped[str | None]  # which law was taken as the lighter (法典1057)
    table_version: Mapped[str | None]
    state: Mapped[str]  # words.DETENTION_STATES
    check_state: Mapped[str | None]  # ready | crime | wait
    check_why: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)
    form_reason: Mapped[str | None]
    form_by: Mapped[str | None]
    form_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decision_reason: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    copies: Mapped[bool] = mapped_column(server_default=NO, default=False)
    sent_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # detained | returned | no_ground | criminal | refused
    outcome_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "organ", "opened_at"),
        Index(None, "penalty_id"),
        Index(None, "subject_case"),
        Index("ix_detention_open", "organ", "state", postgresql_where=text("closed_at is null")),
    )


class DetentionPerson(Confined, Base):
    """A person proposed for detention, and what the police decided."""

    __tablename__ = "detention_person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    no: Mapped[int]
    name: Mapped[str]
    id_no: Mapped[str | None]  # personal
    role: Mapped[str]  # 直接负责的主管人员 | 其他直接责任人员
    act: Mapped[str]
    detained: Mapped[bool | None]
    days: Mapped[int | None]
    decision_no: Mapped[str | None]
    decided_on: Mapped[date | None]
    __table_args__ = (UniqueConstraint("case_id", "no"),)


class DetentionPolice(Confined, Base):
    """The police's file of a detention transfer (行政案件)."""

    __tablename__ = "detention_police"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    number: Mapped[str]  # the bureau's
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    bureau: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    bureau_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    letter_no: Mapped[str]
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_package.id"))
    title: Mapped[str]
    party: Mapped[str]
    state: Mapped[str]
    arrived_at: Mapped[datetime]
    accepted_no: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    extensions: Mapped[int] = mapped_column(server_default=NONE, default=0)
    extension_log: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {asked, granted, reason, by, at, due}
    persons: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {name, role, act, detained, days, decision_no}
    decision: Mapped[str | None]  # decided | returned
    reasons: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "number"), Index(None, "organ", "arrived_at"))


class DetentionNotice(Confined, Base):
    """What the police told the bureau about a detention transfer, and what the bureau supplied."""

    __tablename__ = "detention_notice"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # of the organ that keeps the row
    number: Mapped[str]
    letter_no: Mapped[str]
    kind: Mapped[str]  # supplement | decided | returned | supplied
    wanted: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)
    reasons: Mapped[str | None]
    persons: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_package.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str]
    __table_args__ = (Index(None, "case_id", "at"), Index(None, "number"))
