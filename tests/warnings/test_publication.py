"""The public list: only what legal cleared, in words without anything personal, frozen as it was cleared."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.warnings.models import EarlyWarning, Problem, Publication
from tests.accounts.fixtures import Login
from tests.warnings.builders import file_of, petition, play
from workflows.errors import FormError

NAME, PHONE = "欧阳晚棠", "13907910042"
TYPED = [
    {
        "problem": "栖塘路 12 号旁污水直排，举报电话13812345678",
        "standard": "外排水达标",
        "deadline": "2026-12-31",
        "owner": "罗家镇人民政府",
    },
    {"problem": "厂界异味", "standard": "安装治理设施并验收", "deadline": "2026-12-31"},
]
CLEAN = [{**row, "problem": row["problem"].replace("，举报电话13812345678", "")} for row in TYPED]


def way(problems: list[dict[str, Any]], shown: list[str]) -> list[Any]:
    return ["draft", "approve", "sign_receipt", "respond", {"judge_response": {"problems": problems}}, {"publish": {"shown": shown}}]


@pytest.fixture
def cleared(september: Flask) -> Iterator[Flask]:
    """Two problems listed, the first of them cleared for the public."""
    with september.app_context():
        with db.transaction() as session:
            petition(session, enterprise="沁澜金属表面处理厂", name=NAME, phone=PHONE)
        play(september, way(TYPED, ["1"]))
    yield september


@pytest.fixture
def legal(cleared: Flask, client: FlaskClient, login: Login) -> FlaskClient:
    login(client, "fagui")
    return client


def test_only_what_was_cleared_and_masked(cleared: Flask) -> None:
    with cleared.app_context(), db.transaction() as session:
        (made,) = session.scalars(select(Publication)).all()
        assert (made.kind, made.period, made.county) == ("problems", "2026-08", "360111") and made.approved_by
        (row,) = made.rows
        assert row["problem"] == "栖塘路 ＊＊号旁污水直排，举报电话＊＊" and row["owner"] == "罗家镇人民政府"
        assert row["unit"] == "南昌市青山湖区生态环境分局" and row["deadline"] == "2026-12-31"
        assert [row["public"] for row in session.scalars(select(EarlyWarning)).one().problems] == [True, False]


def test_page_html_and_workbook_hold_the_same(legal: FlaskClient) -> None:
    page = legal.get("/warnings/publication")
    assert page.status_code == 200 and "举报电话＊＊" in page.text and "厂界异味" not in page.text and "13812345678" not in page.text
    file = legal.get("/warnings/publication?format=html")
    assert file.mimetype == "text/html" and "attachment" in file.headers["Content-Disposition"]
    for part in ("<!doctype html>", "<style>", "栖塘路 ＊＊号旁污水直排", "南昌市生态环境局", "@page"):
        assert part in file.text, part
    for part in ("<script", "http://", "https://", "src=", "href=", "13812345678", "厂界异味"):
        assert part not in file.text, part
    book = openpyxl.load_workbook(BytesIO(legal.get("/warnings/publication?format=xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 2 and rows[1][1] == "栖塘路 ＊＊号旁污水直排，举报电话＊＊"


def test_markup_in_typed_words_stays_words(september: Flask, client: FlaskClient, login: Login) -> None:
    with september.app_context():
        play(september, way([{"problem": "<script>alert(1)</script>直排", "standard": "=1+1 达标", "deadline": "2026-12-31"}], ["1"]))
    login(client, "fagui")
    assert "<script>alert" not in client.get("/warnings/publication?format=html").text
    book = openpyxl.load_workbook(BytesIO(client.get("/warnings/publication?format=xlsx").data))
    assert book.active["C2"].value == "=1+1 达标" and book.active["C2"].data_type != "f"


def test_a_result_is_published_when_verified_and_only_if_the_problem_was_cleared(cleared: Flask, client: FlaskClient, login: Login) -> None:
    with cleared.app_context():
        with db.transaction() as session:
            files = session.scalars(select(Problem.case_id).order_by(Problem.no)).all()
        made = play(cleared, [], county="360102")  # only to have hands: time passes for every file
        for case_id in files:
            made._finish(case_id)
        with db.transaction() as session:
            found = session.scalars(select(Publication).where(Publication.kind == "results")).all()
            assert [(one.case_id, one.rows[0]["result"]) for one in found] == [(files[0], "已完成整改，经现场核查销号")]
            assert "＊＊号旁" in found[0].rows[0]["problem"]
            assert [p.published_at is not None for p in session.scalars(select(Problem).order_by(Problem.no))] == [True, False]
    login(client, "fagui")
    assert "已完成整改" in client.get("/warnings/publication?kind=results").text


def test_who_may_open_it(cleared: Flask, login: Login) -> None:
    for account, status in (("fagui", 200), ("xinfang", 200), ("zhidui1", 403), ("shenji", 403), ("qingshanhu-zhengfu", 403)):
        visitor = cleared.test_client()
        login(visitor, account)
        assert visitor.get("/warnings/publication").status_code == status, account


def test_the_step_shows_the_words_as_they_will_be_read(september: Flask, client: FlaskClient, login: Login) -> None:
    with september.app_context():
        play(september, way(TYPED, ["1"])[:-1])
        with db.transaction() as session:
            case_id = file_of(session, "early_warning")
    login(client, "fagui")
    page = client.get(f"/cases/{case_id}")
    assert "栖塘路 ＊＊号旁污水直排，举报电话＊＊：外排水达标" in page.text


def test_nothing_that_names_a_petitioner_is_listed(september: Flask) -> None:
    with september.app_context():
        with db.transaction() as session:
            petition(session, enterprise="沁澜金属表面处理厂", name=NAME, phone=PHONE)
        named = [{**CLEAN[0], "standard": f"答复{NAME}"}]
        with pytest.raises(FormError) as refused:
            play(september, way(named, ["1"]))
        assert "信访人" in refused.value.errors["problems"]
