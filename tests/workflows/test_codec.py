"""Stored and restored at every step, pruned, an instance behaves like a twin that was never stored."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.task import TaskState

from tests.workflows import drawing_board as d
from workflows import codec
from workflows.library import load
from workflows.prune import prune
from workflows.script_engine import ClosedEngine

SHANGHAI = ZoneInfo("Asia/Shanghai")


def model() -> str:
    """Loop around fork and join, multi-instance, call activity, sub-process with interrupting and non-interrupting clocks."""
    inner = d.start("s1") + d.gateway("parallel", "f") + d.users("a b") + d.repeated("sign", "units", "one")
    inner += d.gateway("parallel", "j") + d.end("e1")
    work = d.sub("work", inner, "s1>f f>a f>b a>sign sign>j b>j j>e1")
    body = d.start() + d.users("ask check last late note") + work + d.call("c", "q") + d.gateway("exclusive", "g", "f_g_last") + d.end()
    body += d.boundary("stop", "work", d.timer('due("answer")')) + d.boundary("warn", "work", d.timer('warn("answer")'), False)
    body += d.end("e2") + d.end("e3")
    flow = "begin>ask ask>work work>c c>check check>g g>work[again] g>last last>done stop>late late>e2 warn>note note>e3"
    p = d.process("p", body, flow)
    q = d.process("q", d.start("s2") + d.users("x y") + d.end("e4"), "s2>x x>y y>e4")
    return d.document(p, q)


def restored(workflow: BpmnWorkflow, specs: tuple[Any, Any]) -> BpmnWorkflow:
    workflow.get_events()
    return codec.load(codec.dump(workflow, prune(workflow)), *specs, ClosedEngine())


def ready(workflow: BpmnWorkflow) -> list[Any]:
    tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
    return sorted(tasks, key=lambda t: (t.task_spec.bpmn_id, str(t.data.get("one"))))


def shape(workflow: BpmnWorkflow) -> list[tuple[str, dict[str, Any]]]:
    return [(t.task_spec.bpmn_id, t.data) for t in ready(workflow)]


@pytest.mark.parametrize("seed", range(40))
def test_pruned_and_restored_each_step_equals_a_twin_never_stored(seed: int) -> None:
    files = {"p.bpmn": model()}
    specs, twin_specs = load("p", files).specs("p"), load("p", files).specs("p")
    chance = random.Random(seed)
    one, twin = BpmnWorkflow(*specs, script_engine=ClosedEngine()), BpmnWorkflow(*twin_specs, script_engine=ClosedEngine())
    for w in (one, twin):
        w.task_tree.data.update(units=["u1", "u2"], again=False)
        w.do_engine_steps()
    largest = 0
    for _ in range(120):
        one = restored(one, specs)
        assert shape(one) == shape(twin)
        if one.completed or twin.completed:
            break
        pick = chance.randrange(len(ready(one)))
        change = {"again": chance.random() < 0.6, f"v{chance.randrange(4)}": chance.randrange(9)}
        for w in (one, twin):
            task = ready(w)[pick]
            task.data.update(change if task.task_spec.bpmn_id == "check" else {})
            task.run()
            w.do_engine_steps()
        largest = max(largest, len(codec.pack(codec.dump(one, prune(one)))))
    assert one.completed == twin.completed
    assert largest < 4000


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20) | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False) | st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6).filter(lambda k: k != "$t"), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(plain)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert codec.decode(codec.encode(value)) == value


def test_moments_keep_their_zone() -> None:
    moment = datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)
    assert codec.decode(codec.encode({"at": moment, "on": date(2026, 11, 24), "n": Decimal("0.10")}))["at"] == moment


@pytest.mark.parametrize("bad", [{1, 2}, b"x", object(), {"$t": "dt", "v": "x"}, 2**70])
def test_what_cannot_be_stored_is_refused(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        codec.encode({"x": bad})
