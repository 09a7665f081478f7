"""Every BPMN construct the engine supports, each run on a diagram of its own, state stored and restored at every step."""

from __future__ import annotations

import pytest

from tests.workflows import drawing_board as d
from tests.workflows.conftest import Make
from workflows import HandlerFailed, Handlers

BOOL = {"fields": {"yes": {"type": "boolean", "label": "是"}}, "data": ["yes"]}
N = {"fields": {"n": {"type": "integer", "label": "数"}}, "data": ["n"]}


def test_user_and_manual_tasks_wait_for_people(make: Make) -> None:
    manual = d.user("b").replace("userTask", "manualTask")
    board = make(d.document(d.process("p", d.start() + d.users("a") + manual + d.end(), "begin>a a>b b>done")))
    instance = board.start("p")
    assert board.open() == ["a"]
    assert board.do("a") == ["b"]
    assert board.do("b") == []
    assert board.status(instance) == "completed"


def test_service_task_calls_its_handler_and_its_dict_becomes_data(make: Make) -> None:
    def prepare(h: Handlers) -> None:
        h.register("do.count")(lambda ctx, data: {"n": data["n"] + 1})

    body = d.start() + d.users("a b") + d.service("count") + d.gateway("exclusive", "g", "f_g_done") + d.end()
    board = make(d.document(d.process("p", body, "begin>a a>count count>g g>b[n==3] g>done b>done")), prepare=prepare, forms={"a": N})
    board.start("p")
    assert board.do("a", n=2) == ["b"]


def test_handler_that_returns_an_undeclared_variable_is_an_error(make: Make) -> None:
    def prepare(h: Handlers) -> None:
        h.register("do.s")(lambda ctx, data: {"surprise": 1})

    board = make(
        d.document(d.process("p", d.start() + d.users("a") + d.service("s") + d.end(), "begin>a a>s s>done")),
        prepare=prepare,
        variables={"n": {"type": "integer"}},
    )
    board.start("p")
    with pytest.raises(HandlerFailed):
        board.do("a")
    board.session.rollback()
    assert board.open() == ["a"]


def test_decision_table_first_and_collect(make: Make) -> None:
    first = d.table("grade", {"n": "n"}, ["grade"], [[">= 10", '"big"'], ["-", '"small"']])
    collect = d.table("why", {"n": "n"}, ["reasons"], [[">= 3", '"three"'], [">= 5", '"five"'], ["-", '""']], "COLLECT")
    body = d.start() + d.users("a big small") + d.rule("r1", "grade") + d.rule("r2", "why") + d.end()
    body += d.gateway("exclusive", "g", "f_g_small")
    flow = 'begin>a a>r1 r1>r2 r2>g g>big[grade=="big"~and~"five"~in~reasons] g>small small>done big>a'
    board = make(d.document(d.process("p", body, flow)), dmn_grade=first, dmn_why=collect, forms={"a": N})
    board.start("p")
    assert board.do("a", n=12) == ["big"]
    board.do("big")
    assert board.do("a", n=3) == ["small"]  # the list of the round before is not merged in


def test_parallel_gateways_join_and_keep_what_each_branch_wrote(make: Make) -> None:
    form = {x: {"fields": {x + "v": {"type": "integer", "label": x}}, "data": [x + "v"]} for x in "ab"}
    body = d.start() + d.users("a b c") + d.gateway("parallel", "f") + d.gateway("parallel", "j") + d.end()
    body += d.gateway("exclusive", "g", "f_g_done")
    flow = "begin>f f>a f>b a>j b>j j>g g>c[av==1~and~bv==2] g>done c>done"
    board = make(d.document(d.process("p", body, flow)), forms=form)
    board.start("p")
    assert board.do("a", av=1) == ["b"]
    assert board.do("b", bv=2) == ["c"]


def test_fork_and_join_inside_a_looped_subprocess_waits_each_round(make: Make) -> None:
    inner = d.start("s1") + d.gateway("parallel", "f") + d.users("a b") + d.gateway("parallel", "j") + d.end("e1")
    body = d.start() + d.sub("work", inner, "s1>f f>a f>b a>j b>j j>e1") + d.users("check") + d.end()
    body += d.gateway("exclusive", "g", "f_g_done")
    board = make(d.document(d.process("p", body, "begin>work work>check check>g g>work[yes] g>done")), forms={"check": BOOL})
    instance = board.start("p")
    for _ in range(3):
        assert board.open() == ["a", "b"]
        assert board.do("b") == ["a"]
        assert board.do("a") == ["check"]
        board.do("check", yes=True)
    board.do("a")
    board.do("b")
    board.do("check", yes=False)
    assert board.status(instance) == "completed"


def test_inclusive_gateway_waits_for_the_branches_taken(make: Make) -> None:
    body = d.start() + d.users("ask a b c last") + d.gateway("inclusive", "f", "f_f_c") + d.gateway("inclusive", "j") + d.end()
    flow = "begin>ask ask>f f>a[n>0] f>b[n>1] f>c a>j b>j c>j j>last last>done"
    board = make(d.document(d.process("p", body, flow)), forms={"ask": N})
    board.start("p")
    assert board.do("ask", n=2) == ["a", "b"]
    assert board.do("a") == ["b"]
    assert board.do("b") == ["last"]


def test_event_gateway_takes_the_first_message(make: Make) -> None:
    body = d.start() + d.users("one two") + d.gateway("eventBased", "g") + d.end()
    body += d.catch("c1", d.message("x")) + d.catch("c2", d.message("y"))
    messages = {m: {"label": m, "catches": ["p"], "absent": "file"} for m in "xy"}
    board = make(d.document(d.process("p", body, "begin>g g>c1 g>c2 c1>one c2>two one>done two>done"), messages="x y"), messages=messages)
    board.start("p")
    board.send("y")
    assert board.open() == ["two"]


def test_boundary_message_interrupts_and_hands_over_its_payload(make: Make) -> None:
    body = d.start() + d.users("a b c") + d.boundary("bm", "a", d.message("stop", variable="why")) + d.end() + d.end("e2")
    body += d.gateway("exclusive", "g", "f_g_c")
    flow = 'begin>a a>done bm>g g>b[get(why,"kind")=="withdrawn"] g>c b>e2 c>e2'
    board = make(
        d.document(d.process("p", body, flow), messages="stop"), messages={"stop": {"label": "撤回", "catches": ["p"], "absent": "late"}}
    )
    board.start("p")
    board.send("stop", kind="withdrawn")
    assert board.open() == ["b"]


def test_clock_interrupts_when_due_and_not_before(make: Make) -> None:
    body = d.start() + d.users("a late") + d.boundary("b", "a", d.timer('due("answer")')) + d.end() + d.end("e2")
    forms = {"a": {"clock": "answer", "opens": {"answer": "test.days"}}}
    board = make(
        d.document(d.process("p", body, "begin>a a>done b>late late>e2")), forms=forms, clocks={"slots": {"answer": {"label": "答复"}}}
    )
    board.start("p")
    assert board.at("2026-11-12T23:59") == ["a"]
    assert board.at("2026-11-13T00:00") == ["late"]


def test_clock_beside_the_work_warns_and_chases_again_and_again(make: Make) -> None:
    seen: list[str] = []

    def prepare(h: Handlers) -> None:
        h.register("do.note")(lambda ctx, data: seen.append(f"note {ctx.now:%m-%d}"))
        h.register("do.chase")(lambda ctx, data: seen.append(f"chase {ctx.now:%m-%d}"))

    body = d.start() + d.users("a") + d.service("note") + d.service("chase") + d.end() + d.end("e2") + d.end("e3")
    body += d.boundary("w", "a", d.timer('warn("answer")'), False)
    body += d.boundary("c", "a", d.timer('every("answer")', "timeCycle"), False)
    forms = {"a": {"clock": "answer", "opens": {"answer": "test.days"}}}
    clocks = {"slots": {"answer": {"label": "答复", "chase": "test.chase"}}}
    board = make(
        d.document(d.process("p", body, "begin>a a>done w>note note>e2 c>chase chase>e3")), prepare=prepare, forms=forms, clocks=clocks
    )
    instance = board.start("p")
    board.at("2026-11-10T00:00")
    board.at("2026-11-13T00:00")
    board.at("2026-11-19T23:00")
    assert seen == ["note 11-10", "chase 11-13"]
    board.at("2026-11-20T00:00")  # five working days after Thursday 11-12, the last day
    assert seen[2:] == ["chase 11-20"]
    board.do("a")
    board.at("2026-12-31T00:00")
    assert len(seen) == 3
    assert board.status(instance) == "completed"


def test_intermediate_clock_waits_and_one_past_when_armed_fires_at_once(make: Make) -> None:
    def prepare(h: Handlers) -> None:
        h.register("do.begin")(lambda ctx, data: ctx.clock.start("rating", "test.days", ctx.now) and None)

    body = d.start() + d.service("s", "do.begin") + d.users("a b") + d.catch("w", d.timer('due("rating")')) + d.end()
    board = make(
        d.document(d.process("p", body, "begin>s s>a a>w w>b b>done")), prepare=prepare, clocks={"slots": {"rating": {"label": "评价"}}}
    )
    board.start("p")
    assert board.do("a") == []
    assert board.at("2026-11-13T00:00") == ["b"]
    board.do("b")
    board.at("2026-11-02T09:00")
    board.start("p")
    board.at("2026-11-13T00:00")
    assert board.do("a") == ["b"]


def test_message_between_two_instances_of_a_case_is_delivered_once(make: Make) -> None:
    p1 = d.process(
        "p", d.start() + d.users("a b") + d.throw("t", d.message("ask", '{"case_id": case_id}')) + d.end(), "begin>a a>t t>b b>done"
    )
    p2 = d.process("q", d.start("begin2") + d.users("x") + d.end("done2"), "begin2>x x>done2")
    messages = {"ask": {"label": "请求", "starts": "q", "holds": "closing"}}
    board = make(d.document(p1, p2, messages="ask"), messages=messages)
    board.start("p")
    assert board.do("a") == ["b"]
    assert board.work() == 1
    assert board.open() == ["b", "x"]
    assert board.work() == 0


def test_message_before_anybody_waits_is_kept_and_given_later(make: Make) -> None:
    body = d.start() + d.users("a b") + d.catch("c", d.message("ready")) + d.end()
    messages = {"ready": {"label": "就绪", "catches": ["p"], "absent": "wait"}}
    board = make(d.document(d.process("p", body, "begin>a a>c c>b b>done"), messages="ready"), messages=messages)
    board.start("p")
    board.send("ready")
    assert board.open() == ["a"]
    board.do("a")
    board.work()
    assert board.open() == ["b"]


def test_escalation_and_error_reach_the_border_around(make: Make) -> None:
    extra = '<bpmn:error id="er" name="坏" errorCode="BAD"/><bpmn:escalation id="es" name="升级" escalationCode="UP"/>'
    inner = d.start("s1") + d.users("a") + d.gateway("exclusive", "g", "f_g_ok") + d.end("ok")
    inner += d.end("bad", '<bpmn:errorEventDefinition errorRef="er"/>') + d.end(
        "up", '<bpmn:escalationEventDefinition escalationRef="es"/>'
    )
    body = d.start() + d.sub("work", inner, "s1>a a>g g>bad[n==1] g>up[n==2] g>ok") + d.users("after error lifted") + d.end()
    body += d.boundary("be", "work", '<bpmn:errorEventDefinition errorRef="er"/>')
    body += d.boundary("bu", "work", '<bpmn:escalationEventDefinition escalationRef="es"/>')
    flow = "begin>work work>after be>error bu>lifted after>done error>done lifted>done"
    for n, expected in ((0, "after"), (1, "error"), (2, "lifted")):
        board = make(d.document(d.process("p", body, flow), extra=extra), forms={"a": N})
        board.start("p")
        assert board.do("a", n=n) == [expected]


def test_terminate_ends_only_its_own_subprocess(make: Make) -> None:
    inner = d.start("s1") + d.gateway("parallel", "f") + d.users("a b") + d.end("stop", "<bpmn:terminateEventDefinition/>") + d.end("e1")
    body = d.start() + d.sub("work", inner, "s1>f f>a f>b a>stop b>e1") + d.users("after") + d.end()
    board = make(d.document(d.process("p", body, "begin>work work>after after>done")))
    board.start("p")
    assert board.do("a") == ["after"]


def test_call_activity_runs_another_process_and_gives_its_data_back(make: Make) -> None:
    p1 = d.process(
        "p",
        d.start() + d.call("c", "q") + d.gateway("exclusive", "g", "f_g_done") + d.users("b") + d.end(),
        "begin>c c>g g>b[n==4] g>done b>done",
    )
    p2 = d.process("q", d.start("begin2") + d.users("x") + d.end("done2"), "begin2>x x>done2")
    board = make(d.document(p1, p2), forms={"x": N})
    board.start("p")
    assert board.open() == ["x"]
    assert board.do("x", n=4) == ["b"]


@pytest.mark.parametrize("sequential", [False, True])
def test_multi_instance_gives_every_unit_its_task(make: Make, sequential: bool) -> None:
    body = d.start() + d.users("a b") + d.repeated("sign", "units", "one", sequential=sequential) + d.end()
    body += d.gateway("exclusive", "g", "f_g_a")
    board = make(
        d.document(d.process("p", body, "begin>a a>sign sign>b b>g g>a g>done[len(units)==0]")),
        forms={"a": {"fields": {"units": {"type": "array", "label": "单位", "items": {"type": "string"}}}, "data": ["units"]}},
    )
    board.start("p")
    for _ in range(2):  # a second round starts afresh
        board.do("a", units=["x", "y"])
        assert board.open() == (["sign"] if sequential else ["sign", "sign"])
        assert board.task("sign", "x").holder == "o:x:clerk"
        board.do("sign", "x")
        assert board.do("sign", "y") == ["b"]
        board.do("b")
    assert board.do("a", units=[]) == ["b"]


def test_countersign_ends_early_by_its_condition(make: Make) -> None:
    body = d.start() + d.users("a b") + d.repeated("sign", "units", "one", condition="yes") + d.end()
    board = make(
        d.document(d.process("p", body, "begin>a a>sign sign>b b>done")),
        forms={
            "a": {"fields": {"units": {"type": "array", "label": "单位", "items": {"type": "string"}}}, "data": ["units"]},
            "sign": BOOL,
        },
    )
    board.start("p")
    board.do("a", units=["x", "y", "z"])
    assert board.do("sign", "x", yes=False) == ["sign", "sign"]
    assert board.do("sign", "z", yes=True) == ["b"]
