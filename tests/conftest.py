"""Fixtures for everybody: a real PostgreSQL, the app on it, a browser's client.

Each pytest process makes its own throw-away cluster the first time a test asks for ``db`` (so xdist workers do not meet), or uses
TEST_DATABASE_URL (with TEST_DATABASE_OWNER_URL and TEST_DATABASE_WORKER_URL where these are other roles). Tables are made once by the
migrations; before each test what the one before left is truncated.

The app works with its three database roles as in life: a client's request as web, bound to the organs of whoever logged in;
``db.transaction()`` in a test's own body as the worker, which sees everything. ``db``, ``engine`` and ``session`` are the owner's.
Fixtures of an area live in tests/fixtures_<area>.py or tests/<area>/fixtures.py and are found by themselves.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import create_app, migrating
from app.config import Settings
from app.db import make_engine
from app.models import metadata
from app.postgres import Cluster
from workflows import time as clock_time

HERE = Path(__file__).parent
pytest_plugins = [
    *(f"tests.{path.stem}" for path in sorted(HERE.glob("fixtures_*.py"))),
    *(f"tests.{path.parent.name}.fixtures" for path in sorted(HERE.glob("*/fixtures.py"))),
]

# how long an input takes to draw says how busy the machine is, nothing of what is tested
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")

NEVER_TRUNCATED = {"alembic_version"}


@pytest.fixture(scope="session")
def database_urls() -> Iterator[dict[str, str]]:
    """The addresses of an empty database, as settings name them; the cluster is gone when the tests are."""
    if os.environ.get("TEST_DATABASE_URL"):
        names = ("database_url", "database_owner_url", "database_worker_url")
        yield {name: given for name in names if (given := os.environ.get(f"TEST_{name.upper()}"))}
        return
    home = Path(tempfile.mkdtemp(prefix="hxt-test-"))
    home.chmod(0o711)  # the server's account has to walk through
    cluster = Cluster(home, durable=False)
    try:
        cluster.start()
        with cluster.connect() as connection:
            connection.execute("alter role huanxintong createdb")  # the migrations are tested in a database of their own
        yield cluster.urls()
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def settings(database_urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the app under test: files in a temporary folder, no noise."""
    return Settings(**database_urls, instance=tmp_path_factory.mktemp("instance"), secret_key="t" * 32, testing=True)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """SQLAlchemy's engine on a database with all tables, as their owner."""
    engine = make_engine(settings, "owner")
    migrating.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Engine:
    """The database, empty."""
    names = [table.name for table in metadata().sorted_tables if table.name not in NEVER_TRUNCATED]
    question = " union all ".join(f"select '{name}' where exists (select 1 from \"{name}\")" for name in names)
    with engine.begin() as connection:
        if filled := list(connection.scalars(text(question))):
            quoted = ", ".join(f'"{name}"' for name in filled)
            connection.execute(text(f"truncate {quoted} restart identity cascade"))
    return engine


@pytest.fixture
def session(db: Engine) -> Iterator[Session]:
    """A session of the test's own; it commits itself where others have to see what it did."""
    with Session(db, expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def whole_app(settings: Settings, engine: Engine) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.extensions["database"].dispose()


@pytest.fixture
def app(whole_app: Flask, db: Engine) -> Flask:
    """The app on an empty database. Forged forms are tested on their own, so forms need no token here."""
    if engine := whole_app.extensions.get("engine"):
        engine.library.forget_current()
    return whole_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(autouse=True)
def flowing_time() -> Iterator[None]:
    """No test leaves its clock to the next."""
    yield
    clock_time.freeze(None)
