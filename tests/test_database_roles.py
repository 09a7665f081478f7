"""Three database roles, or one for everything: rights, who is bound, and going from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from app import migrating
from app.config import Settings
from app.db import Databases
from app.postgres import WEB, WORKER, Cluster
from tests.fixtures_confined import OTHERS, OURS, SCOPE, a_paper, rows_of
from workflows import store
from workflows.tables import Case
from workflows.time import now


def test_web_and_worker_own_nothing_and_are_bound(engine: Engine, settings: Settings) -> None:
    if settings.database_owner_url is None:
        pytest.skip("one role for everything")
    databases = Databases(settings)
    roles = text("select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname in (:web, :worker)")
    with engine.connect() as connection:
        found = {row[0]: tuple(row[1:]) for row in connection.execute(roles, {"web": WEB, "worker": WORKER})}
        assert found == {WEB: (False, False, False), WORKER: (False, False, False)}
        owned = text("select count(*) from pg_tables where schemaname = 'public' and tableowner in (:web, :worker)")
        assert connection.scalar(owned, {"web": WEB, "worker": WORKER}) == 0
    for sql in ("create table mine (id int)", "alter table wf_case disable row level security", "delete from alembic_version"):
        for role in ("web", "worker"):
            with databases.session(role) as session, pytest.raises(ProgrammingError):  # type: ignore[arg-type]
                session.execute(text(sql))
    databases.dispose()


@pytest.fixture
def beside(engine: Engine) -> Iterator[Callable[..., Settings]]:
    """``beside(…)`` → settings of another, empty database of the same server with those roles."""
    name = f"{engine.url.database}_roles"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("select rolsuper or rolcreatedb from pg_roles where rolname = current_user")):
            pytest.skip("the role may not create databases")
        connection.execute(text(f'drop database if exists "{name}"'))
        connection.execute(text(f'create database "{name}"'))

    def make(**roles: str) -> Settings:
        urls = {f"database_{k}url": engine.url.set(database=name, username=v).render_as_string(False) for k, v in roles.items()}
        return Settings(**urls, testing=True)

    yield make
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}"'))


def test_one_role_for_everything_is_bound_too(beside: Callable[..., Settings], engine: Engine) -> None:
    one = Databases(beside(**{"": engine.url.username or ""}))
    migrating.upgrade(one.engine("owner"))
    case_id = _a_confined_case(one)
    with one.session("web") as session:
        assert rows_of(session, "wf_case", case_id) == 0 and rows_of(session, "paper", case_id) == 0
        session.execute(text("select set_config('hxt.organs', :organs, true)"), {"organs": OURS})
        assert rows_of(session, "wf_case", case_id) == 1 and rows_of(session, "paper", case_id) == 1
        session.execute(text("select wf_confine(:case, :organs)"), {"case": case_id, "organs": [OTHERS]})
        assert session.scalar(SCOPE) == OURS and rows_of(session, "paper", case_id) == 0
        session.commit()
    with one.session("worker") as session:
        assert session.scalar(text("select confined from paper")) == [OTHERS]
    one.dispose()


def test_one_role_becomes_three_and_three_one(beside: Callable[..., Settings], engine: Engine, settings: Settings) -> None:
    if settings.database_owner_url is None:
        pytest.skip("one role for everything")
    owner = engine.url.username or ""
    one = Databases(beside(**{"": owner}))
    three = Databases(beside(**{"": WEB, "owner_": owner, "worker_": WORKER}))
    two = Databases(beside(**{"": WEB, "owner_": owner}))
    migrating.upgrade(one.engine("owner"))
    case_id = _a_confined_case(one)
    for databases in (three, two, one, three):
        migrating.upgrade(databases.engine("owner"))
        migrating.upgrade(databases.engine("owner"))  # a second time: nothing to do
        with databases.session("web") as session:
            assert rows_of(session, "wf_case", case_id) == 0
        with databases.session("worker") as session:
            assert rows_of(session, "wf_case", case_id) == 1
    with three.engine("owner").begin() as connection:
        connection.execute(text("create table later (id int)"))  # what a later migration makes is theirs as well
    with three.session("web") as session:
        session.execute(text("insert into later values (1)"))
    for databases in (one, two, three):
        databases.dispose()


def _a_confined_case(databases: Databases) -> UUID:
    """Made by hand, with one paper."""
    case_id = store.new_id()
    with databases.session("worker") as session:
        session.add(Case(id=case_id, city="360100", title="密", attrs={}, facets={}, created_at=now()))
        session.flush()
        session.execute(text("select wf_confine(:case, :organs)"), {"case": case_id, "organs": [OURS]})
        session.execute(a_paper(), {"id": uuid4(), "case": case_id})  # type: ignore[call-overload]
        session.commit()
    return case_id


def test_the_migration_leaves_no_policy_behind(beside: Callable[..., Settings], engine: Engine) -> None:
    one = Databases(beside(**{"": engine.url.username or ""}))
    owner = one.engine("owner")
    migrating.upgrade(owner, "0007")
    migrating.downgrade(owner, "0006")
    with owner.connect() as connection:
        assert connection.scalar(text("select count(*) from pg_policy")) == 0
        bound = text("select count(*) from pg_class where (relrowsecurity or relforcerowsecurity) and relkind = 'r'")
        assert connection.scalar(bound) == 0
        ours = text("select count(*) from pg_proc where proname like 'wf!_%' escape '!'")
        assert connection.scalar(ours) == 0
    migrating.upgrade(owner)
    one.dispose()


def test_a_cluster_from_before_gets_its_roles_at_the_next_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("old")
    for folder in (home, *home.parents):
        if folder.owner() == Path.home().owner() and folder.is_relative_to(tmp_path_factory.getbasetemp()):
            folder.chmod(0o711)
    cluster = Cluster(home, durable=False)
    cluster.start()
    try:
        with cluster.connect() as connection:
            connection.execute(f"drop role {WEB}")
            connection.execute(f"drop role {WORKER}")
        cluster.ensure_database("huanxintong")
        with cluster.connect() as connection:
            there = {name for (name,) in connection.execute("select rolname from pg_roles where not rolsuper")}
        assert {WEB, WORKER, "huanxintong"} <= there
    finally:
        cluster.stop()


# --- the settings ---------------------------------------------------------------------------------------------------------------------


def test_addresses_and_what_stands_in_for_those_left_out(tmp_path: Path) -> None:
    one = Settings(database_url="postgres://a@h/x")
    assert {one.url("web"), one.url("worker"), one.url("owner")} == {"postgresql+psycopg://a@h/x"}
    two = Settings(database_url="postgres://web@h/x", database_owner_url="postgres://own@h/x")
    assert (two.url("web"), two.url("worker")) == ("postgresql+psycopg://web@h/x", "postgresql+psycopg://own@h/x")
    own = Settings(instance=tmp_path)
    assert [own.url(role).split("@")[0].split("//")[1] for role in ("owner", "web", "worker")] == ["huanxintong", WEB, WORKER]  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [{"database_owner_url": "x"}, {"database_url": "x", "database_worker_url": "y"}])
def test_an_address_too_many_is_told(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="DATABASE_"):
        Settings(**given)  # type: ignore[arg-type]
