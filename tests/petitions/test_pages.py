"""The pages over HTTP: what was typed stays, drafts, duplicates, list, reveal, papers, actions."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.petitions.models import Petition, RegistrationDraft
from tests.petitions.builders import COMPLAINT, register, to_branch
from workflows.tables import Case, Event, Task


@pytest.fixture
def clerk(bureau: Flask, client: FlaskClient, login) -> FlaskClient:  # type: ignore[no-untyped-def]
    login(client, "xinfang")
    return client


def made(bureau: Flask, **changes: object) -> UUID:
    with bureau.app_context(), db.transaction() as session:
        return register(session, **changes)


def test_a_clerk_registers(bureau: Flask, clerk: FlaskClient) -> None:
    page = clerk.get("/petitions/new")
    assert page.status_code == 200 and "洪环信〔2026〕00001" in page.text
    answer = clerk.post("/petitions/new", data={**COMPLAINT, "received_at": "2026-10-08T08:30"})
    assert answer.status_code == 303 and "/cases/" in answer.location
    shown = clerk.get(answer.location)
    assert shown.status_code == 200 and "张晓苇" in shown.text and "审查决定" in shown.text


def test_an_error_keeps_everything_typed(bureau: Flask, clerk: FlaskClient) -> None:
    typed = {**COMPLAINT, "county": "", "statement": "太短", "received_at": "2027-01-01T00:00"}
    answer = clerk.post("/petitions/new", data=typed)
    assert answer.status_code == 422
    for text in ("张晓苇", "13800001234", "沁澜金属表面处理厂", "太短", "2027-01-01T00:00", "请选择事情发生在哪个县区"):
        assert text in answer.text, text
    again = clerk.get("/petitions/new")  # a reload, or after signing in again
    assert "沁澜金属表面处理厂" in again.text and "已载入" in again.text
    with bureau.app_context(), db.transaction() as session:
        assert session.scalars(select(Case)).all() == []


def test_the_draft_is_each_clerks_own_and_goes_with_registration(bureau: Flask, clerk: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    assert clerk.post("/petitions/new/draft", data={"statement": "只写了一半的话"}).status_code == 204
    assert "只写了一半的话" in clerk.get("/petitions/new").text
    other = bureau.test_client()
    login(other, "chuangkou")
    assert "只写了一半的话" not in other.get("/petitions/new").text
    assert clerk.post("/petitions/new", data=COMPLAINT).status_code == 303
    with bureau.app_context(), db.transaction() as session:
        assert session.scalars(select(RegistrationDraft)).all() == []


def test_possible_duplicates_beside_the_form(bureau: Flask, clerk: FlaskClient) -> None:
    made(bureau)
    panel = clerk.post("/petitions/new/duplicates", data={"phone": "13800001234", "enterprise": "沁澜金属表面处理厂"})
    assert "洪环信〔2026〕00001" in panel.text and "同一电话" in panel.text and "张晓苇" not in panel.text
    assert "没有找到" in clerk.post("/petitions/new/duplicates", data={"phone": "13511112222"}).text


def test_enterprises_are_offered(bureau: Flask, clerk: FlaskClient) -> None:
    made(bureau)
    assert clerk.get("/petitions/enterprises?q=沁澜").json == [{"value": "沁澜金属表面处理厂", "label": "沁澜金属表面处理厂", "note": ""}]


def test_the_list_and_its_workbook(bureau: Flask, clerk: FlaskClient) -> None:
    made(bureau)
    made(bureau, received_at="2026-10-02T09:00:00+08:00", enterprise="后浦水泥厂", kind="air")
    page = clerk.get("/petitions")
    assert page.text.index("沁澜") < page.text.index("后浦")  # most urgent first
    assert "张晓苇" not in page.text
    assert "后浦" not in clerk.get("/petitions?kind=water").text
    assert "没有信访事项" in clerk.get("/petitions?q=没有这样的词").text
    book = openpyxl.load_workbook(BytesIO(clerk.get("/petitions?format=xlsx").data))
    assert [row[2].value for row in book.active.iter_rows(min_row=2)] == ["洪环信〔2026〕00001", "洪环信〔2026〕00002"]


def test_pages_follow_each_other(bureau: Flask, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.petitions import listing

    for n in range(5):
        made(bureau, enterprise=f"第{n}厂", address=None if n > 2 else "栖塘路 1 号")
    monkeypatch.setattr(listing.page, "__kwdefaults__", {**listing.page.__kwdefaults__, "limit": 2})
    seen, url = [], "/petitions"
    while url:
        page = clerk.get(url).text
        seen += [f"第{n}厂" for n in range(5) if f"第{n}厂" in page]
        url = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    assert sorted(seen) == [f"第{n}厂" for n in range(5)]


def test_strangers_find_nothing(bureau: Flask, client: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    case_id = made(bureau)
    login(client, "zhidui1")
    assert "沁澜" not in client.get("/petitions").text
    for url in (f"/cases/{case_id}", f"/cases/{case_id}/actions/stop"):
        assert client.get(url).status_code == 404
    assert client.post(f"/cases/{case_id}/identity", data={"reason": "电话核实情况"}).status_code == 404
    assert client.get("/petitions/new").status_code == 403


def test_a_reveal_needs_a_reason_and_is_kept(bureau: Flask, client: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    case_id = made(bureau)
    login(client, "shenji")
    page = client.get(f"/cases/{case_id}")
    assert "张晓苇" not in page.text and "张**" in page.text
    assert "张晓苇" not in client.post(f"/cases/{case_id}/identity", data={"reason": ""}, follow_redirects=True).text
    shown = client.post(f"/cases/{case_id}/identity", data={"reason": "电话核实情况"})
    assert shown.status_code == 200 and "张晓苇" in shown.text and shown.headers["Cache-Control"] == "private, no-store"
    with bureau.app_context(), db.transaction() as session:
        kept = session.scalars(select(Event).where(Event.kind == "identity.reveal")).one()
        assert kept.actor == "邹明鉴" and kept.detail is not None and kept.detail["reason"] == "电话核实情况"


def test_nobody_reveals_an_accusation(bureau: Flask, client: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    case_id = made(bureau, klass="accusation")
    login(client, "shenji")
    page = client.get(f"/cases/{case_id}")
    assert "张**" not in page.text and "沁澜" not in page.text and "黄水" not in page.text
    assert client.post(f"/cases/{case_id}/identity", data={"reason": "电话核实情况"}).status_code == 403


def test_a_paper_prints_as_a_page(bureau: Flask, clerk: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    case_id = made(bureau)
    tab = clerk.get(f"/cases/{case_id}").text
    url = "/papers/" + tab.split("/papers/")[1].split('"')[0]
    assert "信访事项登记表" in clerk.get(url).text and "张晓苇" in clerk.get(url).text
    auditor, stranger = bureau.test_client(), bureau.test_client()
    login(auditor, "shenji")
    login(stranger, "zhidui1")
    assert "张晓苇" not in auditor.get(url).text
    assert stranger.get(url).status_code == 404


def test_actions_are_offered_to_those_who_may(bureau: Flask, clerk: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    case_id = made(bureau)
    with bureau.app_context(), db.transaction() as session:
        handler = to_branch(session, case_id).account
    page = clerk.get(f"/cases/{case_id}").text
    assert "撤回、并入" in page and "领导批示" in page and "申请延期" not in page and "登记评价" not in page
    late = clerk.post(f"/cases/{case_id}/actions/rate", data={"score_receiving": "满意", "score_handling": "满意"})
    assert late.status_code == 409 and "没有环节在等待" in late.text
    begun = clerk.post(f"/cases/{case_id}/actions/stop")
    assert begun.status_code == 303 and "/tasks/" in begun.location
    assert clerk.post(f"/cases/{case_id}/actions/stop").status_code == 409  # one at a time
    branch = bureau.test_client()
    login(branch, handler)
    assert branch.post(f"/cases/{case_id}/actions/stop").status_code == 403
    assert branch.post(f"/cases/{case_id}/actions/extension").status_code == 409  # 31(5) cannot be extended
    asked = {"consult_org": "nc-monitor", "due_on": "2026-10-13", "question": "请说明近三个月该断面的监测数据。"}
    assert branch.post(f"/cases/{case_id}/actions/consult", data={**asked, "question": "短"}).status_code == 422
    assert branch.post(f"/cases/{case_id}/actions/consult", data=asked).status_code == 303
    with bureau.app_context(), db.transaction() as session:
        task = session.scalars(select(Task).where(Task.case_id == case_id, Task.element == "answer_consult")).one()
        assert task.holder == "o:nc-monitor:co_handler" and task.due_at is not None


def test_pages_of_the_area_answer(bureau: Flask, clerk: FlaskClient) -> None:
    case_id = made(bureau)
    for url in ("/petitions", "/petitions?state=closed", "/petitions?light=red", "/petitions?light=amber&q=沁澜", "/petitions/pending"):
        assert clerk.get(url).status_code == 200, url
    assert clerk.get(f"/cases/{case_id}/actions/stop").status_code == 200
    assert clerk.get(f"/cases/{case_id}/actions/nothing").status_code == 404
    with bureau.app_context(), db.transaction() as session:
        assert session.get_one(Petition, case_id).registrar == "邬晓岚"
