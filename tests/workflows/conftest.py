from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.workflows import drawing_board as d
from tests.workflows.engine_fixture import Board, make_board
from workflows import Handlers
from workflows import time as clock_time

Make = Callable[..., Board]


@pytest.fixture
def make(session: Session, tmp_path: Path) -> Iterator[Make]:
    """``make(diagram, forms={…}, prepare=fn)`` → a Board; time stands at 2026-11-02 09:00, a Monday."""
    clock_time.freeze(datetime.fromisoformat("2026-11-02T09:00"))

    def build(diagram: str, *, prepare: Callable[[Handlers], None] | None = None, name: str = "p", **files: object) -> Board:
        root = tmp_path / "procedures"
        d.folder(root, name, diagram, **files)
        return make_board(session, root, tmp_path / "deadlines.yaml", prepare)

    yield build
    clock_time.freeze(None)
