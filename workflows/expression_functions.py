"""What an expression may call, and how it counts. Each function bounds what it takes, so no expression can fill memory or time."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

MAX_TEXT = 100_000
MAX_ITEMS = 10_000
MAX_NUMBER = 10**30
MAX_DIGITS = 15

_NUMBERS = (int, float, Decimal)


def as_text(value: Any = "") -> str:
    if not isinstance(value, str | int | float | Decimal | None):
        raise ValueError("str() 只接受单个值")
    return str(_bounded(value))


def as_int(value: Any = 0) -> int:
    if isinstance(value, str) and len(value) > 40:
        raise ValueError("数太大")
    if not isinstance(value, str | int | float | Decimal):
        raise ValueError("int() 只接受数或数字")
    return int(value if isinstance(value, str) else _bounded(value))


def as_float(value: Any = 0) -> float:
    if not isinstance(value, str | int | float | Decimal):
        raise ValueError("float() 只接受数或数字")
    return float(_bounded(value))


def rounded(value: Any, digits: Any = 0) -> Any:
    """``round`` with the places bounded: round(1, -10**9) would build a number of a thousand million digits."""
    if not isinstance(value, _NUMBERS) or not isinstance(digits, int) or abs(digits) > MAX_DIGITS:
        raise ValueError(f"round() 接受一个数和不超过 {MAX_DIGITS} 的位数")
    return round(_bounded(value), digits)


def total(values: Any) -> Any:
    if not isinstance(values, list | tuple) or not all(isinstance(v, _NUMBERS) for v in values):
        raise ValueError("sum() 只接受数的列表")
    return sum(values)


def lower(value: Any) -> str:
    return as_text(value).lower()


def get(values: Any, key: Any, default: Any = None) -> Any:
    """The value of a key, or the default where there is none or ``values`` is not a dictionary."""
    return values.get(key, default) if isinstance(values, dict) else default


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "min": min,
    "max": max,
    "sum": total,
    "any": any,
    "all": all,
    "abs": abs,
    "round": rounded,
    "str": as_text,
    "int": as_int,
    "float": as_float,
    "bool": bool,
    "lower": lower,
    "get": get,
}


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ValueError("文字太长")
    elif isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            raise ValueError("列表太长")
    elif isinstance(value, int | Decimal) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise ValueError("数太大")
    return value


def _numbers(left: Any, right: Any) -> None:
    if not isinstance(left, _NUMBERS) or not isinstance(right, _NUMBERS):
        raise ValueError("只能对数作加减乘除；日期的推算请用时限")
    _bounded(left)
    _bounded(right)


def add(left: Any, right: Any) -> Any:
    """Numbers are added; two texts or two lists are joined up to a length."""
    if isinstance(left, str) and isinstance(right, str):
        return _bounded(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return _bounded(left + right)
    _numbers(left, right)
    return _bounded(left + right)


def _of_numbers(fn: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def guarded(left: Any, right: Any) -> Any:
        _numbers(left, right)
        return _bounded(fn(left, right))

    return guarded


# The hidden names hold a space, so no diagram can write them and no data key is mistaken for them.
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "op add": add,
    "op subtract": _of_numbers(operator.sub),
    "op multiply": _of_numbers(operator.mul),
    "op divide": _of_numbers(operator.truediv),
    "op floor_divide": _of_numbers(operator.floordiv),
    "op modulo": _of_numbers(operator.mod),
}
