"""A case that only one police organ may see, people of that organ and of another, and sessions as the database role of web requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db
from app.accounts import scope
from app.accounts.models import Person, Post
from app.accounts.passwords import hash_password
from app.db import Databases
from app.demo.people import DEMO_PASSWORD, SINCE
from app.engine import get_engine
from tests.petitions.builders import person
from workflows import Actor

if TYPE_CHECKING:
    from tests.fixtures_world import World

CONFINED = ("wf_case", "wf_instance", "wf_task", "wf_clock", "wf_message", "wf_event", "wf_link", "paper", "file", "notice")
OURS, OTHERS = "ps-360111", "ps-360112"  # the police organ the case is confined to, and that of another county
ACTOR = Actor.system("测试")
SCOPE = text("select current_setting('hxt.organs', true)")
ROLES = ("office", "desk", "leader", "organ_head", "unit_head", "unit_clerk", "handler", "supervisor", "legal")


@dataclass
class Confined:
    """``world`` confined to OURS. ``names`` are the words by which anything of it would be recognised on a page."""

    app: Flask
    case_id: UUID
    ids: dict[str, str]
    names: tuple[str, str]


@pytest.fixture
def confined(bureau: Flask, world: World) -> Confined:
    with bureau.app_context(), db.transaction() as session:
        for organ in (OURS, OTHERS):
            police_people(session, organ)
        engine = get_engine()
        engine.send(session, world.case_id, "petition.rated", {}, ACTOR)
        engine.update_case(session, world.case_id, ACTOR, title="只给青山湖公安看的案件", number="洪公密〔2026〕7号", confined=[OURS])
    names = ("只给青山湖公安看的案件", "洪公密〔2026〕7号")
    return Confined(bureau, world.case_id, world.ids, names)


def police_people(session: Session, organ: str) -> None:
    """Somebody with every role in casework at that organ, and an auditor."""
    password = hash_password(DEMO_PASSWORD)
    for account, roles in ((organ, ROLES), (f"{organ}-auditor", ("auditor",))):
        posts = [Post(organ_id=organ, role=role, title="", since=SINCE) for role in roles]
        session.add(Person(account=account, name=f"民警{account}", password=password, must_change=False, active=True, all_posts=posts))
    session.flush()


@contextmanager
def acting_for(app: Flask, organs: str) -> Iterator[Session]:
    """A transaction of the role web with that scope, rolled back at its end."""
    databases: Databases = app.extensions["database"]
    with databases.session("web") as session:
        session.execute(text("select set_config('hxt.organs', :organs, true)"), {"organs": organs})
        yield session
        session.rollback()


def rows_of(session: Session, table: str, case_id: UUID) -> int:
    column = "id" if table == "wf_case" else "case_id"
    return int(session.scalar(text(f"select count(*) from {table} where {column} = :case"), {"case": case_id}) or 0)


def a_paper() -> object:
    return text("insert into paper (id, case_id, kind, content, maker, made_at) values (:id, :case, '回执', '[]', '测试', now())")


@contextmanager
def request_of(confined: Confined, account: str) -> Iterator[Session]:
    """Inside a request of somebody who is logged in."""
    with confined.app.test_request_context():
        with confined.app.extensions["database"].session("worker") as all_seeing:
            person_id = person(all_seeing, account).id
        scope.enter(db.session, person_id)
        yield db.session


def one_role(session: Session) -> bool:
    """Do the tests run with one database role for everything (TEST_DATABASE_URL alone)?"""
    return bool(session.scalar(text("select tableowner = current_user from pg_tables where tablename = 'wf_case'")))
