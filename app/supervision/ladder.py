"""The ladder (ladder.dmn) asked outside its business rule task: which step a trigger would begin with, which comes next."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from app.supervision.words import RANK
from workflows.library import Procedure
from workflows.parser import Parser
from workflows.script_engine import ClosedEngine

TABLE = "ladder.dmn"
_tables: dict[str, Any] = {}  # version of the procedure → its parsed table


def step_for(procedure: Procedure, *, trigger: str, last_step: str = "", asked: str = "") -> str:
    """The step the decision table of that version gives."""
    data = {"trigger": trigger, "last_step": last_step, "asked": asked}
    task = SimpleNamespace(data=data, workflow=SimpleNamespace(script_engine=ClosedEngine()))
    return str(_table(procedure).result(task)["step"])


def is_higher(procedure: Procedure, trigger: str, step: str) -> bool:
    """Would this trigger alone begin above the step the matter stands on?"""
    return RANK[step_for(procedure, trigger=trigger)] > RANK.get(step, 0)


def _table(procedure: Procedure) -> Any:
    if procedure.version not in _tables:
        parser = Parser()
        parser.add_dmn_str(procedure.files[TABLE].encode(), TABLE)
        _tables[procedure.version] = parser.get_engine("ladder", None)
    return _tables[procedure.version]
