"""A form is a JSON Schema with labels, help and conditions of showing. The same form renders the page and checks what comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from .errors import FormError
from .expressions import EvalError, evaluate_form, names_in
from .time import local

SCHEMA_KEYS = (
    "type",
    "enum",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "items",
    "pattern",
)
# fromisoformat takes more (weeks, no hyphens, any year): only what people and browsers write is a date here
_DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_MINUTE = re.compile(_DAY.pattern + r"[T ]\d\d:\d\d")
_FORMATS = FormatChecker(formats=["uuid", "email"])


@_FORMATS.checks("date", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(_DAY.fullmatch(value) and date.fromisoformat(value))


@_FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or bool(_MINUTE.match(value) and datetime.fromisoformat(value))


@dataclass(frozen=True)
class Condition:
    """An expression over the form's values and the process data; a name without value is None."""

    text: str
    names: frozenset[str]

    @classmethod
    def of(cls, value: Any) -> Condition | bool:
        if isinstance(value, bool):
            return value
        text = str(value)
        return cls(text, frozenset(names_in(text)))

    def holds(self, values: Mapping[str, Any]) -> bool:
        return bool(self.value(values))

    def value(self, values: Mapping[str, Any]) -> Any:
        try:
            return evaluate_form(self.text, values)
        except EvalError:  # a comparison with a field that is still empty
            return None


def _true(condition: Condition | bool, values: Mapping[str, Any]) -> bool:
    return condition if isinstance(condition, bool) else condition.holds(values)


@dataclass
class Field:
    name: str
    label: str
    schema: dict[str, Any]
    options: dict[str, str] | None = None
    options_from: str | None = None
    widget: str | None = None
    width: int = 6
    required: Condition | bool = False
    show: Condition | bool = True
    default: Condition | bool | None = None
    help: str | None = None
    error: str | None = None
    personal: bool = False
    latest: str | None = None  # now, today or the name of another date field
    earliest: str | None = None
    spec: dict[str, Any] = field(default_factory=dict)  # everything the page may want besides: unit, placeholder, law …

    def shown(self, values: Mapping[str, Any]) -> bool:
        return _true(self.show, values)

    def is_required(self, values: Mapping[str, Any]) -> bool:
        return _true(self.required, values)

    def label_of(self, value: Any) -> str:
        """The value as a person reads it."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return str(self.spec.get("yes", "是")) if value else str(self.spec.get("no", "否"))
        if isinstance(value, list):
            return ("；" if any(isinstance(v, dict) for v in value) else "、").join(self.label_of(v) for v in value)
        if isinstance(value, dict):
            return "，".join(filter(None, (_cell(spec, value.get(name)) for name, spec in self._columns(value).items())))
        return (self.options or {}).get(str(value), str(value))

    def _columns(self, row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The cells of a row in the order of the form; the database keeps another."""
        known: dict[str, dict[str, Any]] = (self.schema.get("items") or {}).get("properties") or {}
        return {**known, **{name: {} for name in row if name not in known}}


def _cell(spec: Mapping[str, Any], value: Any) -> str:
    """One cell of a row as a person reads it. A number says what it counts; of files only how many there are."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return str(spec.get("yes", "是")) if value else str(spec.get("no", "否"))
    if isinstance(value, list):
        files = (spec.get("items") or {}).get("format") == "uuid"
        return f"{len(value)} 个文件" if files else "、".join(str(one) for one in value)
    said = str((spec.get("options") or {}).get(str(value), value))
    return f"{spec['label']} {said}" if spec.get("type") in ("number", "integer") and spec.get("label") else said


@dataclass
class ClockAct:
    """What a completed form does to a clock: start by ``rule``, or meet; ``at`` is a field or ``now``."""

    at: str
    when: Condition | bool
    rule: str | None = None
    days: str | int | None = None
    until: str | None = None

    @classmethod
    def of(cls, value: Any, key: str) -> ClockAct:
        spec = {key: value} if isinstance(value, str) else value
        return cls(spec.get(key, "now"), Condition.of(spec.get("when", True)), spec.get("rule"), spec.get("days"), spec.get("until"))

    def applies(self, values: Mapping[str, Any]) -> bool:
        return _true(self.when, values)


@dataclass
class CrossRule:
    field: str
    unless: Condition | bool
    say: str
    law: str | None = None


@dataclass
class PaperRule:
    """A paper (文书) the completed step issues: of ``kind``, or of the kind an expression gives, when ``when`` holds."""

    kind: str | None
    kind_from: Condition | bool | None
    when: Condition | bool
    spec: dict[str, Any]

    def kind_for(self, values: Mapping[str, Any]) -> str | None:
        if not _true(self.when, values):
            return None
        if isinstance(self.kind_from, Condition):
            value = self.kind_from.value(values)
            return str(value) if value else None
        return self.kind


@dataclass
class Form:
    """Everything a human task is to a person, and what its completion does."""

    element: str
    label: str
    stage: str | None
    fields: dict[str, Field]
    rules: list[CrossRule]
    data: list[str]
    sets: dict[str, str]
    starts: dict[str, ClockAct]
    meets: dict[str, ClockAct]
    papers: list[PaperRule]
    clock: str | None
    opens: dict[str, str]
    on_complete: str | None
    submit: str
    help: str | None
    spec: dict[str, Any]
    _validator: Draft202012Validator = field(repr=False, default=None)

    @classmethod
    def parse(cls, element: str, spec: dict[str, Any]) -> Form:
        fields = {name: _field(name, f) for name, f in (spec.get("fields") or {}).items()}
        papers = spec.get("paper") or []
        form = cls(
            element=element,
            label=spec.get("label", element),
            stage=spec.get("stage"),
            fields=fields,
            rules=[CrossRule(r["field"], Condition.of(r["unless"]), r["say"], r.get("law")) for r in spec.get("rules") or []],
            data=list(spec.get("data") or []),
            sets=dict(spec.get("sets") or {}),
            starts={k: ClockAct.of(v, "from") for k, v in (spec.get("starts") or {}).items()},
            meets={k: ClockAct.of(v, "at") for k, v in (spec.get("meets") or {}).items()},
            papers=[_paper(p) for p in ([papers] if isinstance(papers, dict) else papers)],
            clock=spec.get("clock"),
            opens=dict(spec.get("opens") or {}),
            on_complete=spec.get("on_complete"),
            submit=spec.get("submit", "提交"),
            help=spec.get("help"),
            spec=spec,
        )
        form._validator = Draft202012Validator(
            {"type": "object", "properties": {n: f.schema for n, f in fields.items()}}, format_checker=_FORMATS
        )
        return form

    def slot(self, data: Mapping[str, Any]) -> str | None:
        """The clock its task shows: ``clock``, or the slot that the variable ``clock_from`` names just then."""
        named = self.spec.get("clock_from")
        return str(data.get(named) or self.clock) if named else self.clock

    def expressions(self) -> list[Condition]:
        """Every expression of the form, for the check at load."""
        found: list[Any] = [c for f in self.fields.values() for c in (f.required, f.show, f.default)]
        found += [r.unless for r in self.rules] + [c for p in self.papers for c in (p.kind_from, p.when)]
        found += [a.when for a in (*self.starts.values(), *self.meets.values())]
        return [c for c in found if isinstance(c, Condition)]

    def defaults(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """What the fields hold before anybody typed."""
        out = {}
        for f in self.fields.values():
            value = f.default.value(context) if isinstance(f.default, Condition) else f.default
            days = context.get(str(f.spec.get("default_days")))
            if isinstance(days, int) and context.get("today"):
                value = (date.fromisoformat(str(context["today"])) + timedelta(days=days)).isoformat()
            if value is not None:
                out[f.name] = value
        return out

    def check(self, answer: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        """The answer cleaned: only fields of this form that are shown, empties left out. Raises FormError."""
        given = {k: v for k, v in answer.items() if k in self.fields and not _empty(v)}
        values = {**context, **given}
        for name in self.fields:
            if name not in given:
                values[name] = None
        errors: dict[str, str] = {}
        for f in self.fields.values():
            if not f.shown(values):
                given.pop(f.name, None)
                values[f.name] = None
            elif f.name not in given and f.is_required(values):
                errors[f.name] = f.error or _missing(f)
        for e in self._validator.iter_errors(given):
            name = str(e.path[0]) if e.path else ""
            errors.setdefault(name, self.fields[name].error or _say(e, self.fields[name]))
        for f in self.fields.values():
            if f.name in given and f.name not in errors and (say := _outside(f, given[f.name], values)):
                errors[f.name] = say
        if not errors:
            for rule in self.rules:
                if rule.field not in errors and not _true(rule.unless, values):
                    errors[rule.field] = rule.say + (f"（{rule.law}）" if rule.law else "")
        if errors:
            raise FormError(errors)
        return given


def _field(name: str, spec: dict[str, Any]) -> Field:
    schema = {k: spec[k] for k in SCHEMA_KEYS if k in spec}
    options = {str(k): str(v) for k, v in spec["options"].items()} if isinstance(spec.get("options"), dict) else None
    if options:
        if schema.get("type") == "array":
            schema.setdefault("items", {"enum": list(options)})
        else:
            schema.setdefault("enum", list(options))
    if schema.get("type") == "string":
        schema.setdefault("maxLength", 5000)
    default = spec.get("default")
    return Field(
        name=name,
        label=spec.get("label", name),
        schema=schema,
        options=options,
        options_from=spec.get("options_from"),
        widget=spec.get("widget"),
        width=spec.get("width", 6),
        required=Condition.of(spec.get("required", False)),
        show=Condition.of(spec.get("show", True)),
        default=Condition.of(default) if default is not None else None,
        help=spec.get("help"),
        error=spec.get("error"),
        personal=bool(spec.get("personal")),
        latest=spec.get("latest"),
        earliest=spec.get("earliest"),
        spec=spec,
    )


def _paper(spec: dict[str, Any]) -> PaperRule:
    kind_from = spec.get("kind_from")
    return PaperRule(spec.get("kind"), Condition.of(kind_from) if kind_from else None, Condition.of(spec.get("when", True)), spec)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def _missing(f: Field) -> str:
    verb = "请选择" if f.options or f.options_from or f.schema.get("type") == "boolean" else "请填写"
    return f"{verb}{f.label}"


def _outside(f: Field, value: Any, values: Mapping[str, Any]) -> str | None:
    """A date after ``latest`` or before ``earliest``: what to enter instead."""
    for bound, word in ((f.latest, "晚"), (f.earliest, "早")):
        limit = values.get(bound) if bound else None
        if not limit:
            continue
        try:
            given, edge = _moment(value), _moment(limit)
        except ValueError:  # the other date is itself not one: its own field says so
            continue
        if len(str(value)) <= 10 or len(str(limit)) <= 10:
            given, edge = given.replace(hour=0, minute=0, second=0, microsecond=0), edge.replace(hour=0, minute=0, second=0, microsecond=0)
        if (word == "晚" and given > edge) or (word == "早" and given < edge):
            return f.error or f"{f.label}不能{word}于 {str(limit)[:16].replace('T', ' ')}"
    return None


def _moment(value: Any) -> datetime:
    return local(datetime.fromisoformat(str(value)))


def _say(e: ValidationError, f: Field) -> str:
    """The library's complaint in words that say what to enter."""
    value, kind = e.validator_value, e.validator
    say = {
        "minLength": f"至少 {value} 个字",
        "maxLength": f"最多 {value} 个字",
        "minimum": f"不能小于 {value}",
        "maximum": f"不能大于 {value}",
        "exclusiveMinimum": f"要大于 {value}",
        "minItems": f"至少 {value} 项",
        "maxItems": f"最多 {value} 项",
        "uniqueItems": "有重复的项",
        "enum": "请从列出的选项中选择",
        "pattern": "格式不对",
        "required": "有没填的项",
    }.get(str(kind))
    if say is None and kind == "format":
        say = "请填写日期，如 2026-10-15" if value == "date" else "请填写时间，如 2026-10-15 09:30" if value == "date-time" else "格式不对"
    if say is None and kind == "type":
        say = "请填写数字" if value in ("integer", "number") else "填写的内容不合要求"
    return f"{f.label}：{say or '填写的内容不合要求'}"
