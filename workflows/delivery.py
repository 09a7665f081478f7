"""What the worker does, one unit in one transaction: deliver a message, or do what time asks of a clock.

Both lock only the case they belong to (``SKIP LOCKED``: a busy case is left for the next round), so several workers share the
queue and a killed one loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from . import store
from . import time as clock_time
from .handlers import Actor
from .library import MessageRule
from .step import Step
from .tables import Case, Link, Message

if TYPE_CHECKING:
    from .runtime import Engine

LOOK = 50
_QUEUED = """
SELECT m.id, m.case_id, m.name FROM wf_message m
 WHERE m.status = 'queued'
   AND NOT EXISTS (SELECT 1 FROM wf_message b WHERE b.case_id = m.case_id AND b.seq < m.seq AND b.status IN ('queued', 'failed'))
 ORDER BY m.seq LIMIT %s"""
_DUE = """
SELECT id, case_id FROM wf_clock WHERE status = 'running' AND next_at <= %s ORDER BY next_at LIMIT %s"""
_TRY_MESSAGE = "SELECT 1 FROM wf_message WHERE id = %s AND status = 'queued' FOR UPDATE SKIP LOCKED"
_TRY_OPENING = "SELECT pg_try_advisory_xact_lock(hashtext('wf.open'), hashtext(%s))"
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
    for message_id, case_id, name in connection.execute(_QUEUED, (LOOK,)).fetchall():
        opens = engine.library.starting(session, name)
        routed = opens is not None and opens.own_file
        lock = (_TRY_MESSAGE, (message_id,)) if routed else (_TRY_CASE, (case_id,))
        if connection.execute(*lock).fetchone() is None:
            continue
        message = session.get(Message, message_id, populate_existing=True)
        if message is None or message.status != "queued":
            continue
        try:
            outcome = _route(engine, session, message, opens) if routed and opens is not None else _deliver(engine, session, message, opens)
        except Exception as error:
            raise JobFailed(Job(case_id, message_id=message_id)) from error
        if outcome is None:
            continue
        message.status, message.delivered_at = outcome, clock_time.now()
        session.flush()
        return True
    return False


def _deliver(engine: Engine, session: Session, message: Message, opens: MessageRule | None) -> str:
    """To the case of the message: whoever waits for it, else the process it starts beside the main path."""
    actor = Actor.from_dict(message.actor)
    if opens is None:
        return _catch(engine, session, message, _rule(engine, session, message), actor)
    waiting = _addressees(session, message.case_id, [f"msg:{message.name}"], message.instance_id) if opens.catches else []
    if any(_receive(engine, session, instance_id, message, opens, actor) for instance_id in waiting):
        return "delivered"
    return _start(engine, session, message, opens, actor)


def _rule(engine: Engine, session: Session, message: Message) -> MessageRule | None:
    """What becomes of a message that starts nothing: the row of the addressee's procedures first, then any that knows the name."""
    procedures = [*engine.library.of_case(session, message.case_id), *engine.library.procedures(session)]
    rules = [p.messages[message.name] for p in procedures if message.name in p.messages]
    return next((r for r in rules if r.catches or r.closes_link), rules[0] if rules else None)


def _route(engine: Engine, session: Session, message: Message, rule: MessageRule) -> str | None:
    """To a file of its own: the living one the app names, or a new one. None: that file is busy, the next round tries again.

    Nothing here waits for a lock while it holds another: the opening of files of one process is serialised by an advisory lock that
    is tried, a living file is tried as every addressee is, and the sender's case is not locked at all.
    """
    connection = store.raw(session)
    if not connection.execute(_TRY_OPENING, (rule.starts,)).fetchone()[0]:  # type: ignore[index]
        return None
    actor = Actor.from_dict(message.actor)
    payload = {**message.payload, "from_case": str(message.from_case or message.case_id)}
    living = engine.hooks.living(session, rule, payload, message.from_case or message.case_id)
    if living is None:
        _open_file(engine, session, message, rule, payload, actor)
        return "delivered"
    if connection.execute(_TRY_CASE, (living,)).fetchone() is None:
        return None
    waiting = _addressees(session, living, [f"msg:{message.name}"])
    if any(_receive(engine, session, instance_id, message, rule, actor) for instance_id in waiting):
        return "delivered"
    step = Step.on_case(engine, session, living, actor)
    engine.hooks.joined(step.ctx(), message.name, engine.hooks.known_here(step.ctx(), message.name, payload))
    step.save()
    _tie(session, payload, None, living)
    return "delivered"


def _open_file(
    engine: Engine, session: Session, message: Message, rule: MessageRule, payload: dict[str, Any], actor: Actor
) -> None:  # fmt: skip
    """A new case with the instance the message starts. The sender's link, if there is one, says where it went."""
    assert rule.starts is not None
    city = store.raw(session).execute("SELECT city FROM wf_case WHERE id = %s", (message.case_id,)).fetchone()
    step = Step.new_case(engine, session, actor, city=city[0] if city else "")
    instance = step.begin(rule.starts, {k: v for k, v in payload.items() if k != "case_id"})
    message.instance_id = instance.id
    step.save()
    _tie(session, payload, instance.id, step.case.id)


def open_from_outside(
    engine: Engine, session: Session, rule: MessageRule, payload: dict[str, Any], actor: Actor, *, city: str,
    prepare: Callable[[UUID], None],
) -> UUID:  # fmt: skip
    """A new case for a message that came from outside this installation; ``prepare`` writes what lies on it before its first step.

    The caller has asked whether a living file takes the message (``Hooks.living``) under the lock ``hold_opening`` gives.
    """
    assert rule.starts is not None
    step = Step.new_case(engine, session, actor, city=city)
    prepare(step.case.id)
    step.begin(rule.starts, {k: v for k, v in payload.items() if k != "case_id"})
    step.save()
    return step.case.id


def hold_opening(session: Session, rule: MessageRule) -> None:
    """Until the transaction ends nobody else opens a file of this process; the worker's routing tries the same lock."""
    store.raw(session).execute("SELECT pg_advisory_xact_lock(hashtext('wf.open'), hashtext(%s))", (rule.starts,))


def _tie(session: Session, payload: dict[str, Any], instance_id: UUID | None, case_id: UUID) -> None:
    """The link of the request names the file that answers it; from now on no person closes it."""
    link = session.get(Link, UUID(str(payload["link_id"]))) if payload.get("link_id") else None
    if link is not None:
        link.instance_id, link.closable_by = instance_id or link.instance_id, None
        link.detail = {**link.detail, "file": str(case_id)}
        session.flush()


def _start(engine: Engine, session: Session, message: Message, rule: MessageRule, actor: Actor) -> str:
    """Start the instance a message asks for, on the case it was sent to."""
    assert rule.starts is not None
    step = Step.on_case(engine, session, message.case_id, actor)
    payload = _payload(message)
    if not payload.get("link_id"):  # every instance beside the main path has its row in 关联, whether it holds closing or not
        payload["link_id"] = str(step.links.open(rule.name, rule.label, holds=False).id)
    link_id = UUID(payload["link_id"])
    instance = step.begin(rule.starts, {k: v for k, v in payload.items() if k != "case_id"}, link_id)
    link = session.get(Link, link_id)
    if link is not None:
        link.instance_id = instance.id
    step.save()
    return "delivered"


def _payload(message: Message) -> dict[str, Any]:
    """What the addressee gets: the payload, and whose case it came from where that is another one."""
    return {**message.payload, **({"from_case": str(message.from_case)} if message.from_case else {})}


def _receive(engine: Engine, session: Session, instance_id: UUID, message: Message, rule: MessageRule | None, actor: Actor) -> bool:
    """Give the message to an instance that waits for it; False when that waits for the answer to another letter."""
    step = Step.on_instance(engine, session, instance_id, actor)
    payload = engine.hooks.known_here(step.ctx(), message.name, _payload(message))
    if rule is not None and rule.matches and not step.walker.takes(message.name, payload, rule.matches):
        return False
    step.walker.receive(message.name, payload)
    step.save()
    return True


def _catch(engine: Engine, session: Session, message: Message, rule: MessageRule | None, actor: Actor) -> str:
    """Give a message to the instance that waits for it, else do what its row in messages.yaml says of an absent addressee."""
    closed = rule is not None and rule.closes_link and _close_link(engine, session, message, actor)
    for instance_id in _addressees(session, message.case_id, [f"msg:{message.name}"], message.instance_id):
        if _receive(engine, session, instance_id, message, rule, actor):
            return "delivered"
    absent = rule.absent if rule is not None else "file"
    if closed:
        return "delivered"
    if absent == "wait":
        case = session.get(Case, message.case_id, populate_existing=True)
        return "filed" if case is not None and case.status == "closed" else "waiting"
    if absent == "late":
        step = Step.on_case(engine, session, message.case_id, actor)
        step.tell("message.late", f"{rule.label if rule else message.name}：到达时已过可以接收的环节", {"name": message.name})
        engine.hooks.message_late(step.ctx(), message)
        step.save()
        return "late"
    return "filed"


def _close_link(engine: Engine, session: Session, message: Message, actor: Actor) -> bool:
    """An answer from another case closes the link of this one and lets a waiting closing count again."""
    link_id = message.payload.get("link_id")
    if message.from_case is None or not link_id:
        return False
    step = Step.on_case(engine, session, message.case_id, actor)
    result = {k: v for k, v in message.payload.items() if k not in ("case_id", "link_id")}
    closed = step.links.close(UUID(str(link_id)), result)
    if closed is None:
        return False
    engine.hooks.link_closed(step.ctx(), closed)
    wake = engine.wake_message(session, message.case_id)
    if wake != message.name:
        step.send(wake, {"case_id": str(message.case_id), "link_id": str(link_id)})
    step.save()
    return True


def wake_for_new(engine: Engine, session: Session) -> None:
    """What waited for a procedure that did not exist is delivered once it is deployed; of closed cases it stays with the file."""
    names = [r.name for p in engine.library.procedures(session) for r in p.messages.values() if r.starts in p.process_files]
    waiting = update(Message).where(Message.status == "waiting", Message.name.in_(names))
    over = select(Case.id).where(Case.status == "closed")
    session.execute(waiting.where(Message.case_id.in_(over)).values(status="filed"))
    session.execute(waiting.values(status="queued"))


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
    step.clocks.slots = engine.library.slots_of(session, case_id)
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
        inner.walker.fire(keys, row.letter)
        inner.save()
    return True


def _timers(session: Session, case_id: UUID, slot: str, what: str) -> list[tuple[set[str], UUID]]:
    moments: dict[str, list[str]] = {"warned": ["warn"], "overdue": ["due"], "lapsed": ["due"], "chase": ["every"]}
    keys = [f"{m}:{slot}" for m in moments[what]]
    return [(set(keys), i) for i in _addressees(session, case_id, keys)]


def retry_failed(session: Session, message_id: UUID) -> Any:
    """An operator lets a failed message try again."""
    return store.raw(session).execute("UPDATE wf_message SET status = 'queued' WHERE id = %s AND status = 'failed'", (message_id,)).rowcount
