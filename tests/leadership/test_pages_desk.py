"""The leader's desk over HTTP: only mine, decided on the card one by one, a secretary prepares and never decides."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from app import db
from app.engine import PROCEDURES
from app.leadership import desk_asks, services
from tests.accounts.fixtures import Login
from tests.leadership import pages_builders as make
from tests.petitions.builders import case, complete, person, step
from workflows.forms import Form
from workflows.tables import Task


@pytest.fixture
def plan_waits(bureau: Flask) -> UUID:
    """An ownership of 龚致远 whose plan waits for his signature."""
    with bureau.app_context(), db.transaction() as session:
        case_id = make.opened(session, make.petition(session))
        make.proposed(session, case_id)
        make.assigned(session, case_id)
        make.analysed(session, case_id)
        make.planned(session, case_id)
    return case_id


def entered(app: Flask, login: Login, account: str) -> FlaskClient:
    client = app.test_client()
    assert login(client, account).status_code == 302
    return client


def waiting(app: Flask, case_id: UUID, element: str) -> UUID:
    with app.app_context(), db.transaction() as session:
        return step(session, case_id, element).id


def of(app: Flask, account: str) -> UUID:
    with app.app_context(), db.transaction() as session:
        return person(session, account).id


def test_the_desk_shows_what_waits_for_me_and_what_i_own(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    page = entered(bureau, login, make.OWNER).get("/desk").text
    assert "等我办 1 件" in page and "签批化解方案" in page and "我包的案 1 件" in page
    assert "腾退养殖棚并清运粪污，青山湖分局，2026-11-20" in page and "化解时限" in page  # the essence of the proposal, cells in order
    assert ">同意</button>" in page and ">退回修改</button>" in page
    assert "还没有接访" in page and "签批化解方案（等您办）" in page
    other = entered(bureau, login, "donghu-juzhang").get("/desk").text  # a leader elsewhere: nothing of it
    assert "等我办 0 件" in other and "我包的案 0 件" in other and "沁澜" not in other


def test_the_count_of_the_desk_is_that_of_the_ledger_and_of_the_inbox(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    client = entered(bureau, login, make.OWNER)
    desk = client.get("/desk").text
    ledger = client.get(f"/leadership?owner={of(bureau, make.OWNER)}").text
    owned, listed = re.search(r"我包的案 (\d+) 件", desk), re.search(r'在包 <span class="n">(\d+)', ledger)
    assert owned and listed and owned.group(1) == listed.group(1) == "1"
    inbox = client.get("/inbox").text
    assert inbox.count('class="c-title"') == desk.count('<article class="ask"') == 1


def test_approved_on_the_card(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    client, task_id = entered(bureau, login, make.OWNER), waiting(bureau, plan_waits, "sign_plan")
    assert f'action="/tasks/{task_id}"' in client.get("/desk").text  # the address of the task page, no other
    assert client.post(f"/tasks/{task_id}", data={"plan_ok": "true"}).status_code == 303
    page = client.get("/desk").text
    assert "已提交" in page and "等我办 0 件" in page and "化解中" in page


def test_returned_without_a_reason_keeps_what_was_typed_and_says_what_to_do(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    client, task_id = entered(bureau, login, make.OWNER), waiting(bureau, plan_waits, "sign_plan")
    refused = client.post(f"/tasks/{task_id}", data={"plan_ok": "false", "reason": "再想想"})
    assert refused.status_code == 422 and "退回的，请用至少 10 个字写明要怎样修改" in refused.text and "再想想" in refused.text
    kept = client.get("/desk").text  # back on the desk: the card is open at what was chosen, with the words in it
    assert "再想想" in kept and "已备草稿" in kept
    assert re.search(r'data-decide-open="d\w+-1"[^>]*aria-expanded="true"', kept)
    assert client.post(f"/tasks/{task_id}", data={"plan_ok": "false", "reason": make.REASON}).status_code == 303
    assert waiting(bureau, plan_waits, "plan")


def test_there_is_no_way_to_decide_several(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    client = entered(bureau, login, make.OWNER)
    page = client.get("/desk").text
    assert "checkbox" not in page
    assert client.post("/desk", data={"ids": str(waiting(bureau, plan_waits, "sign_plan"))}).status_code == 405


def test_the_head_decides_who_owns_it_and_may_change_the_name(bureau: Flask, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.opened(session, make.petition(session))
        make.proposed(session, case_id)
        head = str(person(session, make.HEAD).id)
    client = entered(bureau, login, make.HEAD)
    page = client.get("/desk").text
    assert "确定包案领导" in page and "拟定的包案领导" in page and "龚致远" in page and "包案理由和要解决的问题" in page
    assert "没有需要回避的情形" not in page  # a yes without which the step cannot be done says nothing
    task_id = waiting(bureau, case_id, "assign")
    agreed = {"agreed": "true", "owner": head, "reason": "这一件由我来包，牵涉几个部门。"}
    assert client.post(f"/tasks/{task_id}", data=agreed).status_code == 303
    with bureau.app_context(), db.transaction() as session:
        assert case(session, case_id).attrs["owner"] == head


def test_a_secretary_sees_the_desk_and_has_no_button_to_decide(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    client, task_id = entered(bureau, login, make.SECRETARY), waiting(bureau, plan_waits, "sign_plan")
    page = client.get(f"/desk?of={of(bureau, make.OWNER)}").text
    assert "龚致远的工作台" in page and "签批化解方案" in page and "由龚致远本人决定" in page
    assert "data-decide" not in page and f'action="/tasks/{task_id}"' not in page
    assert client.post(f"/tasks/{task_id}", data={"plan_ok": "true"}).status_code == 403  # nor by hand
    assert waiting(bureau, plan_waits, "sign_plan") == task_id


def test_a_secretary_prepares_a_draft_that_the_leader_finds(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    client, task_id = entered(bureau, login, make.SECRETARY), waiting(bureau, plan_waits, "sign_plan")
    page = client.get(f"/desk/steps/{task_id}").text
    assert "代为准备：签批化解方案" in page and "存草稿" in page and 'type="submit"' not in page.split("act-bar")[1].split("</form>")[0]
    assert client.post(f"/tasks/{task_id}/draft", data={"plan_ok": "false", "reason": make.REASON}).status_code == 204
    assert make.REASON in entered(bureau, login, make.OWNER).get("/desk").text


def test_a_secretary_completes_what_the_procedure_leaves_to_one(bureau: Flask, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.opened(session, make.petition(session))
        make.proposed(session, case_id)
        make.assigned(session, case_id)
    client, task_id = entered(bureau, login, make.SECRETARY), waiting(bureau, case_id, "analyse")
    assert "可以代办，记为“卞知微代龚致远”" in client.get(f"/desk?of={of(bureau, make.OWNER)}").text
    assert client.get(f"/desk/steps/{task_id}").status_code == 303  # it may be completed: the task page
    typed = {
        "held_at": "2026-10-08T08:30", "place": "局会议室", "cause": "养殖棚离住户太近，没有处理设施。",
        "responsibility": "属地负责腾退，企业负责清运。", "present-0-name": "龚致远", "present-1-name": "柳承业",
    }  # fmt: skip
    assert client.post(f"/tasks/{task_id}", data=typed).status_code == 303
    with bureau.app_context(), db.transaction() as session:
        assert session.get_one(Task, task_id).closed_name == "卞知微代龚致远"
    assert "卞知微代龚致远" in entered(bureau, login, make.OWNER).get(f"/cases/{case_id}").text


def test_strangers_are_kept_out(bureau: Flask, plan_waits: UUID, login: Login) -> None:
    task_id = waiting(bureau, plan_waits, "sign_plan")
    handler = entered(bureau, login, "donghu-jingban")  # a handler elsewhere
    assert handler.get("/desk").status_code == 403 and handler.get(f"/desk/steps/{task_id}").status_code == 403
    leader = entered(bureau, login, "donghu-juzhang")  # a leader elsewhere
    assert leader.get(f"/desk?of={of(bureau, make.OWNER)}").status_code == 404
    assert leader.get(f"/desk/steps/{task_id}").status_code == 404
    assert leader.post(f"/tasks/{task_id}", data={"plan_ok": "true"}).status_code == 404


def test_names_of_petitioners_are_covered_on_the_desk(bureau: Flask, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.opened(session, make.petition(session), "张晓苇多次反映，电话 13800001234，群众意见很大。")
        make.proposed(session, case_id)
    page = entered(bureau, login, make.HEAD).get("/desk").text
    assert "张晓苇" not in page and "13800001234" not in page


@pytest.mark.parametrize(
    ("procedure", "element", "words"),
    [
        ("leader_case", "sign_exit", ["同意结案", "退回继续化解"]),
        ("leader_case", "change_owner", ["更换", "不更换"]),
        ("supervision", "sign_leader", ["签发", "退回修改"]),
        ("early_warning", "approve", ["同意发出", "退回修改"]),
        ("petition", "approve_extension", ["批准", "不批准"]),
        ("petition", "arbitrate", []),  # a unit has to be chosen: done on the page of the step
        ("leader_case", "analyse", []),
    ],
)
def test_which_steps_are_decided_on_the_card(procedure: str, element: str, words: list[str]) -> None:
    forms = yaml.safe_load((PROCEDURES / procedure / "forms.yaml").read_text(encoding="utf-8"))
    decided = desk_asks.decision_field(Form.parse(element, forms[element]))
    assert ([label for _, label in desk_asks.choices_of(decided)] if decided else []) == words


def test_opinions_since_the_proposal_stand_under_it(bureau: Flask, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.carried(session, make.petition(session))
        complete(session, case_id, "work", "qingshanhu-jingban", **{**make.VISIT, "work_step": "visit"})
        services.start_change(session, person(session, make.OFFICE).actor(), case_id)
    page = entered(bureau, login, make.HEAD).get("/desk").text
    assert "更换包案领导" in page and ">更换</button>" in page and ">不更换</button>" in page
