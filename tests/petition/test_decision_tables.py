"""The decision tables of the petition, asked row by row as a clerk would check them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workflows.lint import lint_dmn
from workflows.parser import Parser
from workflows.script_engine import ClosedEngine

FOLDER = Path(__file__).parents[2] / "bpmn" / "petition"
LIMITS = {"repeats_limit": 3, "households_limit": 5}


@cache
def table(name: str) -> Any:
    parser = Parser()
    parser.add_dmn_file(str(FOLDER / f"{name}.dmn"))
    return parser.get_engine(name, None)


def decide(name: str, **data: Any) -> dict[str, Any]:
    task = SimpleNamespace(data=data, workflow=SimpleNamespace(script_engine=ClosedEngine()))
    result: dict[str, Any] = table(name).result(task)
    return result


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.dmn")), ids=lambda p: p.stem)
def test_each_table_is_its_file_and_ends_with_a_row_for_everything_else(path: Path) -> None:
    assert lint_dmn(path.read_bytes(), path.name) == []
    decision = table(path.stem).decision_table
    assert decision.id == f"table_{path.stem}"
    assert {entry.text for entry in decision.rules[-1].inputEntries} == {"-"}


@pytest.mark.parametrize(
    ("given", "unit", "co_units"),
    [
        ({"about": "branch"}, "nc-inspect", []),
        ({"about": "detachment"}, "nc-petition", []),
        ({"kind": "social_noise"}, "", []),
        ({"kind": "hazardous", "gravity": "grave"}, "nc-inspect", ["nc-solid"]),
        ({"kind": "solid", "gravity": "urgent"}, "nc-inspect", ["nc-solid"]),
        ({"kind": "solid"}, "br-360102", []),
        ({"kind": "monitoring_data"}, "nc-inspect", ["nc-info"]),
        ({"gravity": "urgent"}, "nc-inspect", ["nc-monitor"]),
        ({"county": "jkq"}, "br-jkq", []),
        ({"about": "several", "county": "360100"}, "nc-inspect", []),
        ({"county": "360100"}, "nc-petition", []),
    ],
)
def test_suggested_unit(given: dict[str, str], unit: str, co_units: list[str]) -> None:
    facts = {"about": "enterprise", "kind": "water", "gravity": "ordinary", "county": "360102", **given}
    assert decide("assignment", **facts) == {"unit_hint": unit, "co_hint": co_units}


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"klass": "suggestion"}, "29"),
        ({"klass": "accusation", "in_court": True}, "30"),
        ({"in_court": True, "asks": "penalise"}, "1"),
        ({"asks": "arbitration"}, "2"),
        ({"asks": "party"}, "3"),
        ({"asks": "licence"}, "4"),
        ({"asks": "protect"}, "5"),
        ({"asks": "explain"}, "6"),
    ],
)
def test_suggested_track(given: dict[str, Any], hint: str) -> None:
    assert decide("track", **{"klass": "claim", "asks": "other", "in_court": False, **given}) == {"track_hint": hint}


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        ({}, set()),
        ({"repeats": 2, "households": 4}, set()),
        ({"repeats": 3}, {"repeated"}),
        ({"households": 5}, {"strong_reaction"}),
        ({"is_group": True, "irregular": True}, {"collective_or_irregular"}),
        ({"irregular": True}, {"collective_or_irregular"}),
        ({"source": "leader", "flagged": True}, {"media_or_leader", "flagged"}),
    ],
)
def test_important_gives_all_reasons(given: dict[str, Any], reasons: set[str]) -> None:
    facts = {"repeats": 0, "households": 0, "is_group": False, "irregular": False, "source": "petitioner", "flagged": False, **given}
    found = [reason for reason in decide("important", **facts, **LIMITS)["important_reasons"] if reason]
    assert set(found) == reasons
    assert len(found) == len(reasons)


def missing(closed_as: str, *have: str, **given: Any) -> list[str]:
    facts = {"intake_outcome": "accept", "track": "6", "klass": "claim", "contactable": True, "needs_site": False, **given}
    return [paper for paper in decide("archive_complete", closed_as=closed_as, have=list(have), **facts)["missing"] if paper]


ANSWERED = ("信访事项登记表", "接收（受理）告知书", "转送（交办）函", "处理意见书", "送达回证")


def test_an_answered_item_needs_its_answer_and_the_proof_of_service() -> None:
    assert missing("answered", *ANSWERED) == []
    assert missing("answered", *ANSWERED[:3]) == ["处理意见书", "送达回证"]
    assert missing("answered", *ANSWERED, track="5") == ["答复书"]
    assert missing("answered", *ANSWERED, needs_site=True) == ["现场检查笔录"]
    assert missing("answered", "信访事项登记表", "转送（交办）函", "答复书", track="5", contactable=False) == []


@pytest.mark.parametrize(
    ("closed_as", "given", "papers"),
    [
        ("refused", {"intake_outcome": "not_accept"}, ["不予（不再）受理审批表", "不予受理告知书"]),
        ("refused", {"intake_outcome": "no_longer"}, ["不予（不再）受理审批表", "不再受理告知书"]),
        ("file_only", {}, ["不予（不再）受理审批表", "存查告知"]),
        ("file_only", {"contactable": False}, ["不予（不再）受理审批表"]),
        ("merged", {}, ["并案告知"]),
        ("told_elsewhere", {}, ["告知另提书"]),
        ("routed", {}, ["导入告知"]),
        ("discipline", {"klass": "accusation"}, ["转送（交办）函", "告知另提书"]),
        ("discipline", {"klass": "accusation", "contactable": False}, ["转送（交办）函"]),
        ("withdrawn", {}, ["撤回记录", "终止告知"]),
        ("withdrawn", {"contactable": False}, ["撤回记录"]),
    ],
)
def test_each_way_of_closing_has_its_list_of_papers(closed_as: str, given: dict[str, Any], papers: list[str]) -> None:
    assert missing(closed_as, "信访事项登记表", **given) == papers
    assert missing(closed_as, "信访事项登记表", *papers, **given) == []


def test_an_item_merged_while_in_hand_is_told_by_the_notice_of_its_end() -> None:
    assert missing("merged", "信访事项登记表", "终止告知") == []
