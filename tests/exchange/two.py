"""Two installations in one process: the bureau's and the one police and procuratorate share, each with a database and files of its own."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app import create_app, db, migrating
from app.config import Settings
from app.db import make_engine
from app.demo.people import DEMO_PASSWORD, seed_organisation, seed_people
from app.engine import get_engine
from app.exchange import partners, signing
from app.exchange.courier import Courier
from app.models import metadata
from tests.transfer.bureau_builders import work
from workflows import time as clock_time
from workflows.handlers import Actor

BUREAU, PARTNER = "huanbao-360100", "zhengfa-360100"  # the police and the procuratorate share an installation
MORNING = datetime(2026, 9, 21, 9, tzinfo=clock_time.ZONE)
OPERATOR = Actor.system("运维")


def theirs(organ: str) -> bool:
    return organ.startswith(("ps-", "pp-"))


@dataclass
class Side:
    """One installation."""

    app: Flask
    settings: Settings
    engine: Engine
    other: Side | None = None
    http: httpx.Client | None = None

    @contextlib.contextmanager
    def work(self) -> Iterator[Session]:
        """A transaction inside this installation, as its worker."""
        with self.app.app_context(), db.transaction() as session:
            yield session

    @property
    def client(self) -> httpx.Client:
        """Talks to the other installation's app without a network."""
        assert self.other is not None
        if self.http is None:
            self.http = httpx.Client(transport=httpx.WSGITransport(app=self.other.app, raise_app_exceptions=False))
        return self.http

    def courier(self) -> Courier:
        return Courier(self.settings, self.client)

    def settle(self) -> bool:
        """What this side's worker does until nothing is left."""
        did = False
        with self.app.app_context():
            while self.courier().once():
                did = True
            with db.transaction() as session:
                work(session)
        return did

    def empty(self) -> None:
        names = [table.name for table in metadata().sorted_tables if table.name != "alembic_version"]
        question = " union all ".join(f"select '{name}' where exists (select 1 from \"{name}\")" for name in names)
        with self.engine.begin() as connection:
            if filled := list(connection.scalars(text(question))):
                quoted = ", ".join(f'"{name}"' for name in filled)
                connection.execute(text(f"truncate {quoted} restart identity cascade"))
        shutil.rmtree(self.settings.instance / "exchange" / "parts", ignore_errors=True)
        with self.app.app_context():
            get_engine().library.forget_current()


def both(a: Side, b: Side, rounds: int = 20) -> None:
    """Both workers, until nothing moves."""
    for _ in range(rounds):
        if not any([a.settle(), b.settle()]):
            return
    raise AssertionError("the two installations never come to rest")


def make(engine: Engine, settings: Settings, folder: Path, name: str, **more: Any) -> Side:
    """An installation on a database of its own in the cluster of the tests."""
    database = f"{engine.url.database}_{name}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{database}"'))
        connection.execute(text(f'create database "{database}"'))
    urls = {
        field: _named(value, database)
        for field in ("database_url", "database_owner_url", "database_worker_url")
        if (value := getattr(settings, field))
    }
    own = settings.model_copy(update={**urls, "instance": folder / name, "exchange_retry_seconds": 0.2, **more})
    own.instance.mkdir()
    made = make_engine(own, "owner")
    migrating.upgrade(made)
    app = create_app(own)
    app.config["WTF_CSRF_ENABLED"] = False
    return Side(app, own, made)


def _named(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    return head.rpartition("/")[0] + f"/{database}" + (f"?{query}" if query else "")


def found(side: Side, *, here: bool) -> None:
    """Organisations, the people of this side alone, the procedures; keys and addresses are handed over by ``acquaint``."""
    with side.work() as session:
        seed_organisation(session)
        seed_people(session)
        session.flush()
        session.execute(
            text("delete from post using organ where organ.id = post.organ_id and (organ.kind in ('police', 'procuratorate')) = :bureau"),
            {"bureau": here},
        )
        get_engine().library.deploy(session)


def acquaint(a: Side, b: Side, url_a: str = "http://localhost", url_b: str = "http://localhost") -> None:
    """Each side registers the other: its address, its organisations, its key."""
    for one in (a, b):
        if not list(signing.folder(one.settings).glob("*.pem")):
            signing.new_key(one.settings)
    _know(a, b, url_b, lambda organ: theirs(organ))
    _know(b, a, url_a, lambda organ: not theirs(organ))


def _know(side: Side, other: Side, url: str, works_there: Any) -> None:
    from app.accounts.models import Organ

    with side.work() as session:
        partners.add(session, other.settings.exchange_id, other.settings.exchange_id, url, OPERATOR)
        organs = [organ for organ in session.scalars(select(Organ.id)) if works_there(organ)]
        partners.works_there(session, other.settings.exchange_id, organs, OPERATOR)
        partners.trust(session, signing.handover(other.settings, signing.signer(other.settings)), OPERATOR)


def logged_in(side: Side, account: str) -> FlaskClient:
    client = side.app.test_client()
    answer = client.post("/login", data={"account": account, "password": DEMO_PASSWORD})
    assert answer.status_code in (302, 303), answer.status_code
    return client
