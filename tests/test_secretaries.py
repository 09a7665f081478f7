"""A secretary prepares for a leader: sees what waits for the leader, does what the procedure leaves to one, decides nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import db
from app.accounts import secretaries
from app.accounts.policy import acting, can
from app.engine import get_engine
from tests.accounts.builders import make_case, make_task
from tests.accounts.fixtures import Login, person_of
from workflows.errors import Conflict


@pytest.fixture
def people(demo_org: Flask) -> Flask:
    return demo_org


def test_the_administrator_says_who_prepares_for_whom(people: Flask, client: FlaskClient, login: Login, session: Session) -> None:
    login(client, "admin")
    secretary = person_of(session, "mishu")
    page = f"/admin/people/{secretary.id}"
    assert "所服务的领导" in client.get(page).text
    refused = client.post(f"{page}/leaders", data={"leader": "nobody"}, follow_redirects=True)
    assert "请选择所服务的领导" in refused.text
    # only leaders are offered, yet the service decides by the relation alone
    client.post(f"{page}/leaders", data={"leader": str(person_of(session, "donghu-juzhang").id)})
    assert "汪致和" in client.get(page).text
    client.post(f"{page}/leaders", data={"leader": str(person_of(session, "donghu-juzhang").id), "off": "1"})
    session.expire_all()
    assert [one.account for one in secretaries.leaders_of(session, secretary)] == ["juzhang", "fenguan"]


def test_nobody_is_their_own_secretary_and_nobody_twice(people: Flask, app: Flask) -> None:
    with app.app_context(), db.transaction() as session:
        leader, secretary = person_of(session, "juzhang"), person_of(session, "mishu")
        with pytest.raises(Conflict, match="自己的秘书"):
            secretaries.appoint(session, leader, leader, leader.actor())
        with pytest.raises(Conflict, match="已经是"):
            secretaries.appoint(session, leader, secretary, leader.actor())
        secretaries.dismiss(session, leader, secretary, leader.actor())
        with pytest.raises(Conflict, match="不是"):
            secretaries.dismiss(session, leader, secretary, leader.actor())


def test_a_secretary_sees_and_drafts_what_waits_for_the_leader_and_decides_nothing(people: Flask, app: Flask) -> None:
    with app.app_context(), db.transaction() as session:
        secretary, leader = person_of(session, "mishu"), person_of(session, "fenguan")
        case = make_case(session, intake_org="nc-petition")
        version = {name: version for name, version, _ in get_engine().library.deploy(session)}["petition"]
        task = make_task(session, case, f"p:{leader.id}", element="sign_answer", version=version)
        other = make_task(session, make_case(session, intake_org="nc-petition"), "o:br-360102:signer", version=version)
        assert can(secretary, "case.see", case) and can(secretary, "task.draft", task)
        assert not can(secretary, "task.complete", task), "a decision is the leader's own"
        assert not can(secretary, "case.see", other) and not can(secretary, "task.draft", other)
        assert acting(secretary, task).shown == "卞知微代龚致远"
        assert acting(leader, task).shown == "龚致远"
        session.rollback()


def test_what_is_sealed_is_not_prepared_by_a_secretary(people: Flask, app: Flask) -> None:
    with app.app_context(), db.transaction() as session:
        secretary, leader = person_of(session, "mishu"), person_of(session, "fenguan")
        case = make_case(session, intake_org="nc-petition", named=str(leader.id))
        task = make_task(session, case, f"p:{leader.id}")
        assert not can(secretary, "task.draft", task)
        session.rollback()
