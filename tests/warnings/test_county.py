"""A county's government works in the same app and sees its own letters, nothing else; nobody else sees its file."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.engine import get_engine
from app.files import queries as file_queries
from app.papers.models import Paper
from tests.accounts.fixtures import Login
from tests.warnings.builders import file_of, petition, play
from workflows.tables import Case, Task

OWN, OTHER = "qingshanhu-zhengfu", "donghu-zhengfu"
SECRET = "欧阳晚棠"


@pytest.fixture
def letters(september: Flask) -> Iterator[dict[str, UUID]]:
    """One letter each to 青山湖区 (with a petition that names somebody) and 东湖区; both wait to be signed for."""
    with september.app_context():
        with db.transaction() as session:
            asked = petition(
                session, enterprise="沁澜金属表面处理厂", name=SECRET, phone="13907910042", statement=f"我是{SECRET}。"
            ).case_id
        play(september, ["draft", "approve"])
        play(september, ["draft", "approve"], county="360102")
        with db.transaction() as session:
            found = {
                "own": file_of(session, "county_response"),
                "other": file_of(session, "county_response", "360102"),
                "warning": file_of(session, "early_warning"),
                "petition": asked,
            }
    yield found


@pytest.fixture
def client(letters: dict[str, UUID], september: Flask) -> FlaskClient:
    return september.test_client()


def test_it_sees_its_own_letter(letters: dict[str, UUID], client: FlaskClient, login: Login) -> None:
    login(client, OWN)
    page = client.get("/county")
    assert page.status_code == 200 and page.text.count("签收</a>") == 1 and "沁澜金属表面处理厂" in page.text
    assert "青山湖区人民政府" in page.text and "东湖区" not in page.text
    case = client.get(f"/cases/{letters['own']}")
    assert case.status_code == 200 and "待签收" in case.text and "沁澜金属表面处理厂" in case.text
    assert client.get("/todo").status_code == 200 or client.get("/inbox").status_code == 200


def test_nothing_of_the_petitioner_reaches_it(letters: dict[str, UUID], client: FlaskClient, login: Login, september: Flask) -> None:
    login(client, OWN)
    with september.app_context(), db.transaction() as session:
        papers = session.scalars(select(Paper.id).where(Paper.case_id == letters["own"])).all()
        numbers = [session.get_one(Case, letters["petition"]).title]
    assert papers
    pages = ["/county", f"/cases/{letters['own']}", *(f"/papers/{paper}" for paper in papers), f"/cases/{letters['own']}/diagram.json"]
    for path in pages:
        text = client.get(path).text
        assert SECRET not in text and "13907910042" not in text and str(letters["petition"]) not in text, path
        assert str(letters["warning"]) not in text, path
    assert numbers


def test_other_files_are_not_there_for_it(letters: dict[str, UUID], client: FlaskClient, login: Login) -> None:
    login(client, OWN)
    for name in ("other", "warning", "petition"):
        assert client.get(f"/cases/{letters[name]}").status_code == 404, name
    for path in ("/petitions", "/petitions/new", "/warnings", "/warnings/problems", "/warnings/publication", "/cases/lookup?q=预警"):
        assert client.get(path).status_code == 403, path
    assert client.get(f"/cases/{letters['warning']}/warning-answer").status_code == 403


def test_its_file_is_not_there_for_others(letters: dict[str, UUID], client: FlaskClient, login: Login, september: Flask) -> None:
    with september.app_context(), db.transaction() as session:
        step = session.scalar(select(Task.id).where(Task.case_id == letters["own"], Task.status == "open"))
    for account in (OTHER, "qingshanhu-jingban", "zhidui1", "wanli-jingban"):
        visitor = september.test_client()
        login(visitor, account)
        assert visitor.get(f"/cases/{letters['own']}").status_code == 404, account
        assert visitor.post(f"/tasks/{step}", data={"at": "2026-09-01T09:30", "signed_by": "某人"}).status_code in (403, 404), account
        assert visitor.get("/county").status_code == (200 if account == OTHER else 403)
        if account == OTHER:
            assert "青山湖区" not in visitor.get("/county").text
    stranger = september.test_client()
    for path in (f"/cases/{letters['own']}", "/county", f"/tasks/{step}"):
        assert stranger.get(path).status_code in (302, 303, 401), path


def test_its_export_holds_its_own_items_and_answers(letters: dict[str, UUID], client: FlaskClient, login: Login, september: Flask) -> None:
    with september.app_context(), db.transaction() as session:
        step = session.scalar(select(Task.id).where(Task.case_id == letters["own"], Task.status == "open"))
    login(client, OWN)
    signed = client.post(f"/tasks/{step}", data={"at": "2026-09-01T09:00", "signed_by": "值班员"})
    assert signed.status_code == 303, signed.text[:2000]
    assert "等书面回复" in client.get("/county").text
    book = openpyxl.load_workbook(BytesIO(client.get("/county?format=xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][0] == "文号" and len(rows) == 2 and rows[1][5] == "值班员" and "沁澜金属表面处理厂" in str(rows[1][8])


def test_what_it_hands_in_with_its_answer_lies_on_the_bureaus_file_too(
    letters: dict[str, UUID], client: FlaskClient, login: Login, september: Flask
) -> None:
    def step() -> UUID:
        with september.app_context(), db.transaction() as session:
            return session.scalars(select(Task.id).where(Task.case_id == letters["own"], Task.status == "open")).one()

    login(client, OWN)
    assert client.post(f"/tasks/{step()}", data={"at": "2026-09-01T09:00", "signed_by": "值班员"}).status_code == 303
    added = client.post(f"/cases/{letters['own']}/files", data={"file": (BytesIO("回复函".encode()), "回复函.txt")})
    assert added.status_code in (200, 201, 303), added.text[:500]
    with september.app_context(), db.transaction() as session:
        (file,) = file_queries.of_case(session, letters["own"])
    row = {"measures-0-item": "全部", "measures-0-measure": "责成企业停产整改，安装治理设施。", "measures-0-by": "2026-12-31"}
    answered = client.post(f"/tasks/{step()}", data={**row, "files": str(file.id)})
    assert answered.status_code == 303, answered.text[:3000]
    with september.app_context():
        more = True
        while more:
            with db.transaction() as session:
                more = get_engine().deliver_next(session)
        with db.transaction() as session:
            (copy,) = file_queries.of_case(session, letters["warning"])
            assert (copy.name, copy.sha256) == ("回复函.txt", file.sha256)
    visitor = september.test_client()
    login(visitor, "xinfang")
    assert visitor.get(f"/files/{copy.id}").status_code == 200 and visitor.get(f"/files/{file.id}").status_code == 404
