"""Decision tables: every cell is a closed expression, not FEEL. What the library would read wrongly without a word is refused."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from lxml import etree

from ..expression_functions import FUNCTIONS
from ..expressions import Refused, names_in
from .findings import Document, Finding, Known, local_name, parse

POLICIES = ("UNIQUE", "FIRST", "COLLECT")
_HOLE = re.compile(r"(\?)(?=(?:[^'\"]|['\"][^'\"]*['\"])*$)")
_FEEL = re.compile(r"(not\b|in\b|date\(|[\[(\]].*\.\.|.*[^'\"]\s*,)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def lint_dmn(data: bytes, file: str, *, variables: Collection[str] | None = None) -> list[Finding]:
    """Everything in the table that would not decide as it reads. ``variables`` are the names inputs may use, when given."""
    root, findings = parse(data, file)
    if root is None:
        return findings
    document = Document(file, root, Known(variables=variables))
    decisions = _all(root, "decision")
    tables = _all(root, "decisionTable")
    if len(decisions) != 1 or len(tables) != 1:
        document.refuse(root, f"一个文件只能有一个决策和一张表，这里有 {len(decisions)} 个决策、{len(tables)} 张表")
        return document.findings
    _check_table(document, tables[0])
    return sorted(set(document.findings))


def _check_table(document: Document, table: Any) -> None:
    policy = table.get("hitPolicy", "UNIQUE")
    if policy not in POLICIES or table.get("aggregation"):
        document.refuse(table, f"命中策略 {policy} {table.get('aggregation') or ''} 不能用：只能用 FIRST（第一条）或 COLLECT（列表）")
    inputs = [child for child in table if _is(child, "input")]
    for column in inputs:
        _check_expression(document, column, _text(column), "输入列")
    for column in (child for child in table if _is(child, "output")):
        name = column.get("name") or ""
        if not _NAME.fullmatch(name) or name in FUNCTIONS:
            document.refuse(column, f"输出列名“{name}”不能用：小写英文字母、数字、下划线，且不是表达式函数")
    rules = [child for child in table if _is(child, "rule")]
    for rule in rules:
        _check_rule(document, rule, [_text(column) for column in inputs])
    if not rules or any(_text(entry) not in ("-", "") for entry in rules[-1] if _is(entry, "inputEntry")):
        document.refuse(rules[-1] if rules else table, "最后一行必须全是“-”：没有命中的行时，输出的数据会缺失")


def _check_rule(document: Document, rule: Any, inputs: list[str]) -> None:
    cells = [child for child in rule if _is(child, "inputEntry")]
    if len(cells) != len(inputs):
        document.refuse(rule, f"这一行有 {len(cells)} 格，输入列有 {len(inputs)} 个")
    for cell, source in zip(cells, inputs, strict=False):
        _check_cell(document, cell, source)
    for cell in (child for child in rule if _is(child, "outputEntry")):
        _check_expression(document, cell, _text(cell), "输出")


def _check_cell(document: Document, cell: Any, source: str) -> None:
    """The three readings of the engine: a test with ``?``, a comparison, a value."""
    text = _text(cell)
    if text in ("-", ""):
        return
    with_name = _HOLE.sub("dmninputexpr", text)
    if "dmninputexpr" in with_name:
        _check_expression(document, cell, with_name, "单元格", shown=text)
    elif _FEEL.match(text) and not text.startswith(('"', "'")):
        document.refuse(cell, f"单元格“{text}”是 FEEL 写法，永远不会命中；请用 ? 代表输入值，例如 ? in [1, 5]、1 <= ? <= 10、? != 5")
    elif text[0] in "<>=!":
        _check_expression(document, cell, f"{source}{text}", "单元格", shown=text)
    else:
        _check_expression(document, cell, f"({source}) == ({text})", "单元格", shown=text)


def _check_expression(document: Document, element: Any, text: str, what: str, *, shown: str | None = None) -> None:
    try:
        names = names_in(text) - {"dmninputexpr"}
    except Refused as refused:
        document.refuse(element, f"{what}“{text if shown is None else shown}”：{refused}")
        return
    known = document.known.variables
    if known is not None and names - set(known):
        document.refuse(element, f"{what}用到没有声明的数据：{'、'.join(sorted(names - set(known)))}；请写进 variables.yaml")


def _is(element: Any, name: str) -> bool:
    return isinstance(element.tag, str) and local_name(element) == name


def _all(root: Any, name: str) -> list[Any]:
    return [element for element in root.iter(etree.Element) if local_name(element) == name]


def _text(element: Any) -> str:
    """The text of a cell or column: that of the first ``text`` inside it."""
    return next(((child.text or "").strip() for child in element.iter(etree.Element) if local_name(child) == "text"), "")


def decisions_in(data: bytes) -> list[str]:
    """The ids a business-rule task may call."""
    root, _ = parse(data, "")
    return [] if root is None else [element.get("id", "") for element in _all(root, "decision")]
