"""The migrations make exactly what the models describe, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text

from app import migrating
from app.config import Settings
from app.db import make_engine


@pytest.fixture
def empty(engine: Engine, settings: Settings) -> Iterator[Engine]:
    """A second, empty database beside the one of the tests."""
    name = f"{engine.url.database}_migrations"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("select rolsuper or rolcreatedb from pg_roles where rolname = current_user")):
            pytest.skip("the role may not create databases")
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    own = make_engine(settings.model_copy(update={"database_url": url}))
    yield own
    own.dispose()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))


def test_up_gives_what_the_models_say_down_gives_nothing_and_up_again(empty: Engine) -> None:
    migrating.upgrade(empty)
    assert migrating.differences(empty) == []
    migrating.downgrade(empty)
    assert inspect(empty).get_table_names() == ["alembic_version"]
    migrating.upgrade(empty)
    assert migrating.differences(empty) == []


def test_every_migration_can_be_taken_back_on_its_own(empty: Engine) -> None:
    for revision in migrating.revisions():
        migrating.upgrade(empty, revision)
        migrating.downgrade(empty, "-1")
        migrating.upgrade(empty, revision)
