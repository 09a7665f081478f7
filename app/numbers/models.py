"""Records of the numbers: what is known of each petition, summed by month. Both can be made anew from the cases at any time."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables import Base


class PetitionFact(Base):
    """What the indicators ask of one petition. Days are China's; a day in ``…_on`` is the day a number is counted on.

    A yes or no that is not decided yet is empty: the period still runs and nobody was late.
    """

    __tablename__ = "petition_fact"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    county: Mapped[str]
    unit: Mapped[str]  # who handles it; before that, where it was received
    kind: Mapped[str]
    channel: Mapped[str]
    klass: Mapped[str]
    sealed: Mapped[bool]
    received_on: Mapped[date]
    finished_on: Mapped[date | None]  # answered, or closed without an answer
    archived_on: Mapped[date | None]
    closed_as: Mapped[str | None]
    sampled: Mapped[bool]  # drawn for a sample review

    notify_due_on: Mapped[date | None]  # empty: no notice is owed
    notify_in_time: Mapped[bool | None]
    answer_due_on: Mapped[date | None]
    answer_in_time: Mapped[bool | None]
    answered_on: Mapped[date | None]
    days: Mapped[int | None] = mapped_column(SmallInteger)  # from the day after receipt to the answer

    rating_due_on: Mapped[date | None]  # empty: nobody was asked
    rated: Mapped[bool | None]
    rated_on: Mapped[date | None]
    satisfied: Mapped[bool | None]
    repeat: Mapped[bool]
    settled: Mapped[bool | None]  # of a first item with an answer

    late_on: Mapped[date | None]  # the first duty that went past its day
    overdue: Mapped[bool]  # some duty is past its day now
    bounces: Mapped[int] = mapped_column(SmallInteger)
    turns_at: Mapped[datetime | None]  # the next moment at which time alone changes this row

    __table_args__ = (
        Index(None, "received_on", "case_id"),
        Index(None, "finished_on", "case_id"),
        Index(None, "notify_due_on", "case_id"),
        Index(None, "answer_due_on", "case_id"),
        Index(None, "answered_on", "case_id"),
        Index(None, "rating_due_on", "case_id"),
        Index(None, "archived_on", "case_id"),
        Index("ix_petition_fact_rated_on", "rated_on", "case_id", postgresql_where=text("rated_on is not null")),
        Index("ix_petition_fact_late_on", "late_on", "case_id", postgresql_where=text("late_on is not null")),
        Index("ix_petition_fact_bounced", "case_id", postgresql_where=text("bounces > 0")),
        Index("ix_petition_fact_turns_at", "turns_at", postgresql_where=text("turns_at is not null")),
    )


class NumberMonth(Base):
    """The lines of one number in one month, added up: for each county, unit and kind, each pair of them, each alone, and all together.

    ``level`` says which of the three a row tells apart (county 1 + unit 2 + kind 4); the others stand as ``*``. So a page reads as few rows
    as its table has cells, whatever it is cut or narrowed by.
    """

    __tablename__ = "number_month"
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    key: Mapped[str] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    num: Mapped[int]
    den: Mapped[int]


class NumberState(Base):
    """How far the numbers have come: one row."""

    __tablename__ = "number_state"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger)  # every event up to here is counted
    as_of: Mapped[datetime]  # 统计截至
