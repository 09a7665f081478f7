"""The leader's desk: whose desk it is, what the leader owns, the next reception days. What waits for decision is in ``desk_asks``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts import secretaries
from app.accounts.models import Person
from app.clockwords import ClockView
from app.inbox import clock_views
from app.inbox import queries as inbox_queries
from app.leadership import ledger, queries, reception_lines
from app.leadership.ledger import Filters
from app.leadership.models import LeaderMonth, ReceptionDay
from app.leadership.reception_lines import VisitorLine
from workflows.tables import Clock
from workflows.time import local

IN_CHARGE = ("leader", "organ_head")
OWN_MOST = 30  # files shown on the desk; the ledger has them all
DAYS_MOST = 2
BESIDE = ("progress", "keep_promise")  # steps with a column of their own


@dataclass(frozen=True, slots=True)
class Own:
    """One file the leader owns."""

    case_id: UUID
    url: str
    number: str
    title: str
    clock: ClockView  # of the step the file has to reach next: meeting, plan
    status: str
    unit: str
    handler: str
    deadline: str
    step: str
    visits: str
    month: ClockView  # only light and words are shown


@dataclass(frozen=True, slots=True)
class Day:
    """One reception day with who comes."""

    id: UUID
    title: str
    place: str
    url: str
    visitors: Sequence[VisitorLine]


def leaders_for(session: Session, person: Person) -> list[Person]:
    """Whose desks this person may open: their own first, then the leaders they prepare for."""
    own = [person] if any(person.has_role(role) for role in IN_CHARGE) else []
    return [*own, *(one for one in secretaries.leaders_of(session, person) if one.id != person.id)]


def chosen(leaders: Sequence[Person], wanted: str) -> Person | None:
    """The leader whose desk is asked for; the first without a wish; None when the wish is for somebody else's."""
    if not wanted:
        return leaders[0] if leaders else None
    return next((one for one in leaders if str(one.id) == wanted), None)


def own(session: Session, leader: Person, viewer: Person, now: datetime) -> tuple[list[Own], int]:
    """The open files of the leader as the ledger has them, and how many there are."""
    found = ledger.rows(session, viewer, Filters(owner=str(leader.id), state="open"), limit=OWN_MOST)
    ids = [row.case_id for row in found.rows]
    steps = queries.next_steps(session, ids, BESIDE)
    names = inbox_queries.holder_names(session, {step.holder for step in steps.values()})
    visits, months, clocks = queries.last_visits(session, ids), queries.months(session, ids), queries.running_clocks(session, ids)
    lines = []
    for row in found.rows:
        step = steps.get(row.case_id)
        lines.append(
            Own(
                case_id=row.case_id, url=url_for("cases.show", case_id=row.case_id), number=row.cells.get("number", ""),
                title=row.cells.get("title", ""), clock=_clock(clocks.get(row.case_id, ()), now), status=row.cells.get("status", ""),
                unit=row.cells.get("unit", ""), handler=row.cells.get("handler", ""), deadline=row.cells.get("deadline", ""),
                step=_step(step, leader, viewer, names), visits=_visits(visits.get(row.case_id), now),
                month=month_words(months.get(row.case_id, ()), clocks.get(row.case_id, ()), now),
            )
        )  # fmt: skip
    return lines, found.total


def _clock(running: Sequence[Clock], now: datetime) -> ClockView:
    """The clock of the whole file; months and promises have their own."""
    clock = next((c for c in running if not c.letter), None)
    if clock is None:
        return ClockView("grey", "时限未定")
    rule = clock_views.rule_of(clock.rule, clock.from_at)
    return clockwords.view(
        clock.due_at, clock.warn_at, now, rule.label if rule else "时限", counted=clock_views.counted(rule, clock.from_at),
        citation=f"{rule.citation}：{rule.text}" if rule else "", check=rule is not None and rule.status == "check",
    )  # fmt: skip


def _step(step: Any, leader: Person, viewer: Person, names: dict[str, str]) -> str:
    if step is None:
        return ""
    mine = "等您办" if leader.id == viewer.id else leader.name
    who = mine if step.holder in leader.holder_keys() else names.get(step.holder) or "待认领"
    return f"{step.label}（{who}）"


def _visits(row: Any, now: datetime) -> str:
    if row is None:
        return "还没有接访"
    return f"接访下访 {row.times} 次，上次 {clockwords.day(row.last, now)}"


def month_words(found: Sequence[LeaderMonth], running: Sequence[Clock], now: datetime) -> ClockView:
    """How the monthly report stands: a missed month first, then this month's, then the last one that was given."""
    missed = [m for m in found if m.missed and m.reported_at is None]
    if missed:
        named = "、".join(f"{int(m.month[5:])} 月" for m in reversed(missed[:3]))
        return ClockView("red", f"{named}未报")
    if not found:
        return ClockView("grey", "未到报告月")
    newest = found[0]
    if newest.reported_at is not None:
        return ClockView("met", f"{clockwords.day(newest.reported_at, now)} 已报")
    clock = next((c for c in running if c.slot == "progress" and c.letter == newest.month), None)
    if clock is None:
        return ClockView("grey", "本月未报")
    return ClockView(clockwords.light(clock.due_at, clock.warn_at, now), f"{clockwords.words(clock.due_at, now)}")


def days(session: Session, leader: Person, viewer: Person, now: datetime) -> list[Day]:
    """The next reception days with who comes."""
    found = queries.coming_days(session, leader.id, local(now).date(), DAYS_MOST)
    visitors = queries.visitors_of(session, [day.id for day in found])
    return [_day(session, day, visitors.get(day.id, ()), viewer, now) for day in found]


def _day(session: Session, day: ReceptionDay, visitors: Sequence[Any], viewer: Person, now: datetime) -> Day:
    title = f"接访日 {day.day.month}月{day.day.day}日 周{clockwords.WEEKDAYS[day.day.weekday()]}"
    place = f"{day.starts:%H:%M} {day.place}"
    return Day(
        day.id, title, place, url_for("leadership.reception", day_id=day.id), reception_lines.of(session, day, visitors, viewer, now)
    )


def numbers_url() -> str:
    """The address of the numbers panel, where that area has one; else an empty string."""
    return url_for("numbers.panel") if "numbers.panel" in current_app.view_functions else ""
