"""Where SpiffWorkflow 3.2.0 gives a wrong result or loses time, put right once at start. Each is guarded by the version.

1. A join lets the branch that arrives last overwrite the others with its stale copy: here a three-way merge against the
   data at the fork; only what a branch changed is taken over, the later completion wins where two changed the same key.
2. A multi-instance task leaves its item variable in the data, and the next round refuses to start because it is there.
3. A decision table merges its lists with those of the round before: here its outputs replace the old ones.
4. Task ids are UUIDs hashed in Python, 2,200 times a step: here they are random integers, hashed in C.
5. A task that inherits its parent's data merges it key by key into its own empty data: here that is one copy.
6. After every completed task the whole tree is walked for waiting ones, through iterators: here the task table is read once.
"""

from __future__ import annotations

from copy import deepcopy
from importlib.metadata import version
from random import getrandbits
from typing import Any

import SpiffWorkflow.task as spiff_task
from SpiffWorkflow import Workflow
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.dmn.specs.business_rule_task_mixin import BusinessRuleTaskMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.task import TaskState as S
from SpiffWorkflow.util.deep_merge import DeepMerge

CHECKED_VERSION = "3.2.0"
_installed = False


def install() -> None:
    """Idempotent; raises RuntimeError when the installed library is not the one these fixes were read against."""
    global _installed
    if _installed:
        return
    found = version("SpiffWorkflow")
    if found != CHECKED_VERSION:
        raise RuntimeError(f"SpiffWorkflow {found} is installed; the fixes were checked against {CHECKED_VERSION}")
    _merge_joins()
    _drop_items()
    _replace_decisions()
    spiff_task.uuid4 = _task_id
    Workflow.update_waiting_tasks = _update_waiting
    Task._inherit_data = _inherit_data
    _installed = True


def _task_id() -> int:
    return getrandbits(52) + 1  # never 0 (the library tests truth), exact in JSON


def _inherit_data(self: Any) -> None:
    inherited = self.parent.data
    self.data = DeepMerge.merge(self.data, inherited) if self.data else dict(inherited)


def _update_waiting(self: Any) -> None:
    for t in [t for t in self.tasks.values() if t._state == S.WAITING]:
        if t._state == S.WAITING:
            t.task_spec._update(t)


def _merge_joins() -> None:
    original = UnstructuredJoin._run_hook

    def run_hook(self: Any, my_task: Task) -> bool:
        merged = _three_way(self, my_task)  # before the library's merge: that one changes shared nested lists in place
        original(self, my_task)
        if merged is not None:
            my_task.data = merged
        return True

    UnstructuredJoin._run_hook = run_hook


def _three_way(join: Any, my_task: Task) -> dict[str, Any] | None:
    same = [t for t in my_task.workflow.tasks.values() if t.task_spec is join and t is not my_task]
    last = max((t.last_state_change for t in same if t.state == S.COMPLETED), default=0)
    tokens = [t.parent for t in same if t.state == S.CANCELLED and t.last_state_change > last and t.parent.state == S.COMPLETED]
    if not tokens:
        return None
    parents = sorted([*tokens, my_task.parent], key=lambda p: p.last_state_change)
    common = set.intersection(*({x.id for x in _up(p)} for p in parents))
    base = next(x for x in _up(parents[0]) if x.id in common).data
    merged: dict[str, Any] = deepcopy(base)
    for p in parents:
        merged.update({k: deepcopy(v) for k, v in p.data.items() if k not in base or base[k] != v})
        for k in base.keys() - p.data.keys():
            merged.pop(k, None)
    return merged


def _up(t: Task) -> list[Task]:
    out = [t]
    while out[-1].parent is not None:
        out.append(out[-1].parent)
    return out


def _drop_items() -> None:
    original = MultiInstanceTask.merge_child

    def merge_child(self: Any, workflow: Any, child: Task) -> None:
        if self.input_item is not None:
            child.data.pop(self.input_item.bpmn_id, None)
        original(self, workflow, child)

    MultiInstanceTask.merge_child = merge_child


def _replace_decisions() -> None:
    def run_hook(self: Any, my_task: Task) -> bool:
        my_task.data.update(self.dmnEngine.result(my_task))
        return True

    BusinessRuleTaskMixin._run_hook = run_hook
