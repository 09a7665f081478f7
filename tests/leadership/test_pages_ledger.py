"""The ledger over HTTP: filters, order, a past day, the history of a cell, saved columns, the workbook, print."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import db
from app.leadership import services
from app.leadership.ledger import COLUMNS
from tests.accounts.fixtures import Login
from tests.leadership import pages_builders as make
from tests.petitions.builders import complete, person
from workflows import time as clock_time

OTHER = {
    "received_at": "2026-10-02T09:00:00+08:00", "name": "李宗海", "phone": "13700001111", "address": "西湖区桃花镇",
    "enterprise": "后浦水泥厂",
    "place": "桃花镇后浦村", "kind": "air", "statement": "水泥厂夜里冒灰，窗台一层白灰，多次反映没有解决。",
}  # fmt: skip


@pytest.fixture
def two(bureau: Flask) -> tuple[UUID, UUID]:
    """An ownership of 龚致远 that is being carried out, and one of the head that was assigned."""
    with bureau.app_context(), db.transaction() as session:
        first = make.carried(session, make.petition(session))
        second = make.opened(session, make.petition(session, **OTHER))
        make.proposed(session, second, make.HEAD)
        make.assigned(session, second, make.HEAD)
    return first, second


@pytest.fixture
def office(bureau: Flask, client: FlaskClient, login: Login) -> FlaskClient:
    login(client, make.OFFICE)
    return client


def total(page: str) -> int:
    found = re.search(r'aria-current="true">\S+ <span class="n">(\d+)</span>', page)
    assert found is not None
    return int(found.group(1))


def listed(page: str) -> int:
    return page.count('class="c-number c-title"')


def test_every_column_of_the_ledger(two: tuple[UUID, UUID], office: FlaskClient) -> None:
    page = office.get("/leadership").text
    heads = page.split("<thead>")[1].split("</thead>")[0]
    assert all(f">{column.label}" in heads for column in COLUMNS)
    assert listed(page) == total(page) == 2
    assert "沁澜" in page and "后浦" in page and "龚致远" in page and "化解中" in page and "待开分析会" in page


def test_filters_narrow_and_the_count_is_what_is_listed(bureau: Flask, two: tuple[UUID, UUID], office: FlaskClient) -> None:
    with bureau.app_context(), db.transaction() as session:
        owner = person(session, make.OWNER).id
    for query, left in (
        (f"owner={owner}", "沁澜"), ("kind=air", "后浦"), ("q=后浦", "后浦"), ("light=red", ""), ("reason=repeated", ""),
        ("reason=flagged&kind=water", "沁澜"), ("county=360102", ""), ("since=2026-10-09", ""), ("state=closed", ""),
    ):  # fmt: skip
        page = office.get(f"/leadership?{query}").text
        assert listed(page) == total(page) == (1 if left else 0), query
        assert not left or left in page
    empty = office.get("/leadership?kind=radiation").text
    assert "这些条件下没有包案" in empty and "去掉“问题类型：辐射”" in empty
    whole = office.get("/leadership?since=2026-10-01&until=2026-10-31").text
    assert total(whole) == 2 and "包案日期：2026-10-01 至 2026-10-31" in whole
    assert office.get("/leadership?state=x&light=x&sort=x&page=x&at=x&cols=x").status_code == 200


def test_sorted_both_ways_with_empty_cells_last(two: tuple[UUID, UUID], office: FlaskClient) -> None:
    up, down = office.get("/leadership?sort=deadline").text, office.get("/leadership?sort=-number").text
    assert up.index("沁澜") < up.index("后浦") and 'aria-sort="ascending"' in up
    assert down.index("〕2号") < down.index("〕1号") and 'aria-sort="descending"' in down


def test_as_it_stood_on_a_past_day(bureau: Flask, two: tuple[UUID, UUID], office: FlaskClient, login: Login) -> None:
    clock_time.freeze(make.at(10, 12))
    with bureau.app_context(), db.transaction() as session:
        make.analysed(session, two[1], make.HEAD)
    clock_time.freeze(make.at(10, 14))
    login(office, make.OFFICE)
    live, past = office.get("/leadership").text, office.get("/leadership?at=2026-10-08").text
    assert "待定方案" in live and "历史台账" not in live
    assert "历史台账：2026-10-08 24:00" in past and "待开分析会" in past and "待定方案" not in past
    assert "张**" in past and "张晓苇" not in past and 'data-cell="petitioner"' in past
    assert 'href="/leadership?at=2026-10-08&amp;sort=owner"' in past  # every link stays on that day
    assert listed(office.get("/leadership?at=2026-10-07").text) == 0
    today = office.get("/leadership?at=2026-10-14").text
    assert "历史日期要早于今天" in today and "历史台账" not in today


def test_the_history_of_a_cell(bureau: Flask, two: tuple[UUID, UUID], office: FlaskClient, login: Login) -> None:
    page = office.get(f"/leadership/{two[0]}/cells/status").text
    assert page.index("化解中") < page.index("待签方案") < page.index("待开分析会")
    assert "现在" in page and "龚致远　签批化解方案" in page and "10-08 09:00 起" in page
    assert "没有变动" in office.get(f"/leadership/{two[0]}/cells/closed_on").text
    assert office.get(f"/leadership/{two[0]}/cells/nothing").status_code == 404
    other = bureau.test_client()
    login(other, "donghu-jingban")
    assert other.get(f"/leadership/{two[0]}/cells/status").status_code == 404


def test_columns_are_kept_for_each_person(bureau: Flask, two: tuple[UUID, UUID], office: FlaskClient, login: Login) -> None:
    assert office.post("/leadership/views", data={"col": ["title", "owner", "status"]}).status_code == 303
    heads = office.get("/leadership").text.split("<thead>")[1].split("</thead>")[0]
    assert "包案领导" in heads and "责任单位" not in heads and "编号" in heads  # the number stays, it leads to the file
    other = bureau.test_client()
    login(other, "xinfangkezhang")
    assert "责任单位" in other.get("/leadership").text.split("<thead>")[1].split("</thead>")[0]
    named = {"col": ["title", "unit"], "name": "气的", "kind": "air"}
    made = office.post("/leadership/views", data=named)
    page = office.get(made.location).text
    assert "已保存为“气的”" in page and listed(page) == 1 and "后浦" in page
    tab = re.search(r'<a href="([^"]*)"[^>]*><i class="bi bi-bookmark"[^>]*></i>气的', office.get("/leadership").text)
    assert tab is not None and listed(office.get(tab.group(1).replace("&amp;", "&")).text) == 1
    assert "请至少选一列" in office.post("/leadership/views", data={}, follow_redirects=True).text
    office.post("/leadership/views/drop", data={"name": "默认"})
    assert "责任单位" in office.get("/leadership").text.split("<thead>")[1].split("</thead>")[0]


def test_the_workbook_holds_what_the_page_shows(two: tuple[UUID, UUID], office: FlaskClient) -> None:
    answer = office.get("/leadership/ledger.xlsx?kind=air&cols=number,title,unit")
    assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[3]] == ["灯", "编号", "事项", "责任单位"]
    assert sheet.max_row == 4 and "后浦" in str(sheet["C4"].value)
    assert sheet.freeze_panes == "C4" and sheet.print_title_rows == "$3:$3"
    assert sheet.page_setup.orientation == "landscape" and int(sheet.page_setup.paperSize or 0) == 8
    whole = openpyxl.load_workbook(BytesIO(office.get("/leadership/ledger.xlsx").data)).active
    assert whole is not None and whole.max_row == 5 and whole.max_column == len(COLUMNS) + 1


def test_print_has_every_row_and_its_paper(two: tuple[UUID, UUID], office: FlaskClient) -> None:
    page = office.get("/leadership/print").text
    assert "领导包案动态管理台账" in page and "共 2 件" in page and page.count("<tr>") == 3 and "print-a3" in page


def test_who_sees_what(bureau: Flask, two: tuple[UUID, UUID], login: Login) -> None:
    for account, count in (("qingshanhu-jingban", 2), ("donghu-guzhang", 0), ("shenji", 2), (make.SECRETARY, 2)):
        other = bureau.test_client()
        login(other, account)
        page = other.get("/leadership").text
        assert listed(page) == total(page) == count, account
    far = bureau.test_client()
    login(far, "admin")
    assert far.get("/leadership").status_code == 403 and far.get("/leadership/ledger.xlsx").status_code == 403
    auditor = bureau.test_client()
    login(auditor, "shenji")
    assert "列和保存" not in auditor.get("/leadership").text
    assert auditor.post("/leadership/views", data={"col": "title"}).status_code == 403


def test_an_auditor_reads_covered_names(two: tuple[UUID, UUID], bureau: Flask, login: Login) -> None:
    auditor = bureau.test_client()
    login(auditor, "shenji")
    page = auditor.get("/leadership").text
    assert "张**" in page and "张晓苇" not in page and "李宗海" not in page


def test_a_changed_owner_stays_in_the_history(bureau: Flask, two: tuple[UUID, UUID], office: FlaskClient) -> None:
    with bureau.app_context(), db.transaction() as session:
        services.start_change(session, person(session, make.OFFICE).actor(), two[0])
        head = str(person(session, make.HEAD).id)
        complete(session, two[0], "change_owner", make.HEAD, change_ok=True, new_owner=head, reason="分工调整，改由局长包案。")
    page = office.get(f"/leadership/{two[0]}/cells/owner").text
    assert page.index("程砚秋</b>") < page.index("龚致远</b>")
