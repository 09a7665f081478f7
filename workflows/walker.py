"""Moves one restored instance forward until people are needed again, and tells the step what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.specs.event_definitions import ErrorEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition as AnyMessage
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.task import Task, TaskState

from . import store
from .errors import Conflict, HandlerFailed, WorkflowError
from .parser import ClockEvent, fire
from .script_engine import ClosedEngine

if TYPE_CHECKING:
    from .step import Step

READY, WAITING = TaskState.READY, TaskState.WAITING
MAX_ROUNDS = 200


class StepEngine(ClosedEngine):
    """The script engine of one step: closed expressions, and service tasks that call the step's handlers."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self._step = step

    def run_handler(self, task: Task, operation: str) -> dict[str, Any]:
        return self._step.run_handler(operation, task.data, task.task_spec.bpmn_id)


class Walker:
    def __init__(self, step: Step, workflow: BpmnWorkflow, fresh: bool = False) -> None:
        self.step, self.workflow = step, workflow
        self._open_before = set() if fresh else {t.id for t in self._human()}
        self._armed_before = set() if fresh else set(workflow.event_manager.tasks)
        self._done_node: int | None = None

    def task(self, node: int) -> Task:
        """The engine's own task; raises Conflict when the step is over."""
        try:
            found: Task | None = self.workflow.get_task_from_id(node)
        except Exception as error:
            raise Conflict("这一步已不在流程中。") from error
        if found is None or found.state != READY:
            raise Conflict("这一步已不在流程中。")
        return found

    def complete(self, task: Task) -> None:
        """Run a human task whose data is set, and everything automatic after it."""
        self._done_node = task.id
        self._run(task)
        self.advance()

    def fire(self, keys: set[str], letter: str | None = None) -> int:
        """Fire every waiting clock event named in ``keys`` (``due:answer``); returns how many fired.

        A clock of one letter leaves alone what waits about another.
        """
        fired = 0
        for task in list(self.workflow.event_manager.tasks.values()):
            event = getattr(task.task_spec, "event_definition", None)
            if not isinstance(event, ClockEvent) or event.key not in keys:
                continue
            if letter and task.data.get("letter") not in (None, "", letter):
                continue
            if fire(self.workflow, task):
                self.step.tell("timer", task.task_spec.bpmn_name or task.task_spec.bpmn_id, {"timer": event.key})
                if event.repeats:  # such an event never runs itself: each firing is a branch beside it
                    self._passed(task)
                fired += 1
        if fired:
            self.advance()
        return fired

    def receive(self, name: str, payload: dict[str, Any]) -> None:
        """Bring in a message somebody waits for."""
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload=payload))
        self.advance()

    def takes(self, name: str, payload: dict[str, Any], matches: dict[str, str]) -> bool:
        """Is what waits for the message about the same letter? An answer to an old one is not taken for the new."""
        for task in self.workflow.event_manager.tasks.values():
            event = task.task_spec.event_definition
            for one in getattr(event, "event_definitions", None) or (event,):
                same = all(payload.get(key) in (None, "", task.data.get(variable)) for key, variable in matches.items())
                if isinstance(one, AnyMessage) and one.name == name and same:
                    return True
        return False

    def cancel(self) -> None:
        self.workflow.cancel()
        self.workflow.get_events()
        self._sync_tasks()

    def advance(self) -> None:
        """Automatic steps, thrown messages and clocks that were due when armed, until nothing moves."""
        try:
            for _ in range(MAX_ROUNDS):
                self._engine_steps()
                if not self._fire_past():
                    break
            else:
                raise WorkflowError("流程在自动步骤里转圈，没有停下来。")
        except WorkflowError:
            raise
        except Exception as error:
            raise HandlerFailed("engine", error) from error
        self._sync_tasks()

    def waits(self) -> list[str]:
        """What the instance waits for, as stored with it: messages and clock moments."""
        found = set()
        for task in self.workflow.event_manager.tasks.values():
            event = task.task_spec.event_definition
            for one in getattr(event, "event_definitions", None) or (event,):  # an event gateway waits for several
                if isinstance(one, ClockEvent):
                    found.add(one.key)
                elif isinstance(one, AnyMessage):
                    found.add(f"msg:{one.name}")
        return sorted(found)

    def _flows(self) -> list[Any]:
        active = [s for s in self.workflow.subprocesses.values() if not s.completed]
        active.sort(key=lambda s: s.depth, reverse=True)
        return [*active, self.workflow]

    def _human(self) -> list[Task]:
        return [t for w in self._flows() for t in w.tasks.values() if t._state == READY and t.task_spec.manual]

    def _engine_steps(self) -> None:
        """The library's loop, over the task table instead of tree iterators, and without asking its timers."""
        moved = True
        while moved:
            moved = False
            flows = self._flows()
            for w in flows:
                while ready := [t for t in w.tasks.values() if t._state == READY and not t.task_spec.manual]:
                    for t in ready:
                        if t._state == READY:
                            self._run(t)
                            moved = True
                if w.parent_task_id is not None:
                    holder = self.workflow.get_task_from_id(w.parent_task_id)
                    holder.task_spec._update(holder)
            moved = moved or len(self._flows()) > len(flows)

    def _run(self, task: Task) -> None:
        task.run()
        if self.workflow.bpmn_events:  # at once: a link a message opens is counted by the very next step
            self._throw(self.workflow.get_events())
        self._passed(task)

    def _passed(self, task: Task) -> None:
        """Remember the element as done, and tell the observer which flows were taken."""
        element = task.task_spec.bpmn_id
        if element is None:
            return
        step = self.step
        assert step.instance is not None and step.procedure is not None
        known = step.procedure.elements.get(element)
        if known is not None:
            seen = step.instance.visited.setdefault(known.process, [])
            if element not in seen:
                seen.append(element)
        if step.engine.observer is not None:
            for target in _next_elements(task):
                flow = step.procedure.flow_ids.get((element, target))
                if flow is not None:
                    step.engine.observer(known.process if known else "", flow)

    def _throw(self, events: list[Any]) -> None:
        step = self.step
        assert step.procedure is not None
        for event in events:
            definition = event.event_definition
            if isinstance(definition, ErrorEventDefinition):
                raise HandlerFailed("error event", RuntimeError(f"nobody catches the error {definition.name}"))
            if not isinstance(definition, AnyMessage):
                continue
            payload = {**(event.payload or {})}
            rule = step.procedure.messages.get(definition.name)
            if rule is None:
                raise HandlerFailed("message", LookupError(f"{definition.name} is not in messages.yaml"))
            to_case = UUID(str(payload[rule.addressee])) if rule.addressee else None
            if to_case is not None and to_case != step.case.id:
                pass  # links are the addressee's: its delivery closes them
            elif rule.closes_link and payload.get("link_id"):
                step.links.close(UUID(str(payload["link_id"])))
            else:
                link = step.links.for_message(rule, payload)
                if link is not None:
                    payload["link_id"] = str(link.id)
            if rule.carried:
                step.engine.hooks.carry(step.ctx(), rule, payload)
            else:
                step.send(definition.name, payload, to_case=to_case)
            step.tell("message", rule.label, {"name": definition.name})

    def _fire_past(self) -> bool:
        """A ``due`` or ``warn`` armed in this step whose moment has passed already fires at once, once."""
        fired = False
        for node, task in list(self.workflow.event_manager.tasks.items()):
            event = getattr(task.task_spec, "event_definition", None)
            if node in self._armed_before or not isinstance(event, ClockEvent) or event.repeats:
                continue
            clock = self.step.clocks.shown(event.slot, str(task.data.get("letter") or "") or None)
            if clock is None or clock.status != "running":
                continue
            moment = self.step.clocks.fires_at(clock) if event.moment == "due" else clock.warn_at
            if moment is not None and moment <= self.step.now:
                fired = fire(self.workflow, task) or fired
        self._armed_before |= set(self.workflow.event_manager.tasks)
        return fired

    def _sync_tasks(self) -> None:
        """Rows for human tasks that became ready; open rows of tasks that are gone are cancelled."""
        step = self.step
        assert step.instance is not None
        now = {t.id: t for t in self._human()}
        gone = [n for n in self._open_before if n not in now and n != self._done_node]
        if gone:
            step.writes.append((store.CANCEL_TASKS, (step.now, step.instance.id, gone)))
        for node, task in now.items():
            if node not in self._open_before:
                step.open_task(task)
        self._open_before = set(now)
        self._done_node = None


def _next_elements(task: Task) -> list[str]:
    """Element ids right after a task, looking through the library's own nodes that no diagram shows."""
    out, todo = [], list(task.children)
    while todo:
        t = todo.pop()
        if t.task_spec.bpmn_id is not None:
            out.append(t.task_spec.bpmn_id)
        else:
            todo.extend(t.children)
    return out
