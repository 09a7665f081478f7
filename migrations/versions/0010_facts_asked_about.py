"""The facts a transfer question asks about, so that changed facts put it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transfer_question", sa.Column("facts", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("transfer_question", "facts")
