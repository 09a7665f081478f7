"""Run by alembic on the connection that app/migrating.py hands over: one transaction for all migrations."""

from __future__ import annotations

from alembic import context

from app.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata(), compare_type=True)
with context.begin_transaction():
    context.run_migrations()
