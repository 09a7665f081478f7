"""Opening by hand, and the two buttons of a file."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.leadership.models import LeaderCase
from tests.accounts.fixtures import Login
from tests.leadership import pages_builders as make
from tests.leadership.builders import FLAGGED
from tests.petitions.builders import register
from workflows.tables import Case


@pytest.fixture
def office(bureau: Flask, client: FlaskClient, login: Login) -> FlaskClient:
    login(client, make.OFFICE)
    return client


def made(app: Flask, **changes: object) -> UUID:
    with app.app_context(), db.transaction() as session:
        return register(session, **changes)


def test_opened_by_hand_and_on_to_the_proposal(bureau: Flask, office: FlaskClient) -> None:
    petition_id = made(bureau)
    found = office.get("/leadership/petitions?q=沁澜").json
    assert found is not None and [one["value"] for one in found] == [str(petition_id)]
    answer = office.post("/leadership/new", data={"petitions": str(petition_id), "reason": make.WHY})
    assert answer.status_code == 303 and "/tasks/" in answer.location
    assert "拟定包案领导" in office.get(answer.location).text
    joined = office.post("/leadership/new", data={"petitions": str(petition_id), "reason": make.WHY}, follow_redirects=True)
    assert "已并入同一事项的包案" in joined.text
    noted = office.get("/leadership/petitions?q=沁澜").json
    assert noted is not None and all("已在包案" in one["note"] for one in noted) and len(noted) == 1  # the file itself is no petition
    with bureau.app_context(), db.transaction() as session:
        assert len(session.scalars(select(LeaderCase)).all()) == 1


def test_what_is_missing_is_said_and_what_was_picked_is_kept(bureau: Flask, office: FlaskClient) -> None:
    petition_id = made(bureau)
    short = office.post("/leadership/new", data={"petitions": str(petition_id), "reason": "太短"})
    assert short.status_code == 422 and "请用至少 10 个字写明为什么要领导包案" in short.text
    assert f'name="petitions" value="{petition_id}"' in short.text and "太短" in short.text
    none = office.post("/leadership/new", data={"reason": make.WHY, "petitions": ["x", str(uuid4())]})
    assert none.status_code == 422 and "请选择要包案的信访事项" in none.text and make.WHY in none.text


def test_candidates_wait_beside_the_form(bureau: Flask, office: FlaskClient) -> None:
    assert "没有等待提请的事项" in office.get("/leadership/new").text
    petition_id = made(bureau, **FLAGGED)
    page = office.get("/leadership/new").text
    assert "符合包案条件 1 件" in page and "局里列为重点" in page and f'value="{petition_id}"' in page
    picked = office.get(f"/leadership/new?petitions={petition_id}").text  # without a script the button is a link to this
    assert "已选" in picked and f'type="hidden" name="petitions" value="{petition_id}"' in picked


def test_only_the_office_opens(bureau: Flask, login: Login) -> None:
    petition_id = made(bureau)
    for account in ("qingshanhu-jingban", make.OWNER, "shenji"):
        other = bureau.test_client()
        login(other, account)
        assert other.get("/leadership/new").status_code == 403
        assert other.post("/leadership/new", data={"petitions": str(petition_id), "reason": make.WHY}).status_code == 403


def test_a_visit_is_begun_on_the_file(bureau: Flask, office: FlaskClient, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.carried(session, make.petition(session))
    secretary, handler = bureau.test_client(), bureau.test_client()
    login(secretary, make.SECRETARY)
    login(handler, "qingshanhu-jingban")
    begun = secretary.post(f"/cases/{case_id}/visit")
    assert begun.status_code == 303 and "/tasks/" in begun.location
    page = secretary.get(begun.location).text
    assert "接访下访登记" in page and "见了谁" in page
    assert "已有一次接访下访正在登记" in handler.post(f"/cases/{case_id}/visit", follow_redirects=True).text
    assert office.post(f"/cases/{case_id}/visit").status_code == 403
    far = bureau.test_client()
    login(far, "donghu-jingban")
    assert far.post(f"/cases/{case_id}/visit").status_code == 404


def test_a_change_of_owner_goes_to_the_head(bureau: Flask, office: FlaskClient, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.carried(session, make.petition(session))
    asked = office.post(f"/cases/{case_id}/owner", follow_redirects=True)
    assert "已报局长决定" in asked.text
    assert "正在等局长决定" in office.post(f"/cases/{case_id}/owner", follow_redirects=True).text
    head = bureau.test_client()
    login(head, make.HEAD)
    assert "更换包案领导" in head.get("/desk").text
    assert head.post(f"/cases/{case_id}/owner").status_code == 403


def test_a_petition_has_no_such_button(bureau: Flask, office: FlaskClient) -> None:
    petition_id = made(bureau)
    with bureau.app_context(), db.transaction() as session:
        assert session.get_one(Case, petition_id)
    assert office.post(f"/cases/{petition_id}/owner").status_code == 404
