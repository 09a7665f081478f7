"""A procedure that is not about petitions, run by the engine alone, from the folder that docs/how-to-add-a-procedure.md builds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.workflows.engine_fixture import ROOT, Anyone, Board
from workflows import Ctx, Engine, FormError, Handlers, Library
from workflows import time as clock_time
from workflows.calendar import Calendar
from workflows.deadlines import Rules

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def board(session: Session) -> Iterator[Board]:
    clock_time.freeze(datetime.fromisoformat("2026-11-02T09:00"))
    handlers = Handlers()

    @handlers.register("loan.remind")
    def remind(ctx: Ctx, data: dict[str, Any]) -> dict[str, Any]:
        ctx.event("已催还")
        return {"reminders": data["reminders"] + 1}

    rules = Rules.load(EXAMPLES / "deadlines.yaml")
    engine = Engine(Library(EXAMPLES), Anyone(), rules, Calendar.load(ROOT / "bpmn" / "calendar.yaml"), handlers)
    engine.deploy(session)
    session.commit()
    yield Board(session, engine, handlers)
    clock_time.freeze(None)


def test_the_folder_is_clean(board: Board) -> None:
    assert board.engine.check(EXAMPLES / "loan") == []


def test_people_read_the_name_in_the_diagram_not_its_id(board: Board) -> None:
    name = next(p for p in board.engine.library.procedures(board.session) if p.name == "loan").process_label("loan")
    assert f'<bpmn:process id="loan" name="{name}"' in (EXAMPLES / "loan" / "loan.bpmn").read_text(encoding="utf-8")


def test_cheap_instrument_is_lent_and_chased_until_it_is_back(board: Board) -> None:
    instance = board.start("loan")
    board.do("request_loan", instrument="便携式声级计", value=3200, back_on="2026-11-06")
    assert board.task("hand_out").due_at == datetime.fromisoformat("2026-11-07T00:00+08:00")
    board.do("hand_out", condition="完好，配件齐")
    board.at("2026-11-07T00:00")
    board.at("2026-11-12T00:00")
    assert board.case_id is not None
    said = [e.label for e in board.engine.trail(board.session, board.case_id)]
    assert said.count("已催还") == 2
    board.do("give_back", complete=True, returned_at="2026-11-12T00:00")
    assert board.status(instance) == "completed"
    assert board.engine.clocks.running(board.session, board.case_id) == []


def test_expensive_instrument_needs_the_head_and_a_refusal_needs_a_reason(board: Board) -> None:
    instance = board.start("loan")
    board.do("request_loan", instrument="走航监测车", value=860000, back_on="2026-11-06")
    with pytest.raises(FormError) as wrong:
        board.do("approve_loan", agreed=False)
    assert wrong.value.errors == {"reason": "不同意的，请写明理由"}
    board.session.rollback()
    board.do("approve_loan", agreed=False, reason="当日已有执法任务")
    assert board.status(instance) == "completed"


def test_wrong_edits_of_the_folder_are_refused_with_file_and_line(tmp_path: Path, board: Board) -> None:
    copy = tmp_path / "loan"
    copy.mkdir()
    for file in (EXAMPLES / "loan").iterdir():
        (copy / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    diagram = copy / "loan.bpmn"
    diagram.write_text(diagram.read_text(encoding="utf-8").replace('every("return")', '"R/P3D"'), encoding="utf-8")
    findings = board.engine.check(copy)
    assert [(f.file, f.element) for f in findings] == [("loan.bpmn", "timer_return_late")]
    assert findings[0].line > 0 and "deadlines.yaml" in findings[0].why
