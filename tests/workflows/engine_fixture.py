"""An engine with a folder of test procedures, one post for everybody, and time that stands where the test puts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import Actor, Engine, Handlers, Library
from workflows import time as clock_time
from workflows.calendar import Calendar
from workflows.deadlines import Rules
from workflows.tables import Instance, Task

ROOT = Path(__file__).resolve().parents[2]
CLERK = Actor(UUID(int=7), "万砚秋", "u")
DEADLINES = """rules:
- {id: test.days, label: 十日, amount: 10, unit: day, from: 开始, citation: 测试用的期限, text: 测试用的期限。, status: house, in_force: {from: null, to: null}, pausable_by: [听证]}
- {id: test.chase, label: 催办, amount: 5, unit: workday, from: 期满, citation: 测试用的期限, text: 测试用的期限。, status: house, in_force: {from: null, to: null}, pausable_by: [], repeats: true}
"""  # noqa: E501


class Anyone:
    """A directory where every role exists everywhere, but at ``nobody``."""

    def resolve(self, session: Session, role: str, org: str) -> str:
        if org == "nobody":
            from workflows import NobodyThere

            raise NobodyThere(role, org)
        return f"o:{org}:{role}"


@dataclass
class Board:
    """One case on one engine, driven by element names."""

    session: Session
    engine: Engine
    handlers: Handlers
    case_id: UUID | None = None
    seen_flows: list[str] = field(default_factory=list)

    def start(self, process: str, **kw: Any) -> UUID:
        kw.setdefault("attrs", {"unit": "u"})
        started = self.engine.start(self.session, process, CLERK, **kw)
        self.case_id = started.case_id
        self.session.commit()
        return started.instance_id

    def open(self) -> list[str]:
        found = select(Task).where(Task.case_id == self.case_id, Task.status == "open").order_by(Task.opened_at, Task.node)
        return sorted(t.element for t in self.session.scalars(found))

    def task(self, element: str, item: str | None = None) -> Task:
        found = select(Task).where(Task.case_id == self.case_id, Task.status == "open", Task.element == element)
        rows = [t for t in self.session.scalars(found, execution_options={"populate_existing": True}) if item is None or t.item == item]
        assert rows, f"{element} is not open, but {self.open()}"
        return rows[0]

    def do(self, element: str, item: str | None = None, **answer: Any) -> list[str]:
        self.engine.complete(self.session, self.task(element, item).id, CLERK, answer)
        self.session.commit()
        return self.open()

    def send(self, name: str, **payload: Any) -> None:
        assert self.case_id is not None
        self.engine.send(self.session, self.case_id, name, payload, CLERK)
        self.session.commit()
        self.work()

    def work(self) -> int:
        done = 0
        while self.engine.deliver_next(self.session) or self.engine.fire_next_clock(self.session):
            self.session.commit()
            done += 1
        self.session.commit()
        return done

    def at(self, moment: str) -> list[str]:
        """Move time and let the worker do what it asks for."""
        clock_time.freeze(datetime.fromisoformat(moment))
        self.work()
        return self.open()

    def status(self, instance_id: UUID) -> str:
        return self.session.get_one(Instance, instance_id, populate_existing=True).status


def make_board(session: Session, root: Path, deadlines: Path, prepare: Callable[[Handlers], None] | None = None) -> Board:
    deadlines.write_text(DEADLINES, encoding="utf-8")
    handlers = Handlers()
    if prepare is not None:
        prepare(handlers)
    calendar = Calendar.load(ROOT / "bpmn" / "calendar.yaml")
    engine = Engine(Library(root), Anyone(), Rules.load(deadlines), calendar, handlers)
    engine.library.deploy(session)
    session.commit()
    board = Board(session, engine, handlers)
    engine.observer = lambda process, flow: board.seen_flows.append(flow)
    return board
