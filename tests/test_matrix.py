"""Every route × every role × the other organisation, over HTTP: what is not one's own is not there, and nothing answers 500."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.demo.organs import seed_organisation
from app.demo.people import DEMO_PASSWORD, seed_people
from app.engine import get_engine
from app.papers.models import Paper
from workflows import Actor
from workflows.tables import Event, Link, Task
from workflows.time import now

INSIDERS = {"xinfang"}
STRANGERS = ("donghu-guzhang", "donghu-juzhang", "zhidui1", "fagui", "fucha", "dangan", "admin", "yunwei", "gufei")
AUDITOR = "shenji"
NAME, PHONE = "欧阳晚棠", "13907910042"
STATEMENT = "搅拌站夜间生产噪声扰民，请查处并告知结果，谢谢。"


@pytest.fixture
def ids(app: Flask, session: Session) -> dict[str, str]:
    """A petition of the municipal petition office, waiting for its screening, with every kind of object on it."""
    with app.app_context():
        with db.transaction() as s:
            seed_organisation(s)
            seed_people(s)
            get_engine().deploy(s)
        engine, clerk = get_engine(), Actor.system("窗口")
        with db.transaction() as s:
            attrs = {"intake_org": "nc-petition", "sender_org": "nc-petition"}
            started = engine.start(s, "petition", clerk, title="搅拌站噪声", city="360100", attrs=attrs)
            answer = {
                "channel": "web", "received_at": now().strftime("%Y-%m-%dT%H:%M"), "anonymous": False, "name": NAME, "phone": PHONE,
                "address": "东湖区示例路 8 号", "county": "360102", "kind": "noise", "gravity": "ordinary", "klass": "claim",
                "asks": "penalise", "about": "enterprise", "statement": STATEMENT, "secrecy": True,
            }  # fmt: skip
            engine.complete(s, started.task_ids[0], clerk, answer)
    task = session.scalars(select(Task.id).where(Task.element == "screen")).one()
    paper = session.scalars(select(Paper.id)).first()
    link = session.scalars(select(Link.id)).first()
    other = str(uuid4())
    return {
        "case_id": str(started.case_id), "task_id": str(task), "paper_id": str(paper), "link_id": str(link or other),
        "instance": str(started.instance_id), "file_id": other, "notice_id": other, "record_id": other, "incident_id": other,
        "person_id": other, "post_id": other, "session_id": "x", "organ_id": "nc", "version": "x", "file": "map.bpmn", "name": "rate",
        "filename": "hxt.css", "page": "1",
    }  # fmt: skip


def paths(app: Flask, ids: dict[str, str]) -> list[tuple[str, str, str, bool]]:
    """(endpoint, method, path, about our petition) of every route."""
    out = []
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {a: UUID(ids[a]) if a.endswith("_id") and len(ids[a]) == 36 else ids[a] for a in rule.arguments}
        path = adapter.build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))
        about = bool(rule.arguments & {"case_id", "task_id", "paper_id"})
        out += [(rule.endpoint, method, path, about) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return out


def visit(app: Flask, account: str | None, routes: list[tuple[str, str, str, bool]]) -> list[tuple[str, str, bool, int, str]]:
    client = app.test_client()
    if account:
        assert client.post("/login", data={"account": account, "password": DEMO_PASSWORD}).status_code == 302
    seen = []
    for endpoint, method, path, about in routes:
        if endpoint in ("accounts.logout", "accounts.revoke_others", "static"):
            continue
        answer = client.open(path, method=method, data={"junk": "'; DROP TABLE petition; --<script>"} if method == "POST" else None)
        assert answer.status_code < 500, f"{account} {method} {path}: {answer.status_code}"
        seen.append((endpoint, method, about, answer.status_code, answer.get_data(as_text=True) if answer.status_code == 200 else ""))
    return seen


def test_anonymous_visitor_gets_nothing(app: Flask, ids: dict[str, str]) -> None:
    for endpoint, method, _about, status, _page in visit(app, None, paths(app, ids)):
        if not getattr(app.view_functions[endpoint], "public", False):
            assert status in (302, 303, 401, 403, 404), f"{method} {endpoint}: {status}"


@pytest.mark.parametrize("account", STRANGERS)
def test_who_has_no_part_in_the_case_finds_nothing_of_it(app: Flask, ids: dict[str, str], account: str) -> None:
    for endpoint, method, about, status, page in visit(app, account, paths(app, ids)):
        assert NAME not in page and PHONE not in page and STATEMENT not in page, f"{account} reads the petition at {endpoint}"
        if about:
            assert status in (403, 404), f"{account} {method} {endpoint}: {status}"


def test_auditor_reads_masked_and_changes_nothing(app: Flask, session: Session, ids: dict[str, str]) -> None:
    before = session.scalars(select(Event.id).where(Event.case_id == UUID(ids["case_id"]))).all()
    for endpoint, method, about, status, page in visit(app, AUDITOR, paths(app, ids)):
        assert NAME not in page and PHONE not in page, f"the auditor reads the name at {endpoint}"
        if method == "POST" and about and endpoint != "petitions.reveal":  # a reveal with reason is logged, not a change
            assert status in (403, 404), f"{endpoint}: {status}"
    session.rollback()
    after = session.scalars(select(Event.id).where(Event.case_id == UUID(ids["case_id"]), Event.kind.not_in(("identity.reveal",)))).all()
    assert after == before


def test_the_office_sees_what_is_its_own(app: Flask, ids: dict[str, str]) -> None:
    pages = {e: (s, p) for e, m, _a, s, p in visit(app, "xinfang", paths(app, ids)) if m == "GET"}
    assert pages["cases.show"][0] == pages["inbox.task"][0] == 200
    assert NAME in pages["cases.show"][1]
