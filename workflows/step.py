"""One step of one case: lock → restore → act → advance → save → tell, in the caller's transaction.

A ``Step`` collects everything the act changes and writes it in one round trip. It never commits; after any exception the caller
rolls back and the in-memory instance is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import Task as SpiffTask
from sqlalchemy.orm import Session

from . import codec, store
from . import time as clock_time
from .clocks import CaseClocks
from .errors import HandlerFailed, NobodyThere, NotFound, WorkflowError
from .handlers import Actor, Ctx
from .library import Procedure, uuid_or_none
from .links import Links
from .prune import prune
from .store import CaseRow, ClockRow, InstanceRow
from .walker import StepEngine, Walker

if TYPE_CHECKING:
    from .runtime import Engine


class OpenedTask:
    """A task this step put before somebody."""

    __slots__ = ("element", "holder", "id", "label", "node")

    def __init__(self, id: UUID, element: str, label: str, holder: str, node: int) -> None:
        self.id, self.element, self.label, self.holder, self.node = id, element, label, holder, node


class Step:
    """The unit of work. Build it with ``on_task``, ``on_instance``, ``on_case`` or ``new_instance``; end it with ``save``."""

    def __init__(
        self, engine: Engine, session: Session, actor: Actor, case: CaseRow, clocks: list[ClockRow], instance: InstanceRow | None = None
    ) -> None:
        self.engine, self.session, self.actor, self.case, self.instance = engine, session, actor, case, instance
        self.now: datetime = clock_time.now()
        self.confined = case.confined  # what rows of the case carry until the end of this step, whatever it changes
        self.row: dict[str, Any] = {}
        self.procedure: Procedure | None = engine.library.version(session, instance.version) if instance else None
        self.clocks = CaseClocks(case, clocks, engine.rules, engine.calendar, self.now, engine.warn_days, self.tell)
        if self.procedure is not None:
            self.clocks.slots = self.procedure.slots
        self.links = Links(self)
        self.opened: list[OpenedTask] = []
        self.task_id: UUID | None = None
        self.writes: list[tuple[str, tuple[Any, ...]]] = []
        self._events: list[tuple[str, tuple[Any, ...]]] = []
        self._walker: Walker | None = None

    # -- building -------------------------------------------------------------------------------------------------

    @classmethod
    def on_task(cls, engine: Engine, session: Session, task_id: UUID, actor: Actor) -> Step:
        row, clocks = store.lock_task(session, task_id)
        if row is None:
            raise NotFound("没有这一步，可能链接有误。")
        step = cls(engine, session, actor, CaseRow.of(row), clocks, InstanceRow.of(row))
        step.row, step.task_id = row, task_id
        return step

    @classmethod
    def on_instance(cls, engine: Engine, session: Session, instance_id: UUID, actor: Actor) -> Step:
        row, clocks = store.lock_instance(session, instance_id)
        if row is None:
            raise NotFound("没有这个流程实例。")
        return cls(engine, session, actor, CaseRow.of(row), clocks, InstanceRow.of(row))

    @classmethod
    def on_case(cls, engine: Engine, session: Session, case_id: UUID, actor: Actor) -> Step:
        row, clocks = store.lock_case(session, case_id)
        if row is None:
            raise NotFound("没有这个案件。")
        return cls(engine, session, actor, CaseRow.of(row), clocks)

    @classmethod
    def new_case(
        cls, engine: Engine, session: Session, actor: Actor, *, title: str = "", city: str = "", number: str | None = None,
        attrs: dict[str, str] | None = None, facets: dict[str, Any] | None = None, tags: list[str] | None = None,
    ) -> Step:  # fmt: skip
        """A step on a case that is made with it."""
        case = CaseRow(store.new_id(), city, number, title, dict(attrs or {}), dict(facets or {}), list(tags or []), "open", None, None)
        params = (case.id, city, number, title, store.jsonb(case.attrs), store.jsonb(case.facets), case.tags, clock_time.now())
        store.write(session, [(store.INSERT_CASE, params)])
        return cls(engine, session, actor, case, [])

    def begin(self, process: str, data: dict[str, Any], link_id: UUID | None = None) -> InstanceRow:
        """Put a new instance of ``process`` on this case and run it to its first people."""
        self.procedure = self.engine.library.current(self.session, process)
        self.clocks.slots = self.procedure.slots
        self.instance = InstanceRow(store.new_id(), process, self.procedure.version, "running", None, [], {}, link_id, fresh=True)
        spec, subspecs = self.procedure.specs(process)
        workflow = BpmnWorkflow(spec, subspecs, script_engine=StepEngine(self))
        # copied to the depth: data is merged in place, and a list shared with the procedure would carry one case's data into the next
        start = deepcopy({**self.procedure.initial_data, **data, "case_id": str(self.case.id)})
        if link_id is not None:
            start["link_id"] = str(link_id)
        workflow.task_tree.data.update(start)
        self._walker = Walker(self, workflow, fresh=True)
        self.tell("started", "流程开始", {"process": process})
        self._walker.advance()
        return self.instance

    @property
    def walker(self) -> Walker:
        """The restored instance."""
        if self._walker is None:
            if self.instance is None or self.instance.state is None or self.procedure is None:
                raise WorkflowError("这个流程已经结束。")
            spec, subspecs = self.procedure.specs(self.instance.process)
            blob = codec.unpack(self.instance.state)
            self._walker = Walker(self, codec.load(blob, spec, subspecs, StepEngine(self)))
        return self._walker

    # -- what handlers, forms and the walker do -------------------------------------------------------------------

    def ctx(self, element: str | None = None) -> Ctx:
        return Ctx(step=self, element=element)

    def tell(self, kind: str, label: str, detail: dict[str, Any] | None = None, at: datetime | None = None) -> None:
        """A line of the trail."""
        self._events.append(
            (
                store.INSERT_EVENT,
                (
                    self.case.id, self.instance.id if self.instance else None, self.task_id, at or self.now, self.now, self.actor.id,
                    self.actor.shown, kind, label, store.jsonb(detail) if detail else None, self.confined,
                ),
            )
        )  # fmt: skip

    def run_handler(self, operation: str, data: dict[str, Any], element: str | None) -> dict[str, Any]:
        """Call a named handler; its dict may only hold declared variables. Errors it did not mean become HandlerFailed."""
        assert self.procedure is not None
        if operation not in self.engine.handlers:
            raise HandlerFailed(operation, LookupError(f"no handler named {operation}"))
        try:
            out = self.engine.handlers[operation](self.ctx(element), data) or {}
        except WorkflowError:
            raise
        except Exception as error:
            raise HandlerFailed(operation, error) from error
        unknown = out.keys() - self.procedure.variables.keys() if self.procedure.variables else set()
        if unknown:
            raise HandlerFailed(operation, KeyError(f"not in variables.yaml: {', '.join(sorted(unknown))}"))
        return out

    def update_case(
        self,
        *,
        title: str | None = None,
        number: str | None = None,
        attrs: dict[str, str | None] | None = None,
        facets: dict[str, Any] | None = None,
        tags: list[str] | None = None,
        confined: Iterable[str] | None = None,
    ) -> None:
        """Change the case; open tasks carry copies of number, title, facets and tags.

        ``confined``: the organs that alone may see the case from now on, none: whoever the app lets; all its rows follow (``save``).
        """
        case, changed = self.case, {}
        for name, value in (attrs or {}).items():
            if case.attrs.get(name) != value:
                changed[name] = [case.attrs.get(name), value]
        if changed:
            case.attrs = {**case.attrs, **(attrs or {})}
            self.tell("case.attrs", "案件归属变更", changed)
        if facets and any(case.facets.get(k) != v for k, v in facets.items()):
            case.facets, case.copies = {**case.facets, **facets}, True
        if tags is not None and tags != case.tags:
            case.tags, case.copies = tags, True
        if number is not None and number != case.number:
            case.number, case.copies = number, True
        if title is not None and title != case.title:
            case.title, case.copies = title, True
        case.dirty = case.dirty or bool(changed) or case.copies
        if confined is not None:
            self._confine(sorted(set(confined)) or None)

    def _confine(self, organs: list[str] | None) -> None:
        if organs != self.case.confined:
            self.tell("case.confined", "可见机关变更", {"confined": [self.case.confined, organs]})
            self.case.confined = organs

    def send(
        self, name: str, payload: dict[str, Any], instance_id: UUID | None = None, sender_id: UUID | None = None,
        to_case: UUID | None = None,
    ) -> UUID:  # fmt: skip
        """Write a message row, for this case or for another; the worker delivers it in a transaction that locks only the addressee."""
        message_id = store.new_id()
        sender = sender_id or (self.instance.id if self.instance else None)
        other = to_case is not None and to_case != self.case.id
        params = (
            message_id, to_case or self.case.id, name, store.jsonb(payload), instance_id, sender, self.case.id if other else None,
            store.jsonb(self.actor.as_dict()), self.now, self.confined,
        )  # fmt: skip
        self.writes.append((store.INSERT_MESSAGE, params))
        return message_id

    def open_task(self, node: SpiffTask) -> None:
        """A row in somebody's inbox for a human task that became ready."""
        assert self.procedure is not None and self.instance is not None
        element = self.procedure.elements[node.task_spec.bpmn_id]
        form = self.procedure.form(element.id)
        org, holder = self._holder(element.role or "", element.org or "", node)
        item = node.data.get(element.item) if element.item else None
        task_id = store.new_id()
        for slot, rule in form.opens.items():
            self.clocks.start(slot, rule, self.now, letter=str(task_id), clock_id=task_id, quiet=True)
        asked, letter = form.slot(node.data), str(node.data.get("letter") or "") or None
        shown = self.clocks.shown(asked, letter)
        letter = letter if shown is not None and shown.letter == letter else None
        due, warn = (shown.due_at, shown.warn_at) if shown is not None and shown.status == "running" else (None, None)
        case = self.case
        self.writes.append(
            (
                store.INSERT_TASK,
                (
                    task_id, case.id, self.instance.id, node.id, element.process, element.id, form.label, form.stage, element.role, org,
                    holder, holder, asked, due, warn, self.now, self.actor.shown, str(item) if item is not None else None,
                    letter, None,
                    case.number, case.title, store.jsonb(case.facets), case.tags, self.confined,
                ),
            )
        )  # fmt: skip
        self.opened.append(OpenedTask(task_id, element.id, form.label, holder, node.id))

    def _holder(self, role: str, org: str, node: SpiffTask) -> tuple[str | None, str]:
        """(organisation, holder key) of a task addressed ``role@org``: a case attribute, or a variable of the task."""
        name = org.removeprefix("case.")
        value = self.case.attrs.get(name) if org.startswith("case.") else node.data.get(org, org)
        if not value:
            raise NobodyThere(role, f"案件的“{name}”还没有指定，")
        person = uuid_or_none(value)
        if person is not None:
            return None, f"p:{person}"
        return str(value), self.engine.directory.resolve(self.session, role, str(value))

    def close_opened_clocks(self, element: str, at: datetime) -> None:
        """The clocks a task opened with it are met with it."""
        assert self.procedure is not None
        for slot in self.procedure.form(element).opens:
            self.clocks.meet(slot, at, letter=str(self.task_id), quiet=True)

    # -- saving ---------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write everything in one round trip."""
        self.session.flush()
        if self._walker is not None:
            self._save_instance(self._walker)
        self._save_clocks()
        self._save_case()
        first = [w for w in self.writes if w[0] is store.INSERT_INSTANCE]
        rest = [w for w in self.writes if w[0] is not store.INSERT_INSTANCE]
        last = [(store.CONFINE, (self.case.id, self.case.confined))] if self.case.confined != self.confined else []
        if first or rest or self._events:
            store.write(self.session, [*first, *rest, *self._events, *last])
        self.confined = self.case.confined
        self.writes, self._events = [], []

    def _save_instance(self, walker: Walker) -> None:
        assert self.instance is not None
        instance, workflow = self.instance, walker.workflow
        if instance.status != "cancelled" and workflow.completed:
            instance.status = "completed"
            self.tell("completed", "流程结束", {"process": instance.process})
        ended = instance.status in ("completed", "cancelled")
        if ended and instance.link_id is not None:
            self.links.close(instance.link_id)
        state = None if ended else codec.pack(codec.dump(workflow, prune(workflow)))
        before, instance.waits = set(instance.waits), [] if ended else walker.waits()
        if any(w.startswith("msg:") and w not in before for w in instance.waits):
            names = [w[4:] for w in instance.waits if w.startswith("msg:")]
            self.writes.append((store.WAKE_MESSAGES, (self.case.id, names)))
        at = self.now if ended else None
        if ended and instance.link_id is None and self.case.status != "closed":
            self.case.status, self.case.closed_at, self.case.dirty = "closed", self.now, True
        if instance.fresh:
            values = (
                instance.id, self.case.id, instance.process, instance.version, instance.status, state, instance.waits,
                store.jsonb(instance.visited), instance.link_id, self.now, at, self.confined,
            )  # fmt: skip
            self.writes.append((store.INSERT_INSTANCE, values))
            instance.fresh = False
        else:
            params = (instance.status, state, instance.waits, store.jsonb(instance.visited), at, instance.id)
            self.writes.append((store.UPDATE_INSTANCE, params))

    def _save_clocks(self) -> None:
        for c in self.clocks.rows:
            if c.fresh:
                self.writes.append(store.clock_insert(c, self.confined))
            elif c.dirty:
                self.writes.append(store.clock_update(c))
            c.fresh = c.dirty = False
        for slot in sorted(self.clocks.moved):
            letters = {c.letter for c in self.clocks.rows if c.slot == slot}
            for letter in [*sorted(letters - {None}, key=str), None]:
                shown = self.clocks.shown(slot, letter)
                due, warn = (shown.due_at, shown.warn_at) if shown is not None and shown.status == "running" else (None, None)
                self.writes.append((store.MOVE_TASKS, (due, warn, self.case.id, slot, letter)))
        self.clocks.moved.clear()

    def _save_case(self) -> None:
        c = self.case
        if c.dirty:
            params = (c.number, c.title, store.jsonb(c.attrs), store.jsonb(c.facets), c.tags, c.overdue_at, c.status, c.closed_at, c.id)
            self.writes.append((store.UPDATE_CASE, params))
            if c.copies:
                self.writes.append((store.COPY_CASE, (c.number, c.title, store.jsonb(c.facets), c.tags, c.id)))
            c.dirty = c.copies = False
