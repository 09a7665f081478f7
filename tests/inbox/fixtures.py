"""A small procedure that is not about petitions, put in place of the app's engine: the inbox and the case page know no petition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app import db
from app.accounts.directory import Directory
from tests.accounts.fixtures import person_of
from workflows import Ctx, Engine, Handlers, Library, Started
from workflows.calendar import Calendar
from workflows.deadlines import Rules
from workflows.tables import Task

HERE = Path(__file__).parent
PROCEDURES = HERE / "procedures"
BPMN = HERE.parent.parent / "bpmn"


@dataclass
class Leave:
    """The small procedure at work: start one, see its tasks, make its service task fail."""

    app: Flask
    engine: Engine
    broken: bool = False

    def start(self, title: str = "外出核查固废处置场", **more: Any) -> Started:
        with self.app.app_context(), db.transaction() as session:
            actor = person_of(session, "chuangkou").actor()
            facets = {"county": "360111", "kind": "water", "channel": "phone"}
            return self.engine.start(
                session, "leave", actor, title=title, city="360100", attrs={"intake_org": "nc-petition"}, facets=facets, **more
            )

    def due(self, case_id: UUID, at: Any, warn: Any = None) -> None:
        """Give the case's open tasks a due moment."""
        with self.app.app_context(), db.transaction() as session:
            for task in session.query(Task).filter_by(case_id=case_id, status="open"):
                task.due_at, task.warn_at = at, warn

    def task(self, task_id: UUID) -> Task:
        with self.app.app_context(), db.transaction() as session:
            return session.get_one(Task, task_id)

    def open_task(self, case_id: UUID) -> Task:
        with self.app.app_context(), db.transaction() as session:
            return session.query(Task).filter_by(case_id=case_id, status="open").one()


@pytest.fixture
def leave(demo_org: Flask) -> Iterator[Leave]:
    """The app with the small procedure deployed and the demo people."""
    before = demo_org.extensions.get("engine")
    handlers = Handlers()
    rules, calendar = Rules.load(BPMN / "deadlines.yaml"), Calendar.load(BPMN / "calendar.yaml")
    engine = Engine(Library(PROCEDURES), Directory(), rules, calendar, handlers)
    found = Leave(demo_org, engine)

    @handlers.register("leave.record")
    def record(ctx: Ctx, data: dict[str, Any]) -> None:
        if found.broken:
            raise ZeroDivisionError("the ledger is broken")

    demo_org.extensions["engine"] = engine
    with demo_org.app_context(), db.transaction() as session:
        engine.library.deploy(session)
    yield found
    demo_org.extensions["engine"] = before
