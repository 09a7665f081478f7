"""The public face of the engine: who may do what to a task, races, failures, suspension, versions, links, the trail."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.workflows import drawing_board as d
from tests.workflows.conftest import Make
from tests.workflows.engine_fixture import CLERK
from workflows import Actor, Conflict, FormError, HandlerFailed, Handlers, JobFailed, NobodyThere, TaskClosed, incidents
from workflows.tables import Event, Incident, Instance, Link, Message, Task

OTHER = Actor(UUID(int=8), "龚见山", "u")
TWO = d.document(d.process("p", d.start() + d.users("a b") + d.end(), "begin>a a>b b>done"))
FORM = {
    "a": {
        "label": "核对",
        "fields": {
            "reason": {"type": "string", "label": "理由", "minLength": 5, "required": True},
            "name": {"type": "string", "label": "姓名", "personal": True},
            "unit": {"type": "string", "label": "单位"},
        },
        "sets": {"unit": "unit"},
    }
}


def test_answer_that_does_not_fit_is_refused_in_words_and_nothing_changes(make: Make) -> None:
    board = make(TWO, forms=FORM)
    board.start("p")
    with pytest.raises(FormError) as wrong:
        board.do("a", reason="短")
    assert wrong.value.errors == {"reason": "理由：至少 5 个字"}
    board.session.rollback()
    with pytest.raises(FormError) as empty:
        board.do("a")
    assert empty.value.errors == {"reason": "请填写理由"}
    board.session.rollback()
    assert board.open() == ["a"]


def test_second_person_reads_who_did_it_and_when(make: Make) -> None:
    board = make(TWO)
    board.start("p")
    task = board.task("a").id
    board.do("a")
    with pytest.raises(TaskClosed) as late:
        board.engine.complete(board.session, task, OTHER, {})
    assert late.value.message == "这一步已由 万砚秋 于 11-02 09:00 办理。"


def test_fifty_threads_race_for_one_task_and_one_wins(make: Make) -> None:
    board = make(TWO)
    board.start("p")
    task = board.task("a").id
    board.session.commit()
    wins: list[str] = []
    losses: list[str] = []
    barrier = threading.Barrier(50)

    def race(n: int) -> None:
        barrier.wait()
        with Session(board.session.get_bind()) as s:
            try:
                board.engine.complete(s, task, Actor(UUID(int=100 + n), f"人{n}"), {})
                s.commit()
                wins.append(f"人{n}")
            except TaskClosed as closed:
                losses.append(closed.message)

    threads = [threading.Thread(target=race, args=(n,)) for n in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(wins) == 1 and len(losses) == 49
    assert all(wins[0] in said for said in losses)
    assert board.open() == ["b"]
    done = board.session.scalar(select(func.count()).select_from(Event).where(Event.kind == "done"))
    assert done == 1


def test_branches_done_at_the_same_moment_both_count(make: Make) -> None:
    body = d.start() + d.gateway("parallel", "f") + d.users("a b c") + d.gateway("parallel", "j") + d.end()
    board = make(d.document(d.process("p", body, "begin>f f>a f>b a>j b>j j>c c>done")))
    for _ in range(20):
        board.start("p")
        ids = [board.task("a").id, board.task("b").id]
        board.session.commit()
        errors: list[BaseException] = []

        def finish(task_id: UUID, errors: list[BaseException] = errors) -> None:
            with Session(board.session.get_bind()) as s:
                try:
                    board.engine.complete(s, task_id, CLERK, {})
                    s.commit()
                except BaseException as error:
                    errors.append(error)

        threads = [threading.Thread(target=finish, args=(i,)) for i in ids]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not errors
        assert board.open() == ["c"]


def test_claim_release_and_delegate(make: Make) -> None:
    board = make(TWO)
    board.start("p")
    task = board.task("a").id
    s, e = board.session, board.engine
    e.claim(s, task, CLERK)
    assert board.task("a").holder == f"p:{CLERK.id}"
    with pytest.raises(Conflict):
        e.claim(s, task, OTHER)
    e.release(s, task, CLERK)
    assert board.task("a").holder == "o:u:clerk"
    e.delegate(s, task, CLERK, f"p:{OTHER.id}", "出差，由龚见山代办")
    s.commit()
    assert board.task("a").holder == f"p:{OTHER.id}"
    assert [x.kind for x in e.trail(s, board.case_id)] == ["started", "claimed", "released", "delegated"]  # type: ignore[arg-type]


def test_unit_nobody_works_at_is_named(make: Make) -> None:
    board = make(TWO, forms=FORM)
    board.start("p")
    with pytest.raises(NobodyThere) as nobody:
        board.do("a", reason="交给没有人的单位", unit="nobody")
    assert "clerk" in nobody.value.message
    board.session.rollback()
    assert board.open() == ["a"]


def test_failing_handler_leaves_the_case_and_an_incident_that_can_be_retried(make: Make) -> None:
    broken = [True]

    def prepare(h: Handlers) -> None:
        @h.register("do.s")
        def s(ctx: object, data: dict[str, object]) -> None:
            if broken[0]:
                raise RuntimeError("打印机着火")

    board = make(
        d.document(d.process("p", d.start() + d.users("a b") + d.service("s") + d.end(), "begin>a a>s s>b b>done")),
        prepare=prepare,
        forms=FORM,
    )
    board.start("p")
    task = board.task("a").id
    before = board.session.get_one(Instance, board.task("a").instance_id, populate_existing=True).state
    answer = {"reason": "写了很久的理由"}
    with pytest.raises(HandlerFailed) as failed:
        board.do("a", **answer)
    board.session.rollback()
    assert board.session.get_one(Instance, board.task("a").instance_id, populate_existing=True).state == before
    kept = incidents.record_step(board.session, task, CLERK, answer, failed.value)
    board.session.commit()
    assert kept.input == answer and "打印机着火" in kept.error and board.open() == ["a"]
    broken[0] = False
    incidents.retry(board.engine, board.session, kept.id, OTHER)
    board.session.commit()
    assert board.open() == ["b"]
    done = board.session.get_one(Task, task, populate_existing=True)
    assert done.closed_name == "万砚秋" and done.answer == answer
    with pytest.raises(Conflict):
        incidents.retry(board.engine, board.session, kept.id, OTHER)


def test_message_whose_start_fails_blocks_only_its_own_case(make: Make) -> None:
    broken = [True]

    def prepare(h: Handlers) -> None:
        h.register("do.s")(lambda ctx, data: 1 / 0 if broken[0] and data.get("bad") else None)

    p = d.process(
        "p",
        d.start() + d.users("a b") + d.throw("t", d.message("go", '{"case_id": case_id, "bad": bad}')) + d.end(),
        "begin>a a>t t>b b>done",
    )
    q = d.process("q", d.start("s2") + d.service("s") + d.users("x") + d.end("e2"), "s2>s s>x x>e2")
    board = make(
        d.document(p, q, messages="go"), prepare=prepare, messages={"go": {"label": "启动", "starts": "q", "holds": "closing"}},
        forms={"a": {"fields": {"bad": {"type": "boolean", "label": "坏"}}, "data": ["bad"]}},
    )  # fmt: skip
    board.start("p")
    bad_case = board.case_id
    board.do("a", bad=True)
    board.start("p")
    good_case = board.case_id
    board.do("a", bad=False)
    with pytest.raises(JobFailed) as failed:
        board.engine.deliver_next(board.session)
    board.session.rollback()
    incident = incidents.record_job(board.session, failed.value.job, failed.value.__cause__ or failed.value)
    board.session.commit()
    assert "ZeroDivisionError" in incident.error
    assert board.engine.deliver_next(board.session) is True
    board.session.commit()
    assert board.open() == ["b", "x"] and board.case_id == good_case
    assert board.engine.deliver_next(board.session) is False
    broken[0] = False
    incidents.retry(board.engine, board.session, incident.id, OTHER)
    board.session.commit()
    board.work()
    board.case_id = bad_case
    assert board.open() == ["b", "x"]


def test_suspended_instance_takes_nothing_and_goes_on_after(make: Make) -> None:
    board = make(TWO)
    instance = board.start("p")
    task = board.task("a").id
    board.engine.suspend(board.session, instance, OTHER, "核实身份")
    board.session.commit()
    with pytest.raises(Conflict):
        board.engine.complete(board.session, task, CLERK, {})
    board.session.rollback()
    assert board.open() == []
    board.engine.resume(board.session, instance, OTHER, "已核实")
    board.session.commit()
    assert board.do("a") == ["b"]


def test_cancelled_instance_leaves_nothing_open_and_closes_its_link(make: Make) -> None:
    p = d.process("p", d.start() + d.users("a b") + d.end(), "begin>a a>b b>done")
    q = d.process(
        "q", d.start("s2") + d.users("x") + d.end("e2") + d.boundary("bx", "x", d.timer('due("answer")')) + d.end("e3"), "s2>x x>e2 bx>e3"
    )
    board = make(d.document(p, q), clocks={"slots": {"answer": {"label": "答复"}}})
    board.start("p")
    case = board.case_id
    started = board.engine.start(board.session, "q", CLERK, case_id=case, link="旁支", holds=True)
    board.session.commit()
    assert board.open() == ["a", "x"]
    board.engine.cancel(board.session, started.instance_id, OTHER, "办错了")
    board.session.commit()
    assert board.open() == ["a"]
    link = board.session.scalars(select(Link)).one()
    assert (link.status, link.closed_name) == ("closed", "龚见山")
    row = board.session.get_one(Instance, started.instance_id, populate_existing=True)
    assert (row.status, row.state, row.waits) == ("cancelled", None, [])


def test_running_case_stays_on_its_version_and_new_ones_take_the_new(make: Make, tmp_path: Path) -> None:
    board = make(TWO)
    old = board.start("p")
    first_case = board.case_id
    d.folder(tmp_path / "procedures", "p", d.document(d.process("p", d.start() + d.users("a c") + d.end(), "begin>a a>c c>done")))
    deployed = board.engine.library.deploy(board.session)
    board.session.commit()
    assert deployed[0][2] is True
    assert board.engine.library.deploy(board.session)[0][2] is False  # the same content is the same version
    board.session.commit()
    new = board.start("p")
    assert board.do("a") == ["c"]
    board.case_id = first_case
    assert board.do("a") == ["b"]
    versions = {board.session.get_one(Instance, i).version for i in (old, new)}
    assert len(versions) == 2


def test_closing_waits_for_every_link(make: Make) -> None:
    def prepare(h: Handlers) -> None:
        h.register("do.count")(
            lambda ctx, data: {
                "open_links": ctx.session.scalar(
                    select(func.count()).select_from(Link).where(Link.case_id == ctx.case.id, Link.holds, Link.status == "open")
                )
            }
        )

    body = d.start() + d.users("a last") + d.throw("t1", d.message("rate", '{"case_id": case_id}')) + d.service("count") + d.end()
    body += d.throw("t2", d.message("supervise", '{"case_id": case_id}')) + d.gateway("exclusive", "g", "f_g_last")
    body += d.catch("wait", d.message("link_closed"))
    p = d.process("p", body, "begin>a a>t1 t1>t2 t2>count count>g g>wait[open_links>0] g>last wait>count last>done")
    out = d.throw("t3", d.message("link_closed", '{"case_id": case_id, "link_id": link_id}'))
    q = d.process("q", d.start("s2") + d.users("x") + out + d.end("e2"), "s2>x x>t3 t3>e2")
    messages = {
        "rate": {"label": "评价", "starts": "q", "holds": "closing"},
        "supervise": {
            "label": "督办",
            "starts": "later",
            "holds": "closing",
            "item": {"label": "督办事项", "closable_by": "office@case.u"},
        },
        "link_closed": {"label": "关联已结", "catches": ["p"], "closes_link": True, "absent": "file"},
    }
    board = make(d.document(p, q, messages="rate supervise link_closed"), prepare=prepare, messages=messages)
    board.start("p")
    board.do("a")
    board.work()
    assert board.open() == ["x"]
    item = board.session.scalars(select(Link).where(Link.closable_by.is_not(None))).one()
    own = board.session.scalars(select(Link).where(Link.closable_by.is_(None))).one()
    with pytest.raises(Conflict):
        board.engine.close_link(board.session, own.id, CLERK, {})
    board.session.rollback()
    board.do("x")
    board.work()
    assert board.open() == []
    board.engine.close_link(board.session, item.id, CLERK, {"result": "已督促", "reason": "单位已书面答复"})
    board.session.commit()
    board.work()
    assert board.open() == ["last"]
    statuses = set(board.session.scalars(select(Message.status)))
    assert statuses <= {"delivered", "filed"}


def test_trail_never_holds_personal_data_and_draft_survives(make: Make) -> None:
    board = make(TWO, forms=FORM)
    board.start("p")
    board.engine.save_draft(board.session, board.task("a").id, CLERK, {"reason": "写到一半"})
    board.session.commit()
    assert board.task("a").draft == {"reason": "写到一半"}
    board.do("a", reason="写完整了的理由", name="张晓苇")
    assert board.case_id is not None
    trail = " ".join(str(x.detail) for x in board.engine.trail(board.session, board.case_id))
    assert "写完整了的理由" in trail and "张晓苇" not in trail
    assert board.session.scalar(select(func.count()).select_from(Incident)) == 0


def test_diagram_shows_done_current_and_overdue(make: Make) -> None:
    p = d.process("p", d.start() + d.users("a") + d.call("c", "q") + d.end(), "begin>a a>c c>done")
    q = d.process("q", d.start("s2") + d.users("x") + d.end("e2"), "s2>x x>e2")
    forms = {"x": {"clock": "answer", "opens": {"answer": "test.days"}}}
    board = make(d.document(p, q), forms=forms, clocks={"slots": {"answer": {"label": "答复"}}})
    instance = board.start("p")
    board.do("a")
    pages = board.engine.diagram(board.session, instance).pages
    assert {e: s.status for e, s in pages["p"].items()} == {"begin": "done", "a": "done", "c": "current"}
    assert pages["q"]["x"].status == "current" and pages["q"]["x"].holder == "o:u:clerk"
    board.at("2026-11-13T00:00")
    assert board.engine.diagram(board.session, instance).pages["q"]["x"].status == "overdue"
