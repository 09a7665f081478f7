"""Fixtures with people: the demo organisation, and logging a test client in. Found by tests/conftest.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import db as database
from app.accounts import passwords
from app.accounts.models import Person
from app.demo.people import DEMO_PASSWORD, seed_organisation, seed_people

Login = Callable[..., TestResponse]


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> None:
    """argon2id stays, with parameters that do not cost 50 ms a login."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._hasher = lambda: quick  # type: ignore[assignment]


@pytest.fixture
def demo_org(app: Flask) -> Flask:
    """The organisations of Nanchang and the demo people, committed."""
    with app.app_context(), database.transaction() as session:
        seed_organisation(session)
        seed_people(session)
    return app


@pytest.fixture
def login() -> Login:
    """``login(client, "xinfang")`` → the answer to the login form."""

    def enter(client: FlaskClient, account: str, password: str = DEMO_PASSWORD, **form: str) -> TestResponse:
        return client.post("/login", data={"account": account, "password": password, **form})

    return enter


def person_of(session: Session, account: str) -> Person:
    """The person with that account, in this session."""
    return session.scalars(select(Person).where(Person.account == account)).one()
