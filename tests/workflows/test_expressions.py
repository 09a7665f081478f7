"""The closed evaluator: what it computes, what it refuses at load, what it refuses when run, and that it never fails otherwise."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.expressions import EvalError, Refused, clock_in, compile_expression, evaluate, evaluate_form, names_in

ESCAPES = [
    "__import__('os')",
    "open('/etc/passwd')",
    "().__class__.__mro__",
    "().__class__.__bases__[0].__subclasses__()",
    "''.join",
    "'{0.__class__}'.format(1)",
    "f'{x.__class__}'",
    "f'{1}'",
    "[c for c in ()]",
    "{x for x in y}",
    "{k: v for k, v in x}",
    "any(c for c in x)",
    "(lambda: 1)()",
    "x.__globals__",
    "x.y",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "getattr(x, 'y')",
    "(y := 1)",
    "9**9**9",
    "x ** 2",
    "1 << 99999",
    "x >> 1",
    "~x",
    "x & y",
    "x | y",
    "x ^ y",
    "x @ y",
    "__builtins__",
    "_private",
    "_mul_",
    "len.__self__",
    "len",
    "[len][0]('a')",
    "(len or 1)('a')",
    "x[0](1)",
    "str(**{})",
    "max(*x)",
    "[*x]",
    "{**x}",
    "min(key=len)",
    "max(x, key=len)",
    "await x",
    "yield",
    "(yield x)",
    "x; y",
    "a = 1",
    "import os",
    "del x",
    "assert x",
    "print(1)",
    "globals()",
    "locals()",
    "vars()",
    "type(x)",
    "dir()",
    "range(10**9)",
    "breakpoint()",
    "input()",
    "help()",
    "setattr(x, 'y', 1)",
    "1j",
    "b'x'",
    "...",
    "not_known(1)",
    "'%s'.lower()",
    "str.mro()",
    "get.__globals__",
    "ｅｖａｌ('1')",
    "＿＿import＿＿('os')",
    "变量 > 1",
    "x if y",
    "(" * 500,
    "[" * 60 + "1" + "]" * 60,
    "[1, 2]['a']",
    "1[0]",
    "-" * 1900 + "1",
    "not " * 400 + "x",
    "x" + " + x" * 499,
    "-" * 3000 + "1",
    "x\x00",
    "\ud800",
    "",
    "   ",
    "9" * 1900,
    "1 is 1",
    "x is y",
    "() is None",
    'due("answer")',
    "due == 1",
    "now()",
    "today()",
    "add_days(x, 1)",
    "datetime.now()",
    "op add(1, 2)",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_an_escape_is_refused_when_the_procedure_is_loaded(text: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_expression(text)
    assert any("一" <= character <= "鿿" for character in str(refused.value)), "the reason is told in Chinese"


@pytest.mark.parametrize("text", [None, 5, b"x", ["x"]])
def test_what_is_not_text_is_refused(text: Any) -> None:
    with pytest.raises((Refused, TypeError)):
        compile_expression(text)


BOMBS: list[tuple[str, dict[str, Any]]] = [
    ("'a' * 1000000000", {}),
    ("[0] * 1000000000", {}),
    ("x * 1000000000", {"x": [[0]]}),
    ("x + x", {"x": "a" * 90_000}),
    ("x + x", {"x": [0] * 9_000}),
    ("'%999999999d' % 1", {}),
    ("x % y", {"x": "%s", "y": 1}),
    ("1000000000 * 1000000000 * 1000000000 * 1000000000", {}),
    ("str(x)", {"x": [[0] * 1000] * 1000}),
    ("sum(x)", {"x": [[0] * 1000] * 1000}),
    ("round(1, -1000000000)", {}),
    ("round(x, y)", {"x": 5, "y": -(10**9)}),
    ("int(x)", {"x": Decimal("1E+999999999")}),
    ("int(x)", {"x": "9" * 5000}),
    ("str(x)", {"x": Decimal("1E+999999999")}),
    ("int(float('1e999'))", {}),
    ("x * x", {"x": 10**29}),
    ("lower(x)", {"x": "A" * 200_000}),
]


@pytest.mark.parametrize(("text", "data"), BOMBS)
def test_a_memory_bomb_is_refused_at_once_when_run(text: str, data: dict[str, Any]) -> None:
    began = time.perf_counter()
    with pytest.raises(EvalError):
        evaluate(text, data)
    assert time.perf_counter() - began < 0.2


@pytest.mark.parametrize("text", ["day + length", "day - day", "day - length", "length * 2"])
def test_there_is_no_date_arithmetic(text: str) -> None:
    with pytest.raises(EvalError, match="只能对数作加减乘除"):
        evaluate(text, {"day": date(2026, 9, 30), "length": timedelta(days=15)})


VALUES: list[tuple[str, dict[str, Any], Any]] = [
    ("1 + 2 * 3 - 4 / 2", {}, 5.0),
    ("7 // 2 + 7 % 2", {}, 4),
    ('track == "6" and not simple', {"track": "6", "simple": False}, True),
    ('result in ["support", "mediated"]', {"result": "mediated"}, True),
    ("any(reasons)", {"reasons": ["", "repeated"]}, True),
    ("len(items) > 1 or urgent", {"items": [1], "urgent": True}, True),
    ('get(form, "name", "无")', {"form": {}}, "无"),
    ('form["rows"][0]', {"form": {"rows": [7]}}, 7),
    ("x[1:]", {"x": [1, 2]}, [2]),
    ('{"case_id": case_id, "reasons": reasons}', {"case_id": "c", "reasons": []}, {"case_id": "c", "reasons": []}),
    ('"分局-" + county', {"county": "360102"}, "分局-360102"),
    ("3 < x < 9", {"x": 5}, True),
    ("x is None", {"x": None}, True),
    ("x is not True", {"x": False}, True),
    ("1 if x else 2", {"x": 0}, 2),
    ("round(x, 1)", {"x": 2.345}, 2.3),
    ("int(x) + 1", {"x": "41"}, 42),
    ("lower(x)", {"x": "AB"}, "ab"),
    ("amount > 1000", {"amount": Decimal("1000.01")}, True),
    ("due_on > today_is", {"due_on": date(2026, 1, 2), "today_is": date(2026, 1, 1)}, True),
    ("  x  ", {"x": 1}, 1),
]


@pytest.mark.parametrize(("text", "data", "value"), VALUES)
def test_what_conditions_need_is_computed(text: str, data: dict[str, Any], value: Any) -> None:
    assert evaluate(text, data) == value


def test_data_cannot_shadow_a_function_or_an_operator() -> None:
    data = {"x": "ab", "len": "shadow", "op add": "shadow", "__builtins__": {"len": 1}}
    assert evaluate("len(x) > 1", data) is True
    assert evaluate("1 + 1", data) == 2


def test_a_missing_name_matters_only_when_it_is_reached() -> None:
    assert evaluate("urgent or grave", {"urgent": True}) is True
    with pytest.raises(EvalError, match="没有数据“grave”"):
        evaluate("urgent or grave", {"urgent": False})


def test_in_a_form_a_missing_name_is_none() -> None:
    assert evaluate_form('channel == "visit" and visitors is None', {"channel": "visit"}) is True
    assert evaluate_form("not secrecy", {}) is True
    with pytest.raises(EvalError):
        evaluate_form("visitors >= 5", {})


def test_names_are_those_of_the_data_alone() -> None:
    assert names_in('len(items) > limit and get(form, "items")') == {"items", "limit", "form"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('due("answer")', ("due", "answer")),
        ("warn('petition.handle')", ("warn", "petition.handle")),
        (' every( "answer" ) ', ("every", "answer")),
    ],
)
def test_a_timer_names_a_clock(text: str, named: tuple[str, str]) -> None:
    assert clock_in(text) == named


@pytest.mark.parametrize(
    "text",
    [
        '"P15D"',
        "P15D",
        'due("answer") + 1',
        "due(answer)",
        'due("Answer")',
        'due("")',
        "due()",
        'soon("answer")',
        '"2026-09-30"',
        "",
        'due("a", 1)',
    ],
)
def test_a_timer_never_computes(text: str) -> None:
    with pytest.raises(Refused):
        clock_in(text)


def test_an_evaluation_is_quick_once_compiled() -> None:
    text = "a == 1 and (b == 1 or case_no in ['C-1', 'C-17']) and len(items) > 2"
    data = {"a": 1, "b": 0, "case_no": "C-17", "items": [1, 2, 3], **{f"k{i}": i for i in range(50)}}
    evaluate(text, data)
    best = min(_seconds(text, data) for _ in range(5))
    assert best < 5e-6, f"{best * 1e6:.2f} µs"


def _seconds(text: str, data: dict[str, Any]) -> float:
    began = time.perf_counter()
    for _ in range(2000):
        evaluate(text, data)
    return (time.perf_counter() - began) / 2000


WORDS = """x y items form 1 0 -1 2.5 10000000000 'a' "b" None True ( ) [ ] { } : , . + - * / // % ** < > == != in not and or is if else
    len( min( max( sum( str( int( round( get( any( lower( lambda __class__ due( := for f'{ } ~ @ = ; \\ now("""
OPERATORS = "+ - * / // % < >= == in and or"
FUNCTIONS = "len str int sum any abs round lower bool float"
TOKENS = st.sampled_from(WORDS.split())
DATA = st.dictionaries(
    st.sampled_from(["x", "y", "items", "form"]),
    st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=3), st.just({"a": 1}), st.decimals()
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(TOKENS, max_size=25).map(" ".join), DATA)
def test_tokens_in_any_order_give_a_value_or_one_of_two_errors(text: str, data: dict[str, Any]) -> None:
    _only_known_errors(text, data)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), DATA)
def test_any_text_gives_a_value_or_one_of_two_errors(text: str, data: dict[str, Any]) -> None:
    _only_known_errors(text, data)


ATOMS = st.sampled_from(["x", "y", "items", "form", "1", "0", "'a'", "None", "[1, 2]", "{'a': x}", "2.5"])
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS.split()), inner).map(lambda t: f"({' '.join(t)})"),
        st.tuples(st.sampled_from(FUNCTIONS.split()), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]"),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(TREES, DATA)
def test_any_allowed_tree_gives_a_value_or_one_of_two_errors(text: str, data: dict[str, Any]) -> None:
    _only_known_errors(text, data)


def _only_known_errors(text: str, data: dict[str, Any]) -> None:
    for run in (evaluate, evaluate_form):
        with suppress(Refused, EvalError):
            run(text, data)
