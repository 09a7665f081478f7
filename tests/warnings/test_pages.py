"""The bureau's pages over HTTP: the year and the month, the 问题清单 with its lights and filters, an answer on paper, who may see what."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.accounts.models import Post
from app.engine import get_engine
from app.warnings.models import CountyLetter, EarlyWarning
from tests.accounts.fixtures import Login
from tests.warnings.builders import file_of, petition, play
from workflows import time as clock_time
from workflows.errors import FormError
from workflows.tables import Case, Clock, Task

LISTED = ["draft", "approve", "sign_receipt", "respond"]
PROBLEMS = [
    {"problem": "污水直排", "standard": "外排水达标", "deadline": "2026-12-31", "owner": "罗家镇人民政府"},
    {"problem": "厂界异味", "standard": "安装治理设施", "deadline": "2026-09-06", "owner": "区住建局"},
]


@pytest.fixture
def office(september: Flask, client: FlaskClient, login: Login) -> FlaskClient:
    login(client, "xinfang")
    return client


def test_the_year_by_county_and_month(september: Flask, office: FlaskClient) -> None:
    assert "还没有预警函" in office.get("/warnings").text
    with september.app_context():
        play(september, ["draft", "approve"])
        play(september, [], county="360102", petitions=1)
    page = office.get("/warnings").text
    assert "青山湖区 2026年8月：待签收，剩" in page and "东湖区 2026年8月：没有需要预警的" in page and "洪环警〔2026〕1号" in page
    assert office.get("/warnings?year=abc&month=1999-01").status_code == 200


def test_a_branch_sees_no_letters_but_the_problems_it_verifies(september: Flask, login: Login) -> None:
    with september.app_context():
        play(september, [*LISTED, {"judge_response": {"problems": PROBLEMS}}])
    for account, seen in (("qingshanhu-chuangkou", True), ("donghu-chuangkou", False)):
        visitor = september.test_client()
        login(visitor, account)
        assert "还没有预警函" in visitor.get("/warnings").text
        assert ("厂界异味" in visitor.get("/warnings/problems").text) is seen, account


def test_problems_by_light_and_filter_and_as_a_workbook(september: Flask, client: FlaskClient, login: Login) -> None:
    with september.app_context():
        play(september, [*LISTED, {"judge_response": {"problems": PROBLEMS}}])
    office = client
    login(office, "xinfang")
    soon = office.get("/warnings/problems").text
    assert soon.index("厂界异味") < soon.index("污水直排")  # by the day it is to be done
    assert "厂界异味" in office.get("/warnings/problems?light=amber").text
    assert "厂界异味" not in office.get("/warnings/problems?light=green").text
    clock_time.freeze(datetime(2026, 9, 7, 9, tzinfo=clock_time.ZONE))
    login(office, "xinfang")
    red = office.get("/warnings/problems?light=red").text
    assert "厂界异味" in red and "污水直排" not in red
    for query, seen in (("county=360111", True), ("county=360102", False), ("unit=br-360111", True), ("q=异味", True), ("q=%25", False)):
        assert ("厂界异味" in office.get(f"/warnings/problems?{query}").text) is seen, query
    assert "没有已销号的问题" in office.get("/warnings/problems?view=done").text
    assert office.get("/warnings/problems?view=x&light=x&state=x&after=x").status_code == 200
    book = openpyxl.load_workbook(BytesIO(office.get("/warnings/problems?format=xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 3 and rows[1][:3] == ("洪环警〔2026〕1号-2", "青山湖区", "厂界异味")


def test_the_case_says_which_rule_hit_and_links_only_what_one_may_see(september: Flask, office: FlaskClient, login: Login) -> None:
    with september.app_context():
        with db.transaction() as session:
            asked = petition(session, enterprise="沁澜金属表面处理厂", living=True).case_id
        play(september, [])
        with db.transaction() as session:
            case_id = file_of(session, "early_warning")
    page = office.get(f"/cases/{case_id}").text
    assert "规则：件数" in page and "本月 7 件，达到 3 件" in page
    assert f"/cases/{asked}" in page and "不在您的查看范围" in page  # the six others belong to no office
    leader = september.test_client()
    login(leader, "fagui")
    assert leader.get(f"/cases/{case_id}").status_code == 404  # legal has no part before the publication is cleared


def test_a_letter_to_a_government_nobody_works_for_does_not_leave(september: Flask) -> None:
    with september.app_context():
        made = play(september, ["draft"])
        with db.transaction() as session:
            for post in session.scalars(select(Post).where(Post.organ_id == "gov-360111")):
                post.until = clock_time.now()
        with pytest.raises(FormError) as refused:
            made._complete("approve", {})
        assert "区县政府联络员" in refused.value.errors["ok"]


def test_an_answer_on_paper_is_entered_by_the_office(september: Flask, office: FlaskClient, login: Login) -> None:
    with september.app_context():
        play(september, ["draft", "approve"])
        with db.transaction() as session:
            case_id, county = file_of(session, "early_warning"), file_of(session, "county_response")
    assert "代录区县纸质回复" in office.get(f"/cases/{case_id}").text
    path = f"/cases/{case_id}/warning-answer"
    assert "沁澜金属表面处理厂" in office.get(path).text
    row = {"received_on": "2026-09-01", "measures-0-item": "1", "measures-0-by": "2026-10-01"}
    short = office.post(path, data={**row, "measures-0-measure": "已改"})
    assert short.status_code == 422 and "已改" in short.text
    done = office.post(path, data={**row, "measures-0-measure": "责成企业停产整改，安装治理设施。"})
    assert done.status_code == 303, done.text[:3000]
    _worker(september)
    with september.app_context(), db.transaction() as session:
        assert session.get_one(EarlyWarning, case_id).state == "answered"
        letter = session.scalars(select(CountyLetter)).one()
        assert letter.response_by == "纸质函件，邬晓岚代录" and letter.response[0]["by"] == "2026-10-01"
        assert session.get_one(Case, county).status == "closed"
        assert session.scalars(select(Task.id).where(Task.case_id == county, Task.status == "open")).all() == []
        assert {c.status for c in session.scalars(select(Clock).where(Clock.case_id == county))} == {"met"}
    assert office.post(path, data=row).status_code == 422  # and a second time nothing waits for it
    again = office.get(path)
    assert again.status_code == 303
    for account in ("zhidui1", "qingshanhu-zhengfu", "shenji"):
        visitor = september.test_client()
        login(visitor, account)
        assert visitor.post(path, data=row).status_code == 403, account


def test_an_answer_that_comes_while_another_letter_is_written_is_kept_and_told(september: Flask, client: FlaskClient, login: Login) -> None:
    with september.app_context():
        made = play(september, ["draft", "approve", "sign_receipt", {"clock": "response"}, "respond"])
        with db.transaction() as session:
            warning = session.scalars(select(EarlyWarning)).one()
            assert warning.state == "report" and warning.response_at is None
            assert session.scalars(select(CountyLetter)).one().response_at is not None
        login(client, "xinfang")
        assert "已转入再次发函" in client.get("/notices").text
        made._complete("write_report", {})
        with db.transaction() as session:
            files = session.scalars(select(CountyLetter.case_id).order_by(CountyLetter.received_at)).all()
        assert len(set(files)) == 2  # the county's file was closed by its answer: the further letter opens another


def _worker(app: Flask) -> None:
    with app.app_context():
        more = True
        while more:
            with db.transaction() as session:
                more = get_engine().deliver_next(session)


def test_ids_that_do_not_exist(office: FlaskClient) -> None:
    assert office.get(f"/cases/{UUID(int=1)}/warning-answer").status_code == 404
