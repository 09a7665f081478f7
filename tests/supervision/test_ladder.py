"""The ladder row by row, and what may begin where."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.supervision.ladder import is_higher, step_for
from app.supervision.words import RANK, STEPS, TRIGGERS, trigger_code
from workflows.library import Procedure, load, read_folder

FOLDER = Path(__file__).parents[2] / "bpmn" / "supervision"


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return load("supervision", read_folder(FOLDER))


@pytest.mark.parametrize(
    ("trigger", "step"),
    [
        *((t, "remind") for t in ("period_past", "not_reported", "rating_failed", "missed_month", "by_hand")),
        *((t, "letter") for t in TRIGGERS if t not in ("period_past", "not_reported", "rating_failed", "missed_month", "by_hand")),
    ],
)
def test_each_trigger_begins_on_its_rung(procedure: Procedure, trigger: str, step: str) -> None:
    assert step_for(procedure, trigger=trigger) == step


def test_one_rung_at_a_time_and_never_past_the_last(procedure: Procedure) -> None:
    way = [step_for(procedure, trigger="period_past")]
    while len(way) < len(STEPS) + 1:
        way.append(step_for(procedure, trigger="period_past", last_step=way[-1]))
    assert way == [*STEPS, "refer"]


@pytest.mark.parametrize("asked", ["remind", "letter", "advice", "interview", "circular"])
def test_by_hand_names_the_first_step_and_only_the_first(procedure: Procedure, asked: str) -> None:
    assert step_for(procedure, trigger="grave", asked=asked) == asked
    assert step_for(procedure, trigger="grave", asked=asked, last_step="letter") == "advice"


def test_a_graver_request_is_higher_than_a_reminder_and_no_higher_than_a_letter(procedure: Procedure) -> None:
    assert is_higher(procedure, "evasion", "remind") and not is_higher(procedure, "evasion", "letter")
    assert not is_higher(procedure, "period_past", "remind")
    assert RANK["remind"] < RANK["letter"] < RANK["refer"]


def test_requests_of_before_say_it_in_chinese() -> None:
    assert trigger_code("拒不执行意见") == "refused_execution" and trigger_code("period_past") == "period_past"
    assert trigger_code("从前没有的词") == "by_hand" == trigger_code(None)
