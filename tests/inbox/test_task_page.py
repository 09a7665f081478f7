"""A step in the browser: the form, its errors, drafts, somebody quicker, a failing handler, and whose it is."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from tests.accounts.fixtures import Login
from tests.inbox.fixtures import Leave
from workflows.tables import Event, Incident


@pytest.fixture
def office(client: FlaskClient, leave: Leave, login: Login) -> FlaskClient:
    login(client, "xinfang")
    return client


def open_one(leave: Leave) -> str:
    return str(leave.start().task_ids[0])


def test_the_step_comes_first_with_its_form_and_its_button(office: FlaskClient, leave: Leave) -> None:
    page = office.get(f"/tasks/{open_one(leave)}").get_data(as_text=True)
    assert "本步：填写申请" in page and 'name="days"' in page and "提交申请" in page
    assert page.index("本步：填写申请") < page.index('id="clk"')
    assert "<script>" not in page and "<style" not in page and " style=" not in page and " onclick=" not in page


def test_completing_leads_on_and_says_what_comes_next(office: FlaskClient, leave: Leave) -> None:
    answer = office.post(f"/tasks/{open_one(leave)}", data={"days": "３", "place": "进贤"})
    assert answer.status_code == 303 and answer.location == "/inbox"
    assert "下一步：审批申请" in office.get("/inbox").get_data(as_text=True)


def test_errors_stand_at_the_field_and_what_was_typed_stays(office: FlaskClient, leave: Leave) -> None:
    task = open_one(leave)
    answer = office.post(f"/tasks/{task}", data={"days": "很多", "place": "进贤县"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#f-days"' in page and "请填写 1 至 30 的整数" in page and 'aria-invalid="true"' in page
    assert 'value="很多"' in page and 'value="进贤县"' in page
    assert 'value="进贤县"' in office.get(f"/tasks/{task}").get_data(as_text=True), "the rest is saved as a draft"


def test_a_hidden_field_is_there_for_the_browser_and_required_when_shown(office: FlaskClient, leave: Leave) -> None:
    task = open_one(leave)
    assert "data-show" in office.get(f"/tasks/{task}").get_data(as_text=True)
    answer = office.post(f"/tasks/{task}", data={"days": "9"})
    assert answer.status_code == 422 and "请填写远行理由" in answer.get_data(as_text=True)


def test_a_draft_survives_reload_and_a_lost_session(office: FlaskClient, leave: Leave, login: Login) -> None:
    task = open_one(leave)
    assert office.post(f"/tasks/{task}/draft", data={"days": "4", "place": "安义县"}).status_code == 204
    office.post("/logout")
    asked = office.post(f"/tasks/{task}", data={"days": "4"}, headers={"Referer": f"http://localhost/tasks/{task}"})
    assert asked.status_code == 302 and f"next=/tasks/{task}" in asked.location.replace("%2F", "/")
    login(office, "xinfang")
    assert 'value="安义县"' in office.get(f"/tasks/{task}").get_data(as_text=True)


def test_who_was_late_reads_who_was_quicker_and_keeps_the_text(office: FlaskClient, leave: Leave, login: Login) -> None:
    task = open_one(leave)
    other = leave.app.test_client()
    login(other, "xinfang2")
    other.post(f"/tasks/{task}", data={"days": "2"})
    answer = office.post(f"/tasks/{task}", data={"days": "5", "place": "这段话不能丢"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "已由 胡沛然 于" in page and "这段话不能丢" in page
    assert office.get(f"/tasks/{task}").status_code == 303


def test_a_failing_handler_leaves_the_case_and_an_incident(office: FlaskClient, leave: Leave, login: Login) -> None:
    started = leave.start()
    office.post(f"/tasks/{started.task_ids[0]}", data={"days": "2"})
    login(leader := leave.app.test_client(), "fenguan")
    task = leave.open_task(started.case_id)
    leave.broken = True
    answer = leader.post(f"/tasks/{task.id}", data={"decision": "agree"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500 and "案件没有改动" in page and "错误编号" in page
    assert leave.task(task.id).status == "open"
    with leave.app.app_context(), db.transaction() as session:
        incident = session.scalars(select(Incident)).one()
        assert incident.input == {"decision": "agree"} and "the ledger is broken" in incident.error
        assert str(incident.id)[-12:] in page
    leave.broken = False
    login(operator := leave.app.test_client(), "yunwei")
    assert "ledger" in operator.get("/ops/incidents").get_data(as_text=True)
    operator.post(f"/ops/incidents/{incident.id}/retry")
    assert leave.task(task.id).closed_name == "龚致远"


def test_claim_release_delegate(office: FlaskClient, leave: Leave) -> None:
    task = open_one(leave)
    office.post(f"/tasks/{task}/claim")
    mine = leave.task(task).holder
    assert mine.startswith("p:")
    office.post(f"/tasks/{task}/release")
    assert leave.task(task).holder == "o:nc-petition:office"
    page = office.get(f"/tasks/{task}").get_data(as_text=True)
    assert "胡沛然" in page and "罗劲松" not in page, "only people of the unit are offered"
    office.post(f"/tasks/{task}/delegate", data={"to": "o:nc-inspect:handler", "reason": "他们熟悉情况"})
    assert leave.task(task).holder == "o:nc-petition:office", "not to another unit"
    office.post(f"/tasks/{task}/delegate", data={"to": "o:nc-petition:desk", "reason": ""})
    assert leave.task(task).holder == "o:nc-petition:office", "not without a reason"
    office.post(f"/tasks/{task}/delegate", data={"to": "o:nc-petition:desk", "reason": "当面核对更方便"})
    assert leave.task(task).holder == "o:nc-petition:desk"


def test_others_do_not_even_know_of_it(client: FlaskClient, leave: Leave, login: Login) -> None:
    task = open_one(leave)
    login(client, "donghu-jingban")
    assert client.get(f"/tasks/{task}").status_code == 404
    assert client.post(f"/tasks/{task}", data={"days": "1"}).status_code == 404
    assert client.post(f"/tasks/{task}/claim").status_code == 404
    assert client.post(f"/tasks/{task}/delegate", data={"to": "x", "reason": "xxxxx"}).status_code == 404
    assert client.get("/tasks/01890000-0000-7000-8000-000000000001").status_code == 404


def test_an_auditor_sees_and_changes_nothing(client: FlaskClient, leave: Leave, login: Login) -> None:
    task = open_one(leave)
    login(client, "shenji")
    page = client.get(f"/tasks/{task}").get_data(as_text=True)
    assert "填写申请" in page and 'name="days"' not in page
    for path in ("", "/claim", "/delegate", "/draft"):
        assert client.post(f"/tasks/{task}{path}", data={"days": "1"}).status_code == 403


def test_several_at_once_claim_hand_on_follow_but_never_decide(office: FlaskClient, leave: Leave) -> None:
    tasks = [open_one(leave) for _ in range(3)]
    office.post("/inbox/bulk", data={"ids": tasks[:2], "action": "claim"})
    assert [leave.task(t).holder[:2] for t in tasks] == ["p:", "p:", "o:"]
    office.post("/inbox/bulk", data={"ids": tasks, "action": "delegate", "to": "o:nc-petition:desk", "reason": "换岗期间代办"})
    assert {leave.task(t).holder for t in tasks} == {"o:nc-petition:desk"}
    office.post("/inbox/bulk", data={"ids": tasks[:1], "action": "follow"})
    assert "外出核查" in office.get("/inbox/followed").get_data(as_text=True)
    office.post("/inbox/bulk", data={"ids": tasks, "action": "complete", "days": "1"})
    assert {leave.task(t).status for t in tasks} == {"open"}


def test_the_trail_says_who_when_what(office: FlaskClient, leave: Leave) -> None:
    started = leave.start()
    office.post(f"/tasks/{started.task_ids[0]}", data={"days": "2", "place": "南昌县"})
    page = office.get(f"/cases/{started.case_id}").get_data(as_text=True)
    assert "邬晓岚" in page and "审批申请" in page and "填写的内容" in page and "南昌县" in page
    with leave.app.app_context(), db.transaction() as session:
        assert session.scalars(select(Event).where(Event.kind == "done")).one().actor == "邬晓岚"
