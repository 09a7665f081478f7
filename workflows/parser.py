"""Reads BPMN into specs: our timer event that fires only when told, and service tasks that call a registered handler."""

from __future__ import annotations

from typing import Any, ClassVar

from SpiffWorkflow.bpmn.parser.util import first
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, IntermediateCatchEvent
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.util import PendingBpmnEvent
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.event_parsers import SpiffBoundaryEventParser, SpiffIntermediateCatchEventParser
from SpiffWorkflow.spiff.parser.process import full_tag
from SpiffWorkflow.spiff.parser.task_spec import ServiceTaskParser
from SpiffWorkflow.spiff.specs.defaults import ServiceTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.task import TaskState as S


class ClockEvent(TimerEventDefinition):
    """A timer that names a clock of the case and the moment it waits for, e.g. ``due("answer")``.

    The due moment is a row of the clock table; the event fires only through ``fire``.
    """

    def __init__(self, name: str, expression: str, repeats: bool = False, **kw: Any) -> None:
        super().__init__(name, expression, **kw)
        self.repeats = repeats
        moment, _, slot = expression.partition("(")
        self.moment = moment.strip()
        self.slot = slot.strip(" )\"'")

    @property
    def key(self) -> str:
        """What an instance waits for, as stored in ``wf_instance.waits``: ``due:answer``."""
        return f"{self.moment}:{self.slot}"

    def has_fired(self, my_task: Task) -> bool:
        return bool(my_task._get_internal_data("event_fired", False))

    def update_task(self, my_task: Task) -> None:
        return None

    def details(self, my_task: Task) -> PendingBpmnEvent:
        return PendingBpmnEvent(self.name, "Clock", self.expression)


class HandlerTask(ServiceTask):
    """A service task: the named handler's dict becomes top-level process data."""

    def _execute(self, task: Task) -> bool:
        task.data.update(task.workflow.script_engine.run_handler(task, self.operation_name))
        return True


class _Clocks:
    node: Any
    bpmn_id: str

    def parse_timer_event(self, event: Any) -> ClockEvent:
        kind = first([e for e in event if isinstance(e.tag, str)])
        name = self.node.get("name") or self.bpmn_id
        return ClockEvent(name, (kind.text or "").strip(), kind.tag.endswith("timeCycle"), description="Clock")


class _Boundary(_Clocks, SpiffBoundaryEventParser):
    pass


class _Catch(_Clocks, SpiffIntermediateCatchEventParser):
    pass


class Parser(SpiffBpmnParser):
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("boundaryEvent"): (_Boundary, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_Catch, IntermediateCatchEvent),
        full_tag("serviceTask"): (ServiceTaskParser, HandlerTask),
    }


def prepare(spec: Any, subspecs: dict[str, Any]) -> None:
    """Once per cached version: without it a multi-instance or loop task restored in a fresh process never completes."""
    for s in (spec, *subspecs.values()):
        for t in s.task_specs.values():
            if isinstance(t, LoopTask):
                child = s.task_specs[t.task_spec]
                if not child.completed_event.is_connected(t.merge_child):
                    child.completed_event.connect(t.merge_child)


def fire(workflow: Any, task: Task) -> bool:
    """Fire one waiting clock event; False when its step is over already. Engine steps are the caller's."""
    if task.state != S.WAITING:
        return False
    if task.task_spec.event_definition.repeats:  # start the branch, keep waiting
        for out in task.task_spec.outputs:
            child = task._add_child(out, S.FUTURE)
            child.task_spec._predict(child, mask=S.NOT_FINISHED_MASK)
            child.task_spec._update(child)
    else:
        task._set_internal_data(event_fired=True)
        task.task_spec._update(task)
    return True
