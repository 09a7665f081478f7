"""Decision tables: what the library reads is left alone, what it would misread without a word is refused."""

from __future__ import annotations

import pytest

from tests.workflows import drawing_board as d
from workflows.lint import lint_dmn

GOOD_ROWS = [["> 1", '"x"'], ["? in [4, 5]", '"y"'], ["3 < ? < 9", '"z"'], ["5", '"v"'], ['"a?b"', '"q"'], ["!= 3", '"u"'], ["-", '""']]
BAD_CELLS = {
    "1,5": "FEEL",
    "not(5)": "FEEL",
    "[1..10]": "FEEL",
    "in [4, 5]": "FEEL",
    'date("2020-01-01")': "FEEL",
    '__import__("os")': "不能调用",
    "? in other.items": "点号",
    "> now()": "不能调用",
    "?.x": "点号",
    "5 5": "不是表达式",
    "> surprise": "variables.yaml",
}


def rows(text: str) -> str:
    return (
        text.replace("<rule", "\n<rule")
        .replace("<inputEntry", "\n<inputEntry")
        .replace("<outputEntry", "\n<outputEntry")
        .replace("<output ", "\n<output ")
    )


def test_a_table_of_tests_the_engine_reads_is_fine() -> None:
    for policy in ("FIRST", "COLLECT", "UNIQUE"):
        assert lint_dmn(rows(d.table("grade", {"n": "n"}, ["grade"], GOOD_ROWS, policy)).encode(), "grade.dmn", variables={"n"}) == []


@pytest.mark.parametrize("cell", BAD_CELLS)
def test_a_cell_the_engine_would_misread_is_refused(cell: str) -> None:
    text = rows(d.table("grade", {"n": "n"}, ["grade"], [["> 9", '"big"'], [cell, '"x"'], ["-", '""']]))
    (finding,) = lint_dmn(text.encode(), "grade.dmn", variables={"n"})
    assert (finding.element, finding.line) == ("r1i0", next(n for n, line in enumerate(text.splitlines(), 1) if 'id="r1i0"' in line))
    assert BAD_CELLS[cell] in finding.why


LAST = [["-", '""']]
BAD_TABLES = [
    (d.table("grade", {"n": "n"}, ["grade"], LAST, "ANY"), "t_grade", "命中策略"),
    (d.table("grade", {"n": "n"}, ["grade"], LAST, "RULE ORDER"), "t_grade", "命中策略"),
    (d.table("grade", {"n": "n"}, ["grade"], LAST, 'COLLECT" aggregation="SUM'), "t_grade", "命中策略"),
    (d.table("grade", {"n": ""}, ["grade"], LAST), "i0", "空的"),
    (d.table("grade", {"n": "n"}, [""], LAST), "o0", "输出列名"),
    (d.table("grade", {"n": "n"}, ["round"], LAST), "o0", "输出列名"),
    (d.table("grade", {"n": "n"}, ["grade"], [["> 1", '"x"']]), "r0", "最后一行"),
    (d.table("grade", {"n": "n"}, ["grade"], []), "t_grade", "最后一行"),
    (d.table("grade", {"n": "n"}, ["grade"], [["-", 'date("2020-01-01")']]), "r0o0", "输出"),
    (d.table("grade", {"n": "n"}, ["grade"], [["-", ""]]), "r0o0", "空的"),
    (d.table("grade", {"n": "n.x"}, ["grade"], LAST), "i0", "点号"),
    ('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d"/>', "d", "一个决策"),
]


@pytest.mark.parametrize(("text", "element", "words"), BAD_TABLES)
def test_a_table_the_engine_would_misread_is_refused(text: str, element: str, words: str) -> None:
    found = [f for f in lint_dmn(text.encode(), "grade.dmn") if f.element == element and words in f.why]
    assert found, lint_dmn(text.encode(), "grade.dmn")
    assert found[0].line >= 1
