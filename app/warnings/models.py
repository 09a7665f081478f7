"""Records of 预警函: the bureau's warning with its items and letters, the county's file, the 问题清单, what was published.

The two sides keep their own records: ``warning*`` and ``problem*`` are the bureau's, ``county_letter`` is the government's copy of what
was sent to it with its own answer. Only the items of the bureau name petitions; nothing that leaves does.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base

UUIDS = ARRAY(PgUUID(as_uuid=True))
EMPTY = text("'[]'")
NONE = text("0")


class EarlyWarning(Base):
    """One county's concentrated problems of one month. It shares its id with the engine's case."""

    __tablename__ = "warning"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    month: Mapped[str]  # the month looked at, 2026-03
    county: Mapped[str]
    county_org: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # gov-<county>
    number: Mapped[str | None] = mapped_column(unique=True)  # 洪环警〔2026〕3号 of the first letter
    letters: Mapped[int] = mapped_column(server_default=NONE, default=0)  # how many were sent
    demand: Mapped[str | None]
    state: Mapped[str]  # one of words.STATES
    problems: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # 问题清单 as judged: problem, standard, deadline …
    unit: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))  # who verifies its problems
    drafted_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]  # the letter was not out in time
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    receipt_late_at: Mapped[datetime | None]
    receipt_at: Mapped[datetime | None]
    response_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]  # to the city's government
    judged_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("month", "county_org"), Index(None, "county", "month"))


class WarningItem(Base):
    """One concentrated problem: its figures, the rules that drafted it, its petitions, and the words the letter uses."""

    __tablename__ = "warning_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    warning: Mapped[UUID] = mapped_column(ForeignKey("warning.case_id"))
    no: Mapped[int]  # as the letter counts; 0: the office took it out
    kind: Mapped[str]  # kind | source | place | hand
    key: Mapped[str] = mapped_column(server_default="")  # the kind, the enterprise's id, the place's key
    count: Mapped[int] = mapped_column(server_default=NONE, default=0)
    last_month: Mapped[int] = mapped_column(server_default=NONE, default=0)
    last_year: Mapped[int] = mapped_column(server_default=NONE, default=0)  # the same month of the year before
    repeats: Mapped[int] = mapped_column(server_default=NONE, default=0)
    overdue: Mapped[int] = mapped_column(server_default=NONE, default=0)
    unresolved: Mapped[int] = mapped_column(server_default=NONE, default=0)
    households: Mapped[int] = mapped_column(server_default=NONE, default=0)
    cases: Mapped[list[UUID]] = mapped_column(UUIDS, server_default=text("'{}'"), default=list)
    reasons: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {rule, text}
    title: Mapped[str]
    text: Mapped[str]
    __table_args__ = (Index(None, "warning", "no"),)


class WarningLetter(Base):
    """A letter that was sent, frozen as it left."""

    __tablename__ = "warning_letter"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    warning: Mapped[UUID] = mapped_column(ForeignKey("warning.case_id"))
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # letter | again
    text: Mapped[str]
    report: Mapped[str | None]  # what the city's government was told with a further letter
    items: Mapped[list[Any]]  # {item, title, text}
    sent_at: Mapped[datetime]
    signer: Mapped[str]
    __table_args__ = (Index(None, "warning", "sent_at"),)


class WarningResponse(Base):
    """What the county's government answered to one item, as the bureau received it."""

    __tablename__ = "warning_response"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    warning: Mapped[UUID] = mapped_column(ForeignKey("warning.case_id"))
    letter_no: Mapped[str]
    item: Mapped[str]
    measure: Mapped[str]
    owner: Mapped[str | None]
    by: Mapped[date | None]
    received_at: Mapped[datetime]
    __table_args__ = (Index(None, "warning", "received_at"),)


class CountyLetter(Base):
    """The government's side: one letter it got, on its own file, with receipt and answer."""

    __tablename__ = "county_letter"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # the county's file
    warning: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # whom the answer goes to
    county_org: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    month: Mapped[str]
    number: Mapped[str]
    kind: Mapped[str]  # letter | again
    text: Mapped[str]
    items: Mapped[list[Any]]
    received_at: Mapped[datetime]
    receipt_at: Mapped[datetime | None]
    receipt_by: Mapped[str | None]
    response_at: Mapped[datetime | None]
    response_by: Mapped[str | None]
    response: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {item, measure, owner, by}
    note: Mapped[str | None]
    __table_args__ = (
        Index(None, "case_id", "received_at"),
        Index(None, "county_org", "received_at"),
        Index(None, "warning", "received_at"),
    )


class Problem(Base):
    """One line of the 问题清单: a file of its own, checked until it is done."""

    __tablename__ = "problem"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    warning: Mapped[UUID] = mapped_column(ForeignKey("warning.case_id"))
    no: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)  # 洪环警〔2026〕3号-2
    county: Mapped[str]
    month: Mapped[str]
    title: Mapped[str]
    standard: Mapped[str]  # what counts as done
    deadline: Mapped[date]
    owner: Mapped[str | None]  # who puts it right, as the county named it
    unit: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # who verifies it; late, it is supervised
    state: Mapped[str]  # one of words.PROBLEM_STATES
    public: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # cleared by legal
    checks: Mapped[int] = mapped_column(server_default=NONE, default=0)
    escalations: Mapped[int] = mapped_column(server_default=NONE, default=0)
    opened_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("warning", "no"), Index(None, "county", "deadline"), Index(None, "unit", "deadline"))


class ProblemCheck(Base):
    """One 调度 or one 现场核查 of a problem."""

    __tablename__ = "problem_check"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("problem.case_id"))
    kind: Mapped[str]  # check | verify
    result: Mapped[str]  # done | going | late; passed | failed
    note: Mapped[str]
    day: Mapped[date]
    people: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # officers on site
    evidence: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)
    by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "case_id", "at"),)


class Publication(Base):
    """Rows for the public, frozen in the words that were cleared."""

    __tablename__ = "publication"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]  # problems 问题整改清单 | results 查处整改情况
    period: Mapped[str]  # month: of the warning, of the verification
    county: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # the warning or the problem it came from
    rows: Mapped[list[Any]]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]
    __table_args__ = (Index(None, "kind", "period", "county"), UniqueConstraint("kind", "case_id"))
