"""row-level security: organs that may see a case, on the case and copied to its rows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import confinement_sql as confinement

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ENGINE = ("wf_case", "wf_instance", "wf_task", "wf_clock", "wf_message", "wf_event", "wf_link")  # its own INSERTs copy the organs
APP = ("paper", "file", "notice")  # a trigger does
LEFT = {"wf_message", "wf_event", "notice"}  # may be left with a case that one does not see

# Functions of the tables' owner. Where one role does everything, the owner is bound like any other: these look past that for a moment.
WIDEN = """
create function wf_widen() returns text language plpgsql as $$
declare
  scope text := coalesce(current_setting('hxt.organs', true), '');
begin
  perform set_config('hxt.organs', '*', true);
  return scope;
end $$
"""
OF_CASE = """
create function wf_confined_of(target uuid) returns text[] language plpgsql security definer set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
  organs text[] := (select confined from wf_case where id = target);
begin
  perform set_config('hxt.organs', scope, true);
  return organs;
end $$
"""
COPY = """
create function wf_copy_confined() returns trigger language plpgsql as $$
begin
  new.confined := wf_confined_of(new.case_id);
  return new;
end $$
"""
# Whoever sees the case may change who sees it, also so that they no longer do: an UPDATE of their own could not write such a row.
CONFINE = f"""
create function wf_confine(target uuid, organs text[]) returns void language plpgsql security definer
   set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
  before text[];
  copy regclass;
begin
  select confined into before from wf_case where id = target for update;
  if not found or not (before is null or scope = '*' or before && string_to_array(scope, ',')) then
    raise exception 'case % is not seen from here', target using errcode = 'insufficient_privilege';
  end if;
  update wf_case set confined = organs where id = target;
  for copy in select unnest('{{wf_instance,wf_task,wf_clock,wf_message,wf_event,wf_link}}'::regclass[])
        union select tgrelid::regclass from pg_trigger where tgname = '{confinement.COPY}' loop
    execute format('update %s set confined = $1 where case_id = $2 and confined is distinct from $1', copy) using organs, target;
  end loop;
  perform set_config('hxt.organs', scope, true);
end $$
"""
# What a monitor asks is how much there is, not what: all rows, of everybody.
FIGURES = """
create function wf_figures() returns table (name text, value double precision) language plpgsql security definer
   set search_path = public, pg_temp as $$
declare
  scope text := wf_widen();
begin
  return query
    select 'hxt_open_tasks', count(*)::double precision from wf_task where status = 'open'
    union all select 'hxt_messages_queued', count(*) from wf_message where status = 'queued'
    union all select 'hxt_oldest_message_seconds', coalesce(extract(epoch from now() - min(created_at)), 0)
                from wf_message where status = 'queued'
    union all select 'hxt_clocks_due', count(*) from wf_clock where status = 'running' and next_at <= now()
    union all select 'hxt_incidents_open', count(*) from wf_incident where status = 'open';
  perform set_config('hxt.organs', scope, true);
end $$
"""
FUNCTIONS = ("wf_figures()", "wf_confine(uuid, text[])", "wf_copy_confined()", "wf_confined_of(uuid)", "wf_widen()")
# What the engine does not know when it writes: the organs of the case a message is sent to, and of the case a line outside a step is about.
LOOKED_UP = {"wf_message": "new.from_case is not null", "wf_event": "new.instance_id is null and new.case_id is not null"}


def upgrade() -> None:
    for table in (*ENGINE, *APP):
        op.add_column(table, sa.Column("confined", postgresql.ARRAY(sa.Text()), nullable=True))
    op.create_index(op.f("ix_wf_message_case_id"), "wf_message", ["case_id"], unique=False)
    for function in (WIDEN, OF_CASE, COPY, CONFINE, FIGURES):
        op.execute(function)
    for table in ENGINE:
        confinement.protect(table, confinement.OPEN, left=table in LEFT)
    for table in APP:
        confinement.copied(table, left=table in LEFT)
    for table, when in LOOKED_UP.items():
        trigger = f"create trigger {table}_confined before insert on {table} for each row when ({when})"
        op.execute(f"{trigger} execute function wf_copy_confined()")


def downgrade() -> None:
    for table in LOOKED_UP:
        op.execute(f"drop trigger {table}_confined on {table}")
    for table in (*ENGINE, *APP):
        confinement.release(table)
    for function in FUNCTIONS:
        op.execute(f"drop function {function}")
    op.drop_index(op.f("ix_wf_message_case_id"), table_name="wf_message")
    for table in (*APP, *ENGINE):
        op.drop_column(table, "confined")
