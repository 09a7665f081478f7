"""Scenarios of 督办, 领导包案, 预警函, 两法衔接, 移送行政拘留: the real diagrams, forms, handlers, posts and rights, with dates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from flask import Flask

from app import db
from app.demo.people import seed_organisation, seed_people
from app.engine import get_engine
from app.walk import paths
from app.walk.play import Play
from app.walk.starts import PROCEDURES, names, scenario
from tests import flows
from workflows import Engine

ALL = [(procedure, name) for procedure in PROCEDURES for name in names(procedure)]
FIRST = ("petition", "supervision", "leader_case", "early_warning", "detention", "criminal_transfer")  # a process of each procedure
DOCS = Path(__file__).resolve().parents[2] / "docs" / "procedures"
took: set[str] = set()


@pytest.fixture
def workflow(app: Flask) -> Iterator[Engine]:
    """The app's own engine on a database with the bureau's people and every procedure deployed; it notes every flow it takes."""
    with app.app_context():
        engine = get_engine()
        with db.transaction() as session:
            seed_organisation(session)
            seed_people(session)
            engine.deploy(session)
            procedures = [engine.library.current(session, process) for process in FIRST]
        before = [deepcopy(procedure.initial_data) for procedure in procedures]
        took.clear()
        engine.observer = lambda process, flow: took.add(flow)
        yield engine
        engine.observer = None
        assert [procedure.initial_data for procedure in procedures] == before, "the data of one case must not reach the next"


@pytest.mark.parametrize(("procedure", "name"), ALL, ids=[name for _, name in ALL])
def test_scenario(workflow: Engine, procedure: str, name: str) -> None:
    play = Play(workflow, db.transaction, scenario(procedure, name))
    play.run()
    flows.keep(f"{procedure}-{name}", took)
    with db.transaction() as session:
        lines = paths.told(session, play.family())
    if folder := os.environ.get("HXT_PATHS"):
        (Path(folder) / f"{procedure}-{name}").write_text("\n".join(lines), encoding="utf-8")
        return
    written = paths.read((DOCS / f"{procedure}.paths").read_text(encoding="utf-8"))
    assert written.get(name) == lines, "the way of this scenario changed: look whether it should have, then `make paths`"


@pytest.mark.flows
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_flow_was_taken(workflow: Engine, procedure: str) -> None:
    """The scenarios leave no sequence flow of these diagrams untaken."""
    taken = flows.taken(f"{of}-{name}" for of, name in ALL)
    if taken is None:
        pytest.skip("only where all scenarios ran before it")
    with db.transaction() as session:
        found = next(p for p in workflow.library.procedures(session) if p.name == procedure)
    assert [f"{f.process}: {f.source} → {f.target}" for f in found.flows if f.id not in taken] == []
