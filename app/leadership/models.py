"""Records of 领导包案: the file, its petitions, visits, promises and months, the ledger's history, reception days.

Personal: ``persons``, ``promised`` and ``record`` are what people wrote about visitors; they are shown by the masking of the petitions in
the file (``reading.py``). Everything else names no petitioner.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class LeaderCase(Base):
    """One ownership (包案). Columns come in the order of the procedure; it shares its id with the engine's case."""

    __tablename__ = "leader_case"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    number: Mapped[str | None] = mapped_column(unique=True)  # 洪环包〔2026〕3号
    title: Mapped[str]
    matter_key: Mapped[str]  # s:<enterprise> | p:<place> | g:<first petition>: one open file for each
    origin: Mapped[str]  # register | nightly | hand
    reasons: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"), default=list)  # rows of the entry table that fit
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)  # what the table was asked
    hand_reason: Mapped[str | None]  # opened by hand: why
    status: Mapped[str]  # one of options.STATUS
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opened_by: Mapped[str]

    # 提出、确定
    proposed_at: Mapped[datetime | None]
    proposed_by: Mapped[str | None]
    proposer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposal: Mapped[str | None]  # why this leader, what is to be solved
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    unit: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    assigned_on: Mapped[date | None]
    assigned_by: Mapped[str | None]
    assign_reason: Mapped[str | None]

    # 案情分析会
    met_at: Mapped[datetime | None]
    met_place: Mapped[str | None]
    present: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"), default=list)  # {name, post}
    cause: Mapped[str | None]
    responsibility: Mapped[str | None]
    met_recorded_by: Mapped[str | None]  # 甲 or 甲代乙

    # 化解方案
    measures: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"), default=list)  # {what, who, by}
    plan_deadline: Mapped[date | None]
    planned_at: Mapped[datetime | None]
    plan_signed_at: Mapped[datetime | None]
    plan_signed_by: Mapped[str | None]

    # 月度进展
    month_next: Mapped[date | None]  # the first day of the next month whose report is still to be asked for; none before and after

    # 结案
    exit_way: Mapped[str | None]  # settled | terminated
    exit_document: Mapped[str | None]
    exit_text: Mapped[str | None]
    exit_evidence: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"), default=list)  # {what, note}
    satisfaction: Mapped[str | None]  # satisfied | basic | unsatisfied
    exit_proposed_at: Mapped[datetime | None]
    exit_signed_at: Mapped[datetime | None]
    exit_signed_by: Mapped[str | None]
    asked_on: Mapped[date | None]  # the petitioner was asked
    confirmed_by: Mapped[str | None]
    returned_reason: Mapped[str | None]  # the last return, until the next proposal
    closed_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]  # closed or not entered

    __table_args__ = (
        Index("uq_leader_case_living", "matter_key", unique=True, postgresql_where=sql("ended_at is null")),
        Index("ix_leader_case_month", "month_next", postgresql_where=sql("month_next is not null")),
        Index(None, "owner_id", "ended_at"),
        Index(None, "opened_at"),
    )


class LeaderCasePetition(Base):
    """A petition in an ownership, and why. A petition may come into several files, one after the other."""

    __tablename__ = "leader_case_petition"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("leader_case.case_id"), primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)  # the petition's case
    added_at: Mapped[datetime] = mapped_column(default=now)
    why: Mapped[str]  # origin | same_source | same_person | hand
    __table_args__ = (Index(None, "petition_id"),)


class LeaderProposal(Base):
    """What was proposed for which reasons: the nightly search does not ask the same twice."""

    __tablename__ = "leader_proposal"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    reasons: Mapped[str] = mapped_column(primary_key=True)  # the reasons, sorted, joined by a comma
    at: Mapped[datetime] = mapped_column(default=now)
    origin: Mapped[str]  # register | nightly | hand


class LeaderVisit(Base):
    """One 接访 or 下访: when, where, who came, what was promised."""

    __tablename__ = "leader_visit"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("leader_case.case_id"))
    instance_id: Mapped[UUID | None]
    kind: Mapped[str]  # receive 接访 | go_down 下访
    held_at: Mapped[datetime]
    place: Mapped[str]
    persons: Mapped[str]  # personal
    by_owner: Mapped[bool]  # the owner was there in person
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # the leader who received; none: the unit alone
    record: Mapped[str | None]  # personal
    recorded_by: Mapped[str]  # 甲 or 甲代乙
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    logged_at: Mapped[datetime | None]  # entered in the ledger
    __table_args__ = (Index(None, "case_id", "held_at"), Index(None, "instance_id"))


class LeaderPromise(Base):
    """What was promised at a visit, with the day it is due: a clock of its own, its letter is this id."""

    __tablename__ = "leader_promise"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("leader_case.case_id"))
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("leader_visit.id"))
    what: Mapped[str]  # personal: in the words of the visit
    due_on: Mapped[date]
    kept_on: Mapped[date | None]
    evidence: Mapped[str | None]
    late: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    __table_args__ = (Index(None, "case_id"), Index(None, "visit_id"))


class LeaderMonth(Base):
    """The report of one month: asked for, given, or missed."""

    __tablename__ = "leader_month"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("leader_case.case_id"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)  # 2026-09
    asked_at: Mapped[datetime] = mapped_column(default=now)
    text: Mapped[str | None]
    state: Mapped[str | None]  # going | hard | near: how the matter stands
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[str | None]
    missed: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)  # not there at the month's end


class LeaderOwnerChange(Base):
    """更换包案领导: who owned it before, and why it changed."""

    __tablename__ = "leader_owner_change"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("leader_case.case_id"))
    instance_id: Mapped[UUID | None]
    from_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str]
    __table_args__ = (Index(None, "case_id", "at"),)


class LedgerCell(Base):
    """What a cell of the ledger said from when to when; written in the transaction of the change. Names of petitioners are masked."""

    __tablename__ = "ledger_cell"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("leader_case.case_id"))
    field: Mapped[str]  # a key of ledger.COLUMNS
    value: Mapped[str]  # as the ledger shows it
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]  # none: still so
    event_id: Mapped[int]  # the line of the audit that says the same
    __table_args__ = (
        Index("uq_ledger_cell_living", "case_id", "field", unique=True, postgresql_where=sql("to_at is null")),
        Index(None, "case_id", "field", "from_at"),
    )


class LedgerView(Base):
    """A person's saved way of looking at the ledger: columns in order, and filters."""

    __tablename__ = "ledger_view"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[list[Any]]
    filters: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"), default=dict)
    saved_at: Mapped[datetime] = mapped_column(default=now)


class ReceptionDay(Base):
    """领导接访日: a leader sits for visitors."""

    __tablename__ = "reception_day"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    leader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    place: Mapped[str]
    note: Mapped[str | None]
    created_by: Mapped[str]  # 甲 or 甲代乙
    created_at: Mapped[datetime] = mapped_column(default=now)
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str | None]
    __table_args__ = (Index(None, "leader_id", "day"), Index(None, "day"))


class ReceptionVisitor(Base):
    """Who comes to a reception day. ``case_id`` is a petition's or an ownership's; a visitor without one has a topic only."""

    __tablename__ = "reception_visitor"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    reception_day_id: Mapped[UUID] = mapped_column(ForeignKey("reception_day.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    topic: Mapped[str]  # what about; no names
    place_in_line: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(server_default="waiting", default="waiting")  # waiting | received | absent
    record: Mapped[str | None]  # personal
    recorded_by: Mapped[str | None]  # 甲 or 甲代乙
    received_at: Mapped[datetime | None]
    leader_visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("leader_visit.id"))
    __table_args__ = (
        Index("uq_reception_visitor_place", "reception_day_id", "place_in_line", unique=True),
        Index(None, "case_id"),
    )
