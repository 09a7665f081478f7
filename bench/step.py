"""Engine CPU of one step without SQL: restore + act + advance + save of a petition on its own 70-node map, by stage of the case."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import Task, TaskState

from workflows import codec
from workflows.library import load, read_folder
from workflows.prune import prune
from workflows.script_engine import ClosedEngine

FOLDER = Path(__file__).resolve().parent.parent / "bpmn" / "petition"
ANSWERS: dict[str, dict[str, Any]] = {
    "screen": {"intake_outcome": "accept", "track": "6", "hear_required": True, "simple": False},
    "hold_reception": {"reception_result": "held"},
    "plan": {"needs_site": True, "co_units": ["a", "b"]},
    "findings": {"way": "desk"},
    "draft_answer": {"result": "explain", "sign_units": []},
    "unit_review": {"unit_decision": "ok"},
    "check_result": {"check_decision": "pass"},
    "sign_answer": {"check_decision": "pass"},
}
RUNS = 15


class NoHandlers(ClosedEngine):
    """Service tasks do nothing here: what they do to records is the app's, and SQL."""

    def run_handler(self, task: Task, operation: str) -> dict[str, Any]:
        return {"contactable": True} if operation == "petition.enrich" else {}


def steps(procedure: Any) -> list[dict[str, Any]]:
    spec, subspecs = procedure.specs("petition")
    workflow = BpmnWorkflow(spec, subspecs, script_engine=NoHandlers())
    workflow.task_tree.data.update({**procedure.initial_data, "case_id": "00000000-0000-0000-0000-000000000000"})
    workflow.do_engine_steps()
    workflow.get_events()
    blob, out = codec.pack(codec.dump(workflow, prune(workflow))), []
    while True:
        probe = codec.load(codec.unpack(blob), spec, subspecs, NoHandlers())
        open_tasks = probe.get_tasks(state=TaskState.READY, manual=True)
        if not open_tasks:
            return out
        node = open_tasks[0].id
        times, after = [], blob
        for _ in range(RUNS):
            began = time.process_time()
            w = codec.load(codec.unpack(blob), spec, subspecs, NoHandlers())
            task = w.get_task_from_id(node)
            task.data.update(ANSWERS.get(task.task_spec.bpmn_id, {}))
            _advance(w, task)
            w.get_events()
            after = codec.pack(codec.dump(w, prune(w)))
            times.append(time.process_time() - began)
        out.append({"step": open_tasks[0].task_spec.bpmn_id, "ms": round(median(times) * 1e3, 2), "bytes": len(blob)})
        blob = after


def _advance(w: Any, task: Task) -> None:
    """The engine's own loop (workflows/walker.py) without its step around it."""
    task.run()
    moved = True
    while moved:
        moved = False
        flows = sorted((s for s in w.subprocesses.values() if not s.completed), key=lambda s: s.depth, reverse=True)
        for flow in (*flows, w):
            while ready := [t for t in flow.tasks.values() if t._state == TaskState.READY and not t.task_spec.manual]:
                for t in ready:
                    if t._state == TaskState.READY:
                        t.run()
                        moved = True
            if flow.parent_task_id is not None:
                holder = w.get_task_from_id(flow.parent_task_id)
                holder.task_spec._update(holder)


def main() -> None:
    procedure = load("petition", read_folder(FOLDER))
    nodes = sum(1 for e in procedure.elements.values() if e.process == "petition")
    rows = steps(procedure)
    total = {"work": "petition step without SQL", "map_nodes": nodes, "steps": len(rows)}
    total["ms_median"] = median(r["ms"] for r in rows)
    total["ms_max"] = max(r["ms"] for r in rows)
    total["bytes_max"] = max(r["bytes"] for r in rows)
    print(json.dumps({**total, "each": rows}, ensure_ascii=False))


if __name__ == "__main__":
    main()
