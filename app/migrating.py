"""Migrations of the tables (alembic), driven from here so that no second configuration exists."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from app import database_roles
from app.config import ROOT
from app.models import metadata

SCRIPTS = ROOT / "migrations"
LOCK = 7_340_001  # two programs starting at once migrate one after the other


def upgrade(engine: Engine, revision: str = "head") -> None:
    """As the tables' owner. Roles of its installation (db.make_engine) are let in; without any the owner works in them alone."""
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(_config(connection), revision)
        database_roles.admit(connection, engine.get_execution_options().get("hxt_settings"))


def downgrade(engine: Engine, revision: str = "base") -> None:
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def revisions() -> list[str]:
    """All migrations, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def differences(engine: Engine) -> list[Any]:
    """What the tables lack or have too much compared with the models."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, metadata()))


def write_revision(engine: Engine, message: str) -> None:
    """A new migration from the difference between tables and models; to be read before it is committed.

    Changed conditions and expressions of indexes are not seen by alembic; tests/test_migrations.py finds them.
    """
    with engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{len(revisions()) + 1:04d}")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
