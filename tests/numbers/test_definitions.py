"""Each number is defined once; words, SQL and the page of definitions agree."""

from __future__ import annotations

from app.config import ROOT
from app.numbers import docs, lines
from app.numbers.definitions import BASE_KEYS, GROUPS, INDICATORS, KEYS, change

LABELS = (
    "及时受理率 按期办结率 平均办理天数 超期数 退单次数 满意率 参评率 重复信访率 一次性化解率 包案化解率 督办回复率 抽查占比 抽查通过率"
)


def test_the_thirteen_are_there_each_once() -> None:
    assert [i.label for i in INDICATORS] == LABELS.split()
    assert len(set(KEYS)) == len(INDICATORS)


def test_words_and_sql_have_the_same_keys() -> None:
    assert set(lines.LINES) == {*KEYS, *BASE_KEYS}


def test_every_one_says_formula_date_and_basis() -> None:
    for i in INDICATORS:
        assert i.group in GROUPS and i.numerator and i.denominator and i.formula and i.counted_on and i.source and i.note
        assert i.counts or "÷" in i.formula
        assert i.counts or i.unit == "天" or i.miss


def test_the_page_of_definitions_is_what_they_say() -> None:
    assert (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8") == docs.page()


def test_a_change_is_good_or_bad_by_the_number_it_is_of() -> None:
    by_key = {i.key: i for i in INDICATORS}
    assert change(by_key["answer"], 96.0, 95.0) == ("+1.0", "good")
    assert change(by_key["repeat"], 6.0, 5.0) == ("+1.0", "bad")
    assert change(by_key["late"], 2, 3) == ("−1", "good")
    assert change(by_key["answer"], 96.02, 96.0) == ("持平", "same")
    assert change(by_key["answer"], None, 96.0) == ("", "none")
