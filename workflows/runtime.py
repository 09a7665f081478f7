"""The engine's public face: small, typed, one transaction a call. It never commits; the caller does.

start, complete, claim, release, delegate, send_message, fire_due_timers, suspend/resume, cancel, trail, diagram state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from . import delivery, diagram, effects, store
from . import time as clock_time
from .checking import check_files
from .clocks import Clocks
from .diagram import DiagramState
from .errors import Conflict, NotFound, Refused, TaskClosed
from .forms import Form
from .handlers import Actor, Directory, Handlers, Hooks, NoHooks
from .library import Library, MessageRule, messages_taken, process_ids, read_folder
from .lint import Finding
from .step import OpenedTask, Step
from .tables import Event, Link, Task

if TYPE_CHECKING:
    from .calendar import Calendar
    from .deadlines import Rules

WAKE = "link_closed"


@dataclass(frozen=True)
class Started:
    case_id: UUID
    instance_id: UUID
    link_id: UUID | None
    opened: list[OpenedTask]

    @property
    def task_ids(self) -> list[UUID]:
        return [t.id for t in self.opened]


@dataclass(frozen=True)
class Done:
    """What one completed step led to."""

    case_id: UUID
    instance_id: UUID
    opened: list[OpenedTask]
    ended: bool

    @property
    def task_ids(self) -> list[UUID]:
        return [t.id for t in self.opened]


class Engine:
    """Built once per process from what the app gives it. ``observer(process, flow id)`` sees every sequence flow taken."""

    def __init__(
        self,
        library: Library,
        directory: Directory,
        rules: Rules,
        calendar: Calendar,
        handlers: Handlers | None = None,
        hooks: Hooks | None = None,
        warn_days: int = 3,
        roles: Collection[str] | None = None,
    ) -> None:
        self.roles = roles
        self.library, self.directory, self.rules, self.calendar = library, directory, rules, calendar
        self.handlers = handlers or Handlers()
        self.hooks: Hooks = hooks or NoHooks()
        self.warn_days = warn_days
        self.clocks = Clocks(self)
        self.observer: Callable[[str, str], None] | None = None
        self._checked: dict[str, list[Finding]] = {}

    # -- procedures -----------------------------------------------------------------------------------------------

    def check(self, folder: Path) -> list[Finding]:
        """What would keep the engine from taking over a folder: file, line, element, why."""
        mine, others = read_folder(folder), [read_folder(f) for f in self.library.folders() if f != folder]
        key = _digest([mine, *others], self.handlers.names())
        if key not in self._checked:  # the same text under the same handlers is not read twice by one process
            self._checked[key] = self._check(mine, others)
        return list(self._checked[key])

    def _check(self, mine: dict[str, str], others: list[dict[str, str]]) -> list[Finding]:
        known = {pid for files in others for name, text in files.items() for pid in process_ids(name, text)}
        return check_files(
            mine, known_processes=known, handlers=self.handlers.names(), roles=self.roles, rules=self.rules,
            elsewhere={name for files in others for name in messages_taken(files)},
        )  # fmt: skip

    def deploy(self, session: Session, only: str | None = None) -> list[tuple[str, str, bool]]:
        """Take over the folders as they are now: (name, version, is new); raises Refused for one that cannot run."""
        findings = [f for folder in self.library.folders() if only in (None, folder.name) for f in self.check(folder)]
        if findings:
            raise Refused(findings)
        deployed = self.library.deploy(session, only=only)
        delivery.wake_for_new(self, session)
        return deployed

    # -- running --------------------------------------------------------------------------------------------------

    def start(
        self,
        session: Session,
        process: str,
        actor: Actor,
        *,
        title: str = "",
        city: str = "",
        number: str | None = None,
        attrs: dict[str, str] | None = None,
        facets: dict[str, Any] | None = None,
        tags: list[str] | None = None,
        data: dict[str, Any] | None = None,
        case_id: UUID | None = None,
        link: str | None = None,
        holds: bool = False,
    ) -> Started:
        """Start ``process`` on a new case, or beside the main path of ``case_id`` (then ``link`` labels its row in 关联)."""
        if case_id is None:
            step = Step.new_case(self, session, actor, title=title, city=city, number=number, attrs=attrs, facets=facets, tags=tags)
        else:
            step = Step.on_case(self, session, case_id, actor)
        row = step.links.open(process, link or process, holds=holds) if case_id is not None else None
        instance = step.begin(process, data or {}, row.id if row else None)
        if row is not None:
            row.instance_id = instance.id
        step.save()
        return Started(step.case.id, instance.id, row.id if row else None, step.opened)

    def complete(self, session: Session, task_id: UUID, actor: Actor, answer: dict[str, Any]) -> Done:
        """Complete one human task with the answer to its form.

        Raises FormError, TaskClosed (naming who and when), Conflict, NobodyThere, HandlerFailed; then roll back.
        """
        step = Step.on_task(self, session, task_id, actor)
        _must_be_open(step)
        task = step.walker.task(step.row["node"])
        effects.apply(step, task, answer)
        step.walker.complete(task)
        step.save()
        assert step.instance is not None
        return Done(step.case.id, step.instance.id, step.opened, step.instance.status == "completed")

    def save_draft(self, session: Session, task_id: UUID, actor: Actor, values: dict[str, Any]) -> None:
        """Keep what was typed so far with the task."""
        found = session.execute(
            update(Task).where(Task.id == task_id, Task.status == "open").values(draft=values).returning(Task.id)
        ).first()
        if found is None:
            _must_be_open(Step.on_task(self, session, task_id, actor))

    # -- whose task -----------------------------------------------------------------------------------------------

    def claim(self, session: Session, task_id: UUID, actor: Actor) -> None:
        """Take a task from its pool; raises Conflict naming nobody else's task may be taken."""
        step = Step.on_task(self, session, task_id, actor)
        _must_be_open(step)
        mine, holder = f"p:{actor.id}", step.row["holder"]
        if holder == mine:
            return
        if holder.startswith("p:"):
            raise Conflict("这一步已有人认领或指定了办理人，请先由本人退回或转办。")
        self._move(step, mine, "claimed", "认领", {})

    def release(self, session: Session, task_id: UUID, actor: Actor) -> None:
        """Give a claimed task back to its pool."""
        step = Step.on_task(self, session, task_id, actor)
        _must_be_open(step)
        if step.row["pool"].startswith("p:"):
            raise Conflict("这一步指定由本人办理，不能退回，可以转办。")
        self._move(step, step.row["pool"], "released", "退回待认领", {})

    def delegate(self, session: Session, task_id: UUID, actor: Actor, to: str, reason: str) -> None:
        """转办: hand a task to a person (``p:…``) or a post (``o:…``) of the unit, with a reason."""
        step = Step.on_task(self, session, task_id, actor)
        _must_be_open(step)
        self._move(step, to, "delegated", "转办", {"reason": reason})

    def _move(self, step: Step, holder: str, kind: str, label: str, detail: dict[str, Any]) -> None:
        step.writes.append(("UPDATE wf_task SET holder = %s WHERE id = %s", (holder, step.task_id)))
        step.tell(kind, f"{label}：{step.row['label']}", {"holder": [step.row["holder"], holder], **detail})
        step.save()

    # -- messages and clocks --------------------------------------------------------------------------------------

    def send(
        self, session: Session, case_id: UUID, name: str, payload: dict[str, Any], actor: Actor, instance_id: UUID | None = None
    ) -> UUID:
        """Write a message row for the worker, from and to that case. ``instance_id`` names the one addressee where it is known."""
        step = Step.on_case(self, session, case_id, actor)
        message_id = step.send(name, payload, instance_id=instance_id)
        step.save()
        return message_id

    def ask(self, session: Session, case_id: UUID, name: str, payload: dict[str, Any], actor: Actor) -> UUID:
        """``send`` of a message that may hold the closing: the link its rule demands is written with it and named in the payload."""
        step = Step.on_case(self, session, case_id, actor)
        rule = next((p.messages[name] for p in self.library.of_case(session, case_id) if name in p.messages), None)
        link = step.links.for_message(rule, payload) if rule is not None else None
        message_id = step.send(name, {**payload, **({"link_id": str(link.id)} if link is not None else {})})
        step.save()
        return message_id

    def open_from_outside(
        self, session: Session, name: str, payload: dict[str, Any], actor: Actor, *, city: str, prepare: Callable[[UUID], None]
    ) -> UUID:
        """A message from outside that nobody here sent opens a file of its own, or joins the living one: its case.

        ``prepare(case_id)`` writes what the first step reads, on the new case or on the living one. Raises NotFound for a message
        that opens no file of its own.
        """
        rule = self.library.starting(session, name)
        if rule is None or not rule.own_file:
            raise NotFound(f"没有由“{name}”立卷的流程。")
        delivery.hold_opening(session, rule)
        living = self.hooks.living(session, rule, payload, UUID(int=0))
        if living is None:
            return delivery.open_from_outside(self, session, rule, payload, actor, city=city, prepare=prepare)
        prepare(living)
        self.send(session, living, name, payload, actor)
        return living

    def deliver_next(self, session: Session) -> bool:
        """Deliver one queued message under the lock of its case; False when there is none."""
        return delivery.deliver_next(self, session)

    def fire_next_clock(self, session: Session) -> bool:
        """Do what the passing of time asks of one clock; False when nothing is due."""
        return delivery.fire_next_clock(self, session)

    def waiting_for(self, session: Session, case_id: UUID, key: str) -> list[UUID]:
        """Running instances of a case that wait for ``msg:<name>`` or a clock moment: which case actions are possible now."""
        sql = "SELECT id FROM wf_instance WHERE case_id = %s AND status = 'running' AND %s = ANY(waits) ORDER BY started_at"
        return [r[0] for r in store.raw(session).execute(sql, (case_id, key)).fetchall()]

    def procedure_of_slot(self, session: Session, case_id: UUID, slot: str) -> str | None:
        """The name of the procedure a case's clock belongs to."""
        return next((p.name for p in self.library.of_case(session, case_id) if slot in p.slots), None)

    def message_rule(self, session: Session, process: str, name: str) -> MessageRule | None:
        found = self.library.find(session, process)
        return found.messages.get(name) if found else None

    # -- links ----------------------------------------------------------------------------------------------------

    def close_link(self, session: Session, link_id: UUID, actor: Actor, result: dict[str, Any]) -> Link:
        """A person closes an open item with result and reason; a closing that waits for it counts again."""
        link = session.get(Link, link_id)
        if link is None:
            raise NotFound("没有这个关联事项。")
        step = Step.on_case(self, session, link.case_id, actor)
        closed = step.links.close_by_person(link_id, result, self.wake_message(session, link.case_id))
        self.hooks.link_closed(step.ctx(), closed)
        step.save()
        return closed

    def wake_message(self, session: Session, case_id: UUID) -> str:
        """The message of the case's main procedure that says a link is closed: the one its own diagram catches."""
        sql = "SELECT process FROM wf_instance WHERE case_id = %s AND link_id IS NULL ORDER BY started_at LIMIT 1"
        row = store.raw(session).execute(sql, (case_id,)).fetchone()
        procedure = self.library.find(session, row[0]) if row else None
        for rule in procedure.messages.values() if procedure else ():
            if rule.closes_link and row is not None and row[0] in rule.catches:
                return rule.name
        return WAKE

    # -- operating ------------------------------------------------------------------------------------------------

    def suspend(self, session: Session, instance_id: UUID, actor: Actor, reason: str) -> None:
        """Stop an instance: its tasks are held, messages wait. Clocks run on: a legal period does not stop for us."""
        step = self._operate(session, instance_id, actor, "running")
        assert step.instance is not None
        sql = "UPDATE wf_task SET status = 'held' WHERE instance_id = %s AND status = 'open'"
        step.writes += [("UPDATE wf_instance SET status = 'suspended' WHERE id = %s", (instance_id,)), (sql, (instance_id,))]
        step.tell("suspended", "流程暂停", {"reason": reason})
        step.save()

    def resume(self, session: Session, instance_id: UUID, actor: Actor, reason: str) -> None:
        step = self._operate(session, instance_id, actor, "suspended")
        sql = "UPDATE wf_task SET status = 'open' WHERE instance_id = %s AND status = 'held'"
        step.writes += [("UPDATE wf_instance SET status = 'running' WHERE id = %s", (instance_id,)), (sql, (instance_id,))]
        step.writes.append(("UPDATE wf_message SET status = 'queued' WHERE case_id = %s AND status = 'waiting'", (step.case.id,)))
        step.tell("resumed", "流程恢复", {"reason": reason})
        step.save()

    def cancel(self, session: Session, instance_id: UUID, actor: Actor, reason: str) -> None:
        """End an instance: no open task, no waiting event is left. Its link is closed with the reason."""
        step = Step.on_instance(self, session, instance_id, actor)
        self.cancel_in(step, reason)
        step.save()

    def cancel_in(self, step: Step, reason: str) -> None:
        """The same inside a step that already holds the case."""
        assert step.instance is not None
        if step.instance.status not in ("running", "suspended"):
            raise Conflict("这个流程已经结束。")
        step.walker.cancel()
        step.instance.status = "cancelled"
        if step.instance.link_id is not None:
            step.links.close(step.instance.link_id, {"result": "cancelled", "reason": reason})
        sql = "UPDATE wf_task SET status = 'cancelled', closed_at = %s WHERE instance_id = %s AND status = 'held'"
        step.writes.append((sql, (step.now, step.instance.id)))
        step.tell("cancelled", "流程终止", {"reason": reason})

    def _operate(self, session: Session, instance_id: UUID, actor: Actor, status: str) -> Step:
        step = Step.on_instance(self, session, instance_id, actor)
        if step.instance is None or step.instance.status != status:
            raise Conflict("流程当前的状态不允许这样做。")
        return step

    def update_case(self, session: Session, case_id: UUID, actor: Actor, **changes: Any) -> None:
        """Change title, number, attrs, facets or tags from outside a step; open tasks' copies follow."""
        step = Step.on_case(self, session, case_id, actor)
        step.update_case(**changes)
        step.save()

    def note(
        self, session: Session, case_id: UUID | None, actor: Actor, kind: str, label: str, detail: dict[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:  # fmt: skip
        """One line of trail or audit outside a step."""
        moment = clock_time.now()
        params = (
            case_id, None, None, at or moment, moment, actor.id, actor.shown, kind, label, store.jsonb(detail) if detail else None, None,
        )  # fmt: skip
        store.write(session, [(store.INSERT_EVENT, params)])

    # -- reading --------------------------------------------------------------------------------------------------

    def task(self, session: Session, task_id: UUID) -> Task:
        found = session.get(Task, task_id, populate_existing=True)
        if found is None:
            raise NotFound("没有这一步，可能链接有误。")
        return found

    def form(self, session: Session, task: Task) -> Form:
        """The form of a task, of the version its instance runs on."""
        return self.library.version(session, self._version(session, task.instance_id)).form(task.element)

    def task_data(self, session: Session, task: Task) -> dict[str, Any]:
        """The process data an open task sees: what its form's conditions and defaults may name."""
        return effects.read_data(self, session, task)

    def trail(self, session: Session, case_id: UUID) -> list[Event]:
        return list(session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.id)))

    def diagram(self, session: Session, instance_id: UUID) -> DiagramState:
        return diagram.state(self, session, instance_id)

    def _version(self, session: Session, instance_id: UUID) -> str:
        row = store.raw(session).execute("SELECT version FROM wf_instance WHERE id = %s", (instance_id,)).fetchone()
        if row is None:
            raise NotFound("没有这个流程实例。")
        version: str = row[0]
        return version


def _must_be_open(step: Step) -> None:
    row = step.row
    if row["task_status"] in ("done", "cancelled"):
        raise TaskClosed(row["closed_name"], row["closed_at"], cancelled=row["task_status"] == "cancelled")
    if row["task_status"] == "held" or row["instance_status"] == "suspended":
        raise Conflict("流程已暂停，恢复后才能办理。")


def _digest(folders: Sequence[dict[str, str]], handlers: Collection[str]) -> str:
    """One hash over the text of these folders in their order, and the names of handlers they may use."""
    digest = hashlib.sha256(repr(sorted(handlers)).encode())
    for files in folders:
        digest.update(repr(sorted(files.items())).encode())
    return digest.hexdigest()
