"""The case page for whoever may see it: clocks, trail, diagram, links, what an area adds, and who is turned away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app import db
from app.accounts.models import Person
from app.cases import providers
from app.cases.providers import Action, Fact, Header, Identity, PlainCase, Related, Section
from tests.accounts.fixtures import Login, person_of
from tests.inbox.fixtures import Leave
from workflows.tables import Case, Clock, Link
from workflows.time import now


@pytest.fixture
def office(client: FlaskClient, leave: Leave, login: Login) -> FlaskClient:
    login(client, "xinfang")
    return client


def test_a_case_with_tabs_and_clocks(office: FlaskClient, leave: Leave) -> None:
    started = leave.start(number="洪环信〔2026〕00001")
    with leave.app.app_context(), db.transaction() as session:
        for status, at, ended in (("running", 5, None), ("met", -3, -4), ("met", -9, -2), ("lapsed", 20, -1), ("paused", 8, None)):
            due = now() + timedelta(days=at)
            session.add(
                Clock(
                    case_id=started.case_id, slot=f"s{at}", rule="petition.notify", status=status, from_at=now() - timedelta(days=10),
                    raw_due=due, due_at=due, paused_at=now() - timedelta(days=2) if status == "paused" else None,
                    pauses=[{"reason": "送检", "by": "熊以宁"}] if status == "paused" else [], id=leave_id(),
                    ended_at=now() + timedelta(days=ended) if ended else None,
                )
            )  # fmt: skip
    page = office.get(f"/cases/{started.case_id}").get_data(as_text=True)
    for words in ("洪环信〔2026〕00001", "剩 4 天", "按期完成", "晚 7 天", "不再适用", "已暂停 2 天", "熊以宁 批准"):
        assert words in page, words
    assert "《信访工作条例》第二十三条" in page
    for tab in ("概况", "流程图", "轨迹", "文书", "材料", "关联"):
        assert tab in page


def leave_id():  # type: ignore[no-untyped-def]
    from uuid_utils.compat import uuid7

    return uuid7()


def test_who_has_no_part_in_it_gets_404(client: FlaskClient, leave: Leave, login: Login) -> None:
    case = leave.start().case_id
    login(client, "donghu-jingban")
    assert client.get(f"/cases/{case}").status_code == 404
    assert client.get(f"/cases/{case}/diagram.json").status_code == 404
    assert client.post(f"/cases/{case}/follow").status_code == 404
    assert client.get("/cases/lookup?q=外出").json == []


def test_the_diagram_is_coloured_by_where_the_run_stands(office: FlaskClient, leave: Leave) -> None:
    started = leave.start()
    leave.due(started.case_id, now() - timedelta(hours=30))
    office.post(f"/tasks/{started.task_ids[0]}/claim")
    found = office.get(f"/cases/{started.case_id}/diagram.json").json
    assert found is not None
    page = found["pages"][0]
    states = {e["id"]: e for e in page["elements"]}
    assert page["label"] == "公出审批" and page["now"]
    assert states["apply"]["status"] == "overdue" and states["apply"]["badge"] == "邬晓岚 超期 1 天 6 小时"
    assert states["begin"]["status"] == "done" and "end" not in states
    drawing = office.get(page["file"])
    assert drawing.status_code == 200 and b"<bpmn:process" in drawing.data and "immutable" in drawing.headers["Cache-Control"]
    office.post(f"/tasks/{started.task_ids[0]}", data={"days": "1"})
    page = office.get(f"/cases/{started.case_id}/diagram.json").json["pages"][0]  # type: ignore[index]
    states = {e["id"]: e["status"] for e in page["elements"]}
    assert states["apply"] == "done" and states["approve"] == "current" and states["f1"] == "done"


def test_only_drawings_of_a_deployed_version_are_given_out(office: FlaskClient, leave: Leave) -> None:
    leave.start()
    version = leave.engine.library.current  # the deployed one is asked by its content hash only
    assert version is not None
    for path in ("/procedures/none/leave.bpmn", "/procedures/none/forms.yaml", "/procedures/none/..%2f..%2fpyproject.toml"):
        assert office.get(path).status_code == 404


def test_an_open_item_is_closed_with_result_and_reason_by_whom_it_names(office: FlaskClient, leave: Leave, login: Login) -> None:
    started = leave.start()
    with leave.app.app_context(), db.transaction() as session:
        ours = Link(
            id=leave_id(), case_id=started.case_id, kind="supervision_requested", label="督办", holds=True, status="open",
            closable_by="office@case.intake_org", detail={}, opened_at=now(),
        )  # fmt: skip
        heads = Link(
            id=leave_id(), case_id=started.case_id, kind="transfer.question", label="是否移送公安机关", holds=True, status="open",
            closable_by="organ_head@nc", detail={}, opened_at=now(),
        )  # fmt: skip
        session.add_all([ours, heads])
    page = office.get(f"/cases/{started.case_id}?tab=links").get_data(as_text=True)
    assert f"close-{ours.id}" in page and f"close-{heads.id}" not in page
    assert office.post(f"/links/{heads.id}/close", data={"result": "不移送", "reason": "十个字以上的理由在这里"}).status_code == 403
    office.post(f"/links/{ours.id}/close", data={"result": "已整改", "reason": "短"})
    with leave.app.app_context(), db.transaction() as session:
        assert session.get_one(Link, ours.id).status == "open"
    office.post(f"/links/{ours.id}/close", data={"result": "已整改到位", "reason": "现场复核，排放口已经封堵"})
    page = office.get(f"/cases/{started.case_id}?tab=links").get_data(as_text=True)
    assert "已整改到位，现场复核，排放口已经封堵" in page
    with leave.app.app_context(), db.transaction() as session:
        assert session.get_one(Link, ours.id).closed_name == "邬晓岚"


class LeaveCase(PlainCase):
    """An area's page parts, as a petition would give them."""

    def header(self, case: Case, person: Person) -> Header:
        return Header(case.title, "公出 1 号", "审批中", "late", ("重点",), [Fact("来源", "来电")], said="<b>原话</b>")

    def identity(self, case: Case, person: Person) -> Identity | None:
        return Identity("举报人", "张** 138****1234", "masked", f"/cases/{case.id}/reveal")

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        return [Section([Fact("地点", "罗家镇")], "登记内容")]

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        return [Action("登记评价", "/x/rate", "bi-star-half")]

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        return [Related("洪环信〔2026〕00009 同一厂", "/cases/1", "已答复", "同一来源")]


def test_an_area_fills_the_page_and_nothing_is_taken_as_html(office: FlaskClient, leave: Leave) -> None:
    providers.register(leave.app, "leave", LeaveCase())
    try:
        page = office.get(f"/cases/{leave.start().case_id}").get_data(as_text=True)
    finally:
        leave.app.extensions["case_providers"].pop("leave")
    for words in ("公出 1 号", "state-late", "来电", "张** 138****1234", "查看身份", "登记评价", "罗家镇", "同一厂", "记录并查看"):
        assert words in page, words
    assert "&lt;b&gt;原话&lt;/b&gt;" in page and "<b>原话</b>" not in page


def test_follow_and_unfollow(office: FlaskClient, leave: Leave) -> None:
    case = leave.start().case_id
    office.post(f"/cases/{case}/follow")
    assert "已关注" in office.get(f"/cases/{case}").get_data(as_text=True)
    office.post(f"/cases/{case}/follow", data={"off": "1"})
    assert "已关注" not in office.get(f"/cases/{case}").get_data(as_text=True)


def test_lookup_finds_by_number_and_title(office: FlaskClient, leave: Leave) -> None:
    case = leave.start(title="沁澜厂夜间排水", number="洪环信〔2026〕00007").case_id
    for typed in ("沁澜", "00007"):
        assert office.get("/cases/lookup", query_string={"q": typed}).json == [
            {"value": str(case), "label": "洪环信〔2026〕00007 沁澜厂夜间排水", "note": "在办"}
        ]
    assert office.get("/cases/lookup?q=%25").json == []


def test_the_table_of_periods_names_article_and_standing(office: FlaskClient) -> None:
    page = office.get("/clocks").get_data(as_text=True)
    assert "《信访工作条例》第二十三条" in page and "15 日" in page and "依据待核" in page and "局内规定" in page


def test_a_change_in_the_trail_reads_before_and_after(office: FlaskClient, leave: Leave) -> None:
    started = leave.start()
    with leave.app.app_context(), db.transaction() as session:
        actor = person_of(session, "xinfang").actor()
        leave.engine.update_case(session, started.case_id, actor, attrs={"unit": "nc-inspect"})
    page = office.get(f"/cases/{started.case_id}").get_data(as_text=True)
    assert "承办单位：<del>未定</del> → 监察支队" in page
