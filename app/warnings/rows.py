"""Rows of the area's pages as templates and workbooks show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.models import Person
from app.clockwords import ClockView
from app.inbox.labels import COUNTIES
from app.inbox.queries import holder_names
from app.petitions.rows import clock as clock_view
from app.warnings import listing, queries, words
from app.warnings.models import CountyLetter, EarlyWarning, Problem
from workflows.tables import Clock
from workflows.time import end_of_day, local

NO_CLOCK = ClockView("grey", "无时限")
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Cell:
    """One county in one month: the light, the state in words, where it leads."""

    month: str
    url: str = ""
    light: str = ""
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WarningLine:
    """One warning in the list of a month."""

    url: str
    county: str
    number: str
    state: str
    over: bool
    clock: ClockView
    items: int
    letters: int
    sent: str
    receipt: str
    response: str
    problems: str
    problems_url: str
    late: int


def grid(
    found: Sequence[EarlyWarning], clocks: dict[UUID, Clock], counts: dict[UUID, tuple[int, int, int]], year: int, now: datetime
) -> list[Any]:
    """county → its twelve months; counties that never had one are there too, so that a gap is seen."""
    by = {(w.county, w.month): w for w in found}
    rows = []
    for code, name in COUNTIES.items():
        cells = []
        for number in MONTHS:
            month = f"{year}-{number:02d}"
            warning = by.get((code, month))
            cells.append(Cell(month) if warning is None else _cell(warning, clocks, counts, now))
        rows.append((name, cells))
    return rows


def _cell(w: EarlyWarning, clocks: dict[UUID, Clock], counts: dict[UUID, tuple[int, int, int]], now: datetime) -> Cell:
    url, clock = url_for("cases.show", case_id=w.case_id), clocks.get(w.case_id)
    total, done, late = counts.get(w.case_id, (0, 0, 0))
    if w.state == "nothing":
        return Cell(w.month, url, "grey", "无", "没有需要预警的")
    if w.state == "published":
        light = "red" if late else "met" if done == total else "green"
        return Cell(
            w.month, url, light, f"{done}/{total}", f"问题清单：已销号 {done} 个，共 {total} 个" + (f"，过期 {late} 个" if late else "")
        )
    view = clock_view(clock, now)
    return Cell(w.month, url, view.light, words.STATES[w.state].removeprefix("待"), f"{words.STATES[w.state]}，{view.words}")


def month_lines(session: Session, found: Sequence[EarlyWarning], now: datetime) -> list[WarningLine]:
    """The warnings of one month; a fixed number of queries."""
    ids = [w.case_id for w in found]
    clocks, items = listing.clocks_of(session, ids), listing.item_counts(session, ids)
    counts = listing.problem_counts(session, ids, local(now).date())
    lines = []
    for w in found:
        total, done, late = counts.get(w.case_id, (0, 0, 0))
        over, number = w.state in words.OVER, w.number or ("" if w.state == "nothing" else "未编号")
        clock = ClockView("met", "已办结") if over else clock_view(clocks.get(w.case_id), now)
        lines.append(
            WarningLine(
                url=url_for("cases.show", case_id=w.case_id), county=words.county(w.county), number=number,
                state=words.STATES[w.state], over=over, clock=clock,
                items=items.get(w.case_id, 0), letters=w.letters, sent=clockwords.moment(w.sent_at, now),
                receipt=clockwords.moment(w.receipt_at, now), response=clockwords.moment(w.response_at, now),
                problems=f"{done}/{total}" if total else "", late=late,
                problems_url=url_for("warnings.problems", view="all", county=w.county),
            )
        )  # fmt: skip
    return lines


# --- problems ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProblemLine:
    url: str
    number: str
    title: str
    standard: str
    county: str
    owner: str
    unit: str
    deadline: str
    clock: ClockView
    state: str
    step: str
    holder: str
    checks: int
    escalations: int
    tags: Sequence[str] = ()


def problem_lines(session: Session, found: Sequence[Any], now: datetime, warn_days: int) -> list[ProblemLine]:
    ids = [row.Problem.case_id for row in found]
    steps = listing.steps_of(session, ids)
    names, units = (
        holder_names(session, {row.holder for row in steps.values()}),
        queries.short_names(session, {row.Problem.unit for row in found}),
    )
    lines = []
    for p, case in ((row.Problem, row.Case) for row in found):
        step = steps.get(p.case_id)
        lines.append(
            ProblemLine(
                url=url_for("cases.show", case_id=p.case_id), number=p.number, title=p.title, standard=p.standard,
                county=words.county(p.county), owner=p.owner or "", unit=units.get(p.unit, ""), deadline=p.deadline.isoformat(),
                clock=problem_clock(p, now, warn_days), state=words.PROBLEM_STATES[p.state],
                step=step.label if step else "已销号" if p.state == "done" else "督办中" if p.state == "supervised" else "等下次调度",
                holder=(names.get(step.holder) or "待认领") if step else "", checks=p.checks, escalations=p.escalations, tags=case.tags,
            )
        )  # fmt: skip
    return lines


def problem_clock(p: Problem, now: datetime, warn_days: int) -> ClockView:
    """The light of a problem is the day it is to be done by; what is done says whether that was in time."""
    due = end_of_day(p.deadline)
    if p.state == "done":
        late = p.verified_at is not None and p.verified_at >= due
        return ClockView("late" if late else "met", "逾期销号" if late else "按期销号", "完成时限", due, clockwords.exact(due))
    warn = end_of_day(date.fromordinal(p.deadline.toordinal() - warn_days - 1))
    return clockwords.view(due, warn, now, "完成时限", citation="按区县书面回复确定的完成时限")


# --- a county's letters -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter as its county sees it."""

    url: str
    task_url: str
    number: str
    kind: str
    month: str
    text: str
    items: Sequence[dict[str, Any]]
    came: str
    state: str  # sign | answer | answered | replaced
    clock: ClockView
    receipt: str
    receipt_by: str
    response: str
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    note: str = ""


def letter_lines(session: Session, found: Sequence[Any], now: datetime) -> list[LetterLine]:
    """The letters of a county, with the light of what is owed next."""
    ids = [row.CountyLetter.case_id for row in found]
    clocks, tasks = listing.letter_clocks(session, ids), listing.tasks_of(session, ids)
    newest: set[UUID] = set()
    lines = []
    for letter, status in ((row.CountyLetter, row.status) for row in found):
        last = letter.case_id not in newest
        newest.add(letter.case_id)
        state = _state(letter, last, status)
        task = tasks.get(letter.case_id) if state in ("sign", "answer") else None
        lines.append(_letter(letter, state, clocks, task, now))
    return lines


def _state(letter: CountyLetter, last: bool, status: str) -> str:
    if letter.response_at is not None:
        return "answered"
    if not last or status == "closed":
        return "replaced"
    return "answer" if letter.receipt_at is not None else "sign"


def _letter(letter: CountyLetter, state: str, clocks: dict[Any, Clock], task: UUID | None, now: datetime) -> LetterLine:
    owed = clocks.get((letter.case_id, "receipt" if state == "sign" else "response", letter.number))
    shown = clock_view(owed, now) if owed is not None and state in ("sign", "answer") else NO_CLOCK
    if state == "answered" and owed is not None:
        late = letter.response_at is not None and letter.response_at >= owed.due_at
        shown = ClockView(
            "late" if late else "met", "逾期回复" if late else "按期回复", "书面回复", owed.due_at, clockwords.exact(owed.due_at)
        )
    return LetterLine(
        url=url_for("cases.show", case_id=letter.case_id), task_url=url_for("inbox.task", task_id=task) if task else "",
        number=letter.number, kind=words.LETTERS[letter.kind], month=words.month(letter.month), text=letter.text, items=letter.items,
        came=clockwords.moment(letter.received_at, now), state=state, clock=shown, receipt=clockwords.moment(letter.receipt_at, now),
        receipt_by=letter.receipt_by or "", response=clockwords.moment(letter.response_at, now),
        answers={row["item"]: row for row in letter.response}, note=letter.note or "",
    )  # fmt: skip


def governments_of(person: Person) -> list[str]:
    """The governments a person speaks for."""
    return sorted({post.organ_id for post in person.posts if post.role == "gov_liaison"})
