"""A bureau with people and the petition procedure deployed, at nine in the morning of 2026-10-08."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from workflows import time as clock_time


@pytest.fixture
def bureau(demo_org: Flask) -> Iterator[Flask]:
    clock_time.freeze(datetime(2026, 10, 8, 9, tzinfo=clock_time.ZONE))
    with demo_org.app_context(), db.transaction() as session:
        get_engine().library.deploy(session)
    yield demo_org


@pytest.fixture
def work(bureau: Flask) -> Iterator[Session]:
    """One open transaction inside the app; what it leaves is committed at its end."""
    with bureau.app_context(), db.transaction() as session:
        yield session
