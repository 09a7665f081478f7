"""The table of grounds on both sides of 2026-08-15, as it is deployed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.transfers import detention_grounds
from app.transfers.detention_grounds import Found

OLD, NEW = "2026-08-14", "2026-08-15"
BEFORE, AFTER = date(2026, 8, 14), date(2026, 9, 1)


def found(session: Session, act_to: str, decided: date = BEFORE, **answer: Any) -> Found:
    decided = decided if act_to < NEW else AFTER
    return detention_grounds.ask(session, detention_grounds.inputs({"act_to": act_to, **answer}, decided))


def items(session: Session, act_to: str, **answer: Any) -> list[str]:
    return found(session, act_to, **answer).items


@pytest.mark.parametrize(
    ("answer", "old", "new"),
    [
        ({"orders": ["eia_stop"]}, ["环保法63(1)"], ["法典1095(2)"]),
        ({"orders": ["eia_restore"]}, [], ["法典1095(2)"]),
        ({"orders": ["permit_stop"]}, ["环保法63(2)"], ["法典1102"]),
        ({"orders": ["pesticide"]}, ["环保法63(4)"], ["法典1131(2)"]),
        ({"escape": "hidden_pipe"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "seepage_well"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "seepage_pit"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "injection"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "false_data"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "abnormal_operation"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "emergency_outlet"}, ["环保法63(3)"], ["法典1108"]),  # 853号7(2): 不正常运行
        ({"escape": "fissure"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "karst_cave"}, ["环保法63(3)"], ["法典1108"]),
        ({"escape": "stop_to_dodge"}, [], ["法典1108"]),
        ({"farmland": True}, [], []),
        ({"farmland": True, "is_grave": True}, ["土壤法87"], ["法典1160"]),
        ({"soil": "4"}, [], []),
        ({"soil": "4", "is_grave": True}, ["土壤法94"], ["法典1165(2)"]),
        ({"soil": "5", "is_grave": True}, ["土壤法94"], ["法典1165(2)"]),
        ({"waste": "1"}, ["固废法120"], []),
        ({"waste": "1", "serious": True}, ["固废法120"], ["法典1179(1)"]),
        *(({"waste": str(n)}, ["固废法120"], [f"法典1179({n})"]) for n in range(2, 7)),
        ({}, [], []),
    ],
    ids=str,
)
def test_the_ground_follows_the_day_of_the_act(bureau_work: Session, answer: dict[str, Any], old: list[str], new: list[str]) -> None:
    assert items(bureau_work, OLD, **answer) == old
    assert items(bureau_work, NEW, **answer) == new


def test_how_long_and_what_is_unsure(bureau_work: Session) -> None:
    fissure = found(bureau_work, OLD, escape="fissure").grounds[0]
    assert "待核" in fissure["unsure"] and fissure["days"].startswith("10日以上15日以下")
    assert found(bureau_work, OLD, escape="hidden_pipe").grounds[0]["unsure"] == ""
    assert "待核" in found(bureau_work, OLD, waste="3").grounds[0]["unsure"]
    assert found(bureau_work, NEW, escape="hidden_pipe").grounds[0]["days"] == "5日以上10日以下，情节严重10日以上15日以下"
    assert found(bureau_work, NEW, farmland=True, is_grave=True).grounds[0]["days"] == "5日以上15日以下"


def test_an_old_act_decided_now_shows_both_laws_and_the_lighter(bureau_work: Session) -> None:
    def both(decided: date, **answer: Any) -> Found:
        return detention_grounds.ask(bureau_work, detention_grounds.inputs({"act_to": OLD, **answer}, decided))

    pipe = both(AFTER, escape="hidden_pipe")
    assert [row["item"] for row in pipe.grounds] == ["环保法63(3)"] and [row["item"] for row in pipe.other] == ["法典1108"]
    assert pipe.lighter == "法典" and "一千零五十七" in pipe.other[0]["unsure"]
    assert both(AFTER, escape="hidden_pipe", is_grave=True).lighter == "行为时的法律"
    assert both(AFTER, orders=["permit_stop"]).lighter == "行为时的法律"
    assert both(date(2026, 8, 15), escape="hidden_pipe").other and not both(date(2026, 8, 14), escape="hidden_pipe").other
    assert both(AFTER, escape="stop_to_dodge").items == []  # not unlawful in this way then


def test_the_page_of_the_table_names_every_row(bureau_work: Session) -> None:
    rules = detention_grounds.rules(bureau_work)
    assert {rule.item for rule in rules} >= {"环保法63(3)", "法典1095(2)", "法典1108", "法典1179(6)", "土壤法94"}
    assert all(rule.says and rule.days for rule in rules)
