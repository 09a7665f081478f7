"""Files that answer each other: a message opens a file of its own or joins the living one, an answer closes the asker's link,
a timer keeps to the clock of its letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from tests.workflows import drawing_board as d
from tests.workflows.conftest import Make
from tests.workflows.engine_fixture import CLERK, Board
from workflows import Ctx, NoHooks
from workflows import time as clock_time
from workflows.library import MessageRule
from workflows.tables import Case, Clock, Instance, Link, Message, Task
from workflows.time import end_of_day

ASK = '{"case_id": case_id, "subject": "pump"}'
ANSWER = '{"asker": from_case, "link_id": link_id, "kind": "done"}'
# the asker waits for its link to close; the asked file works, and tells the asker
ASKER = d.process(
    "asker",
    d.start() + d.users("write") + d.throw("ask", d.message("ask", ASK)) + d.catch("wait", d.message("closed")) + d.end(),
    "begin>write write>ask ask>wait wait>done",
)
ASKED = d.process(
    "asked",
    d.start("s2") + d.user("answer", org="u") + d.throw("tell", d.message("answer", ANSWER)) + d.end("d2"),
    "s2>answer answer>tell tell>d2",
)
MESSAGES = {
    "ask": {"label": "请求", "payload": {}, "starts": "asked", "file": "own", "holds": "closing"},
    "answer": {"label": "答复", "payload": {}, "addressee": "asker", "closes_link": True, "absent": "file"},
    "closed": {"label": "已结", "payload": {}, "catches": ["asker"], "closes_link": True},
}


class Joining(NoHooks):
    """Joins the file named by ``target``; remembers what joined."""

    target: UUID | None = None

    def __init__(self) -> None:
        self.came: list[str] = []

    def living(self, session: Session, rule: MessageRule, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
        return self.target

    def joined(self, ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
        self.came.append(str(payload["from_case"]))
        ctx.event("并入")


@pytest.fixture
def board(make: Make) -> Board:
    made = make(d.document(ASKER, ASKED, messages="ask answer closed"), messages=MESSAGES)
    made.start("asker", city="360100")
    return made


def file_of(board: Board, process: str) -> UUID:
    return board.session.scalars(select(Instance.case_id).where(Instance.process == process).order_by(Instance.started_at.desc())).first()  # type: ignore[return-value]


def test_a_message_opens_a_file_of_its_own_and_its_answer_closes_the_link(board: Board) -> None:
    asker = board.case_id
    board.do("write")
    board.work()
    other = file_of(board, "asked")
    link = board.session.scalars(select(Link).where(Link.case_id == asker)).one()
    assert other != asker and board.session.get_one(Case, other).city == "360100"
    assert (link.status, link.detail["file"], link.closable_by) == ("open", str(other), None)
    board.case_id = other
    board.do("answer")
    board.work()
    board.session.expire_all()
    assert link.status == "closed" and link.result == {"asker": str(asker), "kind": "done"}
    assert {c.status for c in board.session.scalars(select(Case))} == {"closed"}
    assert set(board.session.scalars(select(Message.status))) == {"delivered"}


def test_a_second_request_joins_the_living_file(board: Board) -> None:
    hooks = board.engine.hooks = Joining()
    board.do("write")
    board.work()
    hooks.target = file_of(board, "asked")
    board.start("asker")
    second = board.case_id
    board.do("write")
    board.work()
    assert hooks.came == [str(second)]
    assert len(board.session.scalars(select(Instance).where(Instance.process == "asked")).all()) == 1
    assert board.session.scalars(select(Link.detail["file"].astext).where(Link.case_id == second)).one() == str(hooks.target)


def test_a_busy_file_is_left_for_the_next_round_and_nothing_waits(board: Board) -> None:
    hooks = board.engine.hooks = Joining()
    board.do("write")
    board.work()
    hooks.target = file_of(board, "asked")
    board.start("asker")
    board.do("write")
    with sessionmaker(board.session.get_bind())() as other:
        other.execute(text("select 1 from wf_case where id = :id for update"), {"id": hooks.target})
        assert not board.engine.deliver_next(board.session)
        board.session.rollback()
    assert board.work() == 1 and len(hooks.came) == 1


def test_a_message_that_came_before_its_procedure_is_delivered_when_that_is_deployed(make: Make, tmp_path: Any) -> None:
    alone = {
        "ask": {**MESSAGES["ask"], "starts": None, "file": None, "absent": "wait", "item": {"label": "请求", "closable_by": "clerk@u"}}
    }
    board = make(d.document(ASKER, messages="ask closed"), messages={**alone, "closed": MESSAGES["closed"]})
    board.start("asker")
    board.do("write")
    board.work()
    assert board.session.scalars(select(Message.status)).all() == ["waiting"]
    d.folder(tmp_path / "procedures", "q", d.document(ASKED, messages="answer"), messages={k: MESSAGES[k] for k in ("ask", "answer")})
    board.engine.roles = None
    board.engine.library.deploy(board.session)
    from workflows import delivery

    delivery.wake_for_new(board.engine, board.session)
    board.work()
    link = board.session.scalars(select(Link)).one()
    assert board.session.scalars(select(Instance.process).order_by(Instance.process)).all() == ["asked", "asker"]
    assert link.closable_by is None, "the file answers it now; no person closes it beside"


MONTH = d.process(
    "month",
    d.start()
    + d.service("open_month", "do.open")
    + d.user("report", inside="")
    + d.boundary("late", "report", d.timer('due("progress")'), interrupting=False)
    + d.service("missed", "do.missed")
    + d.end("e1")
    + d.end(),
    "begin>open_month open_month>report report>done late>missed missed>e1",
)


def test_a_clock_of_one_month_leaves_the_report_of_another_alone(make: Make) -> None:
    missed: list[str] = []

    def prepare(handlers: Any) -> None:
        @handlers.register("do.open")
        def open_month(ctx: Ctx, data: dict[str, Any]) -> dict[str, Any]:
            last = date.fromisoformat(f"{data['letter']}-28")
            ctx.clock.start("progress", "test.days", ctx.now, letter=data["letter"], until=end_of_day(last))
            return {}

        @handlers.register("do.missed")
        def note(ctx: Ctx, data: dict[str, Any]) -> dict[str, Any]:
            missed.append(data["letter"])
            return {}

    main = d.process("main", d.start("m1") + d.users("work") + d.end("m2"), "m1>work work>m2")
    board = make(
        d.document(main, MONTH),
        prepare=prepare,
        forms={"report": {"label": "月报", "clock": "progress"}},
        clocks={"slots": {"progress": {"label": "月度进展", "rules": [{"rule": "test.days"}]}}},
        variables={"letter": {"type": "text", "initial": ""}, "link_id": {"type": "uuid", "initial": None}},
    )
    board.start("main")
    for month in ("2026-11", "2026-12"):
        board.engine.start(board.session, "month", CLERK, case_id=board.case_id, link="月报", data={"letter": month})
        board.session.commit()
    tasks = board.session.scalars(select(Task).where(Task.element == "report").order_by(Task.letter)).all()
    assert [(t.letter, clock_time.local(t.due_at).date().isoformat()) for t in tasks if t.due_at] == [
        ("2026-11", "2026-11-29"),
        ("2026-12", "2026-12-29"),
    ]
    board.at("2026-11-29T09:00")
    assert missed == ["2026-11"], "December is not late yet"
    board.at("2026-12-29T09:00")
    assert missed == ["2026-11", "2026-12"]
    overdue = board.session.scalars(select(Clock.letter).where(Clock.overdue_at.is_not(None)).order_by(Clock.letter)).all()
    assert overdue == ["2026-11", "2026-12"]


def test_an_answer_to_an_old_letter_is_not_taken_for_the_new(make: Make) -> None:
    waits = d.process(
        "asks",
        d.start() + d.users("write") + d.catch("wait", d.message("reply", variable="m")) + d.end(),
        "begin>write write>wait wait>done",
    )
    rules = {"reply": {"label": "答复", "payload": {}, "catches": ["asks"], "absent": "file", "matches": {"in_reply_to": "letter"}}}
    board = make(
        d.document(waits, messages="reply"),
        messages=rules,
        forms={"write": {"label": "拟函", "fields": {"letter": {"type": "string", "label": "文号"}}, "data": ["letter"]}},
        variables={"letter": {"type": "text", "initial": ""}, "m": {"type": "object", "initial": None}},
    )
    instance = board.start("asks")
    board.do("write", letter="L2")
    board.send("reply", in_reply_to="L1")
    assert board.status(instance) == "running"
    assert board.session.scalars(select(Message.status)).all() == ["filed"]
    board.send("reply", in_reply_to="L2")
    assert board.status(instance) == "completed"
