"""numbers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DAYS = ("received_on", "finished_on", "notify_due_on", "answer_due_on", "answered_on", "rating_due_on", "archived_on")


def upgrade() -> None:
    op.create_table(
        "number_month",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("num", sa.Integer(), nullable=False),
        sa.Column("den", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("level", "month", "key", "county", "unit", "kind", name=op.f("pk_number_month")),
    )
    op.create_table(
        "number_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_state")),
    )
    op.create_table(
        "petition_fact",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("klass", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("notify_due_on", sa.Date(), nullable=True),
        sa.Column("notify_in_time", sa.Boolean(), nullable=True),
        sa.Column("answer_due_on", sa.Date(), nullable=True),
        sa.Column("answer_in_time", sa.Boolean(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("days", sa.SmallInteger(), nullable=True),
        sa.Column("rating_due_on", sa.Date(), nullable=True),
        sa.Column("rated", sa.Boolean(), nullable=True),
        sa.Column("rated_on", sa.Date(), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=True),
        sa.Column("late_on", sa.Date(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("bounces", sa.SmallInteger(), nullable=False),
        sa.Column("turns_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_petition_fact_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_petition_fact")),
    )
    for day in DAYS:
        op.create_index(op.f(f"ix_petition_fact_{day}_case_id"), "petition_fact", [day, "case_id"], unique=False)
    for day in ("rated_on", "late_on"):
        where = sa.text(f"{day} is not null")
        op.create_index(f"ix_petition_fact_{day}", "petition_fact", [day, "case_id"], unique=False, postgresql_where=where)
    op.create_index("ix_petition_fact_bounced", "petition_fact", ["case_id"], unique=False, postgresql_where=sa.text("bounces > 0"))
    op.create_index(
        "ix_petition_fact_turns_at", "petition_fact", ["turns_at"], unique=False, postgresql_where=sa.text("turns_at is not null")
    )


def downgrade() -> None:
    op.drop_table("petition_fact")
    op.drop_table("number_state")
    op.drop_table("number_month")
