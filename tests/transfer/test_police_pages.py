"""The police's pages: the desk, the list and its workbook, the material; nothing of another organ's files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app import db
from tests.accounts.fixtures import Login
from tests.transfer.bureau_builders import at, do, go, on, source, step, transfer
from tests.transfer.police_builders import OTHER, POLICE, REASONS, Procuratorate, accept, police_case, seed_police

OFFICER, HEAD, ELSEWHERE = f"t-{POLICE}-police_officer", f"t-{POLICE}-police_head", f"t-{OTHER}-police_officer"


@dataclass
class Desk:
    """Three transfers at the police of 青山湖区: one just arrived, one in examination, one filed but not yet told."""

    arrived: UUID
    examined: UUID
    untold: UUID
    number: str
    bureau: UUID


@pytest.fixture
def desk(transfers: Flask) -> Iterator[Desk]:
    from app.transfers import leaving

    outbox = Procuratorate()
    leaving.outboxes.append(outbox)
    with transfers.app_context(), db.transaction() as session:
        seed_police(session, POLICE, OTHER)
        made = [sent_by(session, name) for name in ("丰和家具厂", "经开造粒厂", "翻新桶业")]
        untold = accept(session, made[2])
        do(session, untold, "examine", step="decide", proposed=True)
        do(session, untold, "decide_filing", filed=True)
        examined = accept(session, made[1])
        do(session, examined, "examine", step="ask", ask_kind="complete", wanted=[{"name": "监测报告盖章页"}])
        found = Desk(police_case(session, made[0]), examined, untold, transfer(session, made[0]).transfer_no, made[0])
    yield found
    leaving.outboxes.remove(outbox)


def sent_by(session: Session, party: str) -> UUID:
    """A transfer about one enterprise, lying at the police."""
    case_id = source(session, party=party)
    go(session, case_id, "enter_facts", "confirm", "form_team")
    do(session, case_id, "write_report", parties=[{"name": party, "kind": "unit"}])
    go(session, case_id, "legal_opinion", "decide", "assemble")
    return case_id


def text(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_the_desk_shows_each_transfer_with_its_steps_and_what_to_do(desk: Desk, client: FlaskClient, login: Login) -> None:
    login(client, OFFICER)
    page = text(client, "/police")
    assert page.count('<ol class="joint">') == 3
    for said in ("丰和家具厂", "经开造粒厂", "翻新桶业", "应立即签收", "等我方签收", "签收并出具回执", "补正告知", "待签收 1 件"):
        assert said in page, said
    assert "项校验一致" in page and "SM3" in page
    page = text(client, "/police?group=sign")
    assert "丰和家具厂" in page and "经开造粒厂" not in page
    page = text(client, "/police?group=asked")
    assert "经开造粒厂" in page and "丰和家具厂" not in page
    page = text(client, f"/police?open={desk.examined}")
    assert "监测报告" in page


def test_steps_that_are_the_heads_are_no_button_of_the_officer(desk: Desk, transfers: Flask, client: FlaskClient, login: Login) -> None:
    with transfers.app_context(), db.transaction() as session:
        do(session, desk.examined, "examine", step="decide", proposed=False)
    login(client, OFFICER)
    assert "决定是否立案" not in text(client, "/police?group=examine")
    client.post("/logout")
    login(client, HEAD)
    assert "决定是否立案" in text(client, "/police?group=examine")


def test_lateness_is_red_on_both_sides(desk: Desk, transfers: Flask, client: FlaskClient, login: Login) -> None:
    with transfers.app_context(), db.transaction() as session:
        at(on("2026-10-08", 10), session)
    login(client, OFFICER)
    page = text(client, "/police?late=1")
    assert "公安 出具接受案件回执超期" in page and "环境局 补正告知超期" in page and "本机关超期 3 件" in page


def test_the_receipt_is_signed_from_the_desk(desk: Desk, transfers: Flask, client: FlaskClient, login: Login) -> None:
    login(client, OFFICER)
    with transfers.app_context(), db.transaction() as session:
        task = step(session, desk.arrived, "sign_receipt").id
    page = text(client, f"/tasks/{task}")
    assert "签收并出具回执" in page and "拒绝" not in page
    answer = client.post(f"/tasks/{task}", data={"note": ""})
    assert answer.status_code == 303
    assert "环受〔2026〕" in text(client, f"/cases/{desk.arrived}")


def test_the_case_page_tells_the_whole_way(desk: Desk, transfers: Flask, client: FlaskClient, login: Login) -> None:
    with transfers.app_context(), db.transaction() as session:
        go(session, desk.untold, "notify")
        do(session, desk.untold, "investigate", inv_step="outcome", outcome="withdraw", reasons=REASONS, parties=None)
    login(client, OFFICER)
    page = text(client, f"/cases/{desk.untold}")
    for said in ("移送的案件", "受理", "已撤销案件", "撤销案件", REASONS, "往来文书", "移送材料", "材料和校验"):
        assert said in page, said


def test_material_is_what_was_sent_and_can_be_checked_again(desk: Desk, client: FlaskClient, login: Login) -> None:
    login(client, OFFICER)
    page = text(client, f"/police/files/{desk.examined}/material")
    assert "案件调查报告" in page and "重新校验" in page and "监测报告盖章页" in page and "没有查封" in page
    answer = client.post(f"/police/files/{desk.examined}/check")
    assert answer.status_code == 303
    assert "已重新校验" in text(client, answer.headers["Location"])
    assert "重新校验移送材料" in text(client, f"/cases/{desk.examined}")


def test_the_list_finds_and_exports(desk: Desk, client: FlaskClient, login: Login) -> None:
    login(client, OFFICER)
    page = text(client, "/police/files?q=造粒")
    assert "经开造粒厂" in page and "丰和家具厂" not in page
    assert "这些条件下没有案件" in text(client, "/police/files?q=100%25")
    answer = client.get("/police/files?format=xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[0][2] == "移送编号" and len(found) == 4 and desk.number in {row[2] for row in found}


def test_the_list_pages_by_urgency(desk: Desk, client: FlaskClient, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.transfers.police_listing.page.__kwdefaults__", {"after": None, "limit": 2})
    login(client, OFFICER)
    first = text(client, "/police/files")
    assert "丰和家具厂" in first and "下一页" in first
    address = unescape(first.split('rel="next" href="')[1].split('"')[0])
    second = text(client, address)
    assert "丰和家具厂" not in second and "下一页" not in second and second.count('class="c-title"') == 1


def test_police_of_another_county_get_nothing(desk: Desk, client: FlaskClient, login: Login) -> None:
    login(client, ELSEWHERE)
    page = text(client, "/police")
    assert "丰和家具厂" not in page and "没有要办的移送案件" in page
    assert "丰和家具厂" not in text(client, "/police/files?view=all&q=丰和")
    sheet = load_workbook(BytesIO(client.get("/police/files?view=all&format=xlsx").data)).active
    assert sheet is not None and sheet.max_row == 1
    for url in (f"/cases/{desk.arrived}", f"/police/files/{desk.arrived}/material", f"/cases/{desk.bureau}"):
        assert client.get(url).status_code == 404, url
    assert client.post(f"/police/files/{desk.arrived}/check").status_code == 404


def test_the_bureau_has_no_police_desk_and_strangers_have_nothing(desk: Desk, client: FlaskClient, login: Login) -> None:
    assert client.get("/police").status_code in (302, 303, 401)
    login(client, "xinfang")
    assert client.get("/police").status_code == 403
    assert client.get(f"/cases/{desk.arrived}").status_code == 404
