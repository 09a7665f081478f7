"""The engine's tables. Twelve columns of a task are copies on purpose: an inbox reads one table and joins nothing.

``confined`` stands in each table for the same reason: the database's policies look at the row alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, MetaData, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """One metadata for engine and app, so one migration history describes the whole database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        UUID: PgUUID(as_uuid=True),
        str: Text,
        bytes: BYTEA,
    }


class Definition(Base):
    """A deployed version of a procedure folder, kept whole: a running case stays on the version it began with."""

    __tablename__ = "wf_definition"
    version: Mapped[str] = mapped_column(primary_key=True)  # hash over the folder's files
    name: Mapped[str]  # folder name, e.g. petition
    files: Mapped[dict[str, Any]]  # file name → text
    deployed_at: Mapped[datetime]
    current: Mapped[bool]
    __table_args__ = (Index("uq_wf_definition_current", "name", unique=True, postgresql_where=text("current")),)


class Case(Base):
    """A file (案卷): what instances, tasks, clocks, messages and links belong to. The app keeps its record under the same id."""

    __tablename__ = "wf_case"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    city: Mapped[str]
    number: Mapped[str | None] = mapped_column(unique=True)
    title: Mapped[str]
    attrs: Mapped[dict[str, Any]]  # the closed list of organisations and persons tasks are addressed to: unit, handler …
    facets: Mapped[dict[str, Any]]  # what lists filter by: county, kind, channel, confined …
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(server_default="open")  # open | closed
    overdue_at: Mapped[datetime | None]  # first overdue clock: the mark for 督办
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    confined: Mapped[list[str] | None]  # organs that may see the case; empty: whom the app lets. Its rows carry copies


class Instance(Base):
    """One running process of a case. ``state`` is empty once it has ended."""

    __tablename__ = "wf_instance"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    process: Mapped[str]  # process id of the diagram, e.g. petition, petition_rating
    version: Mapped[str] = mapped_column(ForeignKey("wf_definition.version"))
    status: Mapped[str]  # running | suspended | completed | cancelled
    state: Mapped[bytes | None]
    waits: Mapped[list[str]]  # what it waits for now: msg:petition.rated, due:answer, every:execution
    visited: Mapped[dict[str, Any]]  # process → elements passed, for the picture of the run
    link_id: Mapped[UUID | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    confined: Mapped[list[str] | None]
    __table_args__ = (Index(None, "case_id"),)


class Task(Base):
    """A step that waits for a person, or was done by one. ``answer`` is the completed form: the record of that step.

    ``holder`` says whose inbox it is in: ``p:<person id>`` or ``o:<organ id>:<role>``; ``pool`` is the holder it goes back to on release.
    """

    __tablename__ = "wf_task"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("wf_instance.id"))
    node: Mapped[int] = mapped_column(BigInteger)  # the engine's own task id inside the instance
    process: Mapped[str]  # process (page) the element is drawn in
    element: Mapped[str]
    label: Mapped[str]
    stage: Mapped[str | None]
    role: Mapped[str]
    org: Mapped[str | None]
    holder: Mapped[str]
    pool: Mapped[str]
    status: Mapped[str]  # open | done | cancelled | held (instance suspended)
    slot: Mapped[str | None]  # the clock shown and sorted on
    due_at: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    opened_from: Mapped[str | None]  # who handed it on
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    closed_name: Mapped[str | None]  # 甲 or 甲代乙
    item: Mapped[str | None]  # the item of a multi-instance task, e.g. the co-unit
    letter: Mapped[str | None]  # the letter, month or promise its clock belongs to, where a slot holds several
    answer: Mapped[dict[str, Any] | None]
    draft: Mapped[dict[str, Any] | None]
    case_number: Mapped[str | None]
    title: Mapped[str]
    facets: Mapped[dict[str, Any]]
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    confined: Mapped[list[str] | None]
    __table_args__ = (
        Index("ix_wf_task_inbox", "holder", text("coalesce(due_at, 'infinity')"), "id", postgresql_where=text("status = 'open'")),
        Index("ix_wf_task_done", "closed_by", "closed_at", postgresql_where=text("status = 'done' and closed_by is not null")),
        Index(None, "case_id"),
    )


class Clock(Base):
    """A legal period running on a case. Its due moment is here and nowhere else."""

    __tablename__ = "wf_clock"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    slot: Mapped[str]  # what the diagram and the forms name: notify, answer …
    rule: Mapped[str]  # id in deadlines.yaml
    round: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    letter: Mapped[str | None]
    status: Mapped[str]  # running | paused | met | lapsed | superseded | cancelled
    from_at: Mapped[datetime]  # the event the period counts from
    raw_due: Mapped[datetime]  # before rolling over a holiday
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime | None]
    chase_at: Mapped[datetime | None]  # next repeated chase after the due moment
    next_at: Mapped[datetime | None]  # the next of warn, due, chase the worker has to do
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    warned_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # the event moment it was met, lapsed …
    note: Mapped[str | None]
    confined: Mapped[list[str] | None]
    __table_args__ = (
        Index(None, "case_id", "slot"),
        Index("ix_wf_clock_next", "next_at", postgresql_where=text("status = 'running' and next_at is not null")),
    )


class Message(Base):
    """A thrown message: written by the thrower's transaction, delivered by the worker in one of its own, in order per case."""

    __tablename__ = "wf_message"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity())
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str]  # queued | waiting (nobody waits yet) | delivered | late | filed | failed
    instance_id: Mapped[UUID | None]  # the one addressee, where known
    sender_id: Mapped[UUID | None]  # the throwing instance
    from_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the sender's case, where it is another one
    actor: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    confined: Mapped[list[str] | None]  # the addressee's: the sender cannot read it back
    __table_args__ = (
        Index(None, "case_id"),
        Index("ix_wf_message_queue", "case_id", "seq", postgresql_where=text("status in ('queued', 'waiting', 'failed')")),
        Index("ix_wf_message_from_case", "from_case", postgresql_where=text("from_case is not null")),
    )


class Link(Base):
    """What holds the closing of a case: an instance of its own, or an open item that a person closes."""

    __tablename__ = "wf_link"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    kind: Mapped[str]  # the message or process that opened it
    label: Mapped[str]
    holds: Mapped[bool]
    status: Mapped[str]  # open | closed
    instance_id: Mapped[UUID | None]
    closable_by: Mapped[str | None]  # role@org for open items without a procedure of their own
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    closed_name: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]
    confined: Mapped[list[str] | None]
    __table_args__ = (Index(None, "case_id"),)


class Event(Base):
    """The trail (轨迹) and the audit: who, when, what, before → after. Append only."""

    __tablename__ = "wf_event"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[UUID | None]
    instance_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    at: Mapped[datetime]  # when it happened
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID | None]
    actor: Mapped[str]
    kind: Mapped[str]
    label: Mapped[str]
    detail: Mapped[dict[str, Any] | None]
    confined: Mapped[list[str] | None]
    __table_args__ = (
        Index(None, "case_id", "id"),
        Index("ix_wf_event_actor", "actor_id", "id", postgresql_where=text("actor_id is not null")),
    )


class Incident(Base):
    """A step that failed. The case is untouched; what the person typed is here; an operator retries as that person."""

    __tablename__ = "wf_incident"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]
    instance_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    clock_id: Mapped[UUID | None]
    action: Mapped[str]
    actor: Mapped[dict[str, Any]]
    input: Mapped[dict[str, Any] | None]
    error: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[str]  # open | resolved
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    __table_args__ = (Index("ix_wf_incident_open", "at", postgresql_where=text("status = 'open'")),)
