"""What the worker does, one unit in one transaction: deliver a message, or do what time asks of a clock.

Both lock only the case they belong to (``SKIP LOCKED``: a busy case is left for the next round), so several workers share the
queue and a killed one loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from . import store
from . import time as clock_time
from .handlers import Actor
from .library import MessageRule
from .step import Step
from .tables import Link, Message

if TYPE_CHECKING:
    from .runtime import Engine

LOOK = 50
_QUEUED = """
SELECT m.id, m.case_id FROM wf_message m
 WHERE m.status = 'queued'
   AND NOT EXISTS (SELECT 1 FROM wf_message b WHERE b.case_id = m.case_id AND b.seq < m.seq AND b.status IN ('queued', 'failed'))
 ORDER BY m.seq LIMIT %s"""
_DUE = """
SELECT id, case_id FROM wf_clock WHERE status = 'running' AND next_at <= %s ORDER BY next_at LIMIT %s"""
_TRY_CASE = "SELECT 1 FROM wf_case WHERE id = %s FOR UPDATE SKIP LOCKED"
_WAITING = """
SELECT id FROM wf_instance WHERE case_id = %s AND status = 'running' AND waits && %s ORDER BY started_at, id"""
CLOCK_ACTOR = "时限"


@dataclass(frozen=True)
class Job:
    """What a unit of work was about, for the incident when it fails."""

    case_id: UUID
    message_id: UUID | None = None
    clock_id: UUID | None = None


class JobFailed(Exception):
    """A unit of worker work failed; ``job`` says which, the cause why. The caller rolls back and keeps an incident."""

    def __init__(self, job: Job) -> None:
        super().__init__(str(job))
        self.job = job


def deliver_next(engine: Engine, session: Session) -> bool:
    connection = store.raw(session)
    for message_id, case_id in connection.execute(_QUEUED, (LOOK,)).fetchall():
        if connection.execute(_TRY_CASE, (case_id,)).fetchone() is None:
            continue
        message = session.get(Message, message_id, populate_existing=True)
        if message is None or message.status != "queued":
            continue
        try:
            _deliver(engine, session, message)
        except Exception as error:
            raise JobFailed(Job(case_id, message_id=message_id)) from error
        return True
    return False


def _deliver(engine: Engine, session: Session, message: Message) -> None:
    actor = Actor.from_dict(message.actor)
    rule = _rule(engine, session, message)
    if rule is not None and rule.starts is not None:
        outcome = _start(engine, session, message, rule, actor)
    else:
        outcome = _catch(engine, session, message, rule, actor)
    message.status, message.delivered_at = outcome, clock_time.now()
    session.flush()


def _rule(engine: Engine, session: Session, message: Message) -> MessageRule | None:
    """The route of a message, as the procedures deployed now draw it: the sender's first, then any that knows the name."""
    for process in engine.library.processes(session):
        rule = engine.message_rule(session, process, message.name)
        if rule is not None:
            return rule
    return None


def _start(engine: Engine, session: Session, message: Message, rule: MessageRule, actor: Actor) -> str:
    """Start the instance a message asks for; until that procedure exists the message stays with the file."""
    assert rule.starts is not None
    if engine.library.find(session, rule.starts) is None:
        return "filed"
    step = Step.on_case(engine, session, message.case_id, actor)
    payload = dict(message.payload)
    if not payload.get("link_id"):  # every instance beside the main path has its row in 关联, whether it holds closing or not
        payload["link_id"] = str(step.links.open(rule.name, rule.label, holds=False).id)
    link_id = UUID(payload["link_id"])
    instance = step.begin(rule.starts, {k: v for k, v in payload.items() if k != "case_id"}, link_id)
    link = session.get(Link, link_id)
    if link is not None:
        link.instance_id = instance.id
    step.save()
    return "delivered"


def _catch(engine: Engine, session: Session, message: Message, rule: MessageRule | None, actor: Actor) -> str:
    """Give a message to the instance that waits for it, else do what its row in messages.yaml says of an absent addressee."""
    for instance_id in _addressees(session, message.case_id, [f"msg:{message.name}"], message.instance_id):
        step = Step.on_instance(engine, session, instance_id, actor)
        step.walker.receive(message.name, dict(message.payload))
        step.save()
        return "delivered"
    absent = rule.absent if rule is not None else "file"
    if absent == "wait":
        return "waiting"
    if absent == "late":
        step = Step.on_case(engine, session, message.case_id, actor)
        step.tell("message.late", f"{rule.label if rule else message.name}：到达时已过可以接收的环节", {"name": message.name})
        engine.hooks.message_late(step.ctx(), message)
        step.save()
        return "late"
    return "filed"


def _addressees(session: Session, case_id: UUID, keys: list[str], only: UUID | None = None) -> list[UUID]:
    rows = store.raw(session).execute(_WAITING, (case_id, keys)).fetchall()
    return [r[0] for r in rows if only is None or r[0] == only]


def fire_next_clock(engine: Engine, session: Session) -> bool:
    connection = store.raw(session)
    for clock_id, case_id in connection.execute(_DUE, (clock_time.now(), LOOK)).fetchall():
        if connection.execute(_TRY_CASE, (case_id,)).fetchone() is None:
            continue
        try:
            if _tick(engine, session, case_id, clock_id):
                return True
        except Exception as error:
            raise JobFailed(Job(case_id, clock_id=clock_id)) from error
    return False


def _tick(engine: Engine, session: Session, case_id: UUID, clock_id: UUID) -> bool:
    """One moment of one clock: mark it, tell the people, and fire the timers of the diagram that wait for it."""
    actor = Actor.system(CLOCK_ACTOR)
    step = Step.on_case(engine, session, case_id, actor)
    step.clocks.slots = engine.library.slots(session)
    row = next((c for c in step.clocks.rows if c.id == clock_id), None)
    what = step.clocks.step(row) if row is not None else None
    if row is None:
        return False
    if what is not None:
        engine.hooks.clock_event(step.ctx(), row, what)
    step.save()
    if what is None:
        return True
    for keys, instance_id in _timers(session, case_id, row.slot, what):
        inner = Step.on_instance(engine, session, instance_id, actor)
        inner.walker.fire(keys)
        inner.save()
    return True


def _timers(session: Session, case_id: UUID, slot: str, what: str) -> list[tuple[set[str], UUID]]:
    moments: dict[str, list[str]] = {"warned": ["warn"], "overdue": ["due"], "lapsed": ["due"], "chase": ["every"]}
    keys = [f"{m}:{slot}" for m in moments[what]]
    return [(set(keys), i) for i in _addressees(session, case_id, keys)]


def retry_failed(session: Session, message_id: UUID) -> Any:
    """An operator lets a failed message try again."""
    return store.raw(session).execute("UPDATE wf_message SET status = 'queued' WHERE id = %s AND status = 'failed'", (message_id,)).rowcount
