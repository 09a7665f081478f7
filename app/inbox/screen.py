"""A form as it is drawn: fields with their value, error, choices and when they are shown. Templates get this and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.inbox.conditions import tree
from workflows.forms import Condition, Field, Form
from workflows.time import local

Choices = Sequence[tuple[str, str]]
Choose = Callable[[Field], Choices]  # the choices of a field with options_from
Words = Callable[[Field, str], str]  # what one value of such a field is called

RADIO_MOST = 4  # more choices than this, or longer ones, become a drop-down
RADIO_CHARS = 30
CHECKBOX_MOST = 16
LONG_TEXT = 500


@dataclass(slots=True)
class Problem:
    """A line of the error summary."""

    id: str
    label: str
    text: str


@dataclass(slots=True)
class Row:
    """One row of a ``rows`` field."""

    label: str
    fields: list[FieldView]


@dataclass(slots=True)
class FieldView:
    """One field on the page. ``value`` is what was typed or saved, as text; choices are (value, label)."""

    name: str
    label: str
    widget: str = "text"
    id: str = ""
    width: int = 6
    value: Any = None
    error: str = ""
    help: str = ""
    options: Choices = ()
    optional: bool = False
    shown: bool = True
    show_json: str = ""
    unit: str = ""
    placeholder: str = ""
    rows: int = 4
    input_type: str = "text"
    input_mode: str = ""
    step: str = ""
    autocomplete: str = "off"
    max_length: int | None = None
    disabled: bool = False
    multiple: bool = False
    lookup: str = ""
    shown_as: str = ""
    upload: str = ""
    picked: Choices = ()
    entries: list[Row] = field(default_factory=list)
    blank: Row | None = None
    add: str = ""
    yes: str = ""
    no: str = ""
    nothing: str = ""

    def chosen(self, option: str) -> bool:
        """Is this choice the value, or one of the values?"""
        if isinstance(self.value, bool):
            return option == ("true" if self.value else "false")
        if isinstance(self.value, list | tuple):
            return option in map(str, self.value)
        return self.value is not None and option == str(self.value)


@dataclass(slots=True)
class Screen:
    """A whole form: its fields in order and what is wrong with them."""

    fields: list[FieldView]
    problems: list[Problem]
    reload: bool = False  # some condition can only be judged by the server


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a drawn form gets what its definition only names."""

    choose: Choose = lambda field: ()
    files: Mapping[str, str] = field(default_factory=dict)  # id → name of files that may be picked or were uploaded
    upload: str = ""  # address a file is posted to
    lookups: Mapping[str, str] = field(default_factory=dict)  # widget → address of its typeahead
    case_name: Callable[[str], str] = lambda value: value


def draw(form: Form, values: Mapping[str, Any], context: Mapping[str, Any], errors: Mapping[str, str], sources: Sources) -> Screen:
    """The form with ``values`` in it. ``context`` is the process data its conditions may ask for."""
    known = {**context, **dict.fromkeys(form.fields), **values}
    fields, reload = [], False
    for one in form.fields.values():
        view = _draw_field(one, values.get(one.name), errors.get(one.name, ""), sources)
        view.shown = one.shown(known)
        if isinstance(one.show, Condition):
            node = tree(one.show.text, form.fields.keys(), context)
            reload = reload or node is None
            view.show_json = "" if node is None else json.dumps(node, ensure_ascii=False)
        fields.append(view)
    return Screen(fields, _problems(form, errors), reload)


def _problems(form: Form, errors: Mapping[str, str]) -> list[Problem]:
    found = []
    for name, text in errors.items():
        label = form.fields[name].label if name in form.fields else "提交"
        found.append(Problem(f"f-{name}" if name in form.fields else "step", label, text.removeprefix(f"{label}：")))
    order = list(form.fields)
    return sorted(found, key=lambda p: order.index(p.id[2:]) if p.id[2:] in order else -1)


def _draw_field(one: Field, value: Any, error: str, sources: Sources) -> FieldView:
    options: Choices = list((one.options or {}).items()) if one.options else sources.choose(one) if one.options_from else ()
    view = _plain(f"f-{one.name}", one.name, one.spec, value, options, sources)
    view.label, view.help, view.width = one.label, one.help or "", _width(one.width, view.widget)
    view.error = error.removeprefix(f"{one.label}：")
    view.optional = one.required is False and view.widget not in ("bool",) and one.default is None
    return view


def _width(wanted: int, widget: str) -> int:
    return 6 if widget in ("rows", "files") else wanted


def _plain(id: str, name: str, spec: Mapping[str, Any], value: Any, options: Choices, sources: Sources) -> FieldView:
    """A field from its schema alone: used for fields and for the cells of rows."""
    view = FieldView(name=name, label=str(spec.get("label", name)), id=id, value=value, options=options)
    view.widget = _widget(spec, options)
    view.unit, view.placeholder = str(spec.get("unit", "")), str(spec.get("placeholder", ""))
    view.max_length = spec.get("maxLength")
    view.yes, view.no, view.add = str(spec.get("yes", "")), str(spec.get("no", "")), str(spec.get("add", ""))
    _fill(view, spec, value, sources)
    return view


def _widget(spec: Mapping[str, Any], options: Choices) -> str:
    """The widget the definition names, else the one that suits the type."""
    named = {"enterprise": "suggest", "number": "text", "date": "text", "datetime": "text"}
    if spec.get("widget"):
        return named.get(spec["widget"], str(spec["widget"]))
    kind, items = spec.get("type"), spec.get("items") or {}
    if kind == "boolean":
        return "bool"
    if kind == "array":
        if items.get("type") == "object":
            return "rows"
        if options or spec.get("options_from"):
            return "checkboxes" if len(options) <= CHECKBOX_MOST else "select"
        return "files" if items.get("format") == "uuid" else "textarea"
    if options or spec.get("options_from"):
        short = len(options) <= RADIO_MOST and sum(len(label) for _, label in options) <= RADIO_CHARS
        return "radio" if options and short and not spec.get("options_from") else "select"
    if kind == "string" and not spec.get("format") and spec.get("maxLength", 0) >= LONG_TEXT:
        return "textarea"
    return "text"


def _fill(view: FieldView, spec: Mapping[str, Any], value: Any, sources: Sources) -> None:
    """What each widget needs besides its value."""
    view.multiple = spec.get("type") == "array"
    form = spec.get("format")
    if view.widget == "rows":
        _fill_rows(view, spec, value, sources)
    elif view.widget == "files":
        view.upload = sources.upload
        view.picked = [(str(id), sources.files.get(str(id), "已上传的文件")) for id in value or []]
    elif view.widget == "case":
        view.lookup = sources.lookups.get("case", "")
        view.shown_as = sources.case_name(str(value)) if value else ""
    elif view.widget == "suggest":
        view.lookup = sources.lookups.get(str(spec.get("widget")), "")
    elif view.widget == "textarea" and isinstance(value, list):
        view.value = "\n".join(map(str, value))
    elif form == "date-time":
        view.input_type, view.value = "datetime-local", _local_text(value)
    elif form == "date":
        view.input_type = "date"
    elif spec.get("type") in ("integer", "number"):
        view.input_mode = "numeric" if spec["type"] == "integer" else "decimal"


def _fill_rows(view: FieldView, spec: Mapping[str, Any], value: Any, sources: Sources) -> None:
    properties = spec.get("items", {}).get("properties") or {}
    required = spec.get("items", {}).get("required") or []

    def row(number: int | str, cells: Mapping[str, Any]) -> Row:
        fields = []
        for column, schema in properties.items():
            options: Choices = list(schema["options"].items()) if isinstance(schema.get("options"), dict) else ()
            name = f"{view.name}-{number}-{column}"
            cell = _plain(f"f-{name}", name, schema, cells.get(column), options, sources)
            cell.width = schema.get("width", _cell_width(len(properties)))
            cell.optional = column not in required and cell.widget != "bool"
            fields.append(cell)
        return Row(f"第 {number + 1} 行" if isinstance(number, int) else "新的一行", fields)

    given = value if isinstance(value, list) else []
    if not given and spec.get("required"):
        given = [{}]  # a list that must not be empty begins with its first line open
    view.entries = [row(i, cells if isinstance(cells, dict) else {}) for i, cells in enumerate(given)]
    view.blank = row("__i__", {})


def _cell_width(columns: int) -> int:
    return {1: 6, 2: 3, 3: 2, 4: 3}.get(columns, 2)


def _local_text(value: Any) -> str:
    """An ISO moment as a datetime-local box wants it."""
    if not value:
        return ""
    try:
        return local(datetime.fromisoformat(str(value))).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return str(value)


def shown_values(form: Form, answer: Mapping[str, Any], *, personal: bool = False, words: Words | None = None) -> list[tuple[str, str]]:
    """A finished answer as (label, text) lines; personal fields only where the caller may show them.

    ``words(field, value)``: what a value of a field with ``options_from`` is called.
    """
    lines = []
    for one in form.fields.values():
        value = answer.get(one.name)
        if value in (None, "", []) or (one.personal and not personal):
            continue
        if one.schema.get("format") in ("date-time",):
            text = _local_text(value).replace("T", " ")
        elif (one.schema.get("items") or {}).get("format") == "uuid":
            text = f"{len(value)} 个文件"
        elif words is not None and one.options_from:
            text = "、".join(words(one, str(each)) for each in (value if isinstance(value, list) else [value]))
        else:
            text = one.label_of(value)
        lines.append((one.label, text))
    return lines
