"""Lists of detention files: the bureau's, and the rows for the desk of the police."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.directory import directory
from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.clockwords import ClockView
from app.inbox.queries import holder_names
from app.petitions.rows import clock
from app.transfers.detention_grounds import items
from app.transfers.detention_words import OUTCOMES, POLICE_STATES
from app.transfers.models import Detention, DetentionPolice
from app.transfers.words import DETENTION_STATES
from workflows.tables import Case, Clock, Task

PAGE = 50
STATES = {"open": "在办", "closed": "已办结", "all": "全部"}
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "facts": ("待填事实", ("facts",)),
    "wait": ("等前置决定", ("wait",)),
    "approval": ("审批", ("form", "decide")),
    "send": ("待移送", ("send", "supply")),
    "police": ("等公安", ("police",)),
    "filing": ("待归档、结案", ("copies", "returned")),
}
OVER = ClockView("met", "已办结")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One narrowing, read from the address; unknown values are dropped."""

    state: str = "open"
    group: str = ""
    page: int = 0

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Wanted:
        state, group, start = args.get("state", "open"), args.get("group", ""), args.get("page", "0")
        number = int(start) if start.isdecimal() and len(start) < 5 else 0
        return cls(state if state in STATES else "open", group if group in GROUPS else "", number)

    def having(self, **changes: str) -> dict[str, str]:
        given = {"state": self.state if self.state != "open" else "", "group": self.group, **changes}
        return {name: value for name, value in given.items() if value and (name, value) != ("state", "open")}


@dataclass(frozen=True, slots=True)
class Row:
    """One file of the list, the bureau's or the police's. ``task_url``: the open step, where there is one."""

    case_id: UUID
    url: str
    task_url: str
    number: str
    title: str
    tags: Sequence[str]
    clock: ClockView
    step: str
    holder: str
    other: str  # the police for the bureau, the bureau for the police
    grounds: str
    day: str


def page(session: Session, person: Person, wanted: Wanted, moment: datetime) -> tuple[list[Row], int, dict[str, int]]:
    """One page of the bureau's files, how many there are, how many by group."""
    query: Any = select(Detention, Case).join(Case, Case.id == Detention.case_id).where(visible_cases(person))
    if wanted.state != "all":
        query = query.where(Detention.closed_at.is_(None) if wanted.state == "open" else Detention.closed_at.is_not(None))
    inner = query.with_only_columns(Detention.state.label("state")).subquery()
    columns = [func.count().filter(inner.c.state.in_(states)).label(name) for name, (_, states) in GROUPS.items()]
    counted = {name: int(n) for name, n in session.execute(select(*columns).select_from(inner)).one()._mapping.items()}
    if wanted.group:
        query = query.where(Detention.state.in_(GROUPS[wanted.group][1]))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (func.coalesce(_due(Detention.case_id), func.now() + func.make_interval(100)), Detention.opened_at.desc(), Detention.case_id)
    found = session.execute(query.order_by(*order).limit(PAGE).offset(wanted.page * PAGE)).all()
    return _bureau(session, found, moment), total, counted


def _due(case_id: Any) -> Any:
    return select(func.min(Clock.due_at)).where(Clock.case_id == case_id, Clock.status == "running").scalar_subquery()


def _bureau(session: Session, found: Sequence[Any], moment: datetime) -> list[Row]:
    clocks, tasks = _of_cases(session, [row.Case.id for row in found])
    names = holder_names(session, {task.holder for task in tasks.values()})
    made = []
    for row in found:
        d, over, task = row.Detention, row.Detention.closed_at is not None, tasks.get(row.Case.id)
        state = OUTCOMES.get(d.outcome or "", "已办结") if over else task.label if task else DETENTION_STATES.get(d.state, "")
        made.append(
            _row(
                row.Case, task, clocks, names, moment, over, state, directory.name(session, d.police) if d.police else "",
                "、".join(items([*d.grounds, *d.other_law])), d.opened_at,
            )
        )  # fmt: skip
    return made


def police_rows(session: Session, person: Person, moment: datetime, *, closed: bool = False) -> list[Row]:
    """For the desk of the police: transfers for detention that organ received, the most urgent first."""
    query = select(DetentionPolice, Case).join(Case, Case.id == DetentionPolice.case_id).where(visible_cases(person))
    query = query.where(Case.status == ("closed" if closed else "open"))
    order = (func.coalesce(_due(DetentionPolice.case_id), func.now() + func.make_interval(100)), DetentionPolice.arrived_at.desc())
    found = session.execute(query.order_by(*order).limit(PAGE)).all()
    clocks, tasks = _of_cases(session, [row.Case.id for row in found])
    names = holder_names(session, {task.holder for task in tasks.values()})
    return [
        _row(
            row.Case, tasks.get(row.Case.id), clocks, names, moment, closed,
            POLICE_STATES.get(row.DetentionPolice.state, row.DetentionPolice.state), directory.name(session, row.DetentionPolice.bureau),
            "", row.DetentionPolice.arrived_at,
        )
        for row in found
    ]  # fmt: skip


def _of_cases(session: Session, ids: list[UUID]) -> tuple[dict[UUID, Clock], dict[UUID, Task]]:
    """The most urgent running clock and the open step of each."""
    running = select(Clock).where(Clock.case_id.in_(ids), Clock.status == "running").order_by(Clock.due_at.desc())
    steps = select(Task).where(Task.case_id.in_(ids), Task.status == "open").order_by(Task.opened_at.desc())
    return {c.case_id: c for c in session.scalars(running)}, {t.case_id: t for t in session.scalars(steps)}


def _row(
    case: Case, task: Task | None, clocks: Mapping[UUID, Clock], names: Mapping[str, str], moment: datetime, over: bool, state: str,
    other: str, grounds: str, since: datetime,
) -> Row:  # fmt: skip
    holder = names.get(task.holder) or "待认领" if task is not None else ""
    return Row(
        case_id=case.id, url=url_for("cases.show", case_id=case.id), task_url=url_for("inbox.task", task_id=task.id) if task else "",
        number=case.number or "", title=case.title, tags=list(case.tags or ()), clock=OVER if over else clock(clocks.get(case.id), moment),
        step=state, holder=holder, other=other, grounds=grounds, day=clockwords.day(since, moment),
    )  # fmt: skip
