"""The bureau with its people and all procedures, on the morning of 2026-09-01, the first working day of September."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from tests.warnings.builders import SEPTEMBER
from workflows import time as clock_time


@pytest.fixture
def september(demo_org: Flask) -> Iterator[Flask]:
    clock_time.freeze(SEPTEMBER)
    with demo_org.app_context(), db.transaction() as session:
        get_engine().library.deploy(session)
    yield demo_org


@pytest.fixture
def counting(september: Flask) -> Iterator[Session]:
    """One open transaction, for what is only counted."""
    with september.app_context(), db.transaction() as session:
        yield session
