"""What narrows a list: read from the address, written back into links. Unknown values are dropped, so no address can break a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflows.time import local

LIGHTS = {"red": "超期", "amber": "临近", "green": "正常", "none": "无时限"}
FACETS = ("kind", "county", "channel")
SEARCH_MOST = 60  # characters of a search text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind (or before) this row of the order. ``due`` is ISO text or ``infinity``."""

    due: str
    id: UUID

    @classmethod
    def read(cls, text: str) -> Place | None:
        due, _, id = text.rpartition("~")
        try:
            moment = due if due == "infinity" else datetime.fromisoformat(due).isoformat()
            return cls(moment, UUID(id))
        except ValueError:
            return None

    @classmethod
    def of(cls, due: datetime | None, id: UUID) -> Place:
        return cls(due.isoformat() if due else "infinity", id)

    def __str__(self) -> str:
        return f"{self.due}~{self.id}"


@dataclass(frozen=True, slots=True)
class Filter:
    """One narrowing of a list of tasks. An empty string means: all."""

    light: str = ""
    stage: str = ""
    kind: str = ""
    county: str = ""
    channel: str = ""
    unit: str = ""
    pool: str = ""  # "1": only what nobody has claimed
    week: str = ""  # "1": only what is due this week
    q: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Filter:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        if given["light"] not in LIGHTS:
            given["light"] = ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        """The address arguments of this filter with some changed."""
        changed = replace(self, **changes)
        return {f.name: value for f in fields(self) if (value := getattr(changed, f.name))}

    def set(self) -> dict[str, str]:
        """What is narrowed at all."""
        return self.having()

    def __bool__(self) -> bool:
        return bool(self.having())


def conditions(wanted: Filter, now: datetime) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions on a task ``t`` and their parameters."""
    found: list[str] = []
    params: dict[str, Any] = {"now": now}
    by_light = {
        "red": "coalesce(t.due_at, 'infinity') < :now",
        "amber": "coalesce(t.due_at, 'infinity') >= :now AND t.due_at IS NOT NULL AND t.warn_at <= :now",
        "green": "coalesce(t.due_at, 'infinity') >= :now AND t.due_at IS NOT NULL AND coalesce(t.warn_at, t.due_at) > :now",
        "none": "coalesce(t.due_at, 'infinity') = 'infinity'",
    }
    if wanted.light:
        found.append(by_light[wanted.light])
    if wanted.week:
        found.append("coalesce(t.due_at, 'infinity') <= :week")
        params["week"] = end_of_week(now)
    if wanted.stage:
        found.append("t.stage = :stage")
        params["stage"] = wanted.stage
    for name in (*FACETS, "unit"):
        if value := getattr(wanted, name):
            found.append(f"t.facets ->> '{name}' = :{name}")
            params[name] = value
    if wanted.q:
        found.append("(t.title ILIKE :q OR t.case_number ILIKE :q OR t.label ILIKE :q)")
        params["q"] = f"%{_plain(wanted.q)}%"
    return found, params


def end_of_week(now: datetime) -> datetime:
    """Sunday 24:00."""
    today = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def _plain(text: str) -> str:
    """% and _ are letters here, not patterns."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
