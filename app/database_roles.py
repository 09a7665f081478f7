"""Who may do what in the database: rights of the three roles, and who is let past row-level security. Run after each migration.

The policies themselves, who sees which row, are the migrations' (migrations/confinement_sql.py) and name no role: they bind everybody
but the tables' owner. What is decided here follows the roles of the installation:

- three roles (or two: owner and web): web is bound, the worker has a policy that shows everything, the owner is not bound.
- one role for all: it owns the tables and is bound all the same (FORCE); everything is shown to its connections that ask for
  everything when they are opened (db.EVERYTHING), which those of web processes do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, create_engine, make_url, text

from app.config import Settings
from migrations import confinement_sql as confinement

log = structlog.get_logger()

ASKED = "current_setting('hxt.organs', true) = '*'"
CONFINED = f"""
select c.relname, c.relforcerowsecurity,
       (select array[array_to_string(p.polroles::regrole[]::text[], ','), pg_get_expr(p.polqual, p.polrelid)]
          from pg_policy p where p.polrelid = c.oid and p.polname = '{confinement.ALL}')
  from pg_class c join pg_policy rows on rows.polrelid = c.oid and rows.polname = '{confinement.ROWS}'
 where c.relnamespace = 'public'::regnamespace order by c.relname"""
RIGHTS = """
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select on all sequences in schema public to {role};
alter default privileges in schema public grant select, insert, update, delete on tables to {role};
alter default privileges in schema public grant usage, select on sequences to {role};
revoke insert, update, delete on alembic_version from {role}"""


@dataclass(frozen=True)
class Roles:
    """Names of database roles. ``owner`` is whoever migrates."""

    owner: str
    web: str
    worker: str

    @property
    def one(self) -> bool:
        """One role for all?"""
        return self.web == self.owner

    @property
    def sees_all(self) -> str | None:
        """Who needs a policy that shows everything; an owner that is not bound needs none."""
        return self.worker if self.one or self.worker != self.owner else None


def roles_of(owner: str, settings: Settings | None) -> Roles:
    """The roles an installation names in its addresses; without settings, the owner is all three."""
    if settings is None:
        return Roles(owner, owner, owner)
    return Roles(owner, _name(settings.url("web")), _name(settings.url("worker")))


def _name(url: str) -> str:
    """The role an address logs in as: it says so, or the server does."""
    if user := make_url(url).username:
        return user
    engine = create_engine(url)
    with engine.connect() as connection:
        name = str(connection.scalar(text("select current_user")))
    engine.dispose()
    return name


def admit(connection: Connection, settings: Settings | None) -> None:
    """Give the roles their rights and the worker its policy; what is right already is left alone."""
    roles = roles_of(str(connection.scalar(text("select current_user"))), settings)
    quote = connection.dialect.identifier_preparer.quote
    for role in sorted({roles.web, roles.worker} - {roles.owner}):
        for statement in RIGHTS.format(role=quote(role)).split(";"):
            connection.execute(text(statement))
    _warn(connection, roles)
    shown = "true" if roles.worker != roles.web else ASKED
    for table, forced, policy in connection.execute(text(CONFINED)).all():
        if forced != roles.one:
            connection.execute(text(f"alter table {table} {'force' if roles.one else 'no force'} row level security"))
        if not _same(policy, roles.sees_all and quote(roles.sees_all), shown):
            connection.execute(text(f"drop policy if exists {confinement.ALL} on {table}"))
            if roles.sees_all:
                connection.execute(text(f"create policy {confinement.ALL} on {table} to {quote(roles.sees_all)} using ({shown})"))


def _same(policy: list[str] | None, role: str | None, shown: str) -> bool:
    """Is the policy that is there the one that is wanted? The server writes expressions in its own way."""
    if policy is None or role is None:
        return policy is None and role is None
    return policy[0] == role and (policy[1] == "true") == (shown == "true")


def _warn(connection: Connection, roles: Roles) -> None:
    """A role that nothing binds makes every policy useless: say so."""
    for name, superuser, bypass in connection.execute(
        text("select rolname, rolsuper, rolbypassrls from pg_roles where rolname in (:web, :worker)"),
        {"web": roles.web, "worker": roles.worker},
    ):
        if name == roles.web and (superuser or bypass):
            log.warning("the web role is not bound by row-level security: take SUPERUSER and BYPASSRLS from it", role=name)
