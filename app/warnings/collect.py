"""Concentrated problems of a county in a month, drafted from the petitions by stated rules. Figures are ours, words are the office's.

A group is a kind of problem, a polluter, or (where no polluter is named) a place. It becomes an item when at least one rule hits; each
limit is a setting and includes the number itself. Sealed petitions are never counted (``queries.groups``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.warnings import privacy, queries
from workflows.time import local, start_of_day

KINDS = ("source", "place", "kind")  # of two items with the same petitions the first says more
SHOWN = 60  # characters of a name in a title


@dataclass(frozen=True, slots=True)
class Window:
    """The month looked at and the two it is compared with: [from, until) each."""

    month: tuple[datetime, datetime]
    last_month: tuple[datetime, datetime]
    last_year: tuple[datetime, datetime]

    @classmethod
    def of(cls, month: str) -> Window:
        """``month`` as 2026-03."""
        first = date.fromisoformat(f"{month}-01")
        return cls(_span(first), _span((first - timedelta(days=1)).replace(day=1)), _span(first.replace(year=first.year - 1)))


@dataclass(slots=True)
class Item:
    """One group with its figures, the rules that hit, and the drafted words."""

    kind: str
    key: str
    name: str
    count: int
    last_month: int
    last_year: int
    repeats: int
    overdue: int
    unresolved: int
    households: int
    cases: list[UUID]
    reasons: list[dict[str, str]] = field(default_factory=list)
    title: str = ""
    text: str = ""

    @property
    def growth(self) -> int:
        return self.count - self.last_month


def month_before(day: date) -> str:
    """The month before that day's: 2026-03 in April."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def items(session: Session, county: str, month: str, limits: Mapping[str, int], kinds: Mapping[str, str], now: datetime) -> list[Item]:
    """The items of a county's warning, the most pressing first."""
    old = start_of_day(local(now).date() - timedelta(days=limits["unresolved_days"]))
    found = [Item(**row) for row in queries.groups(session, county, Window.of(month), old)]
    for item in found:
        item.reasons = reasons(item, limits)
    hit = _without_doubles([item for item in found if item.reasons])
    hit.sort(key=urgency)
    hit = hit[: limits["most_items"]]
    words = queries.secrets(session, [case for item in hit for case in item.cases])
    for item in hit:
        item.title = privacy.cover(_title(item, kinds), words)
        item.text = _text(item)
    return hit


def urgency(item: Item) -> tuple[Any, ...]:
    """Sorted by overdue, repeated, growth, count."""
    return (-item.overdue, -item.repeats, -item.growth, -item.count, KINDS.index(item.kind), item.key)


def reasons(item: Item, limits: Mapping[str, int]) -> list[dict[str, str]]:
    """The rules a group meets, each with the figure and the limit."""
    least = limits["least_count" if item.kind == "kind" else "least_cluster"]
    grown = item.count >= limits["growth_least"]
    checks = (
        ("count", item.count >= least, f"本月 {item.count} 件，达到 {least} 件"),
        (
            "households",
            item.kind != "kind" and item.households >= limits["least_households"],
            f"{item.households} 户反映，达到 {limits['least_households']} 户",
        ),
        (
            "growth_month",
            grown and _grew(item.count, item.last_month, limits["growth_month"]),
            f"比上月（{item.last_month} 件）增加 {item.growth} 件，达到 {limits['growth_month']}%",
        ),
        (
            "growth_year",
            grown and item.last_year > 0 and _grew(item.count, item.last_year, limits["growth_year"]),
            f"比去年同月（{item.last_year} 件）增加 {item.count - item.last_year} 件，达到 {limits['growth_year']}%",
        ),
        ("repeats", item.repeats >= limits["least_repeats"], f"重复信访 {item.repeats} 件，达到 {limits['least_repeats']} 件"),
        ("overdue", item.overdue >= limits["least_overdue"], f"超期未办结 {item.overdue} 件，达到 {limits['least_overdue']} 件"),
        (
            "unresolved",
            item.unresolved >= limits["least_unresolved"],
            f"超过 {limits['unresolved_days']} 天未办结 {item.unresolved} 件，达到 {limits['least_unresolved']} 件",
        ),
    )
    return [{"rule": rule, "text": said} for rule, hit, said in checks if hit]


def _grew(count: int, before: int, percent: int) -> bool:
    """By at least so many per cent; from nothing, any number is growth."""
    return count > before and (count - before) * 100 >= percent * before


def _without_doubles(found: list[Item]) -> list[Item]:
    """A kind whose petitions are all of one polluter or one place is that polluter's item."""
    seen: set[frozenset[UUID]] = set()
    kept = []
    for item in sorted(found, key=lambda one: (KINDS.index(one.kind), one.key)):
        cases = frozenset(item.cases)
        if cases not in seen:
            seen.add(cases)
            kept.append(item)
    return kept


def _title(item: Item, kinds: Mapping[str, str]) -> str:
    if item.kind == "kind":
        return f"{kinds.get(item.key, item.key)}问题"
    return f"{item.name[:SHOWN]}（{'同一污染源' if item.kind == 'source' else '同一地点'}）"


def _text(item: Item) -> str:
    """The figures in a sentence; those that are nothing are left out."""
    more = (
        (item.households, f"涉及 {item.households} 户"),
        (item.repeats, f"重复信访 {item.repeats} 件"),
        (item.overdue, f"超期未办结 {item.overdue} 件"),
        (item.unresolved, f"长期未办结 {item.unresolved} 件"),
    )
    said = [
        f"本月收到 {item.count} 件，上月 {item.last_month} 件，去年同月 {item.last_year} 件",
        *(words for number, words in more if number),
    ]
    return "；".join(said) + "。"


def _span(first: date) -> tuple[datetime, datetime]:
    return start_of_day(first), start_of_day((first + timedelta(days=31)).replace(day=1))
