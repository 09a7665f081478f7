"""The table of periods (期限): ``bpmn/deadlines.yaml`` read and checked. No other place in the product holds a number of days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from . import yamltext
from .errors import NotFound

UNITS = ("day", "workday", "hour", "month", "month_end", "once", "set")
UNIT_LABELS = {"day": "日", "workday": "个工作日", "hour": "小时", "month": "个月"}
STATUS_LABELS = {"law": "", "house": "本局规定", "check": "依据待核"}

_DATE = {"type": ["string", "null"], "format": "date"}
_COUNT = {"type": ["integer", "null"], "minimum": 1, "maximum": 3660}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rules"],
    "properties": {
        "rules": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label", "amount", "unit", "from", "citation", "text", "status", "in_force", "pausable_by"],
                "properties": {
                    "id": {"type": "string", "pattern": r"^[a-z_]+\.[a-z_]+$"},
                    "label": {"type": "string", "minLength": 2},
                    "amount": _COUNT,
                    "unit": {"enum": list(UNITS)},
                    "from": {"type": "string", "minLength": 2},
                    "citation": {"type": "string", "minLength": 4},
                    "text": {"type": "string", "minLength": 4},
                    "status": {"enum": list(STATUS_LABELS)},
                    "in_force": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["from", "to"],
                        "properties": {"from": _DATE, "to": _DATE},
                    },
                    "pausable_by": {"type": "array", "items": {"type": "string"}},
                    "limit": _COUNT,
                    "repeats": {"type": "boolean"},
                    "warn_days": {"type": "integer", "minimum": 0},
                    "note": {"type": "string"},
                },
            },
        }
    },
}


class RulesError(ValueError):
    """The table cannot be used; each line of the message names file and line."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One period as one text orders it. ``amount`` is None where each item sets its own."""

    id: str
    label: str
    amount: int | None
    unit: str
    counted_from: str
    citation: str
    text: str
    status: str
    in_force_from: date | None
    in_force_to: date | None
    pausable_by: tuple[str, ...] = ()
    limit: int | None = None  # the most that may be set, in the rule's unit (a set one counts days)
    repeats: bool = False
    warn_days: int | None = None
    note: str | None = None

    def length(self, amount: int | None = None) -> int:
        """How many units the period has; raises ValueError when that is open or above the limit."""
        number = self.amount if amount is None else amount
        if number is None:
            if self.unit in ("once", "month_end"):
                return 0
            raise ValueError(f"“{self.label}”的期限逐件确定，没有给出天数")
        if number < 1:
            raise ValueError(f"“{self.label}”的期限至少为 1")
        if self.limit is not None and number > self.limit:
            raise ValueError(f"“{self.label}”不得超过 {self.limit} {UNIT_LABELS.get(self.unit, '日')}（{self.citation}）")
        return number

    def in_force(self, on: date) -> bool:
        return (self.in_force_from is None or self.in_force_from <= on) and (self.in_force_to is None or on <= self.in_force_to)

    @property
    def period(self) -> str:
        """The period in words: 15 日, 5 个工作日, 2 个月, 逐件确定."""
        if self.unit == "once":
            return "当即"
        if self.unit == "month_end":
            return "当月最后一日"
        if self.amount is None:
            return f"逐件确定，不超过 {self.limit} 日" if self.limit else "逐件确定"
        return f"{self.amount} {UNIT_LABELS[self.unit]}"

    @property
    def source(self) -> str:
        """The citation with what is still to be said of it: 《信访工作条例》第四十条（期限为本局规定）."""
        mark = STATUS_LABELS[self.status]
        if not mark or mark in self.citation:
            return self.citation
        return f"{self.citation}（{'期限为' if self.status == 'house' else ''}{mark}）"


class Rules:
    """All rules by id; an id has several versions when the law changed."""

    def __init__(self, rules: list[Rule]) -> None:
        self._by_id: dict[str, list[Rule]] = {}
        for rule in rules:
            self._by_id.setdefault(rule.id, []).append(rule)

    @classmethod
    def load(cls, path: Path) -> Rules:
        """Read and check the table; raises RulesError with file and line of every mistake."""
        text = path.read_text(encoding="utf-8")
        try:
            root, data = yaml.compose(text, Loader=yamltext.LOADER), yaml.load(text, Loader=_PlainDates)
        except yaml.YAMLError as error:
            raise RulesError(f"{path}: {error}") from None
        found = [
            (_line(root, list(error.absolute_path)), error.message)
            for error in Draft202012Validator(SCHEMA, format_checker=FormatChecker()).iter_errors(data)
        ]
        if not found:
            found = _contradictions(data["rules"], root)
        if found:
            raise RulesError("\n".join(f"{path}:{line}: {why}" for line, why in sorted(found)))
        return cls([_rule(entry) for entry in data["rules"]])

    def get(self, id: str, on: date) -> Rule:
        """The version in force on the day; raises NotFound naming the id and the day."""
        for rule in self._by_id.get(id, ()):
            if rule.in_force(on):
                return rule
        raise NotFound(f"时限表中没有 {on:%Y-%m-%d} 有效的“{id}”。")

    def versions(self, id: str) -> list[Rule]:
        return list(self._by_id.get(id, ()))

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __iter__(self) -> Iterator[Rule]:
        for versions in self._by_id.values():
            yield from versions

    def ids(self) -> set[str]:
        return set(self._by_id)


class _PlainDates(yamltext.LOADER):
    """YAML with dates left as text, so the schema can say what is wrong with them."""


_PlainDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yamltext.LOADER.yaml_implicit_resolvers.items()
}


def _rule(entry: dict[str, Any]) -> Rule:
    force = entry["in_force"]
    return Rule(
        id=entry["id"],
        label=entry["label"],
        amount=entry["amount"],
        unit=entry["unit"],
        counted_from=entry["from"],
        citation=entry["citation"],
        text=entry["text"],
        status=entry["status"],
        in_force_from=_date(force["from"]),
        in_force_to=_date(force["to"]),
        pausable_by=tuple(entry["pausable_by"]),
        limit=entry.get("limit"),
        repeats=entry.get("repeats", False),
        warn_days=entry.get("warn_days"),
        note=entry.get("note"),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _contradictions(entries: list[dict[str, Any]], root: yaml.Node | None) -> list[tuple[int, str]]:
    """What the schema cannot see: amounts that do not go with their unit, versions of one id in force on the same day."""
    found: list[tuple[int, str]] = []
    for at, entry in enumerate(entries):
        line = _line(root, ["rules", at])
        open_amount = entry["unit"] in ("set", "once", "month_end")
        if (entry["amount"] is None) != open_amount:
            found.append((line, f"{entry['id']}: 单位 {entry['unit']} {'不写' if open_amount else '必须写'}数量 amount"))
        start, end = _span(entry)
        if start > end:
            found.append((line, f"{entry['id']}: 施行日期晚于失效日期"))
        for other in entries[:at]:
            first, last = _span(other)
            if other["id"] == entry["id"] and first <= end and start <= last:
                found.append((line, f"{entry['id']}: 与前一条同一天有效"))
    return found


def _span(entry: dict[str, Any]) -> tuple[date, date]:
    force = entry["in_force"]
    return _date(force["from"]) or date.min, _date(force["to"]) or date.max


def _line(node: yaml.Node | None, path: list[Any]) -> int:
    """The line of what a path of keys and indexes leads to; of the nearest thing above it when it is missing."""
    for step in path:
        following = None
        if isinstance(node, yaml.MappingNode):
            following = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            following = node.value[step]
        if following is None:
            break
        node = following
    return node.start_mark.line + 1 if node is not None else 1
