"""warnings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "county_letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("warning", sa.UUID(), nullable=False),
        sa.Column("county_org", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("receipt_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("receipt_by", sa.Text(), nullable=True),
        sa.Column("response_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("response_by", sa.Text(), nullable=True),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_county_letter_case_id")),
        sa.ForeignKeyConstraint(["county_org"], ["organ.id"], name=op.f("fk_county_letter_county_org")),
        sa.ForeignKeyConstraint(["warning"], ["wf_case.id"], name=op.f("fk_county_letter_warning")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_letter")),
    )
    op.create_index(op.f("ix_county_letter_case_id_received_at"), "county_letter", ["case_id", "received_at"], unique=False)
    op.create_index(op.f("ix_county_letter_county_org_received_at"), "county_letter", ["county_org", "received_at"], unique=False)
    op.create_index(op.f("ix_county_letter_warning_received_at"), "county_letter", ["warning", "received_at"], unique=False)
    op.create_table(
        "publication",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_publication_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("kind", "case_id", name=op.f("uq_publication_kind_case_id")),
    )
    op.create_index(op.f("ix_publication_kind_period_county"), "publication", ["kind", "period", "county"], unique=False)
    op.create_table(
        "warning",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("county_org", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("letters", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("demand", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("drafted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("late_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("receipt_late_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("receipt_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("response_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("judged_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_warning_case_id")),
        sa.ForeignKeyConstraint(["county_org"], ["organ.id"], name=op.f("fk_warning_county_org")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_warning_unit")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_warning")),
        sa.UniqueConstraint("month", "county_org", name=op.f("uq_warning_month_county_org")),
        sa.UniqueConstraint("number", name=op.f("uq_warning_number")),
    )
    op.create_index(op.f("ix_warning_county_month"), "warning", ["county", "month"], unique=False)
    op.create_table(
        "problem",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("warning", sa.UUID(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("checks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("escalations", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("verified_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_problem_case_id")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_problem_unit")),
        sa.ForeignKeyConstraint(["warning"], ["warning.case_id"], name=op.f("fk_problem_warning")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_problem")),
        sa.UniqueConstraint("number", name=op.f("uq_problem_number")),
        sa.UniqueConstraint("warning", "no", name=op.f("uq_problem_warning_no")),
    )
    op.create_index(op.f("ix_problem_county_deadline"), "problem", ["county", "deadline"], unique=False)
    op.create_index(op.f("ix_problem_unit_deadline"), "problem", ["unit", "deadline"], unique=False)
    op.create_table(
        "warning_item",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning", sa.UUID(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_month", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_year", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("repeats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("overdue", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unresolved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("households", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cases", postgresql.ARRAY(sa.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["warning"], ["warning.case_id"], name=op.f("fk_warning_item_warning")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_item")),
    )
    op.create_index(op.f("ix_warning_item_warning_no"), "warning_item", ["warning", "no"], unique=False)
    op.create_table(
        "warning_letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["warning"], ["warning.case_id"], name=op.f("fk_warning_letter_warning")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_letter")),
        sa.UniqueConstraint("number", name=op.f("uq_warning_letter_number")),
    )
    op.create_index(op.f("ix_warning_letter_warning_sent_at"), "warning_letter", ["warning", "sent_at"], unique=False)
    op.create_table(
        "warning_response",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning", sa.UUID(), nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("by", sa.Date(), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["warning"], ["warning.case_id"], name=op.f("fk_warning_response_warning")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_response")),
    )
    op.create_index(op.f("ix_warning_response_warning_received_at"), "warning_response", ["warning", "received_at"], unique=False)
    op.create_table(
        "problem_check",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["problem.case_id"], name=op.f("fk_problem_check_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_check")),
    )
    op.create_index(op.f("ix_problem_check_case_id_at"), "problem_check", ["case_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_problem_check_case_id_at"), table_name="problem_check")
    op.drop_table("problem_check")
    op.drop_index(op.f("ix_warning_response_warning_received_at"), table_name="warning_response")
    op.drop_table("warning_response")
    op.drop_index(op.f("ix_warning_letter_warning_sent_at"), table_name="warning_letter")
    op.drop_table("warning_letter")
    op.drop_index(op.f("ix_warning_item_warning_no"), table_name="warning_item")
    op.drop_table("warning_item")
    op.drop_index(op.f("ix_problem_unit_deadline"), table_name="problem")
    op.drop_index(op.f("ix_problem_county_deadline"), table_name="problem")
    op.drop_table("problem")
    op.drop_index(op.f("ix_warning_county_month"), table_name="warning")
    op.drop_table("warning")
    op.drop_index(op.f("ix_publication_kind_period_county"), table_name="publication")
    op.drop_table("publication")
    op.drop_index(op.f("ix_county_letter_warning_received_at"), table_name="county_letter")
    op.drop_index(op.f("ix_county_letter_county_org_received_at"), table_name="county_letter")
    op.drop_index(op.f("ix_county_letter_case_id_received_at"), table_name="county_letter")
    op.drop_table("county_letter")
