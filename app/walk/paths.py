"""What a play left behind, one line a file: its steps with their days, its clocks with what they fell due on, its letters.

docs/procedures/*.paths hold it for every scenario of a procedure; tests/procedures compares, `make paths` writes them anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.papers.models import Paper
from workflows.calendar import last_day
from workflows.tables import Clock, Instance, Task
from workflows.time import local


def told(session: Session, cases: Iterable[UUID]) -> list[str]:
    """The lines of one scenario: ``process``, then steps, clocks, letters of each file in the order they were opened."""
    lines: list[str] = []
    for case_id in cases:
        main = select(Instance.process).where(Instance.case_id == case_id, Instance.link_id.is_(None))
        process = session.scalar(main.order_by(Instance.started_at, Instance.id).limit(1))
        if process is None:
            continue
        said = {"steps": _steps(session, case_id), "clocks": _clocks(session, case_id), "letters": _letters(session, case_id)}
        lines.append(f"  {process}")
        lines += [f"    {name:<7} {text}" for name, text in said.items() if text]
    return lines


def _steps(session: Session, case_id: UUID) -> str:
    """``10-19 enter_facts > confirm · 10-20 …``: what people did, by day."""
    done = select(Task.closed_at, Task.element).where(Task.case_id == case_id, Task.status == "done")
    rows = [(f"{local(at):%m-%d}", element) for at, element in session.execute(done.order_by(Task.closed_at, Task.id)) if at is not None]
    days = groupby(rows, key=lambda row: row[0])
    return " · ".join(f"{day} {' > '.join(element for _, element in found)}" for day, found in days)


def _clocks(session: Session, case_id: UUID) -> str:
    """``decide transfer.decide met 2026-10-22 late``: slot, rule, how it ended, the last day of the period."""
    query = select(Clock).where(Clock.case_id == case_id).order_by(Clock.from_at, Clock.slot, Clock.rule, Clock.round, Clock.due_at)
    return ", ".join(
        f"{one.slot} {one.rule} {one.status} {last_day(one.due_at):%Y-%m-%d}{' late' if one.overdue_at else ''}"
        for one in session.scalars(query)
    )


def _letters(session: Session, case_id: UUID) -> str:
    papers = select(Paper.kind).where(Paper.case_id == case_id).order_by(Paper.made_at, Paper.kind)
    return ", ".join(session.scalars(papers))


def page(procedure: str, scenarios: Iterable[tuple[str, str, list[str]]]) -> str:
    """The file of a procedure: each scenario with its title and lines."""
    head = f"# {procedure} as the tests play it: steps by day, clocks with the last day of the period, letters. Written by `make paths`.\n"
    return head + "".join(f"\n{name}  {title}\n" + "".join(f"{line}\n" for line in lines) for name, title, lines in scenarios)


def read(text: str) -> dict[str, list[str]]:
    """The lines of each scenario of such a file."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("  "):
            found[name].append(line)
        elif line and not line.startswith("#"):
            name = line.split("  ")[0]
            found[name] = []
    return found
