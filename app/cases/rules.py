"""The table of legal periods as people read it: grouped by procedure, with the article and its standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workflows.deadlines import Rules
from workflows.time import local

GROUPS = {"petition": "信访事项", "urgent": "紧急报告", "supervise": "督办", "leader": "领导包案", "transfer": "两法衔接"}
STANDING = {"law": "法定", "house": "局内规定", "check": "依据待核"}


@dataclass(frozen=True, slots=True)
class RuleLine:
    id: str
    label: str
    period: str
    start: str
    citation: str
    standing: str
    check: bool
    force: str
    text: str
    note: str
    now: bool


def groups(rules: Rules, now: datetime) -> list[tuple[str, list[RuleLine]]]:
    """(heading, lines) in the order of the file."""
    today = local(now).date()
    found: dict[str, list[RuleLine]] = {}
    for rule in rules:
        begin, end = rule.in_force_from, rule.in_force_to
        line = RuleLine(
            id=rule.id,
            label=rule.label,
            period=rule.period,
            start=rule.counted_from,
            citation=rule.citation,
            standing=STANDING.get(rule.status, rule.status),
            check=rule.status == "check",
            force=f"{begin or ''} 起" + (f"，至 {end}" if end else "") if begin else "",
            text=rule.text,
            note=rule.note or "",
            now=rule.in_force(today),
        )
        found.setdefault(GROUPS.get(rule.id.split(".")[0], "其他"), []).append(line)
    return list(found.items())
