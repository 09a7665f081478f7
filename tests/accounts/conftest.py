"""A small app with accounts alone, on a real PostgreSQL, and routes to try the guard on."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import accounts, navigation
from app import db as database
from app.accounts import policy
from app.config import Settings
from workflows.tables import Case


def make_app(url: str) -> Flask:
    """An app as after a restart: nothing is shared with another but the database."""
    app = Flask("app")
    app.config.update(SECRET_KEY="for tests", TESTING=True, IDLE_MINUTES=30)
    database.init_app(app, Settings(database_url=url, testing=True))
    accounts.init_app(app)
    app.jinja_env.globals["shell_view"] = navigation.shell_view
    _add_routes(app)
    return app


def _add_routes(app: Flask) -> None:
    """Routes of other areas, as short as can be."""

    @app.get("/cases/<uuid:case_id>")
    @policy.permission("case.see")
    def case(case_id: UUID) -> str:
        policy.require("case.see", database.session.get(Case, case_id))
        return "seen"

    @app.route("/register", methods=["GET", "POST"])
    @policy.permission("petition.register")
    def register() -> str:
        return "form"

    @app.post("/cases/<uuid:case_id>/read")
    @policy.permission("case.see")
    def post_under_a_reading_permission(case_id: UUID) -> str:
        return "changed"

    @app.post("/cases/<uuid:case_id>/reveal")
    @policy.permission("identity.reveal")
    def reveal(case_id: UUID) -> str:
        policy.require("identity.reveal", database.session.get(Case, case_id))
        return "revealed"

    @app.get("/counts")
    @policy.permission("inbox.counts")
    def counts() -> str:
        return "0"

    @app.get("/unsaid")
    def unsaid() -> str:
        return "nobody said who may"


@pytest.fixture
def app(settings: Settings, db: Engine) -> Iterator[Flask]:
    """A fresh app on an empty database."""
    made = make_app(settings.sqlalchemy_url)
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def client(demo_org: Flask) -> FlaskClient:
    return demo_org.test_client()
