"""The SQL of a step: one read that locks, one pipelined round of writes. Raw psycopg on the session's own connection.

The case row is locked first and always first, so two steps of one case never wait for each other crosswise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

_TASK = """
SELECT t.id AS task_id, t.node, t.process AS page, t.element, t.label, t.role, t.org, t.holder, t.pool,
       t.status AS task_status, t.closed_name, t.closed_at, t.slot, t.item, t.draft,
       i.id AS instance_id, i.process, i.version, i.status AS instance_status, i.state, i.waits, i.visited, i.link_id,
       c.id AS case_id, c.city, c.number, c.title, c.attrs, c.facets, c.tags, c.status AS case_status, c.overdue_at, c.confined
  FROM wf_task t JOIN wf_instance i ON i.id = t.instance_id JOIN wf_case c ON c.id = t.case_id
 WHERE t.id = %s FOR UPDATE OF c, i, t"""
_INSTANCE = """
SELECT i.id AS instance_id, i.process, i.version, i.status AS instance_status, i.state, i.waits, i.visited, i.link_id,
       c.id AS case_id, c.city, c.number, c.title, c.attrs, c.facets, c.tags, c.status AS case_status, c.overdue_at, c.confined
  FROM wf_instance i JOIN wf_case c ON c.id = i.case_id
 WHERE i.id = %s FOR UPDATE OF c, i"""
_CASE = """
SELECT id AS case_id, city, number, title, attrs, facets, tags, status AS case_status, overdue_at, confined
  FROM wf_case WHERE id = %s FOR UPDATE"""
_CLOCK_COLUMNS = (
    "id, case_id, slot, rule, round, letter, status, from_at, raw_due, due_at, warn_at, chase_at, next_at, paused_at, pauses, "
    "warned_at, overdue_at, ended_at, note"
)
_CLOCKS = f"SELECT {_CLOCK_COLUMNS} FROM wf_clock WHERE case_id = %s AND status IN ('running', 'paused')"
_CLOCKS_OF_TASK = (
    f"SELECT {_CLOCK_COLUMNS} FROM wf_clock WHERE case_id = (SELECT case_id FROM wf_task WHERE id = %s) AND status IN ('running', 'paused')"
)
_CLOCKS_OF_INSTANCE = (
    f"SELECT {_CLOCK_COLUMNS} FROM wf_clock WHERE case_id = (SELECT case_id FROM wf_instance WHERE id = %s)"
    " AND status IN ('running', 'paused')"
)

INSERT_TASK = """
INSERT INTO wf_task (id, case_id, instance_id, node, process, element, label, stage, role, org, holder, pool, status, slot,
                     due_at, warn_at, opened_at, opened_from, item, letter, draft, case_number, title, facets, tags,
                     confined)
VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,'open',%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"""
CLOSE_TASK = """
UPDATE wf_task SET status = 'done', closed_at = %s, closed_by = %s, closed_name = %s, answer = %s, draft = NULL WHERE id = %s"""
CANCEL_TASKS = """
UPDATE wf_task SET status = 'cancelled', closed_at = %s WHERE instance_id = %s AND node = ANY(%s) AND status IN ('open', 'held')"""
INSERT_CLOCK = """
INSERT INTO wf_clock (id, case_id, slot, rule, round, letter, status, from_at, raw_due, due_at, warn_at, chase_at, next_at, paused_at,
                      pauses, warned_at, overdue_at, ended_at, note, confined)
VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"""
UPDATE_CLOCK = """
UPDATE wf_clock SET status=%s, raw_due=%s, due_at=%s, warn_at=%s, chase_at=%s, next_at=%s, paused_at=%s, pauses=%s, warned_at=%s,
                    overdue_at=%s, ended_at=%s, note=%s WHERE id=%s"""
MOVE_TASKS = """
UPDATE wf_task SET due_at = %s, warn_at = %s WHERE case_id = %s AND slot = %s AND status = 'open' AND letter IS NOT DISTINCT FROM %s"""
INSERT_EVENT = """
INSERT INTO wf_event (case_id, instance_id, task_id, at, entered_at, actor_id, actor, kind, label, detail, confined)
VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"""
INSERT_MESSAGE = """
INSERT INTO wf_message (id, case_id, name, payload, status, instance_id, sender_id, from_case, actor, created_at, confined)
VALUES (%s,%s,%s,%s,'queued',%s,%s,%s,%s,%s,%s)"""
INSERT_INSTANCE = """
INSERT INTO wf_instance (id, case_id, process, version, status, state, waits, visited, link_id, started_at, ended_at, confined)
VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)"""
UPDATE_INSTANCE = "UPDATE wf_instance SET status=%s, state=%s, waits=%s, visited=%s, ended_at=%s WHERE id=%s"
INSERT_CASE = """
INSERT INTO wf_case (id, city, number, title, attrs, facets, tags, created_at) VALUES (%s,%s,%s,%s,%s,%s,%s,%s)"""
UPDATE_CASE = "UPDATE wf_case SET number=%s, title=%s, attrs=%s, facets=%s, tags=%s, overdue_at=%s, status=%s, closed_at=%s WHERE id=%s"
CONFINE = "SELECT wf_confine(%s, %s)"  # the case and every row that copies it: a function of the tables' owner
COPY_CASE = "UPDATE wf_task SET case_number=%s, title=%s, facets=%s, tags=%s WHERE case_id=%s AND status IN ('open', 'held')"

WAKE_MESSAGES = "UPDATE wf_message SET status = 'queued' WHERE case_id = %s AND status = 'waiting' AND name = ANY(%s)"


def new_id() -> UUID:
    """A UUIDv7: sorted by time of making."""
    value: UUID = uuid7()
    return value


def jsonb(value: Any) -> Jsonb:
    return Jsonb(value, dumps=lambda v: orjson.dumps(v, default=str))


def raw(session: Session) -> psycopg.Connection[Any]:
    """The psycopg connection of the session's transaction."""
    connection: psycopg.Connection[Any] = session.connection().connection.dbapi_connection  # type: ignore[assignment]
    return connection


@dataclass(slots=True)
class ClockRow:
    """One wf_clock row in a step. ``fresh`` is inserted, ``dirty`` updated when the step is saved."""

    id: UUID
    case_id: UUID
    slot: str
    rule: str
    round: int
    letter: str | None
    status: str
    from_at: datetime
    raw_due: datetime
    due_at: datetime
    warn_at: datetime | None = None
    chase_at: datetime | None = None
    next_at: datetime | None = None
    paused_at: datetime | None = None
    pauses: list[Any] = field(default_factory=list)
    warned_at: datetime | None = None
    overdue_at: datetime | None = None
    ended_at: datetime | None = None
    note: str | None = None
    fresh: bool = False
    dirty: bool = False


@dataclass(slots=True)
class CaseRow:
    """The case in a step: what handlers and hooks see as ``ctx.case``."""

    id: UUID
    city: str
    number: str | None
    title: str
    attrs: dict[str, Any]
    facets: dict[str, Any]
    tags: list[str]
    status: str
    overdue_at: datetime | None
    confined: list[str] | None  # organs that may see the case
    closed_at: datetime | None = None
    dirty: bool = False
    copies: bool = False  # number, title, facets or tags changed: open tasks carry copies

    @classmethod
    def of(cls, r: dict[str, Any]) -> CaseRow:
        return cls(
            r["case_id"], r["city"], r["number"], r["title"], r["attrs"], r["facets"], r["tags"], r["case_status"], r["overdue_at"],
            r["confined"],
        )  # fmt: skip


@dataclass(slots=True)
class InstanceRow:
    id: UUID
    process: str
    version: str
    status: str
    state: bytes | None
    waits: list[str]
    visited: dict[str, Any]
    link_id: UUID | None
    fresh: bool = False

    @classmethod
    def of(cls, r: dict[str, Any]) -> InstanceRow:
        return cls(r["instance_id"], r["process"], r["version"], r["instance_status"], r["state"], r["waits"], r["visited"], r["link_id"])


def _two(session: Session, first: str, second: str, key: UUID) -> tuple[dict[str, Any] | None, list[ClockRow]]:
    """Two statements in one round trip; the second is read after the first has the lock."""
    connection = raw(session)
    with connection.pipeline():
        a = connection.cursor(row_factory=dict_row)
        b = connection.cursor()
        a.execute(first, (key,))
        b.execute(second, (key,))
        row = a.fetchone()
        clocks = [ClockRow(*r) for r in b.fetchall()]
    return row, clocks


def lock_task(session: Session, task_id: UUID) -> tuple[dict[str, Any] | None, list[ClockRow]]:
    return _two(session, _TASK, _CLOCKS_OF_TASK, task_id)


def lock_instance(session: Session, instance_id: UUID) -> tuple[dict[str, Any] | None, list[ClockRow]]:
    return _two(session, _INSTANCE, _CLOCKS_OF_INSTANCE, instance_id)


def lock_case(session: Session, case_id: UUID) -> tuple[dict[str, Any] | None, list[ClockRow]]:
    return _two(session, _CASE, _CLOCKS, case_id)


def write(session: Session, statements: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
    """All statements in one round trip; the first error is raised here."""
    connection = raw(session)
    with connection.pipeline(), connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)


def clock_insert(c: ClockRow, confined: list[str] | None) -> tuple[str, tuple[Any, ...]]:
    return INSERT_CLOCK, (
        c.id, c.case_id, c.slot, c.rule, c.round, c.letter, c.status, c.from_at, c.raw_due, c.due_at, c.warn_at, c.chase_at, c.next_at,
        c.paused_at, jsonb(c.pauses), c.warned_at, c.overdue_at, c.ended_at, c.note, confined,
    )  # fmt: skip


def clock_update(c: ClockRow) -> tuple[str, tuple[Any, ...]]:
    return UPDATE_CLOCK, (
        c.status, c.raw_due, c.due_at, c.warn_at, c.chase_at, c.next_at, c.paused_at, jsonb(c.pauses), c.warned_at, c.overdue_at,
        c.ended_at, c.note, c.id,
    )  # fmt: skip
