"""Clocks of the engine: extending, pausing, a new calendar, overdue — each an update of its row, told once."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from tests.workflows import drawing_board as d
from tests.workflows.conftest import Make
from tests.workflows.engine_fixture import CLERK, Board
from workflows import Conflict
from workflows.tables import Case, Clock

TWO = d.document(d.process("p", d.start() + d.users("a b") + d.end(), "begin>a a>b b>done"))


def test_extending_a_clock_moves_the_tasks_that_show_it(make: Make) -> None:
    forms = {"a": {"clock": "answer", "starts": {"answer": {"rule": "test.days", "from": "now"}}}, "b": {"clock": "answer"}}
    board = make(TWO, forms=forms, clocks={"slots": {"answer": {"label": "答复"}}})
    board.start("p")
    board.do("a")
    assert board.task("b").due_at == datetime.fromisoformat("2026-11-13T00:00+08:00")
    assert board.case_id is not None
    board.engine.clocks.extend(board.session, board.case_id, "answer", "案情复杂", CLERK, days=10)
    board.session.commit()
    assert board.task("b").due_at == datetime.fromisoformat("2026-11-24T00:00+08:00")  # 11-22 is a Sunday: Monday the 23rd, 24:00
    moved = [x for x in board.engine.trail(board.session, board.case_id) if x.kind == "clock.extended"]
    assert moved[0].detail and moved[0].detail["reason"] == "案情复杂" and "2026-11-13" in moved[0].detail["from"]


def test_pause_and_resume_add_the_days_between(make: Make) -> None:
    forms = {"a": {"starts": {"answer": {"rule": "test.days", "from": "now"}}}, "b": {"clock": "answer"}}
    board = make(TWO, forms=forms, clocks={"slots": {"answer": {"label": "答复"}}})
    board.start("p")
    board.do("a")
    s, case = board.session, board.case_id
    assert case is not None
    board.engine.clocks.pause(s, case, "answer", datetime.fromisoformat("2026-11-05T09:00+08:00"), "听证", CLERK)
    s.commit()
    assert board.task("b").due_at is None
    board.at("2026-11-30T00:00")
    assert s.scalars(select(Clock), execution_options={"populate_existing": True}).one().overdue_at is None
    board.engine.clocks.resume(s, case, "answer", datetime.fromisoformat("2026-11-30T09:00+08:00"), CLERK)
    s.commit()
    assert board.task("b").due_at == datetime.fromisoformat("2026-12-08T00:00+08:00")  # 11-12 and 25 days
    with pytest.raises(Conflict):
        board.engine.clocks.pause(s, case, "other", board.engine.clocks.running(s, case)[0].from_at, "听证", CLERK)


def test_overdue_marks_the_case_and_tells_once(make: Make) -> None:
    told: list[tuple[str, str]] = []
    forms = {"a": {"clock": "answer", "opens": {"answer": "test.days"}}}
    board: Board = make(TWO, forms=forms, clocks={"slots": {"answer": {"label": "答复"}}})
    board.engine.hooks.clock_event = lambda ctx, clock, what: told.append((clock.slot, what))  # type: ignore[method-assign]
    board.start("p")
    board.at("2026-11-10T00:00")
    board.at("2026-11-20T00:00")
    board.at("2026-11-21T00:00")
    assert told == [("answer", "warned"), ("answer", "overdue")]
    case = board.session.get_one(Case, board.case_id, populate_existing=True)
    assert case.overdue_at == datetime.fromisoformat("2026-11-13T00:00+08:00")


def test_new_holiday_moves_running_clocks_old_to_new(make: Make) -> None:
    forms = {"a": {"starts": {"answer": {"rule": "test.days", "from": "now"}, "rest": {"rule": "test.chase", "from": "now"}}}}
    clocks = {"slots": {"answer": {"label": "答复"}, "rest": {"label": "催办"}}}
    board = make(TWO, forms=forms, clocks=clocks)
    board.start("p")
    board.do("a")
    calendar = board.engine.calendar
    closed = {datetime.fromisoformat(x).date() for x in ("2026-11-05", "2026-11-12")}  # two days off nobody knew of
    calendar._years = {}
    calendar._works = lambda day, holiday, made_up: day.weekday() < 5 and not holiday and day not in closed  # type: ignore[method-assign]
    moved = board.engine.clocks.recompute_all(board.session, "新增休息日", CLERK)
    board.session.commit()
    assert moved == 2
    due = {c.slot: c.due_at for c in board.engine.clocks.running(board.session, board.case_id)}  # type: ignore[arg-type]
    assert due["answer"] == datetime.fromisoformat("2026-11-14T00:00+08:00")
    assert due["rest"] == datetime.fromisoformat("2026-11-11T00:00+08:00")
    assert board.engine.clocks.recompute_all(board.session, "再算一次", CLERK) == 0
