"""leadership"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leader_case",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("matter_key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("hand_reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposer_id", sa.UUID(), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("handler_id", sa.UUID(), nullable=True),
        sa.Column("assigned_on", sa.Date(), nullable=True),
        sa.Column("assigned_by", sa.Text(), nullable=True),
        sa.Column("assign_reason", sa.Text(), nullable=True),
        sa.Column("met_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("met_place", sa.Text(), nullable=True),
        sa.Column("present", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("responsibility", sa.Text(), nullable=True),
        sa.Column("met_recorded_by", sa.Text(), nullable=True),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("plan_deadline", sa.Date(), nullable=True),
        sa.Column("planned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("plan_signed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("plan_signed_by", sa.Text(), nullable=True),
        sa.Column("month_next", sa.Date(), nullable=True),
        sa.Column("exit_way", sa.Text(), nullable=True),
        sa.Column("exit_document", sa.Text(), nullable=True),
        sa.Column("exit_text", sa.Text(), nullable=True),
        sa.Column("exit_evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.Column("exit_proposed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("exit_signed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("exit_signed_by", sa.Text(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_leader_case_case_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["person.id"], name=op.f("fk_leader_case_handler_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_leader_case_owner_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_leader_case_proposer_id")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_leader_case_unit")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_leader_case")),
        sa.UniqueConstraint("number", name=op.f("uq_leader_case_number")),
    )
    op.create_index("ix_leader_case_month", "leader_case", ["month_next"], unique=False, postgresql_where=sa.text("month_next is not null"))
    op.create_index(op.f("ix_leader_case_opened_at"), "leader_case", ["opened_at"], unique=False)
    op.create_index(op.f("ix_leader_case_owner_id_ended_at"), "leader_case", ["owner_id", "ended_at"], unique=False)
    op.create_index("uq_leader_case_living", "leader_case", ["matter_key"], unique=True, postgresql_where=sa.text("ended_at is null"))
    op.create_table(
        "leader_case_petition",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("petition_id", sa.UUID(), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["leader_case.case_id"], name=op.f("fk_leader_case_petition_case_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["wf_case.id"], name=op.f("fk_leader_case_petition_petition_id")),
        sa.PrimaryKeyConstraint("case_id", "petition_id", name=op.f("pk_leader_case_petition")),
    )
    op.create_index(op.f("ix_leader_case_petition_petition_id"), "leader_case_petition", ["petition_id"], unique=False)
    op.create_table(
        "leader_proposal",
        sa.Column("petition_id", sa.UUID(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["wf_case.id"], name=op.f("fk_leader_proposal_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "reasons", name=op.f("pk_leader_proposal")),
    )
    op.create_table(
        "leader_visit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("instance_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("persons", sa.Text(), nullable=False),
        sa.Column("by_owner", sa.Boolean(), nullable=False),
        sa.Column("leader_id", sa.UUID(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("logged_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["leader_case.case_id"], name=op.f("fk_leader_visit_case_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_leader_visit_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_visit")),
    )
    op.create_index(op.f("ix_leader_visit_case_id_held_at"), "leader_visit", ["case_id", "held_at"], unique=False)
    op.create_index(op.f("ix_leader_visit_instance_id"), "leader_visit", ["instance_id"], unique=False)
    op.create_table(
        "leader_promise",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("visit_id", sa.UUID(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["leader_case.case_id"], name=op.f("fk_leader_promise_case_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["leader_visit.id"], name=op.f("fk_leader_promise_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_promise")),
    )
    op.create_index(op.f("ix_leader_promise_case_id"), "leader_promise", ["case_id"], unique=False)
    op.create_index(op.f("ix_leader_promise_visit_id"), "leader_promise", ["visit_id"], unique=False)
    op.create_table(
        "leader_month",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("missed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["leader_case.case_id"], name=op.f("fk_leader_month_case_id")),
        sa.PrimaryKeyConstraint("case_id", "month", name=op.f("pk_leader_month")),
    )
    op.create_table(
        "leader_owner_change",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("instance_id", sa.UUID(), nullable=True),
        sa.Column("from_id", sa.UUID(), nullable=False),
        sa.Column("to_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["leader_case.case_id"], name=op.f("fk_leader_owner_change_case_id")),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_leader_owner_change_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_leader_owner_change_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_owner_change")),
    )
    op.create_index(op.f("ix_leader_owner_change_case_id_at"), "leader_owner_change", ["case_id", "at"], unique=False)
    op.create_table(
        "ledger_cell",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("from_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("to_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["leader_case.case_id"], name=op.f("fk_ledger_cell_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_cell")),
    )
    op.create_index(op.f("ix_ledger_cell_case_id_field_from_at"), "ledger_cell", ["case_id", "field", "from_at"], unique=False)
    op.create_index("uq_ledger_cell_living", "ledger_cell", ["case_id", "field"], unique=True, postgresql_where=sa.text("to_at is null"))
    op.create_table(
        "ledger_view",
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledger_view_person_id")),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_ledger_view")),
    )
    op.create_table(
        "reception_day",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("leader_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("cancelled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_reception_day_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_day")),
    )
    op.create_index(op.f("ix_reception_day_day"), "reception_day", ["day"], unique=False)
    op.create_index(op.f("ix_reception_day_leader_id_day"), "reception_day", ["leader_id", "day"], unique=False)
    op.create_table(
        "reception_visitor",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("reception_day_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("place_in_line", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("leader_visit_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_reception_visitor_case_id")),
        sa.ForeignKeyConstraint(["leader_visit_id"], ["leader_visit.id"], name=op.f("fk_reception_visitor_leader_visit_id")),
        sa.ForeignKeyConstraint(["reception_day_id"], ["reception_day.id"], name=op.f("fk_reception_visitor_reception_day_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_visitor")),
    )
    op.create_index(op.f("ix_reception_visitor_case_id"), "reception_visitor", ["case_id"], unique=False)
    op.create_index("uq_reception_visitor_place", "reception_visitor", ["reception_day_id", "place_in_line"], unique=True)


def downgrade() -> None:
    op.drop_table("reception_visitor")
    op.drop_table("reception_day")
    op.drop_table("ledger_view")
    op.drop_table("ledger_cell")
    op.drop_table("leader_owner_change")
    op.drop_table("leader_month")
    op.drop_table("leader_promise")
    op.drop_table("leader_visit")
    op.drop_table("leader_proposal")
    op.drop_table("leader_case_petition")
    op.drop_table("leader_case")
