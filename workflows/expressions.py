"""The closed evaluator (闭合表达式): conditions, DMN cells, payloads and form rules are expressions over named data, never Python at large.

An expression is checked once against an allow-list of syntax, compiled to a function of the names it uses, and kept. There are no
attributes, no statements, no loops, no clock and no date arithmetic: a moment comes in as data or as a clock row. Everything that can
go wrong is a ``Refused`` (the text is not allowed) or an ``EvalError`` (it was allowed, but fails on this data).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from .expression_functions import FUNCTIONS, MAX_NUMBER, OPERATORS

MAX_TEXT = 2000
MAX_NODES = 600
MAX_DEPTH = 40
CLOCK_WORDS = frozenset({"due", "warn", "every"})

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SLOT = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_CLOCK = re.compile(r"\s*(due|warn|every)\(\s*(?:\"([^\"]*)\"|'([^']*)')\s*\)\s*")
_CONSTANTS = (str, int, float, bool, type(None))
_GUARDED: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "modulo",
}
_ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, *_GUARDED,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
    ast.IfExp, ast.Call, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Subscript, ast.Slice,
)  # fmt: skip
_WORDS: dict[type[ast.AST], str] = {
    ast.Attribute: "不能用点号取属性，取字典的值请写 get(名称, \"键\")",
    ast.Lambda: "不能定义函数",
    ast.ListComp: "不能用推导式",
    ast.SetComp: "不能用推导式",
    ast.DictComp: "不能用推导式",
    ast.GeneratorExp: "不能用推导式",
    ast.NamedExpr: "不能赋值",
    ast.JoinedStr: "不能用格式化字符串",
    ast.Starred: "不能用星号展开",
    ast.Pow: "不能用乘方",
    ast.LShift: "不能用移位",
    ast.RShift: "不能用移位",
}  # fmt: skip


class Refused(ValueError):
    """The text is not an expression the evaluator takes. The message is Chinese and says why."""


class EvalError(ValueError):
    """A permitted expression failed on the data it was given: a name is missing, types do not fit, a value is too large."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"表达式“{text}”无法求值：{reason}")
        self.text, self.reason = text, reason


@dataclass(frozen=True, slots=True)
class CompiledExpression:
    """A checked expression. ``names`` are the data it reads, in the order ``function`` takes them."""

    text: str
    names: tuple[str, ...]
    function: Callable[..., Any]
    code: CodeType

    def __call__(self, data: Mapping[str, Any]) -> Any:
        """The value over ``data``; a name that is needed and missing is an EvalError."""
        try:
            arguments = [data[name] for name in self.names]
        except KeyError:
            return self._lazily(data)
        try:
            return self.function(*arguments)
        except Exception as error:
            raise EvalError(self.text, _reason(error)) from error

    def over_form(self, data: Mapping[str, Any]) -> Any:
        """The value over a form that is not filled in yet: a missing name is None."""
        try:
            return self.function(*[data.get(name) for name in self.names])
        except Exception as error:
            raise EvalError(self.text, _reason(error)) from error

    def _lazily(self, data: Mapping[str, Any]) -> Any:
        """The same with names looked up as they are reached, so ``a or b`` holds without ``b`` when ``a`` is true."""
        known = {name: data[name] for name in self.names if name in data}
        try:
            return eval(self.code, {**_GLOBALS}, known)
        except Exception as error:
            raise EvalError(self.text, _reason(error)) from error


_GLOBALS: dict[str, Any] = {**FUNCTIONS, **OPERATORS, "__builtins__": {}}


@lru_cache(maxsize=20_000)
def compile_expression(text: str) -> CompiledExpression:
    """Check and compile ``text``; raises Refused. Called for every expression when a procedure is loaded, cached for the steps after."""
    tree = _parse(text)
    _check(tree)
    names = tuple(sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - FUNCTIONS.keys()))
    try:
        body = ast.fix_missing_locations(_Guard().visit(tree)).body
        code = compile(ast.fix_missing_locations(ast.Expression(body)), "<expression>", "eval")
        function = _as_function(body, names)
    except (SyntaxError, ValueError, RecursionError, MemoryError, Warning) as error:
        raise Refused(f"不是可用的表达式：{error}") from None
    return CompiledExpression(text.strip(), names, function, code)


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of ``text`` over ``names``. Raises Refused or EvalError, nothing else."""
    return compile_expression(text)(names)


def evaluate_form(text: str, values: Mapping[str, Any]) -> Any:
    """As ``evaluate``, for rules of a form: a field not filled in is None instead of an error."""
    return compile_expression(text).over_form(values)


def names_in(text: str) -> set[str]:
    """The data names an expression reads: what must be declared before it can run."""
    return set(compile_expression(text).names)


def clock_in(text: str) -> tuple[str, str]:
    """The word and the slot of a timer text, e.g. ``due("answer")`` → ("due", "answer"). Raises Refused for anything else."""
    match = _CLOCK.fullmatch(text or "")
    if match is None:
        raise Refused('计时器只能写 due("时限")、warn("时限") 或 every("时限")，不写期限长度、日期或计算；天数写在 deadlines.yaml')
    slot = match.group(2) if match.group(2) is not None else match.group(3)
    if not _SLOT.fullmatch(slot):
        raise Refused(f"时限名称“{slot}”不合规则，请用小写英文、数字、下划线和点")
    return match.group(1), slot


def _parse(text: str) -> ast.Expression:
    if not isinstance(text, str) or not text.strip():
        raise Refused("表达式是空的")
    if len(text) > MAX_TEXT:
        raise Refused(f"表达式超过 {MAX_TEXT} 个字符，请拆开")
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError, Warning) as error:
        raise Refused(f"不是表达式：{getattr(error, 'msg', None) or error}") from None


def _check(tree: ast.Expression) -> None:
    """Walk the tree once, without recursion; refuse at the first node outside the allow-list."""
    todo: list[tuple[ast.AST, int, bool]] = [(tree, 0, False)]
    seen = 0
    while todo:
        node, depth, called = todo.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            raise Refused("表达式嵌套太深或太长，请拆开")
        if not isinstance(node, _ALLOWED):
            raise Refused(_WORDS.get(type(node), f"不能用 {type(node).__name__}"))
        _check_node(node, called)
        callee = node.func if isinstance(node, ast.Call) else None
        todo += [(child, depth + 1, child is callee) for child in ast.iter_child_nodes(node)]


def _check_node(node: ast.AST, called: bool) -> None:
    if isinstance(node, ast.Name):
        _check_name(node.id, called)
    elif isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise Refused(_unknown_function(node.func))
        if node.keywords:
            raise Refused("函数不能用“名称=值”的参数")
    elif isinstance(node, ast.Dict) and None in node.keys:
        raise Refused("不能用 ** 展开")
    elif isinstance(node, ast.Constant):
        if not isinstance(node.value, _CONSTANTS) or (isinstance(node.value, int) and abs(node.value) > MAX_NUMBER):
            raise Refused("只能写文字、不太大的数、True、False、None")
    elif isinstance(node, ast.Compare):
        _check_identity(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Constant | ast.List | ast.Tuple | ast.Dict):
        raise Refused("方括号只能取数据里的项")


def _check_name(name: str, called: bool) -> None:
    if not _NAME.fullmatch(name):
        raise Refused(f"名称“{name}”不能用：只能是英文字母开头的字母、数字、下划线")
    if name in CLOCK_WORDS:
        raise Refused(f"{name} 只能写在计时器里")
    if not called and name in FUNCTIONS:
        raise Refused(f"{name} 是函数，不能当作数据；数据请换一个名称")


def _check_identity(node: ast.Compare) -> None:
    """``is`` compares a value with None, True or False only: between others its answer depends on the interpreter."""
    for operator, left, right in zip(node.ops, [node.left, *node.comparators], node.comparators, strict=False):
        plain = isinstance(right, ast.Constant) and (right.value is None or isinstance(right.value, bool))
        if isinstance(operator, ast.Is | ast.IsNot) and (not plain or isinstance(left, ast.Constant | ast.List | ast.Tuple | ast.Dict)):
            raise Refused("is 只能与 None、True、False 比较，其他请用 ==")


def _unknown_function(func: ast.expr) -> str:
    name = func.id if isinstance(func, ast.Name) else "它"
    if name in CLOCK_WORDS:
        return f"{name}(…) 只能写在计时器里"
    return f"不能调用 {name}；可用的函数：{'、'.join(sorted(FUNCTIONS))}"


class _Guard(ast.NodeTransformer):
    """Arithmetic goes through functions that take numbers (or join texts and lists) and refuse what grows without bound."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        guard = f"op {_GUARDED[type(node.op)]}"
        return ast.copy_location(ast.Call(ast.Name(guard, ast.Load()), [node.left, node.right], []), node)


def _as_function(body: ast.expr, names: tuple[str, ...]) -> Callable[..., Any]:
    """A function of the names: arguments are the fastest variables there are, and data cannot shadow a function."""
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg(name) for name in names], kwonlyargs=[], kw_defaults=[], defaults=[])
    module = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    outer = compile(module, "<expression>", "eval")
    inner = next(constant for constant in outer.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, _GLOBALS, "expression")


def _reason(error: Exception) -> str:
    if isinstance(error, NameError):
        return f"没有数据“{getattr(error, 'name', None) or error}”"
    if isinstance(error, KeyError):
        return f"没有键 {error}"
    return str(error) or type(error).__name__
