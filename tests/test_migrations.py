"""The migrations make exactly what the models describe, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text

from app import migrating
from app.config import Settings
from app.db import make_engine
from app.models import metadata

# What a database looks like, from its own catalogue: also what alembic does not compare (conditions, expressions, checks, defaults).
CATALOGUE = {
    "index": "select indexname, indexdef from pg_indexes where schemaname = 'public'",
    "constraint": """select conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) from pg_constraint
                      where connamespace = 'public'::regnamespace""",
    "column": """select table_name || '.' || column_name, concat_ws(' ', data_type, udt_name, is_nullable, column_default,
                          identity_generation)
                   from information_schema.columns where table_schema = 'public'""",
}


@pytest.fixture
def empty(engine: Engine, settings: Settings) -> Iterator[Engine]:
    """A second, empty database beside the one of the tests."""
    name = f"{engine.url.database}_migrations"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("select rolsuper or rolcreatedb from pg_roles where rolname = current_user")):
            pytest.skip("the role may not create databases")
        connection.execute(text(f'drop database if exists "{name}"'))
        connection.execute(text(f'create database "{name}"'))
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    own = make_engine(settings.model_copy(update={"database_url": url}))
    yield own
    own.dispose()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}"'))


def test_up_gives_what_the_models_say_down_gives_nothing_and_up_again(empty: Engine) -> None:
    migrating.upgrade(empty)
    assert migrating.differences(empty) == []
    migrating.downgrade(empty)
    assert inspect(empty).get_table_names() == ["alembic_version"]
    migrating.upgrade(empty)
    assert migrating.differences(empty) == []


def test_the_migrated_database_is_the_one_that_the_models_would_make(empty: Engine) -> None:
    migrating.upgrade(empty)
    migrated = catalogue(empty)
    migrating.downgrade(empty)
    metadata().create_all(empty)
    made = catalogue(empty)
    assert {name: made.get(name) for name in migrated} == migrated
    assert set(made) == set(migrated)


def catalogue(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = [(f"{kind} {name}", what) for kind, query in CATALOGUE.items() for name, what in connection.execute(text(query))]
    return {name: what for name, what in rows if "alembic_version" not in name}


def test_every_migration_can_be_taken_back_on_its_own(empty: Engine) -> None:
    for revision in migrating.revisions():
        migrating.upgrade(empty, revision)
        migrating.downgrade(empty, "-1")
        migrating.upgrade(empty, revision)
