"""The procuratorate's pages over HTTP, the boards and the statistics: what is shown, to whom, and what is not."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person
from app.accounts.passwords import hash_password
from app.demo.people import DEMO_PASSWORD
from app.transfers.models import Transfer, TransferProcurator
from tests.transfer.bureau_builders import PROCURATORATE, at, clock, do, source
from tests.transfer.test_procuratorate import PoliceElsewhere, accepted, copied, file_of, police, prosecutors, sent  # noqa: F401

FAR = "pp-360102"


@pytest.fixture
def shown(transfers: Flask, police: PoliceElsewhere, login) -> Flask:  # type: ignore[no-untyped-def]  # noqa: F811
    """Prosecutors of two counties, one transfer under way at the first."""
    with transfers.app_context(), db.transaction() as session:
        for organ in (PROCURATORATE, FAR):
            prosecutors(session, organ)
        for one in session.scalars(select(Person).where(Person.account.like("pp-%"))):
            one.password = hash_password(DEMO_PASSWORD)
    return transfers


def of(app: Flask, login, account: str) -> FlaskClient:  # type: ignore[no-untyped-def]
    client = app.test_client()
    login(client, account)
    return client


def account(session: Session, organ: str, role: str = "prosecutor") -> str:
    people = session.scalars(select(Person))
    return next(p.account for p in people if any(post.organ_id == organ and post.role == role for post in p.posts))


def accounts(app: Flask) -> tuple[str, str]:
    with app.app_context(), db.transaction() as session:
        return account(session, PROCURATORATE), account(session, FAR)


def test_the_desk_shows_each_transfer_its_steps_and_who_is_late(shown: Flask, login) -> None:  # type: ignore[no-untyped-def]
    with shown.app_context(), db.transaction() as session:
        _, file = accepted(session)
        at(clock(session, file.case_id, "decide").due_at, session)
        number = file.transfer_no
    here, far = accounts(shown)
    desk = of(shown, login, here)
    page = desk.get("/procuratorate")
    assert page.status_code == 200 and number in page.text
    for words in ("移送", "回执", "立案审查", "立案监督", "公安 决定是否立案", "受理立案监督", "有一方超期"):
        assert words in page.text
    assert desk.get("/procuratorate?group=late").text.count(number) == 1
    assert number not in desk.get("/procuratorate?group=penalty").text
    assert number in desk.get(f"/procuratorate?q={number[:3]}").text
    other = of(shown, login, far).get("/procuratorate")
    assert other.status_code == 200 and number not in other.text
    book = openpyxl.load_workbook(BytesIO(desk.get("/procuratorate?format=xlsx").data)).active
    assert book is not None and book["A2"].value == number and book.max_row == 2


def test_the_file_shows_letter_and_clocks_and_never_the_material(shown: Flask, login) -> None:  # type: ignore[no-untyped-def]
    with shown.app_context(), db.transaction() as session:
        transfer, file = sent(session)
        case_id, party = file.case_id, transfer.party
    here, far = accounts(shown)
    client = of(shown, login, here)
    page = client.get(f"/cases/{case_id}")
    assert page.status_code == 200 and "移送书" in page.text and party in page.text
    assert ">移送材料<" not in page.text and "/transfers/packages/" not in page.text
    assert client.get(f"/cases/{transfer.case_id}").status_code == 404
    assert of(shown, login, far).get(f"/cases/{case_id}").status_code == 404


def test_every_section_of_a_long_file_is_drawn(shown: Flask, login) -> None:  # type: ignore[no-untyped-def]
    with shown.app_context(), db.transaction() as session:
        _, file = accepted(session)
        copied(session, file, "refused")
        do(session, file.case_id, "look_copy", supervise=True)
        do(session, file.case_id, "accept_proposal", settled=False)
        copied(session, file, "refused")
        do(session, file.case_id, "review", result="not_stand")
        case_id = file.case_id
    here, _ = accounts(shown)
    text = of(shown, login, here).get(f"/cases/{case_id}").text
    for words in ("立案监督（第 1 次）", "看抄送后主动监督", "洪检要说", "洪检通立", "公安决定", "不立案（含撤案）"):
        assert words in text


def test_a_matter_found_by_the_procuratorate_becomes_its_file_and_an_obliging_opinion(shown: Flask, login) -> None:  # type: ignore[no-untyped-def]
    here, _ = accounts(shown)
    client = of(shown, login, here)
    assert "青山湖" in client.get("/procuratorate/found").text
    typed = {"bureau": "br-360111", "party": "远帆化工", "act": "非法倾倒危险废物", "place": "罗家镇", "reason": "太短"}
    assert client.post("/procuratorate/found", data=typed).status_code == 422
    assert (
        client.post(
            "/procuratorate/found", data={**typed, "bureau": "br-360102", "reason": "监督检查发现倾倒危险废物十余吨，只罚款没有移送"}
        ).status_code
        == 422
    )
    done = client.post("/procuratorate/found", data={**typed, "reason": "监督检查发现倾倒危险废物十余吨，只罚款没有移送"})
    assert done.status_code == 303
    with shown.app_context(), db.transaction() as session:
        file = session.scalars(select(TransferProcurator)).one()
        assert (file.origin, file.state, file.party) == ("found", "nontransfer", "远帆化工")
        do(session, file.case_id, "check_nontransfer", opine=True)
        opened = session.scalars(select(Transfer)).one()
        assert (opened.origin, opened.party, opened.act, opened.transfer_no) == (
            "opinion",
            "远帆化工",
            "非法倾倒危险废物",
            file.transfer_no,
        )
        assert file_of(session, file.transfer_no).state == "await_transfer"


def test_boards_show_rules_zero_and_cases_and_make_a_workbook(shown: Flask, login) -> None:  # type: ignore[no-untyped-def]
    client = of(shown, login, "fagui")
    empty = client.get("/boards")
    assert empty.status_code == 200
    for words in ("有案不立", "有案不移", "有案不接", "有案不查", "以罚代管", "以罚代刑", "0 件", "3 日"):
        assert words in empty.text
    assert client.get("/boards/nonsense").status_code == 404
    with shown.app_context(), db.transaction() as session:
        case_id = source(session)
        row = session.get_one(Transfer, case_id)
        number = row.transfer_no
        at(row.opened_at.replace(day=29), session)
    client = of(shown, login, "fagui")  # days have passed: the old session is over
    page = client.get("/boards/not_looked_into").text
    assert number in page and "承办人" in page
    book = openpyxl.load_workbook(BytesIO(client.get("/boards?format=xlsx").data))
    assert book.sheetnames[0] == "有案不立" and "0 件" in {cell.value for cell in book["以罚代刑"]["C"]}
    assert number in {cell.value for cell in book["有案不查"]["C"]}
    here, _ = accounts(shown)
    assert number not in of(shown, login, here).get("/boards/not_looked_into").text


def test_statistics_page_cases_and_workbook(shown: Flask, login) -> None:  # type: ignore[no-untyped-def]
    with shown.app_context(), db.transaction() as session:
        transfer, _ = sent(session)
        number = transfer.transfer_no
    client = of(shown, login, "fagui")
    page = client.get("/statistics?month=2026-09")
    assert page.status_code == 200 and "青山湖分局" in page.text and "measure=sent" in page.text
    assert number in client.get("/statistics/cases?month=2026-09&measure=sent&organ=br-360111").text
    assert "没有案件" in client.get("/statistics/cases?month=2026-09&measure=filed").text
    assert client.get("/statistics/cases?month=2026-09&measure=x").status_code == 404
    assert client.get("/statistics?month=2026-09&format=xlsx").status_code == 200
    here, _ = accounts(shown)
    assert of(shown, login, here).get("/statistics").status_code == 403
    assert of(shown, login, "fagui").get("/procuratorate").status_code == 403
