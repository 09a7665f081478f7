"""Every scenario of the petition procedure, from registration to the archive: the real diagrams, forms, handlers, posts and permissions.

Each asserts what a person would check: who holds the step, the due day, the papers, the clocks, the messages, that the file is closed
and nothing runs on it, and that the trail names who did each step and when.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app import db
from app.demo.people import seed_organisation, seed_people
from app.engine import get_engine
from app.walk.driver import Drive
from app.walk.scenarios import names, scenario
from tests import flows
from workflows import Engine

took: set[str] = set()


@pytest.fixture
def workflow(app: Flask) -> Iterator[Engine]:
    """The app's own engine on a database with the bureau's people and the procedures deployed; it notes every flow it takes."""
    with app.app_context():
        engine = get_engine()
        with db.transaction() as session:
            seed_organisation(session)
            seed_people(session)
            engine.library.deploy(session)
        took.clear()
        engine.observer = lambda process, flow: took.add(flow)
        yield engine
        engine.observer = None


@pytest.mark.parametrize("name", names())
def test_scenario(workflow: Engine, name: str) -> None:
    Drive(workflow, db.transaction, scenario(name)).run()
    flows.keep(f"petition-{name}", took)


@pytest.mark.flows
def test_every_flow_was_taken(workflow: Engine) -> None:
    """The scenarios leave no sequence flow of the petition's diagrams untaken."""
    taken = flows.taken(f"petition-{name}" for name in names())
    if taken is None:
        pytest.skip("only where all scenarios ran before it")
    with db.transaction() as session:
        drawn = workflow.library.current(session, "petition").flows
    assert [f"{f.process}: {f.source} → {f.target}" for f in drawn if f.id not in taken] == []
