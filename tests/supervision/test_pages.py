"""The pages over HTTP: board, list, workbook, opening by hand, scores, reviews, the proposal of liability."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.supervision.models import Matter, MatterReferral
from app.worker import work_off
from tests.petitions.builders import register, to_branch
from tests.supervision.builders import does, opened
from workflows import time as clock_time
from workflows.tables import Case

TYPED = {"unit": "br-360111", "trigger": "evasion", "asked": "letter", "grounds": "多次催促仍不处理，需要督办。"}


@pytest.fixture
def desk(bureau: Flask, client: FlaskClient, login) -> FlaskClient:  # type: ignore[no-untyped-def]
    login(client, "xinfangkezhang")
    return client


def as_person(bureau: Flask, login, account: str) -> FlaskClient:  # type: ignore[no-untyped-def]
    client = bureau.test_client()
    login(client, account)
    return client


def test_the_board_counts_by_unit_and_age(bureau: Flask, login) -> None:  # type: ignore[no-untyped-def]
    opened(bureau)
    clock_time.freeze(datetime(2026, 10, 20, 9, tzinfo=clock_time.ZONE))
    opened(bureau)
    opened(bureau, unit="nc-inspect")
    desk = as_person(bureau, login, "xinfangkezhang")
    page = desk.get("/supervision")
    assert page.status_code == 200 and "青山湖分局" in page.text and "监察支队" in page.text
    assert 'href="/supervision/matters?unit=br-360111&amp;age=0"' in page.text
    assert 'href="/supervision/matters?unit=br-360111&amp;age=1"' in page.text  # the first is twelve days old
    young = desk.get("/supervision/matters?unit=br-360111&age=0").text
    old = desk.get("/supervision/matters?unit=br-360111&age=1").text
    assert young.count("洪环督〔2026〕") == 1 == old.count("洪环督〔2026〕") and "2026-10" in page.text
    assert desk.get("/supervision/matters?age=9").status_code == 200


def test_the_list_narrows_by_unit_step_light_and_words(bureau: Flask, desk: FlaskClient) -> None:
    opened(bureau)
    opened(bureau, unit="nc-inspect", asked="letter")
    everything = desk.get("/supervision/matters").text
    assert everything.index("洪环督〔2026〕1号") < everything.index("洪环督〔2026〕2号")
    assert "督办：市环境监察支队" not in desk.get("/supervision/matters?step=remind").text
    assert "洪环督〔2026〕1号" in desk.get("/supervision/matters?step=remind").text
    assert "洪环督〔2026〕2号" in desk.get("/supervision/matters?trigger=by_hand&unit=nc-inspect").text
    assert "这些条件下没有督办件" in desk.get("/supervision/matters?light=red").text
    assert "洪环督〔2026〕2号" in desk.get("/supervision/matters?q=监察支队").text
    assert "没有已销号的督办件" in desk.get("/supervision/matters?state=closed").text
    assert desk.get("/supervision/matters?light=x&step=y&trigger=z&age=q&state=w&after=bad").status_code == 200


def test_pages_of_the_list_go_by_key(bureau: Flask, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.supervision import listing

    for _ in range(3):
        opened(bureau)
    original = listing.page
    monkeypatch.setattr(listing, "page", lambda *a, **kw: original(*a, **{"limit": 2, **kw}))
    first = desk.get("/supervision/matters").text
    assert first.count("洪环督〔2026〕") == 2 and 'rel="next"' in first and 'rel="prev"' not in first
    onward = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = desk.get(onward).text
    assert second.count("洪环督〔2026〕") == 1 and 'rel="prev"' in second
    back = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert desk.get(back).text.count("洪环督〔2026〕") == 2


def test_the_workbook_holds_the_same_rows(bureau: Flask, desk: FlaskClient) -> None:
    opened(bureau)
    answer = desk.get("/supervision/matters?format=xlsx")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert [cell.value for cell in sheet[1]][2:5] == ["编号", "督办事项", "责任单位"]
    assert sheet["C2"].value == "洪环督〔2026〕1号" and sheet["E2"].value == "青山湖分局" and sheet["J2"].value == 0


def test_opening_by_hand_without_a_case(bureau: Flask, desk: FlaskClient) -> None:
    page = desk.get("/supervision/new")
    assert page.status_code == 200 and "责任单位" in page.text and "约谈" in page.text
    answer = desk.post("/supervision/new", data=TYPED)
    assert answer.status_code == 303 and "/cases/" in answer.location
    shown = desk.get(answer.location)
    assert shown.status_code == 200 and "拟制督办文书" in shown.text and "多次催促仍不处理" in shown.text and "推诿敷衍拖延" in shown.text


def test_an_error_keeps_what_was_typed(bureau: Flask, desk: FlaskClient) -> None:
    answer = desk.post("/supervision/new", data={**TYPED, "unit": "", "grounds": "太短", "trigger": ""})
    assert answer.status_code == 422 and "太短" in answer.text and "请选择督办的事由" in answer.text
    assert desk.post("/supervision/new", data={**TYPED, "unit": "gov-360111"}).status_code == 422
    assert "没有对应事项的" in desk.post("/supervision/new", data={**TYPED, "unit": ""}).text
    with bureau.app_context(), db.transaction() as session:
        assert session.scalars(select(Case)).all() == []


def test_opening_about_a_case_is_a_request_and_the_second_joins(bureau: Flask, desk: FlaskClient) -> None:
    with bureau.app_context(), db.transaction() as session:
        petition = register(session)
        to_branch(session, petition)
    answer = desk.post("/supervision/new", data={**TYPED, "unit": "", "subject": str(petition)}, follow_redirects=True)
    assert answer.status_code == 200 and "已提请督办" in answer.text
    with bureau.app_context():
        work_off()
    listed = desk.get("/supervision/matters").text
    assert "洪环督〔2026〕1号" in listed and "青山湖分局" in listed
    again = desk.post("/supervision/new", data={**TYPED, "unit": "", "subject": str(petition)}, follow_redirects=True)
    assert "已并入正在办理的 洪环督〔2026〕1号" in again.text
    stranger = desk.post("/supervision/new", data={**TYPED, "unit": "", "subject": "00000000-0000-0000-0000-000000000001"})
    assert stranger.status_code == 422 and "没有找到这一件" in stranger.text


def test_who_may_open_what(bureau: Flask, login) -> None:  # type: ignore[no-untyped-def]
    opened(bureau)
    handler = as_person(bureau, login, "qingshanhu-jingban")
    assert handler.get("/supervision").status_code == 200 and handler.get("/supervision/new").status_code == 403
    assert handler.post("/supervision/new", data=TYPED).status_code == 403
    assert "洪环督〔2026〕1号" in handler.get("/supervision/matters").text
    stranger = as_person(bureau, login, "anyi-guzhang")
    assert "洪环督〔2026〕1号" not in stranger.get("/supervision/matters").text
    auditor = as_person(bureau, login, "shenji")
    assert (
        "洪环督〔2026〕1号" in auditor.get("/supervision/matters").text and auditor.post("/supervision/new", data=TYPED).status_code == 403
    )
    assert as_person(bureau, login, "yunwei").get("/supervision").status_code == 403


def test_the_case_page_shows_letter_answer_and_subject(bureau: Flask, desk: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    with bureau.app_context(), db.transaction() as session:
        petition = register(session)
        to_branch(session, petition)
    desk.post("/supervision/new", data={**TYPED, "unit": "", "subject": str(petition)})
    with bureau.app_context():
        work_off()
        with db.transaction() as session:
            matter = session.scalars(select(Matter.case_id)).one()
    does(bureau, matter, "draft_letter", demand="立即封堵排口并恢复水渠。")
    unit = as_person(bureau, login, "qingshanhu-guzhang")
    leader = as_person(bureau, login, "fenguan")
    waiting = leader.get(f"/cases/{matter}").text
    assert "拟发的督办函" in waiting and "立即封堵排口并恢复水渠" in waiting
    assert "拟发的督办函" not in unit.get(f"/cases/{matter}").text
    does(bureau, matter, "sign_leader")
    does(bureau, matter, "sign_for")
    page = unit.get(f"/cases/{matter}").text
    assert "书面回复督办" in page and "立即封堵排口并恢复水渠" in page and "洪环督函〔2026〕1号" in page
    assert f"/cases/{petition}" in page and "张晓苇" not in page
    does(bureau, matter, "reply", situation="排口已经封堵，水渠已清理。")
    shown = desk.get(f"/cases/{matter}").text
    assert "责任单位的回复" in shown and "排口已经封堵" in shown


def test_the_proposal_of_liability_is_not_the_unit_s_to_read(bureau: Flask, login) -> None:  # type: ignore[no-untyped-def]
    matter = opened(bureau, asked="circular", trigger="falsification")
    does(bureau, matter, "draft_letter", scope="各分局")
    does(bureau, matter, "sign_head")
    with bureau.app_context():
        clock_time.freeze(datetime(2026, 11, 1, 9, tzinfo=clock_time.ZONE))
        work_off()
    does(
        bureau,
        matter,
        "refer_liability",
        persons=[{"name": "贺兰溪", "post": "执法员"}],
        clue="伪造整改照片，经与卫星影像比对属实，证据材料附后。",
    )
    with bureau.app_context(), db.transaction() as session:
        referral = session.scalars(select(MatterReferral)).one()
        url = f"/supervision/matters/{matter}/referrals/{referral.id}"
    for account in ("xinfangkezhang", "juzhang", "shenji"):
        client = as_person(bureau, login, account)
        shown = client.get(url)
        assert shown.status_code == 200 and "贺兰溪" in shown.text and "45条（一）" in shown.text
        assert "no-store" in shown.headers["Cache-Control"]
        assert url in client.get(f"/cases/{matter}").text
    for account in ("qingshanhu-guzhang", "qingshanhu-juzhang", "anyi-guzhang"):
        client = as_person(bureau, login, account)
        assert client.get(url).status_code == 404
        page = client.get(f"/cases/{matter}")
        assert "贺兰溪" not in page.text and "伪造整改照片" not in page.text and "45条（一）" not in page.text


def test_scores_show_their_formula_and_the_cases_behind(bureau: Flask, login) -> None:  # type: ignore[no-untyped-def]
    with bureau.app_context(), db.transaction() as session:
        petition = register(session)
        to_branch(session, petition)
        register(session, received_at="2026-10-01T09:00:00+08:00")
    with bureau.app_context():
        clock_time.freeze(datetime(2027, 1, 20, 9, tzinfo=clock_time.ZONE))
        work_off()
    desk = as_person(bureau, login, "xinfangkezhang")
    page = desk.get("/supervision/scores")
    assert page.status_code == 200 and "得分 = 100 − 超期率 × 0.4" in page.text and "青山湖分局" in page.text
    behind = desk.get("/supervision/scores/br-360111/late")
    assert "洪环信〔2026〕00001" in behind.text
    assert desk.get("/supervision/scores/br-360111/other").status_code == 404
    assert desk.get("/supervision/scores/nowhere/late").status_code == 404


def test_the_page_of_reviews_names_seed_and_result(bureau: Flask, desk: FlaskClient, login) -> None:  # type: ignore[no-untyped-def]
    from app.supervision import drawing
    from app.supervision.models import ReviewDraw
    from tests.supervision.test_reviews import DRAWN_ON, archived

    assert "还没有抽查" in desk.get("/supervision/reviews").text
    with bureau.app_context():
        with db.transaction() as session:
            archived(session, 2)
        clock_time.freeze(DRAWN_ON)
        with db.transaction() as session:
            drawing.draw(session, "2026-09", "br-360111", DRAWN_ON)
        with db.transaction() as session:
            seed = session.scalars(select(ReviewDraw.seed)).one()
    desk = as_person(bureau, login, "xinfangkezhang")
    page = desk.get("/supervision/reviews")
    assert str(seed) in page.text and "青山湖分局" in page.text and "评查中" in page.text and "抽取 2 ÷ 归档 2" in page.text
    assert desk.get("/supervision/reviews?month=1999-01").status_code == 200
    assert as_person(bureau, login, "qingshanhu-jingban").get("/supervision/reviews").status_code == 403


def test_a_matter_that_waits_for_long_shows_its_days(bureau: Flask, login) -> None:  # type: ignore[no-untyped-def]
    matter: UUID = opened(bureau)
    clock_time.freeze(clock_time.now() + timedelta(days=40))
    desk = as_person(bureau, login, "xinfangkezhang")
    assert "40 天" in desk.get("/supervision/matters").text
    assert "已办" in desk.get(f"/cases/{matter}").text
