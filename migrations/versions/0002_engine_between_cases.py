"""Messages between cases, clocks and tasks with a letter, secretaries, periodic work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("wf_message", sa.Column("from_case", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("fk_wf_message_from_case"), "wf_message", "wf_case", ["from_case"], ["id"])
    op.create_index("ix_wf_message_from_case", "wf_message", ["from_case"], postgresql_where=sa.text("from_case is not null"))
    op.add_column("wf_task", sa.Column("letter", sa.Text(), nullable=True))
    op.create_table(
        "periodic_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", "key", name=op.f("pk_periodic_run")),
    )
    op.create_table(
        "secretary",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("leader_id", sa.UUID(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_secretary_person_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_secretary_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secretary")),
    )
    op.create_index("uq_secretary_open", "secretary", ["person_id", "leader_id"], unique=True, postgresql_where=sa.text("until is null"))
    op.create_index("ix_secretary_leader_id", "secretary", ["leader_id"])


def downgrade() -> None:
    op.drop_table("secretary")
    op.drop_table("periodic_run")
    op.drop_column("wf_task", "letter")
    op.drop_index("ix_wf_message_from_case", "wf_message")
    op.drop_column("wf_message", "from_case")
