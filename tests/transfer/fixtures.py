"""两法衔接 played by the bureau alone, from nine in the morning of 2026-09-21."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.transfers import leaving
from tests.transfer.bureau_builders import Elsewhere, source, to_sent
from tests.transfer.police_builders import OTHER, POLICE, Procuratorate, seed_police
from workflows import time as clock_time

MORNING = datetime(2026, 9, 21, 9, tzinfo=clock_time.ZONE)


@pytest.fixture
def transfers(demo_org: Flask) -> Iterator[Flask]:
    """All procedures deployed, the people there."""
    clock_time.freeze(MORNING)
    with demo_org.app_context(), db.transaction() as session:
        get_engine().library.deploy(session)
    yield demo_org


@pytest.fixture
def bureau_work(transfers: Flask) -> Iterator[Session]:
    """One open transaction inside the app; what it leaves is committed at its end."""
    with transfers.app_context(), db.transaction() as session:
        yield session


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Police and procuratorate run their own installation: what goes to them is kept here."""
    outbox = Elsewhere()
    leaving.outboxes.append(outbox)
    yield outbox
    leaving.outboxes.remove(outbox)


@pytest.fixture
def there() -> Iterator[Procuratorate]:
    outbox = Procuratorate()
    leaving.outboxes.append(outbox)
    yield outbox
    leaving.outboxes.remove(outbox)


@pytest.fixture
def sent(bureau_work: Session, there: Procuratorate) -> UUID:
    """A transfer that lies at the police of 青山湖区, unsigned. The bureau's case."""
    seed_police(bureau_work, POLICE, OTHER)
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    return case_id
