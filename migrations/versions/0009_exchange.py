"""Exchange between installations: partners, keys, streams of letters both ways, comparisons. Texts are not for web requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import confinement_sql as confinement

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_partner",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("skew_seconds", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_partner")),
    )
    op.create_table(
        "exchange_text",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_text")),
    )
    op.create_table(
        "exchange_file",
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("sm3", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("got", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("mime", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("begun_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("complete_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_file_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "sm3", name=op.f("pk_exchange_file")),
    )
    op.create_table(
        "exchange_in",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("skew_seconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="stored", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("applied_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_in_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_in")),
        sa.UniqueConstraint("partner_id", "transfer_no", "seq", name=op.f("uq_exchange_in_partner_id_transfer_no_seq")),
    )
    op.create_index(
        "ix_exchange_in_open",
        "exchange_in",
        ["partner_id", "transfer_no", "seq"],
        unique=False,
        postgresql_where=sa.text("status <> 'applied'"),
    )
    op.create_table(
        "exchange_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("trusted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("trusted_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_key_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_key")),
    )
    op.create_index(op.f("ix_exchange_key_partner_id"), "exchange_key", ["partner_id"], unique=False)
    op.create_table(
        "exchange_organ",
        sa.Column("organ_id", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_exchange_organ_organ_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_organ_partner_id")),
        sa.PrimaryKeyConstraint("organ_id", name=op.f("pk_exchange_organ")),
    )
    op.create_index(op.f("ix_exchange_organ_partner_id"), "exchange_organ", ["partner_id"], unique=False)
    op.create_table(
        "exchange_statement",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), server_default="stored", nullable=False),
        sa.Column("transfers", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("differences", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_statement_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_statement")),
        sa.UniqueConstraint("partner_id", "day", "way", name=op.f("uq_exchange_statement_partner_id_day_way")),
    )
    op.create_table(
        "exchange_stream",
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("out_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("out_digest", sa.Text(), nullable=True),
        sa.Column("in_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("in_digest", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_stream_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", "transfer_no", name=op.f("pk_exchange_stream")),
    )
    op.create_table(
        "exchange_compared",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("statement_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("ours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("theirs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("differs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["exchange_statement.id"], name=op.f("fk_exchange_compared_statement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_compared")),
    )
    op.create_index(op.f("ix_exchange_compared_statement_id"), "exchange_compared", ["statement_id"], unique=False)
    op.create_index(op.f("ix_exchange_compared_transfer_no"), "exchange_compared", ["transfer_no"], unique=False)
    op.create_table(
        "exchange_out",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="written", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("tried_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("delivered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["transfer_letter.id"], name=op.f("fk_exchange_out_letter_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partner.id"], name=op.f("fk_exchange_out_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_out")),
        sa.UniqueConstraint("letter_id", "partner_id", name=op.f("uq_exchange_out_letter_id_partner_id")),
        sa.UniqueConstraint("partner_id", "transfer_no", "seq", name=op.f("uq_exchange_out_partner_id_transfer_no_seq")),
    )
    op.create_index(
        "ix_exchange_out_open", "exchange_out", ["partner_id", "status"], unique=False, postgresql_where=sa.text("status <> 'delivered'")
    )
    # a web request leaves a text and reads none, whoever is logged in; the worker and the owner are let past
    confinement.protect("exchange_text", "false", left=True)
    confinement.own("exchange_compared")


def downgrade() -> None:
    op.drop_index("ix_exchange_out_open", table_name="exchange_out", postgresql_where=sa.text("status <> 'delivered'"))
    op.drop_table("exchange_out")
    op.drop_index(op.f("ix_exchange_compared_transfer_no"), table_name="exchange_compared")
    op.drop_index(op.f("ix_exchange_compared_statement_id"), table_name="exchange_compared")
    op.drop_table("exchange_compared")
    op.drop_table("exchange_stream")
    op.drop_table("exchange_statement")
    op.drop_index(op.f("ix_exchange_organ_partner_id"), table_name="exchange_organ")
    op.drop_table("exchange_organ")
    op.drop_index(op.f("ix_exchange_key_partner_id"), table_name="exchange_key")
    op.drop_table("exchange_key")
    op.drop_index("ix_exchange_in_open", table_name="exchange_in", postgresql_where=sa.text("status <> 'applied'"))
    op.drop_table("exchange_in")
    op.drop_table("exchange_file")
    op.drop_table("exchange_text")
    op.drop_table("exchange_partner")
