"""The table of periods: complete against the rules of law, chosen by the day of the event, and refused with a line when wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from workflows.deadlines import Rules, RulesError
from workflows.errors import NotFound

FILE = Path(__file__).parents[2] / "bpmn" / "deadlines.yaml"

# id: (amount, unit, status)
EXPECTED = {
    "petition.register": (None, "once", "law"),
    "petition.notify": (15, "day", "law"),
    "petition.notify_forwarded": (15, "day", "law"),
    "petition.objection": (5, "workday", "law"),
    "petition.assigned": (None, "set", "law"),
    "petition.handle": (60, "day", "law"),
    "petition.handle_enforcement": (2, "month", "law"),
    "petition.extend": (30, "day", "law"),
    "petition.review_request": (30, "day", "law"),
    "petition.review": (30, "day", "law"),
    "petition.recheck_request": (30, "day", "law"),
    "petition.recheck": (30, "day", "law"),
    "petition.posting": (10, "day", "house"),
    "petition.simple_notify": (3, "workday", "check"),
    "petition.simple": (10, "workday", "law"),
    "petition.rating": (30, "day", "check"),
    "petition.feedback": (7, "day", "house"),
    "petition.supplement": (15, "day", "house"),
    "petition.suggestion": (60, "day", "house"),
    "petition.execution": (None, "set", "house"),
    "petition.instruction": (None, "set", "house"),
    "petition.consult": (None, "set", "house"),
    "petition.chase": (5, "workday", "house"),
    "urgent.report": (1, "hour", "house"),
    "penalty.decide": (90, "day", "law"),
    "supervise.remind": (3, "workday", "house"),
    "supervise.draft": (3, "workday", "house"),
    "supervise.reply": (15, "day", "house"),
    "supervise.rectify": (None, "set", "house"),
    "review.score": (10, "workday", "house"),
    "leader.assign": (5, "workday", "house"),
    "leader.meeting": (10, "workday", "house"),
    "leader.plan": (None, "set", "house"),
    "leader.draft": (10, "workday", "house"),
    "leader.progress": (None, "month_end", "house"),
    "leader.promise": (None, "set", "house"),
    "warning.issue": (10, "workday", "house"),
    "warning.receipt": (3, "workday", "house"),
    "warning.response": (15, "workday", "house"),
    "warning.check": (30, "day", "house"),
    "transfer.report": (5, "workday", "house"),
    "transfer.approve": (3, "day", "law"),
    "transfer.send": (24, "hour", "law"),
    "transfer.receipt": (24, "hour", "house"),
    "transfer.complete_notice": (24, "hour", "law"),
    "transfer.complete": (3, "day", "law"),
    "transfer.supplement": (None, "set", "law"),
    "transfer.misroute": (24, "hour", "law"),
    "transfer.decide": (3, "day", "law"),
    "transfer.decide_verify": (7, "day", "law"),
    "transfer.decide_complex": (30, "day", "law"),
    "transfer.notify": (3, "day", "law"),
    "transfer.handover": (3, "day", "law"),
    "transfer.reconsider": (3, "workday", "law"),
    "transfer.reconsider_colour": (3, "day", "law"),
    "transfer.reconsider_decide": (3, "workday", "law"),
    "transfer.supervise": (3, "day", "law"),
    "transfer.procurator_opinion": (3, "day", "law"),
    "transfer.consult": (7, "day", "law"),
    "transfer.nonprosecution": (3, "day", "law"),
    "transfer.platform_entry": (7, "day", "law"),
    "supervise_filing.explain": (7, "day", "law"),
    "supervise_filing.file": (15, "day", "law"),
    "police.window": (6, "month", "house"),
    "reverse.review": (10, "workday", "check"),
    "reverse.case": (90, "day", "law"),
    "reverse.reply": (None, "set", "law"),
    "detention.send": (3, "workday", "law"),
    "detention.supplement": (3, "workday", "law"),
    "detention.copy": (3, "workday", "law"),
    "detention.return": (5, "workday", "law"),
    "detention.limit": (30, "day", "law"),
    "detention.limit_extension": (30, "day", "law"),
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load(FILE)


def test_every_period_is_there_with_its_amount_and_basis(rules: Rules) -> None:
    assert {r.id: (r.amount, r.unit, r.status) for r in rules} == EXPECTED


def test_people_can_read_every_rule(rules: Rules) -> None:
    for rule in rules:
        for words in (rule.label, rule.counted_from, rule.citation, rule.text, rule.period, rule.source):
            assert any("一" <= character <= "鿿" for character in words), (rule.id, words)
        if rule.status == "law":
            assert "《" in rule.citation or "〔" in rule.citation, rule.id


def test_only_what_a_text_allows_can_be_paused(rules: Rules) -> None:
    assert {r.id: r.pausable_by for r in rules if r.pausable_by} == {
        "petition.recheck": ("听证",),
        "penalty.decide": ("移送公安机关办理",),
        "police.window": ("办理复议或者立案监督",),
        "detention.limit": ("鉴定", "听证"),
    }


def test_the_basis_is_chosen_by_the_day_of_the_event(rules: Rules) -> None:
    before, after = rules.get("petition.feedback", date(2026, 8, 14)), rules.get("petition.feedback", date(2026, 8, 15))
    assert (before.source, after.source) == ("本局规定", "《中华人民共和国生态环境法典》第一百四十六条（期限为本局规定）")


def test_a_rule_that_was_not_in_force_is_not_found(rules: Rules) -> None:
    with pytest.raises(NotFound, match=r"2022-04-30.*petition\.notify"):
        rules.get("petition.notify", date(2022, 4, 30))
    with pytest.raises(NotFound):
        rules.get("petition.nothing", date(2026, 1, 1))
    assert rules.get("petition.notify", date(2022, 5, 1)).citation == "《信访工作条例》第二十三条"


def test_words_of_a_rule(rules: Rules) -> None:
    on = date(2026, 9, 1)
    assert [rules.get(i, on).period for i in ("petition.notify", "petition.objection", "petition.handle_enforcement", "urgent.report")] == [
        "15 日",
        "5 个工作日",
        "2 个月",
        "1 小时",
    ]
    assert rules.get("supervise.rectify", on).period == "逐件确定，不超过 30 日"
    assert rules.get("petition.rating", on).source.endswith("（依据待核）")
    assert rules.get("petition.handle", on).source == "《信访工作条例》第三十四条"


def test_amounts_keep_to_the_limit(rules: Rules) -> None:
    extend, assigned = rules.get("petition.extend", date(2026, 9, 1)), rules.get("petition.assigned", date(2026, 9, 1))
    assert extend.length(12) == 12
    with pytest.raises(ValueError, match="不得超过 30 日"):
        extend.length(31)
    with pytest.raises(ValueError, match="没有给出天数"):
        assigned.length()
    with pytest.raises(ValueError, match="至少为 1"):
        assigned.length(0)


GOOD = """rules:
- id: a.b
  label: 某项
  amount: 3
  unit: day
  from: 收到之日
  citation: 本局规定
  text: 三日内办理。
  status: house
  in_force: {from: 2022-05-01, to: 2026-08-14}
  pausable_by: []
"""
BAD = [
    (GOOD.replace("amount: 3", "amount: three"), 4, "three"),
    (GOOD.replace("unit: day", "unit: week"), 5, "week"),
    (GOOD.replace("  unit: day\n", ""), 2, "'unit' is a required property"),
    (GOOD.replace("2022-05-01", "2022-13-01"), 10, "2022-13-01"),
    (GOOD.replace("2022-05-01", "2027-05-01"), 2, "施行日期晚于失效日期"),
    (GOOD.replace("amount: 3", "amount: null"), 2, "必须写数量"),
    (GOOD.replace("unit: day", "unit: set"), 2, "不写数量"),
    (GOOD + GOOD.removeprefix("rules:\n"), 12, "同一天有效"),
    (GOOD.replace("amount: 3", "amount: 3\n  amout: 3"), 2, "amout"),
    ("rules: [", 1, ""),
]


@pytest.mark.parametrize(("text", "line", "why"), BAD)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    file = tmp_path / "deadlines.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError) as error:
        Rules.load(file)
    assert why in str(error.value)
    if text != "rules: [":
        assert f"deadlines.yaml:{line}:" in str(error.value)


def test_versions_that_follow_each_other_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "deadlines.yaml"
    later = (
        GOOD.removeprefix("rules:\n")
        .replace("{from: 2022-05-01, to: 2026-08-14}", "{from: 2026-08-15, to: null}")
        .replace("amount: 3", "amount: 5")
    )
    file.write_text(GOOD + later, encoding="utf-8")
    rules = Rules.load(file)
    assert (rules.get("a.b", date(2026, 8, 14)).amount, rules.get("a.b", date(2026, 8, 15)).amount) == (3, 5)
    assert len(rules.versions("a.b")) == 2
    assert "a.b" in rules
    assert rules.ids() == {"a.b"}
