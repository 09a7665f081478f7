"""Clock rows → what the clock macro and the clocks panel show: words, moment, start and article."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app

from app import clockwords
from app.clockwords import ClockView
from workflows.time import local


def rule_of(rule: str, on: datetime) -> Any:
    """The deadline rule in force on that day; None for one that is not in the table any more."""
    engine = current_app.extensions.get("engine")
    if engine is None:
        return None
    try:
        return engine.rules.get(rule, local(on).date())
    except Exception:  # an old clock may name a rule that has left the table: the clock is still shown
        return None


def counted(rule: Any, from_at: datetime) -> str:
    """2026-11-05 收到之日，15 日: the day the period counts from, what happened that day, how long it is."""
    start = local(from_at)
    day = f"{start:%Y-%m-%d %H:%M}" if rule is not None and rule.unit == "hour" else f"{start:%Y-%m-%d}"
    return f"{day} {rule.counted_from}，{rule.period}" if rule is not None else day


def of_task(row: Any, clocks: Mapping[tuple[UUID, str], Any], now: datetime) -> ClockView:
    """The clock of a list row: the copy on the task decides the light, the clock row tells why."""
    clock = clocks.get((row.case_id, row.slot)) if row.slot else None
    rule = rule_of(clock.rule, clock.from_at) if clock is not None else None
    label = rule.label if rule is not None else "时限"
    if clock is not None and clock.status == "paused":
        return paused(clock, rule, now)
    return clockwords.view(
        row.due_at, row.warn_at, now, label,
        counted=counted(rule, clock.from_at) if clock is not None else "",
        citation=f"{rule.citation}：{rule.text}" if rule is not None else "",
        check=rule is not None and rule.status == "check",
    )  # fmt: skip


def paused(clock: Any, rule: Any, now: datetime) -> ClockView:
    """A clock that stands still by law: since when, and what is left of it."""
    since = clock.paused_at or now
    left = clock.due_at - since
    words = f"已暂停 {max((now - since).days, 0)} 天"
    exact = f"恢复后续算，余 {clockwords.span(left)}" if left.total_seconds() > 0 else "恢复后续算"
    return ClockView(
        light="paused", words=words, label=rule.label if rule else "时限", due=clock.due_at, exact=exact,
        counted=counted(rule, clock.from_at), citation=rule.citation if rule else "", check=bool(rule and rule.status == "check"),
    )  # fmt: skip
