"""Administration: organisations, people, posts; each change in the audit; and the audit view."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import passwords, queries
from app.accounts.models import Organ, Person, Post
from app.accounts.roles import clashes
from tests.accounts.builders import make_case
from tests.accounts.fixtures import Login, person_of
from workflows.tables import Event
from workflows.time import now


@pytest.fixture
def admin(client: FlaskClient, login: Login) -> FlaskClient:
    login(client, "admin")
    return client


def events(session: Session, kind: str) -> list[Event]:
    session.expire_all()
    return list(session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


PAGES = ("/admin/organs", "/admin/organs/new", "/admin/organs/nc", "/admin/people", "/admin/people/new")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("account", "status"), [("admin", 200), ("juzhang", 403), ("shenji", 403), ("yunwei", 403), (None, 302)])
def test_administration_is_for_the_administrator(client: FlaskClient, login: Login, path: str, account: str | None, status: int) -> None:
    if account:
        login(client, account)
    assert client.get(path).status_code == status


# --- people -----------------------------------------------------------------------------------------------------------


def test_new_person_gets_a_first_password_shown_once(admin: FlaskClient, session: Session, demo_org: Flask, login: Login) -> None:
    form = {"account": "xiaowang", "name": "汪小年", "certificate_no": "", "phone": "0791-8650 0000"}
    page = admin.post("/admin/people/new", data=form).text
    first = re.search(r"data-first-password>([^<]+)<", page)
    assert first is not None
    person = person_of(session, "xiaowang")
    assert person.must_change
    (line,) = events(session, "account.person")
    assert line.label == "新增人员 汪小年"
    assert line.detail is not None
    assert line.detail["changes"]["phone"] == {"before": None, "after": "0791-8650 0000"}
    assert first[1] not in str(line.detail)
    assert person.password not in str(line.detail)
    assert first[1] not in admin.get(f"/admin/people/{person.id}").text
    other = demo_org.test_client()
    assert login(other, "xiaowang", first[1]).headers["Location"] == "/account/password"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"account": "xinfang", "name": "某人"}, "这个账户已有人用"),
        ({"account": "XinFang", "name": "某人"}, "这个账户已有人用"),
        ({"account": "小王", "name": "某人"}, "账户用小写字母开头"),
        ({"account": "good", "name": " "}, "填写姓名"),
        ({"account": "good", "name": "某人", "phone": "call me"}, "办公电话只填数字"),
    ],
)
def test_bad_person_is_refused_beside_the_field(admin: FlaskClient, form: dict[str, str], said: str) -> None:
    answer = admin.post("/admin/people/new", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{form["account"]}"' in answer.text


def test_edit_is_audited_before_and_after_and_only_when_changed(admin: FlaskClient, session: Session) -> None:
    person = person_of(session, "zhidui1")
    form = {"name": person.name, "certificate_no": "赣环执洪099", "phone": ""}
    admin.post(f"/admin/people/{person.id}", data=form)
    admin.post(f"/admin/people/{person.id}", data=form)
    (line,) = events(session, "account.person")
    assert line.detail is not None
    assert line.detail["changes"] == {"certificate_no": {"before": "赣环执洪011", "after": "赣环执洪099"}}
    assert line.actor == "闵守正"


def test_deactivating_ends_logins_and_refuses_new_ones(admin: FlaskClient, demo_org: Flask, session: Session, login: Login) -> None:
    other = demo_org.test_client()
    login(other, "zhidui1")
    person = person_of(session, "zhidui1")
    admin.post(f"/admin/people/{person.id}/active", data={"active": "false"})
    assert other.get("/account").status_code == 302
    assert login(other, "zhidui1").status_code == 422
    admin.post(f"/admin/people/{person.id}/active", data={"active": "true"})
    assert login(other, "zhidui1").status_code == 302
    assert [line.label for line in events(session, "account.person")] == ["停用账户 罗劲松", "启用账户 罗劲松"]


def test_an_administrator_cannot_lock_themselves_out(admin: FlaskClient, session: Session) -> None:
    me = person_of(session, "admin")
    admin.post(f"/admin/people/{me.id}/active", data={"active": "false"})
    admin.post(f"/admin/people/{me.id}/posts/{me.posts[0].id}/end")
    session.expire_all()
    assert person_of(session, "admin").active
    assert person_of(session, "admin").has_role("admin")


def test_reset_password_ends_logins_and_asks_for_a_change(admin: FlaskClient, demo_org: Flask, session: Session, login: Login) -> None:
    other = demo_org.test_client()
    login(other, "zhidui1")
    person = person_of(session, "zhidui1")
    page = admin.post(f"/admin/people/{person.id}/reset").text
    first = re.search(r"data-first-password>([^<]+)<", page)
    assert first is not None
    assert other.get("/account").status_code == 302
    assert login(other, "zhidui1").status_code == 422
    assert login(other, "zhidui1", first[1]).headers["Location"] == "/account/password"
    assert len(events(session, "account.reset")) == 1


def test_unlocking(admin: FlaskClient, demo_org: Flask, session: Session, login: Login) -> None:
    other = demo_org.test_client()
    for _ in range(4):
        login(other, "zhidui1", "no")
    assert login(other, "zhidui1").status_code == 429
    person = person_of(session, "zhidui1")
    assert "解除登录锁定" in admin.get(f"/admin/people/{person.id}").text
    admin.post(f"/admin/people/{person.id}/unlock")
    assert login(other, "zhidui1").status_code == 302
    assert len(events(session, "account.unlock")) == 1


def test_people_are_found_and_paged_both_ways(admin: FlaskClient, session: Session) -> None:
    def accounts(path: str) -> tuple[list[str], str]:
        text = admin.get(path).text
        return re.findall(r'<td class="mono">([^<]+)</td>', text), text

    everyone = sorted(session.scalars(select(Person.account)))
    seen: list[str] = []
    path = "/admin/people"
    while True:
        page, text = accounts(path)
        seen += page
        following = re.search(r'rel="next" href="([^"]+)"', text)
        if following is None:
            break
        path = following[1].replace("&amp;", "&")
    assert seen == everyone
    back = re.search(r'rel="prev" href="([^"]+)"', text)
    assert back is not None
    before = (len(everyone) - 1) // queries.PAGE * queries.PAGE  # where the last page begins
    assert accounts(back[1].replace("&amp;", "&"))[0] == everyone[before - queries.PAGE : before]
    assert accounts("/admin/people?q=罗劲")[0] == ["zhidui1"]
    assert accounts("/admin/people?role=auditor")[0] == ["shenji"]
    assert len(accounts("/admin/people?organ=br-wl")[0]) == 4
    assert accounts("/admin/people?q=%25")[0] == []


# --- posts ------------------------------------------------------------------------------------------------------------


def test_giving_and_ending_a_post(admin: FlaskClient, session: Session) -> None:
    person = person_of(session, "zhidui1")
    admin.post(f"/admin/people/{person.id}/posts", data={"organ_id": "nc-solid", "role": "handler", "title": "兼职"})
    post = session.scalars(select(Post).where(Post.person_id == person.id, Post.organ_id == "nc-solid")).one()
    admin.post(f"/admin/people/{person.id}/posts/{post.id}/end")
    labels = [line.label for line in events(session, "account.post")]
    assert labels == ["罗劲松 任固废中心承办人", "罗劲松 不再任固废中心承办人"]
    session.refresh(post)
    assert post.until is not None
    again = admin.post(f"/admin/people/{person.id}/posts", data={"organ_id": "nc-solid", "role": "handler"})
    assert again.status_code == 302


def test_a_post_for_a_time_ends_by_itself(admin: FlaskClient, session: Session) -> None:
    person = person_of(session, "zhidui1")
    last = (now() + timedelta(days=10)).date()
    admin.post(f"/admin/people/{person.id}/posts", data={"organ_id": "nc", "role": "organ_head", "until": last.isoformat()})
    post = session.scalars(select(Post).where(Post.person_id == person.id, Post.role == "organ_head")).one()
    assert post.is_current(now() + timedelta(days=10))
    assert not post.is_current(now() + timedelta(days=11))


@pytest.mark.parametrize(
    ("account", "form", "said"),
    [
        ("zhidui1", {"organ_id": "nc", "role": "auditor"}, "“审计”不能与已有的"),
        ("shenji", {"organ_id": "nc-inspect", "role": "handler"}, "“承办人”不能与已有的“审计”"),
        ("admin", {"organ_id": "nc", "role": "auditor"}, "“审计”不能与已有的“系统管理员”"),
        ("zhidui1", {"organ_id": "nc-inspect", "role": "handler"}, "已在这个机构担任"),
        ("zhidui1", {"organ_id": "nowhere", "role": "handler"}, "选择一个在用的机构"),
        ("zhidui1", {"organ_id": "nc", "role": "king"}, "选择岗位角色"),
        ("zhidui1", {"organ_id": "nc", "role": "signer", "until": "2020-01-01"}, "截止时间要在现在以后"),
        ("zhidui1", {"organ_id": "nc", "role": "signer", "until": "soon"}, "截止日期写成"),
    ],
)
def test_refused_posts(admin: FlaskClient, session: Session, account: str, form: dict[str, str], said: str) -> None:
    person = person_of(session, account)
    answer = admin.post(f"/admin/people/{person.id}/posts", data=form)
    assert answer.status_code == 422
    assert said in answer.text


def test_three_kinds_of_watching_stay_apart() -> None:
    assert clashes("auditor", {"handler"}) == "handler"
    assert clashes("admin", {"auditor"}) == "auditor"
    assert clashes("operator", {"desk"}) == "desk"
    assert clashes("handler", {"co_handler", "unit_head"}) is None


# --- organisations ----------------------------------------------------------------------------------------------------


ORGAN = {
    "id": "br-360125",
    "name": "南昌市临江区生态环境分局",
    "short": "临江分局",
    "kind": "branch",
    "parent_id": "nc",
    "appeal_id": "nc",
    "county": "360125",
}


def test_adding_renaming_moving_and_closing_an_organ(admin: FlaskClient, session: Session) -> None:
    assert admin.post("/admin/organs/new", data=ORGAN).status_code == 302
    admin.post("/admin/organs/br-360125", data={**ORGAN, "short": "新临江分局", "parent_id": "nc-inspect"})
    admin.post("/admin/organs/br-360125/active", data={"active": "false"})
    organ = session.get_one(Organ, "br-360125")
    assert (organ.short, organ.parent_id, organ.active) == ("新临江分局", "nc-inspect", False)
    added, edited, closed = events(session, "account.organ")
    assert added.label == "新增机构 南昌市临江区生态环境分局"
    assert edited.detail is not None
    assert edited.detail["changes"] == {
        "short": {"before": "临江分局", "after": "新临江分局"},
        "parent_id": {"before": "nc", "after": "nc-inspect"},
    }
    assert closed.label.startswith("停用机构")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "nc"}, "这个代号已用"),
        ({"id": "分局"}, "代号用小写字母开头"),
        ({"name": ""}, "填写机构全称"),
        ({"kind": "club"}, "选择机构类别"),
        ({"county": "很远"}, "属地填六位区划代码"),
        ({"parent_id": "nowhere"}, "选择一个已有的机构"),
    ],
)
def test_bad_organ_is_refused(admin: FlaskClient, change: dict[str, str], said: str) -> None:
    answer = admin.post("/admin/organs/new", data={**ORGAN, **change})
    assert answer.status_code == 422
    assert said in answer.text


def test_an_organ_is_not_moved_under_itself(admin: FlaskClient, session: Session) -> None:
    bureau = {"name": "南昌市生态环境局", "short": "市局", "kind": "bureau", "parent_id": "br-wl", "appeal_id": "jx"}
    answer = admin.post("/admin/organs/nc", data=bureau)
    assert answer.status_code == 422
    assert "不能移到自己或自己的下级机构之下" in answer.text


def test_an_organ_with_people_is_not_closed(admin: FlaskClient, session: Session) -> None:
    admin.post("/admin/organs/br-wl/active", data={"active": "false"})
    assert session.get_one(Organ, "br-wl").active
    assert "还有 11 个在任岗位" in admin.get("/admin/organs/br-wl").text


# --- audit ------------------------------------------------------------------------------------------------------------


def audit_lines(client: FlaskClient, query: str = "") -> list[str]:
    text = client.get(f"/audit{query}").text
    return re.findall(r'<th scope="row">([^<]+)</th>', text)


@pytest.mark.parametrize(("account", "status"), [("shenji", 200), ("admin", 403), ("juzhang", 403), ("yunwei", 403)])
def test_the_audit_is_for_the_auditor(client: FlaskClient, login: Login, account: str, status: int) -> None:
    login(client, account)
    assert client.get("/audit").status_code == status


def test_audit_filters(demo_org: Flask, client: FlaskClient, login: Login, session: Session) -> None:
    case = make_case(session, intake_org="nc-petition")
    case.number = "洪环信〔2026〕00001"
    officer = person_of(session, "zhidui1")
    yesterday = now() - timedelta(days=1)
    session.add(
        Event(case_id=case.id, at=yesterday, actor_id=officer.id, actor=officer.name, kind="task.done", label="制定办理方案", detail={})
    )
    session.add(
        Event(
            case_id=case.id,
            at=now(),
            actor_id=officer.id,
            actor=officer.name,
            kind="identity.reveal",
            label="查看身份",
            detail={"reason": "电话 13812345678 核实"},
        )
    )
    session.commit()
    login(demo_org.test_client(), "xinfang", "wrong")
    login(client, "shenji")
    assert audit_lines(client) == ["登录", "登录失败", "查看身份", "制定办理方案"]
    assert audit_lines(client, "?person=罗劲松") == ["查看身份", "制定办理方案"]
    assert audit_lines(client, "?person=zhidui1&group=case") == ["制定办理方案"]
    assert audit_lines(client, "?group=login") == ["登录", "登录失败"]
    assert audit_lines(client, "?group=identity") == ["查看身份"]
    assert audit_lines(client, "?group=admin") == []
    assert audit_lines(client, "?number=洪环信〔2026〕00001") == ["查看身份", "制定办理方案"]
    assert audit_lines(client, f"?until={yesterday.date()}") == ["制定办理方案"]
    assert "制定办理方案" not in audit_lines(client, f"?since={now().date()}")
    page = client.get("/audit?group=identity").text
    assert "138****5678" in page
    assert "13812345678" not in page
    assert client.get("/audit?since=yesterday").status_code == 422


def test_audit_is_paged_by_key_both_ways(client: FlaskClient, login: Login, session: Session) -> None:
    total = 2 * queries.PAGE + 5
    session.add_all([Event(at=now(), actor="系统", kind="account.organ", label=f"第{number}条") for number in range(total)])
    session.commit()
    first, _ = queries.audit_page(session, queries.AuditFilter()), None
    second = queries.audit_page(session, queries.AuditFilter(), before=first.rows[-1].id)
    third = queries.audit_page(session, queries.AuditFilter(), before=second.rows[-1].id)
    assert [line.label for page in (first, second, third) for line in page.rows] == [f"第{number}条" for number in reversed(range(total))]
    assert (first.more_before, third.more_after) == (False, False)
    assert queries.audit_page(session, queries.AuditFilter(), after=third.rows[0].id).rows == second.rows


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话 13812345678", "电话 138****5678"),
        ("36010219900101123X", "360****123X"),
        ("0791-86500000", "0791-86500000"),
        ("2026-11-23", "2026-11-23"),
    ],
)
def test_numbers_of_people_lose_their_middle(text: str, shown: str) -> None:
    assert queries.masked(text) == shown


def test_nobody_reads_a_password_in_the_audit(admin: FlaskClient, session: Session) -> None:
    person = person_of(session, "zhidui1")
    admin.post(f"/admin/people/{person.id}/reset")
    session.expire_all()
    written = " ".join(str(event.detail) for event in session.scalars(select(Event)))
    assert "argon2" not in written
    assert not passwords.matches(person_of(session, "zhidui1").password, "Hongzhou-2026")
