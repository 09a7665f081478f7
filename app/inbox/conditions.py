"""A form's condition as a tree the browser can judge without evaluating code: ``way == "post"`` → ``["==", ["field", "way"], "post"]``.

Names that are not fields of the form are data of the case: they do not change while somebody types, so their value is put in.
What the browser cannot judge is ``None``: then the server draws the fields again when one of them changes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "==",
    ast.IsNot: "!=",
}
Node = Any  # JSON: a value, or a list whose first item is the operator


class _Unjudgeable(Exception):
    """The browser has no word for this part of the expression."""


def tree(text: str, fields: Collection[str], context: Mapping[str, Any]) -> Node | None:
    """The tree of an expression the engine has accepted before; None where the browser cannot judge it."""
    try:
        return _node(ast.parse(text.strip(), mode="eval").body, fields, context)
    except _Unjudgeable:
        return None


def _node(node: ast.expr, fields: Collection[str], context: Mapping[str, Any]) -> Node:
    down: Callable[[ast.expr], Node] = partial(_node, fields=fields, context=context)
    match node:
        case ast.Constant(value=value):
            return _literal(value)
        case ast.Name(id=name):
            return ["field", name] if name in fields else _literal(context.get(name))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return ["list", *map(down, items)]
        case ast.BoolOp(op=op, values=values):
            return ["and" if isinstance(op, ast.And) else "or", *map(down, values)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ["not", down(operand)]
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return [OPERATORS[type(op)], down(left), down(right)]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return ["if", down(test), down(body), down(orelse)]
        case ast.Call(func=ast.Name(id="len"), args=[one]):
            return ["len", down(one)]
    raise _Unjudgeable


def _literal(value: Any) -> Node:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return ["list", *map(_literal, value)]
    raise _Unjudgeable
