"""The scenarios as data: scenarios.yaml read, its named parts put in place of their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workflows.time import local

FILE = Path(__file__).with_name("scenarios.yaml")


@dataclass(frozen=True)
class Move:
    """One line of a scenario: a verb or the name of a human task, what it is about, and its other words."""

    verb: str
    about: Any
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    at: datetime
    register: dict[str, Any]
    refused_register: list[tuple[str, dict[str, Any]]]
    before: dict[str, dict[str, Any]]
    steps: list[Move]
    end: dict[str, Any]


@cache
def read(file: Path = FILE) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def defaults() -> dict[str, dict[str, Any]]:
    """Answers every scenario starts from, by human task."""
    found: dict[str, dict[str, Any]] = read()["defaults"]
    return found


def names() -> list[str]:
    return list(read()["scenarios"])


def scenario(name: str) -> Scenario:
    """One scenario, its parts expanded."""
    spec = read()["scenarios"][name]
    refused = [(f, answer) for f, answers in (spec.get("refused_register") or {}).items() for answer in answers]
    return Scenario(
        name=name,
        title=spec["title"],
        at=local(datetime.fromisoformat(str(spec["at"]))),
        register=spec.get("register") or {},
        refused_register=refused,
        before=spec.get("before") or {},
        steps=moves(spec["steps"], read()["parts"]),
        end=spec.get("end") or {},
    )


def moves(lines: list[Any], parts: dict[str, list[Any]]) -> list[Move]:
    """Lines as written, with named parts in place of their names."""
    out: list[Move] = []
    for line in lines:
        if isinstance(line, str):
            out.append(Move(line, {}))
            continue
        (verb, about), *rest = line.items()
        if verb == "part":
            out.extend(moves(parts[about], parts))
        else:
            out.append(Move(verb, about if about is not None else {}, dict(rest)))
    return out
