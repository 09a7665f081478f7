"""The rule by which a walk fills a form: what is given stays; shown fields take their default; required ones the first that fits.

First of the options, yes, the smallest number, today, now, and for a text its own label repeated to the length asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.forms import Condition, Field, Form

Choose = Callable[[Field, Mapping[str, Any]], Any]  # a value of a field whose choices the app knows
PADDING = "，情况已经核实，记录在卷"


def fill(form: Form, context: Mapping[str, Any], given: Mapping[str, Any], choose: Choose) -> dict[str, Any]:
    """A complete answer. A field given as None is left empty on purpose."""
    empty = {name for name, value in given.items() if value is None}
    answer = {name: value for name, value in form.defaults(context).items() if name not in given and value != ""}
    answer |= {name: value for name, value in given.items() if value is not None}
    for _ in form.fields:
        before = dict(answer)
        for f in form.fields.values():
            values = {**context, **dict.fromkeys(form.fields), **answer}
            if f.name in answer or f.name in empty or not f.shown(values):
                continue
            value = f.default.value(values) if isinstance(f.default, Condition) else f.default
            if value in (None, "") and f.is_required(values):
                value = _sample(f, values, choose)
            if value not in (None, ""):
                answer[f.name] = value
        if answer == before:
            break
    values = {**context, **dict.fromkeys(form.fields), **answer}
    return {name: value for name, value in answer.items() if name not in form.fields or form.fields[name].shown(values)}


def _sample(f: Field, values: Mapping[str, Any], choose: Choose) -> Any:
    if f.options_from or f.schema.get("format") == "uuid":
        value = choose(f, values)
        return [value] if f.schema.get("type") == "array" and not isinstance(value, list) else value
    return _by_schema(f.label, {**f.schema}, values)


def _by_schema(label: str, schema: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if schema.get("enum"):
        return schema["enum"][0]
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "array":
        return [_item(label, schema["items"], n, values) for n in range(max(1, schema.get("minItems", 1)))]
    if schema.get("format") in ("date", "date-time"):
        return values.get("today" if schema["format"] == "date" else "now")
    text = label
    while len(text) < schema.get("minLength", 0):
        text += PADDING
    return text[: schema.get("maxLength", len(text))]


def _item(label: str, schema: Mapping[str, Any], number: int, values: Mapping[str, Any]) -> Any:
    if schema.get("type") != "object":
        return _by_schema(label, schema, values)
    columns = schema["properties"]
    return {
        name: f"{_by_schema(columns[name].get('label', name), columns[name], values)}{number + 1}" for name in schema.get("required", [])
    }
