"""Matters under 督办 with requests, letters and proposals of liability; draws and samples of the review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_draw",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_review_draw_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_draw")),
        sa.UniqueConstraint("month", "unit", name=op.f("uq_review_draw_month_unit")),
    )
    op.create_table(
        "matter",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject_case", sa.UUID(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("desk_org", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("rounds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("moved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("adopted_paper", sa.UUID(), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["adopted_paper"], ["paper.id"], name=op.f("fk_matter_adopted_paper")),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_matter_case_id")),
        sa.ForeignKeyConstraint(["desk_org"], ["organ.id"], name=op.f("fk_matter_desk_org")),
        sa.ForeignKeyConstraint(["subject_case"], ["wf_case.id"], name=op.f("fk_matter_subject_case")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_matter_unit")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_matter")),
        sa.UniqueConstraint("number", name=op.f("uq_matter_number")),
    )
    op.create_index("ix_matter_open", "matter", ["unit"], unique=False, postgresql_where=sa.text("closed_at is null"))
    op.create_index(op.f("ix_matter_opened_at_case_id"), "matter", ["opened_at", "case_id"], unique=False)
    op.create_index(op.f("ix_matter_subject_case"), "matter", ["subject_case"], unique=False)
    op.create_index(op.f("ix_matter_unit_opened_at"), "matter", ["unit", "opened_at"], unique=False)
    op.create_index("uq_matter_open_subject", "matter", ["subject_case"], unique=True, postgresql_where=sa.text("closed_at is null"))
    op.create_table(
        "review_sample",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("draw_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("reviewers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("scored_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_review_sample_case_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["review_draw.id"], name=op.f("fk_review_sample_draw_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_sample")),
        sa.UniqueConstraint("draw_id", "case_id", name=op.f("uq_review_sample_draw_id_case_id")),
    )
    op.create_index(op.f("ix_review_sample_case_id"), "review_sample", ["case_id"], unique=False)
    op.create_table(
        "matter_letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("breach", sa.Text(), nullable=True),
        sa.Column("demand", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("meet_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("meet_place", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("wanted_by", sa.Date(), nullable=True),
        sa.Column("drafted_by", sa.Text(), nullable=True),
        sa.Column("drafted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reply_by", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("paper_id", sa.UUID(), nullable=True),
        sa.Column("signed_for_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signed_for_by", sa.Text(), nullable=True),
        sa.Column("replied_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("adopt", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("situation", sa.Text(), nullable=True),
        sa.Column("measures", sa.Boolean(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("promised_by", sa.Date(), nullable=True),
        sa.Column("result_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("judged_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["matter.case_id"], name=op.f("fk_matter_letter_case_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_matter_letter_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_letter")),
    )
    op.create_index(op.f("ix_matter_letter_case_id_id"), "matter_letter", ["case_id", "id"], unique=False)
    op.create_index("ix_matter_letter_sent", "matter_letter", ["sent_at"], unique=False, postgresql_where=sa.text("sent_at is not null"))
    op.create_table(
        "matter_referral",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refer_to", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("persons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("clue", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["matter.case_id"], name=op.f("fk_matter_referral_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_referral")),
    )
    op.create_index(op.f("ix_matter_referral_case_id"), "matter_referral", ["case_id"], unique=False)
    op.create_table(
        "matter_request",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("requester_kind", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.UUID(), nullable=True),
        sa.Column("from_case", sa.UUID(), nullable=True),
        sa.Column("link_id", sa.UUID(), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["matter.case_id"], name=op.f("fk_matter_request_case_id")),
        sa.ForeignKeyConstraint(["from_case"], ["wf_case.id"], name=op.f("fk_matter_request_from_case")),
        sa.ForeignKeyConstraint(["link_id"], ["wf_link.id"], name=op.f("fk_matter_request_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_request")),
    )
    op.create_index(op.f("ix_matter_request_case_id_id"), "matter_request", ["case_id", "id"], unique=False)
    op.create_index(op.f("ix_matter_request_from_case"), "matter_request", ["from_case"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_matter_request_from_case"), table_name="matter_request")
    op.drop_index(op.f("ix_matter_request_case_id_id"), table_name="matter_request")
    op.drop_table("matter_request")
    op.drop_index(op.f("ix_matter_referral_case_id"), table_name="matter_referral")
    op.drop_table("matter_referral")
    op.drop_index("ix_matter_letter_sent", table_name="matter_letter", postgresql_where=sa.text("sent_at is not null"))
    op.drop_index(op.f("ix_matter_letter_case_id_id"), table_name="matter_letter")
    op.drop_table("matter_letter")
    op.drop_index(op.f("ix_review_sample_case_id"), table_name="review_sample")
    op.drop_table("review_sample")
    op.drop_index("uq_matter_open_subject", table_name="matter", postgresql_where=sa.text("closed_at is null"))
    op.drop_index(op.f("ix_matter_unit_opened_at"), table_name="matter")
    op.drop_index(op.f("ix_matter_subject_case"), table_name="matter")
    op.drop_index(op.f("ix_matter_opened_at_case_id"), table_name="matter")
    op.drop_index("ix_matter_open", table_name="matter", postgresql_where=sa.text("closed_at is null"))
    op.drop_table("matter")
    op.drop_table("review_draw")
