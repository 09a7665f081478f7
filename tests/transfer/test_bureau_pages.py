"""The bureau's pages through the web: list, 案源, screening, material, sealed package, letter, penalty register; and who gets nothing."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.files import services as files
from app.transfers import carry, package, penalties, services
from app.transfers.models import PenaltyCase, Transfer
from tests.accounts.fixtures import Login
from tests.transfer.bureau_builders import UNIT, Elsewhere, arrive, do, go, officers, person, source, to_sent, transfer


@pytest.fixture
def sent(transfers: Flask, elsewhere: Elsewhere) -> UUID:
    """A file that has left, committed."""
    with transfers.app_context(), db.transaction() as session:
        case_id = source(session)
        to_sent(session, case_id)
        arrive(session, case_id, "transfer_receipt", "received", receipt_no="受〔2026〕1号", lines=[["回执编号", "受〔2026〕1号"]])
    return case_id


@pytest.fixture
def officer(transfers: Flask) -> str:
    with transfers.app_context(), db.transaction() as session:
        return officers(session)[0].account


def page(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return answer.get_data(as_text=True)


def test_the_list_finds_by_number_party_and_state(client: FlaskClient, login: Login, sent: UUID, officer: str) -> None:
    login(client, officer)
    shown = page(client, "/transfers")
    assert "洪环移〔2026〕1号" in shown and "沁澜金属表面处理厂涉嫌环境犯罪" in shown
    assert "沁澜" in page(client, "/transfers?q=金属表面") and "涉嫌环境犯罪" not in page(client, "/transfers?q=别的厂")
    assert "涉嫌环境犯罪</a>" in page(client, "/transfers?group=police") and "涉嫌环境犯罪</a>" not in page(
        client, "/transfers?group=approval"
    )
    assert "涉嫌环境犯罪</a>" not in page(client, "/transfers?state=closed")
    answer = client.get("/transfers?format=xlsx")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"


def test_a_source_is_opened_by_a_form(client: FlaskClient, login: Login, transfers: Flask, officer: str) -> None:
    login(client, officer)
    assert "案源立件" in page(client, "/transfers/new")
    with transfers.app_context(), db.transaction() as session:
        first, second = (str(p.id) for p in officers(session)[:2])
    form = {
        "source": "alarm", "party": "鹭洲印染厂", "act": "自动监测数据造假", "found_on": "2026-09-20", "unit": UNIT, "handler": first,
        "officer": second,
    }  # fmt: skip
    answer = client.post("/transfers/new", data={**form, "officer": first})
    assert answer.status_code == 422 and "不能是同一人" in answer.get_data(as_text=True)
    answer = client.post("/transfers/new", data={**form, "unit": "br-360112"})
    assert answer.status_code == 422
    answer = client.post("/transfers/new", data=form)
    assert answer.status_code == 303
    shown = page(client, answer.headers["Location"])
    assert "涉罪筛查：填写事实" in shown and "鹭洲印染厂涉罪筛查" in shown and "涉嫌环境犯罪" not in shown  # nobody is called suspect yet


def test_what_was_chosen_in_a_step_reads_as_names_and_words(
    client: FlaskClient, login: Login, transfers: Flask, sent: UUID, officer: str
) -> None:
    """Not as the ids and codes the form keeps."""
    with transfers.app_context(), db.transaction() as session:
        arrive(session, sent, "police_notice", "refused", reasons="证据不足")
        go(session, sent, "choose_way")
        names, ids = [p.name for p in officers(session)], [str(p.id) for p in officers(session)]
    login(client, officer)
    filled = dict(re.findall(r'<dt>([^<]*)</dt><dd class="pre">([^<]*)</dd>', page(client, f"/cases/{sent}")))
    assert filled["专案组成员"] in (f"{names[0]}、{names[1]}", f"{names[1]}、{names[0]}")
    assert filled["途径"] == "申请复议"
    assert not any(one in said for said in filled.values() for one in ids)


def test_the_case_page_says_everything(client: FlaskClient, login: Login, sent: UUID, officer: str) -> None:
    login(client, officer)
    shown = page(client, f"/cases/{sent}")
    for said in ("移送编号", "解释1(5)", "往来文书", "接受案件回执", "移送材料", "罚款限制", "批准移送"):
        assert said in shown, said


def test_the_screening_page_shows_facts_law_and_table(client: FlaskClient, login: Login, sent: UUID, officer: str) -> None:
    login(client, officer)
    shown = page(client, f"/transfers/{sent}/screening")
    assert "解释第一条第（五）项" in shown and "法典施行后" in shown and "dmn-viewer" in shown
    table = client.get("/transfers/table.dmn")
    assert table.status_code == 200 and b"decisionTable" in table.data


def test_changed_facts_by_the_page(client: FlaskClient, login: Login, sent: UUID, officer: str) -> None:
    login(client, officer)
    assert "重新筛查" in page(client, f"/transfers/{sent}/rescreen")
    form = {"act_from": "2026-09-01", "act_to": "2026-09-20", "hw_t": "3.5"}
    answer = client.post(f"/transfers/{sent}/rescreen", data=form)
    assert answer.status_code == 303 and "解释第一条第（二）项" in page(client, answer.headers["Location"])
    assert client.post(f"/transfers/{sent}/rescreen", data={"act_from": "2026-09-01", "act_to": "2026-09-20"}).status_code == 422


def test_a_sealed_package_is_shown_and_verified(client: FlaskClient, login: Login, transfers: Flask, sent: UUID, officer: str) -> None:
    with transfers.app_context(), db.transaction() as session:
        made = package.of_transfer(session, transfer(session, sent).transfer_no)[0]
        item = next(one for one in package.items(session, made.id) if one.sm3)
        url, number = f"/transfers/packages/{made.id}", made.manifest_sm3 or ""
    login(client, officer)
    shown = page(client, url)
    assert number in shown and "已封存" in shown and "重新校验" in shown
    assert "项校验一致" in page(client, f"{url}?verify=1")
    file = client.get(f"{url}/{item.id}")
    assert file.status_code == 200 and "移送" in file.get_data(as_text=True) and file.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"{url}/manifest").get_json()["format"] == "hxt-manifest-1"
    page(client, f"{url}/{UUID(int=1)}", 404)


def test_a_letter_is_a_page_for_both_sides(client: FlaskClient, login: Login, transfers: Flask, sent: UUID, officer: str) -> None:
    with transfers.app_context(), db.transaction() as session:
        letters = {one.name: one.id for one in carry.of_case(session, sent)}
    login(client, officer)
    assert "受〔2026〕1号" in page(client, f"/transfers/letters/{letters['transfer_receipt']}")
    shown = page(client, f"/transfers/letters/{letters['transfer_sent']}")
    assert "涉嫌的罪名" in shown and "主办人" in shown and "随附材料" in shown


def test_material_is_added_ticked_and_dropped(client: FlaskClient, login: Login, transfers: Flask, elsewhere: Elsewhere) -> None:
    with transfers.app_context(), db.transaction() as session:
        case_id = source(session)
        go(session, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide")
        handler = session.get_one(type(officers(session)[0]), UUID(transfer(session, case_id).team[0]["id"]))
        png = bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
        )
        file = files.add_file(session, handler, BytesIO(png), "现场.png", case_id=case_id)
        account, file_id = handler.account, str(file.id)
    login(client, account)
    url = f"/transfers/{case_id}/material"
    assert "还有 4 处" in page(client, url)
    assert client.post(url, data={"kind": "photos"}).status_code == 422
    form = {"kind": "photos", "name": "现场照片", "maker": "罗劲松", "made_on": "2026-09-20", "files": file_id}
    assert client.post(url, data=form).status_code == 303
    shown = page(client, url)
    assert "现场照片" in shown and "没有文字层" in shown
    with transfers.app_context(), db.transaction() as session:
        made = package.open_draft(session, case_id, "first")
        assert made is not None
        item = package.items(session, made.id)[0].id
    assert client.post(f"{url}/{item}/tick").status_code == 303 and "已核对没有举报人信息" in page(client, url)
    assert client.post(f"{url}/{item}/nothing").status_code == 404
    assert client.post(f"{url}/{item}/drop").status_code == 303 and "现场照片" not in page(client, url)
    waste = {
        "unit": "沁澜厂",
        "act": "私设暗管",
        "thing": "电镀污泥",
        "reason": "依据《国家危险废物名录》和生产工艺、原辅材料作出判断",
        "is_waste": "true",
    }
    assert client.post(f"/transfers/{case_id}/waste", data=waste).status_code == 422
    assert client.post(f"/transfers/{case_id}/waste", data={**waste, "code": "HW17 336-064-17"}).status_code == 303
    assert "危险废物认定意见" in page(client, url)


def test_a_consultation_is_begun_from_the_case(client: FlaskClient, login: Login, sent: UUID, officer: str) -> None:
    login(client, officer)
    assert client.post(f"/transfers/{sent}/consult", data={}).status_code == 422
    answer = client.post(f"/transfers/{sent}/consult", data={"kind": "consult", "asked": "police"})
    assert answer.status_code == 303 and "书面会商" in page(client, answer.headers["Location"])


# --- the penalty register -----------------------------------------------------------------------------------------------

FILED = {"number": "洪环罚立〔2026〕7号", "party": "沁澜金属表面处理厂", "act": "私设暗管", "act_kind": "hidden", "filed_on": "2026-09-01"}
FINE = {"decided_on": "2026-09-21", "decision_no": "洪环罚〔2026〕7号", "kinds": "fine", "amount": "50000"}


def penalty(transfers: Flask) -> PenaltyCase:
    with transfers.app_context(), db.transaction() as session:
        return session.scalars(select(PenaltyCase)).one()


def test_the_register_by_its_pages(client: FlaskClient, login: Login, transfers: Flask) -> None:
    login(client, "faguichuzhang")
    assert client.post("/penalties/new", data={"number": "x"}).status_code == 422
    assert client.post("/penalties/new", data=FILED).status_code == 303
    made = penalty(transfers)
    assert (
        made.organ == "nc" and "洪环罚立〔2026〕7号" in page(client, "/penalties") and "2026-11-30" in page(client, f"/penalties/{made.id}")
    )
    assert client.post(f"/penalties/{made.id}/decision", data={**FINE, "amount": ""}).status_code == 422
    refused = client.post(f"/penalties/{made.id}/decision", data=FINE, follow_redirects=True).get_data(as_text=True)
    assert "还没有涉罪筛查" in refused and "尚未作出" in refused
    address = f"/penalties/{made.id}/screening"
    assert "行为开始" in page(client, address) and client.post(address, data={"act_from": "2026-09-01"}).status_code == 422
    acted = {"act_from": "2026-09-01", "act_to": "2026-09-02"}
    answer = client.post(address, data=acted)
    assert answer.status_code == 422 and "均不涉及" in answer.get_data(as_text=True)
    assert client.post(address, data={**acted, "none": "true"}).status_code == 303
    assert "已逐项核对，均不涉及" in page(client, f"/penalties/{made.id}")
    assert client.post(f"/penalties/{made.id}/decision", data=FINE).status_code == 303
    form = {"served_on": "2026-09-21", "rectify_order": "立即拆除暗管", "rectify_by": "2026-10-20", "note": "已送达"}
    assert client.post(f"/penalties/{made.id}/progress", data=form).status_code == 303
    shown = page(client, f"/penalties/{made.id}")
    assert "50000.00 元" in shown and "立即拆除暗管" in shown
    assert client.get("/penalties?state=all&format=xlsx").data[:2] == b"PK"
    assert "洪环罚立" in page(client, "/penalties?state=check&q=沁澜")


def test_a_fine_under_a_hold_is_refused_with_the_reason(client: FlaskClient, login: Login, transfers: Flask, elsewhere: Elsewhere) -> None:
    with transfers.app_context(), db.transaction() as session:
        made = penalties.register(session, person(session, "faguichuzhang"), {**FILED, "organ": UNIT})
        source(session, penalty=str(made.id))
    login(client, "faguichuzhang")
    answer = client.post(f"/penalties/{made.id}/decision", data=FINE, follow_redirects=True)
    shown = answer.get_data(as_text=True)
    assert "移送问题还没有答复" in shown and "罚款暂不决定" in shown and "尚未作出" in shown
    with transfers.app_context(), db.transaction() as session:
        assert services.unanswered(session, None, made.id) == 1


def test_the_import_page(client: FlaskClient, login: Login, transfers: Flask) -> None:
    login(client, "faguichuzhang")
    assert client.post("/penalties/import").status_code == 422
    table = "立案号,当事人,案由,立案日期\n罚立1,甲厂,超标,2026-03-01\n罚立2,,超标,2026-03-01\n".encode()
    answer = client.post("/penalties/import", data={"file": (BytesIO(table), "台账.csv")})
    assert answer.status_code == 200 and "导入 1 件" in answer.get_data(as_text=True) and "第 3 行" in answer.get_data(as_text=True)


# --- who gets nothing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["xinjian-jingban", "chuangkou", "admin"])
def test_somebody_without_a_part_gets_nothing(client: FlaskClient, login: Login, transfers: Flask, sent: UUID, account: str) -> None:
    with transfers.app_context(), db.transaction() as session:
        made = package.of_transfer(session, session.get_one(Transfer, sent).transfer_no)[0]
        item = package.items(session, made.id)[0].id
        letter = carry.of_case(session, sent)[0].id
    login(client, account)
    for url in (
        f"/cases/{sent}", f"/transfers/{sent}/screening", f"/transfers/{sent}/material", f"/transfers/packages/{made.id}",
        f"/transfers/packages/{made.id}/{item}", f"/transfers/packages/{made.id}/manifest", f"/transfers/letters/{letter}",
        f"/transfers/{sent}/rescreen", f"/transfers/{sent}/consult",
    ):  # fmt: skip
        assert client.get(url).status_code in (403, 404), url
    answer = client.get("/transfers")
    assert answer.status_code == 403 or "沁澜" not in answer.get_data(as_text=True)


def test_another_branch_does_not_see_the_register(client: FlaskClient, login: Login, transfers: Flask) -> None:
    with transfers.app_context(), db.transaction() as session:
        made = penalties.register(session, person(session, "faguichuzhang"), {**FILED, "organ": UNIT})
    login(client, "xinjian-jingban")
    assert "沁澜" not in page(client, "/penalties?state=all") and client.get(f"/penalties/{made.id}").status_code == 404


def test_an_ended_file_whose_facts_change_says_where_it_goes_on(
    client: FlaskClient, login: Login, transfers: Flask, officer: str, elsewhere: Elsewhere
) -> None:
    acted = {"act_from": "2026-09-01", "act_to": "2026-09-02"}
    with transfers.app_context(), db.transaction() as session:
        case_id = source(session)
        do(session, case_id, "enter_facts", **acted, toxic_kinds=None, ways=None, none=True)
        do(session, case_id, "confirm", suspected=False)
    login(client, officer)
    assert "事实有变化" in page(client, f"/cases/{case_id}")
    address = f"/transfers/{case_id}/rescreen"
    answer = client.post(address, data={**acted, "hw_t": "3", "none": "true"})
    assert answer.status_code == 422 and 'value="3"' in answer.get_data(as_text=True)  # what was typed is still there
    answer = client.post(address, data={**acted, "hw_t": "3"}, follow_redirects=True)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "已另立新的案源" in shown and "事实有变化，见新案源" in shown
