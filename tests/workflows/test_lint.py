"""One bad diagram for every trap of the library: refused with the file, the line, the element and what to draw instead."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from tests.workflows import drawing_board as d
from tests.workflows.lint_diagrams import DUE, FINE, TRAPS, draw
from workflows.lint import Finding, lint_bpmn, lint_folder

MESSAGES = {
    "asked": {"starts": "other"},
    "answered": {"catches": ["p"]},
    "filed": {"absent": "file"},
    "nowhere": {"label": "没人接"},
}
KNOWN = {
    "slots": {"answer", "notify"},
    "messages": MESSAGES,
    "handlers": {"do.s", "do.s2"},
    "decisions": {"grade"},
    "roles": {"clerk", "office"},
    "variables": {"n", "items", "urgent", "answers"},
    "case_attributes": {"unit", "handler"},
}


def lint(text: str) -> list[Finding]:
    return lint_bpmn(text.encode(), "p.bpmn", ("other",), **KNOWN)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_refused_where_it_is(trap: str) -> None:
    text, element, words = TRAPS[trap]
    found = [f for f in lint(text) if f.element == element and words in f.why]
    assert found, [str(f) for f in lint(text)]
    assert found[0].file == "p.bpmn"
    assert found[0].line in lines_of(text, element)


def lines_of(text: str, element: str) -> set[int]:
    """The lines of the elements with that id and of what is inside them."""
    drawn = etree.fromstring(text.encode()).xpath("//*[@id=$id]", id=element)
    return {inner.sourceline for outer in drawn for inner in outer.iter()}


@pytest.mark.parametrize("name", FINE)
def test_what_runs_is_not_refused(name: str) -> None:
    assert [str(f) for f in lint(FINE[name]) if "没有登记" not in f.why] == []


def test_without_knowledge_around_it_only_the_diagram_is_checked() -> None:
    text = draw(
        d.service("s", "do.whatever") + d.user("a", role="king") + d.throw("t", d.message("unlisted", '{"x": anything}')),
        "begin>s s>a a>t t>done",
    )
    assert lint_bpmn(text.encode(), "p.bpmn") == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not xml", "XML"),
        (b"", "XML"),
        (b"<a><b></a>", "XML"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "DOCTYPE"),
        (b"<x/>", "没有流程"),
    ],
)
def test_what_is_no_diagram_is_refused_too(data: bytes, words: str) -> None:
    assert words in lint_bpmn(data, "p.bpmn")[0].why


def test_the_reason_is_told_in_chinese_with_its_place() -> None:
    for text, _, _ in TRAPS.values():
        for finding in lint(text):
            assert finding.line > 0
            assert re.search(r"[\u4e00-\u9fff]", finding.why), finding
            assert str(finding) == f"p.bpmn:{finding.line} {finding.element}: {finding.why}"


def test_a_folder_is_checked_against_its_own_files() -> None:
    files = {
        "p.bpmn": draw(d.user("a") + d.rule("r", "grade") + d.catch("t", DUE) + d.call("c", "q"), "begin>a a>r r>t t>c c>done"),
        "q.bpmn": d.document(d.process("q", d.start("qs") + d.user("qa") + d.end("qe"), "qs>qa qa>qe")),
        "grade.dmn": d.table("grade", {"n": "n"}, ["grade"], [["-", '""']]),
        "clocks.yaml": "slots: {answer: {label: 答复}}",
        "variables.yaml": "n: {type: integer}\ngrade: {type: string}",
    }
    assert lint_folder(files) == []
    assert [f.element for f in lint_folder({**files, "clocks.yaml": "slots: {}"})] == ["t"]
    assert [f.element for f in lint_folder({**files, "variables.yaml": "grade: {type: string}"})] == ["i0"]
    assert [f.element for f in lint_folder({k: v for k, v in files.items() if k != "grade.dmn"})] == ["r"]
    assert [f.element for f in lint_folder({k: v for k, v in files.items() if k != "q.bpmn"})] == ["c"]
    assert lint_folder({k: v for k, v in files.items() if k != "q.bpmn"}, known_processes={"q"}) == []


def test_an_element_is_one_in_the_whole_folder() -> None:
    other = d.document(d.process("q", d.start("qs") + d.user("a") + d.end("qe"), "qs>a a>qe"))
    found = lint_folder({"p.bpmn": draw(d.user("a"), "begin>a a>done"), "q.bpmn": other})
    assert [(f.file, f.element) for f in found] == [("q.bpmn", "a")]
    assert "p.bpmn 里已经用过" in found[0].why


def test_processes_do_not_call_each_other_in_a_circle() -> None:
    other = d.document(d.process("q", d.start("qs") + d.call("back", "p") + d.end("qe"), "qs>back back>qe"))
    found = lint_folder({"p.bpmn": draw(d.call("c", "q"), "begin>c c>done"), "q.bpmn": other})
    assert {f.element for f in found} == {"c", "back"}
    assert all("又调用自己" in f.why for f in found)
