"""The two installations, made once a session and emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.config import Settings
from tests.exchange.two import BUREAU, MORNING, PARTNER, Side, acquaint, found, make
from workflows import time as clock_time


@pytest.fixture(scope="session")
def two_sides(engine: Engine, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    folder = tmp_path_factory.mktemp("two")
    a, b = make(engine, settings, folder, "a", exchange_id=BUREAU), make(engine, settings, folder, "b", exchange_id=PARTNER)
    a.other, b.other = b, a
    yield a, b
    for side in (a, b):
        side.app.extensions["database"].dispose()
        side.engine.dispose()


@pytest.fixture
def two(two_sides: tuple[Side, Side]) -> tuple[Side, Side]:
    """Both empty but for organisations, people and procedures, acquainted; nine in the morning of 2026-09-21."""
    clock_time.freeze(MORNING)
    a, b = two_sides
    for side, bureau in ((a, True), (b, False)):
        side.empty()
        found(side, here=bureau)
    acquaint(a, b)
    return a, b
