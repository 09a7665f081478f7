"""The sequence flows the scenarios take, kept in files: several test processes play, and whoever asks last finds what none has taken.

``make test`` names one folder for all its processes in HXT_FLOWS; a run of its own has a folder of its own.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def folder() -> Path:
    return Path(os.environ.get("HXT_FLOWS") or tempfile.mkdtemp(prefix="hxt-flows-"))


def keep(scenario: str, flows: Iterable[str]) -> None:
    """A scenario was played to its end and took these flows."""
    (folder() / f"{scenario}.json").write_text(json.dumps(sorted(flows)), encoding="utf-8")


def taken(scenarios: Iterable[str]) -> set[str] | None:
    """All flows taken by these scenarios; None when one of them was not played."""
    files = [folder() / f"{name}.json" for name in scenarios]
    if not all(file.exists() for file in files):
        return None
    return {flow for file in files for flow in json.loads(file.read_text(encoding="utf-8"))}
