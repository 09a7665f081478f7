"""A bureau at ten in the morning of 2026-05-20, in one open transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import db
from workflows import time as clock_time


@pytest.fixture
def tally(bureau: Flask) -> Iterator[Session]:
    """What it leaves is committed at its end."""
    clock_time.freeze(datetime(2026, 5, 20, 10, tzinfo=clock_time.ZONE))
    with bureau.app_context(), db.transaction() as session:
        yield session
