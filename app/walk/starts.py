"""How the scenarios of each procedure begin (``begin:`` in their files), and what people usually answer in its steps.

A procedure other than the petition has a file ``<procedure>.yaml`` here: ``usual`` (step → answer), ``parts``, ``scenarios``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from app.walk.play import Play
from app.walk.scenarios import Scenario, moves
from app.walk.starts_detention import STARTS as OF_DETENTION
from app.walk.starts_leadership import STARTS as OF_LEADERSHIP
from app.walk.starts_leadership import usual_now as in_leader_case
from app.walk.starts_supervision import STARTS as OF_SUPERVISION
from app.walk.starts_transfers import STARTS as OF_TRANSFERS
from app.walk.starts_transfers import usual_now as in_transfer
from app.walk.starts_warnings import STARTS as OF_WARNINGS
from workflows.tables import Task
from workflows.time import local

Start = Callable[[Play, dict[str, Any]], None]
HERE = Path(__file__).parent
PROCEDURES = ("supervision", "leader_case", "early_warning", "detention", "criminal_transfer")
BY_STATE = (in_leader_case, in_transfer)
STARTS: dict[str, Start] = {**OF_SUPERVISION, **OF_LEADERSHIP, **OF_WARNINGS, **OF_DETENTION, **OF_TRANSFERS}


@cache
def read(procedure: str) -> dict[str, Any]:
    """The file of one procedure's scenarios; empty where there is none."""
    file = HERE / f"{procedure}.yaml"
    return (yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}


def usual(procedure: str, element: str) -> dict[str, Any]:
    """What is answered in a step of that procedure where a scenario names nothing: it leads to a normal end."""
    found: dict[str, Any] = (read(procedure).get("usual") or {}).get(element, {})
    return found


def by_state(session: Session, task: Task) -> dict[str, Any]:
    """What a simulation answers where that follows from how the file stands (a visit first, then the exit)."""
    return next((answer for now in BY_STATE if (answer := now(session, task)) is not None), {})


def names(procedure: str) -> list[str]:
    return list(read(procedure).get("scenarios") or {})


def scenario(procedure: str, name: str) -> Scenario:
    """One scenario, its parts expanded; ``register`` holds how it begins: {start: arguments}."""
    spec = read(procedure)["scenarios"][name]
    at = local(datetime.fromisoformat(str(spec["at"])))
    steps = moves(spec["steps"], read(procedure).get("parts") or {})
    return Scenario(name, spec["title"], at, spec["begin"], [], {}, steps, spec.get("end") or {})
