"""The clocks panel: every clock of the case with its light, words, moment and article."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import clockwords
from app.clockwords import Light
from app.inbox import clock_views
from workflows.tables import Clock

ENDED = {"lapsed": "不再适用", "superseded": "已由新的期限代替", "cancelled": "已取消"}


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One line of the panel. ``what`` says when, ``law`` why."""

    light: Light
    words: str
    label: str
    what: str
    law: str  # counted from, and what else there is to say
    exact: str
    citation: str
    check: bool = False
    living: bool = False


def lines(clocks: Iterable[Clock], now: datetime) -> list[ClockLine]:
    return [_line(clock, clock_views.rule_of(clock.rule, clock.from_at), now) for clock in clocks]


def _line(clock: Clock, rule: Any, now: datetime) -> ClockLine:
    label = rule.label if rule is not None else "时限"
    if clock.round > 1:
        label += f"（第 {clock.round} 轮）"
    law = f"{clock_views.counted(rule, clock.from_at)}。"
    citation = rule.citation if rule is not None else ""
    check = rule is not None and rule.status == "check"
    due = clockwords.short(clock.due_at, now)
    exact = clockwords.exact(clock.due_at)
    if clock.status == "running":
        light = clockwords.light(clock.due_at, clock.warn_at, now)
        return ClockLine(light, clockwords.words(clock.due_at, now), label, f"{due} 到期", law, exact, citation, check, True)
    if clock.status == "paused":
        view = clock_views.paused(clock, rule, now)
        reason = clock.pauses[-1] if clock.pauses else {}
        why = f"{reason.get('reason', '')}（{reason.get('by', '')} 批准）。" if reason else ""
        return ClockLine("paused", view.words, label, view.exact, why + law, exact, citation, check, True)
    if clock.status == "met":
        return _met(clock, label, law, due, exact, citation, check, now)
    words = ENDED.get(clock.status, "已结束")
    return ClockLine("grey", words, label, f"原 {due} 到期", (f"{clock.note}。" if clock.note else "") + law, exact, citation, check)


def _met(clock: Clock, label: str, law: str, due: str, exact: str, citation: str, check: bool, now: datetime) -> ClockLine:
    at = clock.ended_at or now
    done = clockwords.day(at, now)
    if at >= clock.due_at:
        return ClockLine("late", f"晚 {clockwords.span(at - clock.due_at)}", label, f"{done} 完成，{due} 到期", law, exact, citation, check)
    return ClockLine("met", "按期完成", label, f"{done} 完成，{due} 到期", law, exact, citation, check)


def worst(lines: Iterable[ClockLine]) -> ClockLine | None:
    """The living clock that is due first: the light in the header."""
    return next((line for line in lines if line.living), None)
