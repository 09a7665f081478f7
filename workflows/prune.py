"""Which finished tasks a stored state may leave out.

What a later step can still look at is kept: the parent of an unfinished task, joins and their parents, boundary splits and
their direct children, multi-instance holders and their children, and tokens that wait at a join which has not fired yet.
A token of an earlier round of a join is dropped: kept, it would let a join inside a loop fire early.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, EventSplit
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task
from SpiffWorkflow.task import TaskState as S

_OPEN, _DONE = S.NOT_FINISHED_MASK, S.FINISHED_MASK


def prune(top: Any) -> set[int]:
    """Ids of the tasks to store, over the instance and its living sub-processes."""
    keep: set[int] = set()
    for w in (top, *(p for p in top.subprocesses.values() if not p.completed)):
        _prune_one(w, keep)
    return keep


def _prune_one(w: Any, keep: set[int]) -> None:
    tasks = w.tasks
    open_ = [t for t in tasks.values() if t._state & _OPEN]
    keep.add(w.task_tree.id)
    if not open_:
        if w.last_task is not None:
            keep.add(w.last_task.id)
        return
    live = open_ + _waiting_tokens(tasks)
    for t in open_:
        if isinstance(t.task_spec, BoundaryEventJoin):
            split = t.find_ancestor(t.task_spec.split_task)
            if split is not None:
                live.append(split)
    live_ids = {t.id for t in live}
    top_task = _common_ancestor(tasks, live)
    while top_task._parent is not None and isinstance(tasks[top_task._parent].task_spec, (EventSplit, LoopTask)):
        top_task = tasks[top_task._parent]
    if top_task._parent is not None:
        keep.add(top_task._parent)
    keep.add(top_task.id)
    _keep_inside(tasks, top_task, live_ids, keep)


def _waiting_tokens(tasks: dict[int, Task]) -> list[Task]:
    """Tokens that reached a join, shown as CANCELLED since a later one arrived, while the join has not fired since."""
    joins = [t for t in tasks.values() if isinstance(t.task_spec, Join)]
    fired: dict[Any, float] = {}
    for t in joins:
        if t._state == S.COMPLETED:
            fired[t.task_spec] = max(fired.get(t.task_spec, 0.0), t.last_state_change)
    return [t for t in joins if t._state == S.CANCELLED and t.last_state_change > fired.get(t.task_spec, -1.0)]


def _common_ancestor(tasks: dict[int, Task], live: list[Task]) -> Task:
    """The nearest task above (or equal to) all of ``live``: count how many live tasks each ancestor has below it."""
    count: dict[int, int] = {}
    for t in live:
        i: int | None = t.id
        while i is not None:
            count[i] = count.get(i, 0) + 1
            i = tasks[i]._parent
    n = len(live)
    t = live[0]
    while count[t.id] < n:
        t = tasks[t._parent]
    return t


def _keep_inside(tasks: dict[int, Task], top_task: Task, live_ids: set[int], keep: set[int]) -> None:
    stack = [top_task.id]
    while stack:
        t = tasks[stack.pop()]
        stack.extend(t._children)
        spec = t.task_spec
        if isinstance(spec, Join) and t._state == S.CANCELLED and t.id not in live_ids:
            continue
        if not t._state & _DONE or isinstance(spec, (Join, EventSplit, LoopTask)):
            keep.add(t.id)
            continue
        if t._parent is not None and isinstance(tasks[t._parent].task_spec, (EventSplit, LoopTask)):
            keep.add(t.id)
            continue
        for c in t._children:
            child = tasks[c]
            if not child._state & _DONE or isinstance(child.task_spec, Join):
                keep.add(t.id)
                break
