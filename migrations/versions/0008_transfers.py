"""两法衔接 and 移送行政拘留: files of the three organs, letters, sealed packages, penalty register. A sealed package cannot be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import confinement_sql as confinement

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Functions of the tables' owner; ``wf_widen`` (0007) looks past the policies for a moment where one role does everything.
# Once sealed, only who may see a package may change.
SEALED = """
create function transfer_sealed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
  lies boolean := false;
begin
  if tg_table_name = 'file' then
    lies := (new.removed_at is distinct from old.removed_at or new.sha256 is distinct from old.sha256 or new.name is distinct from old.name)
      and exists (select 1 from transfer_package_item i join transfer_package p on p.id = i.package_id
                   where i.file_id = old.id and p.sealed_at is not null);
  elsif tg_table_name = 'transfer_package' then
    lies := old.sealed_at is not null and (tg_op = 'DELETE' or to_jsonb(new) - 'confined' is distinct from to_jsonb(old) - 'confined');
  elsif tg_op <> 'UPDATE' or to_jsonb(new) - 'confined' is distinct from to_jsonb(old) - 'confined' then
    lies := exists (select 1 from transfer_package p where p.sealed_at is not null
                     and p.id in (case when tg_op <> 'DELETE' then new.package_id end,
                                  case when tg_op <> 'INSERT' then old.package_id end));
  end if;
  perform set_config('hxt.organs', scope, true);
  if lies then
    raise exception 'a sealed package cannot be changed' using errcode = 'check_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$
"""
# Whether a question is open or fines are held does not depend on who looks; these tell nothing else.
UNANSWERED = """
create function transfer_unanswered(asking uuid, penalty uuid, wanted text default null) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
  found_open integer := (select count(*) from transfer_question
                          where answered_at is null and (wanted is null or kind = wanted)
                            and (from_case = asking or penalty_id = penalty or case_id = asking));
begin
  perform set_config('hxt.organs', scope, true);
  return found_open;
end $$
"""
HELD = """
create function transfer_held(penalty uuid) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
  found_open integer := (select count(*) from transfer_hold where until is null and penalty_id = penalty);
begin
  perform set_config('hxt.organs', scope, true);
  return found_open;
end $$
"""
# The end of a case is the end of the file an organ keeps: nobody else has to remember it, and other organs cannot see the case.
ENDED = """
create function transfer_file_ended() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
begin
  update transfer_file set ended_at = coalesce(new.closed_at, now()) where case_id = new.id and ended_at is null;
  perform set_config('hxt.organs', scope, true);
  return null;
end $$
"""
ENDING = """
create trigger transfer_file_ended after update of status on wf_case for each row
when (new.status = 'closed' and old.status is distinct from new.status) execute function transfer_file_ended()
"""
FUNCTIONS = ("transfer_sealed()", "transfer_unanswered(uuid, uuid, text)", "transfer_held(uuid)", "transfer_file_ended()")
# rows of one organ's file follow its case; rows several organs share name them; items follow their package
COPIED = (
    "transfer",
    "transfer_search",
    "transfer_party",
    "transfer_screening",
    "transfer_hold",
    "transfer_objection",
    "transfer_handover",
    "transfer_reverse",
    "consultation",
    "transfer_police",
    "transfer_police_decision",
    "transfer_challenge",
    "transfer_procurator",
    "transfer_supervision",
    "transfer_follow_up",
    "detention",
    "detention_person",
    "detention_police",
    "detention_notice",
)
SHARED = (
    "transfer_file",
    "transfer_question",
    "transfer_letter",
    "transfer_package",
    "transfer_request",
    "transfer_progress",
    "transfer_outcome",
    "platform_entry",
    "penalty_case",
)
TRIGGERS = {
    "transfer_package": "update or delete",
    "transfer_package_item": "insert or update or delete",
    "file": "update",
}


def upgrade() -> None:
    op.create_table(
        "consultation",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=True),
        sa.Column("about_case", sa.UUID(), nullable=True),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("will_attend", sa.Boolean(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("held_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("present", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("evidence_to_fix", sa.Text(), nullable=True),
        sa.Column("leads_to_transfer", sa.Boolean(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["about_case"], ["wf_case.id"], name=op.f("fk_consultation_about_case")),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_consultation_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_consultation_organ")),
        sa.ForeignKeyConstraint(["other"], ["organ.id"], name=op.f("fk_consultation_other")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_consultation_unit")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_consultation")),
    )
    op.create_index(op.f("ix_consultation_about_case"), "consultation", ["about_case"], unique=False)
    op.create_index(op.f("ix_consultation_number"), "consultation", ["number"], unique=False)
    op.create_index(op.f("ix_consultation_organ_asked_at"), "consultation", ["organ", "asked_at"], unique=False)
    op.create_index(op.f("ix_consultation_transfer_no"), "consultation", ["transfer_no"], unique=False)
    op.create_table(
        "detention_person",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id_no", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("detained", sa.Boolean(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("decision_no", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_detention_person_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detention_person")),
        sa.UniqueConstraint("case_id", "no", name=op.f("uq_detention_person_case_id_no")),
    )
    op.create_table(
        "penalty_case",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_key", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("act_kind", sa.Text(), nullable=False),
        sa.Column("act_from", sa.Date(), nullable=True),
        sa.Column("act_to", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_no", sa.Text(), nullable=True),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("confiscated", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("rectify_order", sa.Text(), nullable=True),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("rectified_checked_on", sa.Date(), nullable=True),
        sa.Column("rectified_checked_by", sa.Text(), nullable=True),
        sa.Column("recheck_on", sa.Date(), nullable=True),
        sa.Column("recheck_result", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("offset_amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("offset_note", sa.Text(), nullable=True),
        sa.Column("screening", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("subject_case", sa.UUID(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("imported", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_penalty_case_organ")),
        sa.ForeignKeyConstraint(["subject_case"], ["wf_case.id"], name=op.f("fk_penalty_case_subject_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_penalty_case")),
        sa.UniqueConstraint("number", name=op.f("uq_penalty_case_number")),
    )
    op.create_index(
        "ix_penalty_case_open",
        "penalty_case",
        ["decide_by"],
        unique=False,
        postgresql_where=sa.text("decided_on is null and closed_on is null"),
    )
    op.create_index(op.f("ix_penalty_case_organ_filed_on"), "penalty_case", ["organ", "filed_on"], unique=False)
    op.create_index(
        op.f("ix_penalty_case_party_key_act_kind_decided_on"), "penalty_case", ["party_key", "act_kind", "decided_on"], unique=False
    )
    op.create_index(op.f("ix_penalty_case_subject_case"), "penalty_case", ["subject_case"], unique=False)
    op.create_table(
        "platform_entry",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("party_id", sa.UUID(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_platform_entry_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_platform_entry_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_entry")),
    )
    op.create_index(
        "ix_platform_entry_open", "platform_entry", ["organ", "due_at"], unique=False, postgresql_where=sa.text("entered_at is null")
    )
    op.create_index(op.f("ix_platform_entry_transfer_no"), "platform_entry", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_challenge",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("from_organ", sa.Text(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer_letter", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_challenge_case_id")),
        sa.ForeignKeyConstraint(["from_organ"], ["organ.id"], name=op.f("fk_transfer_challenge_from_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_challenge")),
        sa.UniqueConstraint("case_id", "letter_no", name=op.f("uq_transfer_challenge_case_id_letter_no")),
    )
    op.create_table(
        "transfer_file",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_file_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_transfer_file_organ")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_transfer_file")),
    )
    op.create_index(op.f("ix_transfer_file_organ_started_at"), "transfer_file", ["organ", "started_at"], unique=False)
    op.create_index(op.f("ix_transfer_file_transfer_no_process_organ"), "transfer_file", ["transfer_no", "process", "organ"], unique=False)
    op.create_table(
        "transfer_follow_up",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("to_organ", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_follow_up_case_id")),
        sa.ForeignKeyConstraint(["to_organ"], ["organ.id"], name=op.f("fk_transfer_follow_up_to_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_follow_up")),
    )
    op.create_index(op.f("ix_transfer_follow_up_case_id"), "transfer_follow_up", ["case_id"], unique=False)
    op.create_table(
        "transfer_objection",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("way_reason", sa.Text(), nullable=True),
        sa.Column("way_by", sa.Text(), nullable=True),
        sa.Column("way_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("drafts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("legal", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("signed", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reconsider_letter", sa.Text(), nullable=True),
        sa.Column("reconsider_result", sa.Text(), nullable=True),
        sa.Column("reconsidered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("proposal_letter", sa.Text(), nullable=True),
        sa.Column("supervision_result", sa.Text(), nullable=True),
        sa.Column("supervised_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_objection_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_objection")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_transfer_objection_case_id_round")),
    )
    op.create_table(
        "transfer_outcome",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("party_id", sa.UUID(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("fine", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_outcome_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_transfer_outcome_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_outcome")),
    )
    op.create_index(op.f("ix_transfer_outcome_case_id"), "transfer_outcome", ["case_id"], unique=False)
    op.create_index(op.f("ix_transfer_outcome_transfer_no_decided_at"), "transfer_outcome", ["transfer_no", "decided_at"], unique=False)
    op.create_table(
        "transfer_package",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_organ", sa.Text(), nullable=False),
        sa.Column("to_organ", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=True),
        sa.Column("manifest_sm3", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sealed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("sealed_by", sa.Text(), nullable=True),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_package_case_id")),
        sa.ForeignKeyConstraint(["from_organ"], ["organ.id"], name=op.f("fk_transfer_package_from_organ")),
        sa.ForeignKeyConstraint(["to_organ"], ["organ.id"], name=op.f("fk_transfer_package_to_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_package")),
        sa.UniqueConstraint("case_id", "kind", "seq", name=op.f("uq_transfer_package_case_id_kind_seq")),
    )
    op.create_index(op.f("ix_transfer_package_transfer_no_seq"), "transfer_package", ["transfer_no", "seq"], unique=False)
    op.create_index(
        "uq_transfer_package_open", "transfer_package", ["case_id", "kind"], unique=True, postgresql_where=sa.text("sealed_at is null")
    )
    op.create_table(
        "transfer_party",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("id_no", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("final", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fine", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_party_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_party")),
        sa.UniqueConstraint("case_id", "no", name=op.f("uq_transfer_party_case_id_no")),
    )
    op.create_index(op.f("ix_transfer_party_transfer_no"), "transfer_party", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_police_decision",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_police_decision_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_transfer_police_decision_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_police_decision")),
    )
    op.create_index(
        op.f("ix_transfer_police_decision_case_id_decided_at"), "transfer_police_decision", ["case_id", "decided_at"], unique=False
    )
    op.create_index(op.f("ix_transfer_police_decision_transfer_no"), "transfer_police_decision", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_procurator",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("bureau", sa.Text(), nullable=False),
        sa.Column("police", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("crime", sa.Text(), nullable=True),
        sa.Column("registered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("nontransfer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opine", sa.Boolean(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("opinion_no", sa.Text(), nullable=True),
        sa.Column("opinion_letter", sa.Text(), nullable=True),
        sa.Column("opinion_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("filed", sa.Boolean(), nullable=True),
        sa.Column("notice_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("moved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("prosecute", sa.Boolean(), nullable=True),
        sa.Column("prosecution_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("prosecution_reason", sa.Text(), nullable=True),
        sa.Column("penalty_opinion", sa.Text(), nullable=True),
        sa.Column("penalty_opinion_no", sa.Text(), nullable=True),
        sa.Column("penalty_opinion_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("replied_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("penalty_result", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["bureau"], ["organ.id"], name=op.f("fk_transfer_procurator_bureau")),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_procurator_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_transfer_procurator_organ")),
        sa.ForeignKeyConstraint(["police"], ["organ.id"], name=op.f("fk_transfer_procurator_police")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_transfer_procurator")),
    )
    op.create_index(op.f("ix_transfer_procurator_organ_registered_at"), "transfer_procurator", ["organ", "registered_at"], unique=False)
    op.create_index(op.f("ix_transfer_procurator_transfer_no"), "transfer_procurator", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_progress",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("party_id", sa.UUID(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_progress_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_transfer_progress_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_progress")),
    )
    op.create_index(op.f("ix_transfer_progress_case_id"), "transfer_progress", ["case_id"], unique=False)
    op.create_index(op.f("ix_transfer_progress_transfer_no_happened_on"), "transfer_progress", ["transfer_no", "happened_on"], unique=False)
    op.create_table(
        "transfer_screening",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measured", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("act_from", sa.Date(), nullable=True),
        sa.Column("act_to", sa.Date(), nullable=True),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("law_text", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("table_version", sa.Text(), nullable=False),
        sa.Column("hits", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("unsure", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("flags", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_id", sa.UUID(), nullable=True),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=True),
        sa.Column("suspected", sa.Boolean(), nullable=True),
        sa.Column("added", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("legal_reason", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_screening_case_id")),
        sa.ForeignKeyConstraint(["entered_id"], ["person.id"], name=op.f("fk_transfer_screening_entered_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_screening")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_transfer_screening_case_id_seq")),
    )
    op.create_table(
        "transfer_search",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_search_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_transfer_search")),
    )
    op.create_index("ix_transfer_search_text", "transfer_search", ["search"], unique=False, postgresql_using="gin")
    op.create_table(
        "transfer_supervision",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("proposal_letter", sa.Text(), nullable=True),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("explain_letter", sa.Text(), nullable=True),
        sa.Column("explain_no", sa.Text(), nullable=True),
        sa.Column("explain_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("reasons_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("must_file_letter", sa.Text(), nullable=True),
        sa.Column("must_file_no", sa.Text(), nullable=True),
        sa.Column("must_file_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("filed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("corrections", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("told_letter", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_supervision_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_supervision")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_transfer_supervision_case_id_round")),
    )
    op.create_index(op.f("ix_transfer_supervision_transfer_no"), "transfer_supervision", ["transfer_no"], unique=False)
    op.create_table(
        "detention",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=True),
        sa.Column("police", sa.Text(), nullable=True),
        sa.Column("penalty_id", sa.UUID(), nullable=True),
        sa.Column("subject_case", sa.UUID(), nullable=True),
        sa.Column("transfer_case", sa.UUID(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("act_from", sa.Date(), nullable=True),
        sa.Column("act_to", sa.Date(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("grounds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("other_law", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("lighter", sa.Text(), nullable=True),
        sa.Column("table_version", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("check_state", sa.Text(), nullable=True),
        sa.Column("check_why", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("form_reason", sa.Text(), nullable=True),
        sa.Column("form_by", sa.Text(), nullable=True),
        sa.Column("form_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("copies", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_detention_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_detention_organ")),
        sa.ForeignKeyConstraint(["penalty_id"], ["penalty_case.id"], name=op.f("fk_detention_penalty_id")),
        sa.ForeignKeyConstraint(["police"], ["organ.id"], name=op.f("fk_detention_police")),
        sa.ForeignKeyConstraint(["subject_case"], ["wf_case.id"], name=op.f("fk_detention_subject_case")),
        sa.ForeignKeyConstraint(["transfer_case"], ["wf_case.id"], name=op.f("fk_detention_transfer_case")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_detention_unit")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_detention")),
        sa.UniqueConstraint("number", name=op.f("uq_detention_number")),
    )
    op.create_index("ix_detention_open", "detention", ["organ", "state"], unique=False, postgresql_where=sa.text("closed_at is null"))
    op.create_index(op.f("ix_detention_organ_opened_at"), "detention", ["organ", "opened_at"], unique=False)
    op.create_index(op.f("ix_detention_penalty_id"), "detention", ["penalty_id"], unique=False)
    op.create_index(op.f("ix_detention_subject_case"), "detention", ["subject_case"], unique=False)
    op.create_table(
        "detention_notice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("persons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("package_id", sa.UUID(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_detention_notice_case_id")),
        sa.ForeignKeyConstraint(["package_id"], ["transfer_package.id"], name=op.f("fk_detention_notice_package_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detention_notice")),
    )
    op.create_index(op.f("ix_detention_notice_case_id_at"), "detention_notice", ["case_id", "at"], unique=False)
    op.create_index(op.f("ix_detention_notice_number"), "detention_notice", ["number"], unique=False)
    op.create_table(
        "detention_police",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("bureau", sa.Text(), nullable=False),
        sa.Column("bureau_case", sa.UUID(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("package_id", sa.UUID(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("arrived_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("accepted_no", sa.Text(), nullable=True),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("extensions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("extension_log", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("persons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["bureau"], ["organ.id"], name=op.f("fk_detention_police_bureau")),
        sa.ForeignKeyConstraint(["bureau_case"], ["wf_case.id"], name=op.f("fk_detention_police_bureau_case")),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_detention_police_case_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_detention_police_organ")),
        sa.ForeignKeyConstraint(["package_id"], ["transfer_package.id"], name=op.f("fk_detention_police_package_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_detention_police")),
    )
    op.create_index(op.f("ix_detention_police_number"), "detention_police", ["number"], unique=False)
    op.create_index(op.f("ix_detention_police_organ_arrived_at"), "detention_police", ["organ", "arrived_at"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_note", sa.Text(), nullable=True),
        sa.Column("subject_case", sa.UUID(), nullable=True),
        sa.Column("penalty_id", sa.UUID(), nullable=True),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("act_from", sa.Date(), nullable=True),
        sa.Column("act_to", sa.Date(), nullable=True),
        sa.Column("police", sa.Text(), nullable=True),
        sa.Column("procuratorate", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("suspected", sa.Boolean(), nullable=True),
        sa.Column("grave", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=True),
        sa.Column("team", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("team_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("report_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("report_by", sa.Text(), nullable=True),
        sa.Column("crime", sa.Text(), nullable=True),
        sa.Column("crime_name", sa.Text(), nullable=True),
        sa.Column("legal_opinion", sa.Text(), nullable=True),
        sa.Column("legal_by", sa.Text(), nullable=True),
        sa.Column("legal_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_id", sa.UUID(), nullable=True),
        sa.Column("decided_post", sa.Text(), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("receipt_no", sa.Text(), nullable=True),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("notice_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("notice_reason", sa.Text(), nullable=True),
        sa.Column("opinion_letter", sa.Text(), nullable=True),
        sa.Column("opinion_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("returned_route", sa.Text(), nullable=True),
        sa.Column("returned_to", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_as", sa.Text(), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_case_id")),
        sa.ForeignKeyConstraint(["decided_id"], ["person.id"], name=op.f("fk_transfer_decided_id")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_transfer_organ")),
        sa.ForeignKeyConstraint(["penalty_id"], ["penalty_case.id"], name=op.f("fk_transfer_penalty_id")),
        sa.ForeignKeyConstraint(["police"], ["organ.id"], name=op.f("fk_transfer_police")),
        sa.ForeignKeyConstraint(["procuratorate"], ["organ.id"], name=op.f("fk_transfer_procuratorate")),
        sa.ForeignKeyConstraint(["subject_case"], ["wf_case.id"], name=op.f("fk_transfer_subject_case")),
        sa.ForeignKeyConstraint(["unit"], ["organ.id"], name=op.f("fk_transfer_unit")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_transfer")),
    )
    op.create_index("ix_transfer_open", "transfer", ["organ", "state"], unique=False, postgresql_where=sa.text("closed_at is null"))
    op.create_index(op.f("ix_transfer_opened_at_case_id"), "transfer", ["opened_at", "case_id"], unique=False)
    op.create_index(op.f("ix_transfer_organ_opened_at"), "transfer", ["organ", "opened_at"], unique=False)
    op.create_index(op.f("ix_transfer_penalty_id"), "transfer", ["penalty_id"], unique=False)
    op.create_index(op.f("ix_transfer_subject_case"), "transfer", ["subject_case"], unique=False)
    op.create_index(op.f("ix_transfer_transfer_no"), "transfer", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_handover",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("handed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("dangerous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("disposal", sa.Text(), nullable=True),
        sa.Column("party_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("paper_id", sa.UUID(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_handover_case_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_transfer_handover_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_handover")),
    )
    op.create_index(op.f("ix_transfer_handover_case_id"), "transfer_handover", ["case_id"], unique=False)
    op.create_table(
        "transfer_hold",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("penalty_id", sa.UUID(), nullable=True),
        sa.Column("party_id", sa.UUID(), nullable=True),
        sa.Column("since", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("stopped_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_hold_case_id")),
        sa.ForeignKeyConstraint(["party_id"], ["transfer_party.id"], name=op.f("fk_transfer_hold_party_id")),
        sa.ForeignKeyConstraint(["penalty_id"], ["penalty_case.id"], name=op.f("fk_transfer_hold_penalty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_hold")),
    )
    op.create_index(op.f("ix_transfer_hold_case_id"), "transfer_hold", ["case_id"], unique=False)
    op.create_index("ix_transfer_hold_open", "transfer_hold", ["penalty_id"], unique=False, postgresql_where=sa.text("until is null"))
    op.create_index(op.f("ix_transfer_hold_transfer_no"), "transfer_hold", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("from_organ", sa.Text(), nullable=False),
        sa.Column("to_organ", sa.Text(), nullable=False),
        sa.Column("from_case", sa.UUID(), nullable=True),
        sa.Column("to_case", sa.UUID(), nullable=True),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("package_id", sa.UUID(), nullable=True),
        sa.Column("paper_id", sa.UUID(), nullable=True),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), server_default="here", nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["from_case"], ["wf_case.id"], name=op.f("fk_transfer_letter_from_case")),
        sa.ForeignKeyConstraint(["from_organ"], ["organ.id"], name=op.f("fk_transfer_letter_from_organ")),
        sa.ForeignKeyConstraint(["package_id"], ["transfer_package.id"], name=op.f("fk_transfer_letter_package_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_transfer_letter_paper_id")),
        sa.ForeignKeyConstraint(["to_case"], ["wf_case.id"], name=op.f("fk_transfer_letter_to_case")),
        sa.ForeignKeyConstraint(["to_organ"], ["organ.id"], name=op.f("fk_transfer_letter_to_organ")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_letter")),
        sa.UniqueConstraint("letter_no", name=op.f("uq_transfer_letter_letter_no")),
    )
    op.create_index(op.f("ix_transfer_letter_from_case"), "transfer_letter", ["from_case"], unique=False)
    op.create_index(op.f("ix_transfer_letter_to_case"), "transfer_letter", ["to_case"], unique=False)
    op.create_index(op.f("ix_transfer_letter_to_organ_sent_at"), "transfer_letter", ["to_organ", "sent_at"], unique=False)
    op.create_index(op.f("ix_transfer_letter_transfer_no_sent_at"), "transfer_letter", ["transfer_no", "sent_at"], unique=False)
    op.create_table(
        "transfer_package_item",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("package_id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("file_id", sa.UUID(), nullable=True),
        sa.Column("paper_id", sa.UUID(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("mime", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sm3", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("on_paper", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        sa.Column("wording", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("text_layer", sa.Boolean(), nullable=True),
        sa.Column("reporter_checked_by", sa.Text(), nullable=True),
        sa.Column("reporter_checked_id", sa.UUID(), nullable=True),
        sa.Column("reporter_checked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_transfer_package_item_file_id")),
        sa.ForeignKeyConstraint(["package_id"], ["transfer_package.id"], name=op.f("fk_transfer_package_item_package_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_transfer_package_item_paper_id")),
        sa.ForeignKeyConstraint(["reporter_checked_id"], ["person.id"], name=op.f("fk_transfer_package_item_reporter_checked_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_package_item")),
        sa.UniqueConstraint("package_id", "seq", name=op.f("uq_transfer_package_item_package_id_seq")),
    )
    op.create_index(op.f("ix_transfer_package_item_file_id"), "transfer_package_item", ["file_id"], unique=False)
    op.create_table(
        "transfer_police",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("organ", sa.Text(), nullable=False),
        sa.Column("from_organ", sa.Text(), nullable=False),
        sa.Column("bureau", sa.Text(), nullable=False),
        sa.Column("procuratorate", sa.Text(), nullable=True),
        sa.Column("passed_from", sa.UUID(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("package_id", sa.UUID(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("crime", sa.Text(), nullable=True),
        sa.Column("arrived_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("receipt_no", sa.Text(), nullable=True),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("hashes", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("hashes_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("hashes_ok", sa.Boolean(), nullable=True),
        sa.Column("juris", sa.Text(), nullable=True),
        sa.Column("juris_organ", sa.Text(), nullable=True),
        sa.Column("juris_reason", sa.Text(), nullable=True),
        sa.Column("juris_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("term", sa.SmallInteger(), server_default=sa.text("3"), nullable=False),
        sa.Column("term_ground", sa.Text(), nullable=True),
        sa.Column("term_by", sa.Text(), nullable=True),
        sa.Column("term_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("filed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decider_id", sa.UUID(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("police_no", sa.Text(), nullable=True),
        sa.Column("notified_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("served_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("window_from", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["bureau"], ["organ.id"], name=op.f("fk_transfer_police_bureau")),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_police_case_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["person.id"], name=op.f("fk_transfer_police_decider_id")),
        sa.ForeignKeyConstraint(["from_organ"], ["organ.id"], name=op.f("fk_transfer_police_from_organ")),
        sa.ForeignKeyConstraint(["juris_organ"], ["organ.id"], name=op.f("fk_transfer_police_juris_organ")),
        sa.ForeignKeyConstraint(["organ"], ["organ.id"], name=op.f("fk_transfer_police_organ")),
        sa.ForeignKeyConstraint(["package_id"], ["transfer_package.id"], name=op.f("fk_transfer_police_package_id")),
        sa.ForeignKeyConstraint(["passed_from"], ["wf_case.id"], name=op.f("fk_transfer_police_passed_from")),
        sa.ForeignKeyConstraint(["procuratorate"], ["organ.id"], name=op.f("fk_transfer_police_procuratorate")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_transfer_police")),
    )
    op.create_index(op.f("ix_transfer_police_organ_arrived_at"), "transfer_police", ["organ", "arrived_at"], unique=False)
    op.create_index(op.f("ix_transfer_police_passed_from"), "transfer_police", ["passed_from"], unique=False)
    op.create_index(op.f("ix_transfer_police_transfer_no"), "transfer_police", ["transfer_no"], unique=False)
    op.create_table(
        "transfer_question",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="crime", nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("from_case", sa.UUID(), nullable=True),
        sa.Column("penalty_id", sa.UUID(), nullable=True),
        sa.Column("link_id", sa.UUID(), nullable=True),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_question_case_id")),
        sa.ForeignKeyConstraint(["from_case"], ["wf_case.id"], name=op.f("fk_transfer_question_from_case")),
        sa.ForeignKeyConstraint(["link_id"], ["wf_link.id"], name=op.f("fk_transfer_question_link_id")),
        sa.ForeignKeyConstraint(["penalty_id"], ["penalty_case.id"], name=op.f("fk_transfer_question_penalty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_question")),
    )
    op.create_index(op.f("ix_transfer_question_case_id"), "transfer_question", ["case_id"], unique=False)
    op.create_index(
        "ix_transfer_question_open", "transfer_question", ["from_case"], unique=False, postgresql_where=sa.text("answered_at is null")
    )
    op.create_index(
        "ix_transfer_question_penalty",
        "transfer_question",
        ["penalty_id"],
        unique=False,
        postgresql_where=sa.text("penalty_id is not null"),
    )
    op.create_table(
        "transfer_request",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("bureau_case", sa.UUID(), nullable=True),
        sa.Column("letter_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("late_by_hours", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("package_id", sa.UUID(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["bureau_case"], ["wf_case.id"], name=op.f("fk_transfer_request_bureau_case")),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_request_case_id")),
        sa.ForeignKeyConstraint(["package_id"], ["transfer_package.id"], name=op.f("fk_transfer_request_package_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_request")),
        sa.UniqueConstraint("letter_no", name=op.f("uq_transfer_request_letter_no")),
    )
    op.create_index(op.f("ix_transfer_request_bureau_case"), "transfer_request", ["bureau_case"], unique=False)
    op.create_index(op.f("ix_transfer_request_transfer_no_asked_at"), "transfer_request", ["transfer_no", "asked_at"], unique=False)
    op.create_table(
        "transfer_reverse",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("transfer_no", sa.Text(), nullable=False),
        sa.Column("party_id", sa.UUID(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opinion_letter", sa.Text(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("penalty", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decision_no", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("replied_letter", sa.Text(), nullable=True),
        sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["wf_case.id"], name=op.f("fk_transfer_reverse_case_id")),
        sa.ForeignKeyConstraint(["party_id"], ["transfer_party.id"], name=op.f("fk_transfer_reverse_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_reverse")),
    )
    op.create_index(op.f("ix_transfer_reverse_case_id"), "transfer_reverse", ["case_id"], unique=False)
    op.create_index(op.f("ix_transfer_reverse_transfer_no"), "transfer_reverse", ["transfer_no"], unique=False)
    for statement in (SEALED, UNANSWERED, HELD, ENDED, ENDING):
        op.execute(statement)
    for table, when in TRIGGERS.items():
        op.execute(f"create trigger transfer_sealed before {when} on {table} for each row execute function transfer_sealed()")
    for table in COPIED:
        confinement.copied(table)
    for table in SHARED:
        confinement.own(table)
    confinement.by_parent("transfer_package_item", "package_id", "transfer_package")


def downgrade() -> None:
    for table in TRIGGERS:
        op.execute(f"drop trigger transfer_sealed on {table}")
    op.execute("drop trigger transfer_file_ended on wf_case")
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    op.drop_table("transfer_reverse")
    op.drop_table("transfer_request")
    op.drop_table("transfer_question")
    op.drop_table("transfer_police")
    op.drop_table("transfer_package_item")
    op.drop_table("transfer_letter")
    op.drop_table("transfer_hold")
    op.drop_table("transfer_handover")
    op.drop_table("transfer")
    op.drop_table("detention_police")
    op.drop_table("detention_notice")
    op.drop_table("detention")
    op.drop_table("transfer_supervision")
    op.drop_table("transfer_search")
    op.drop_table("transfer_screening")
    op.drop_table("transfer_progress")
    op.drop_table("transfer_procurator")
    op.drop_table("transfer_police_decision")
    op.drop_table("transfer_party")
    op.drop_table("transfer_package")
    op.drop_table("transfer_outcome")
    op.drop_table("transfer_objection")
    op.drop_table("transfer_follow_up")
    op.drop_table("transfer_file")
    op.drop_table("transfer_challenge")
    op.drop_table("platform_entry")
    op.drop_table("penalty_case")
    op.drop_table("detention_person")
    op.drop_table("consultation")
