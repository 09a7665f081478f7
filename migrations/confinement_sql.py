"""Row-level security as SQL, for migrations: which rows of confined cases the database shows to whom (docs/decisions/0007).

A confined row carries ``confined text[]``: ids of the organs that may see it. A web transaction says for which organs it acts in the
setting ``hxt.organs`` (comma-separated, transaction-local, app/accounts/scope.py). Who is let past the policies (the worker) depends on
the roles of the installation and is put right after each migration by app/migrating.py, not here.
"""

from __future__ import annotations

from alembic import op

ROWS = "confined_rows"  # the policy every confined table has; by it the tables are found again
LEFT = "confined_left"  # a web step may leave a row with another organ and not read it back
ALL = "confined_all"  # whoever sees everything
COPY = "confined_copy"  # the trigger that copies the organs of the case

SCOPE = "string_to_array(current_setting('hxt.organs', true), ',')"
OURS = f"confined && {SCOPE}"
OPEN = f"confined is null or {OURS}"


def copied(table: str, *, left: bool = False) -> None:
    """Rows of one file: ``confined`` is copied from the case of ``case_id`` and follows it."""
    op.execute(f"create trigger {COPY} before insert or update of case_id on {table} for each row execute function wf_copy_confined()")
    protect(table, OPEN, left=left)


def own(table: str, *, open: bool = False, left: bool = False) -> None:
    """Rows that several organs share: who writes them says in ``confined`` whose they are; without organs they are nobody's."""
    protect(table, OPEN if open else OURS, left=left)


def by_case(table: str, column: str = "case_id", *, left: bool = False) -> None:
    """Rows without organs of their own: seen when their case is."""
    by_parent(table, column, "wf_case", left=left)


def by_parent(table: str, column: str, parent: str, *, left: bool = False) -> None:
    """Rows without organs of their own: seen when the row they hang on is."""
    protect(table, f"{column} is null or exists (select 1 from {parent} parent where parent.id = {table}.{column})", left=left)


def protect(table: str, seen: str, *, left: bool = False) -> None:
    """The policies themselves: read, change and write what one sees; ``left``: also write what one does not see."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {ROWS} on {table} using ({seen})")
    if left:
        op.execute(f"create policy {LEFT} on {table} for insert with check (true)")


def release(table: str) -> None:
    """For a table that stays when its migration is taken back."""
    for policy in (ROWS, LEFT, ALL):
        op.execute(f"drop policy if exists {policy} on {table}")
    op.execute(f"alter table {table} no force row level security")
    op.execute(f"alter table {table} disable row level security")
    op.execute(f"drop trigger if exists {COPY} on {table}")
