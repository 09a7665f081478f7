"""Files over HTTP: who may hand in and fetch, what is refused, what the answer carries."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import db
from app.demo import month
from app.engine import get_engine
from app.files import services
from app.files.models import File
from app.files.storage import LocalStorage
from app.imports.services import intake_org
from tests.accounts.fixtures import person_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40

Login = Callable[..., TestResponse]


@pytest.fixture
def case_id(demo_org: Flask) -> UUID:
    """A petition that waits at the bureau's desk."""
    with demo_org.app_context(), db.transaction() as session:
        get_engine().deploy(session)
    with demo_org.app_context(), db.transaction() as session:
        clerk = person_of(session, "chuangkou")
        started = get_engine().start(
            session, "petition", clerk.actor(), title="反映噪声", city="360100", attrs={"intake_org": intake_org(clerk)}
        )
        return started.case_id


@pytest.fixture
def clerk(demo_org: Flask, login: Login) -> FlaskClient:
    client = demo_org.test_client()
    login(client, "chuangkou")
    return client


def send(client: FlaskClient, case_id: UUID, *files: tuple[bytes, str], **headers: str) -> TestResponse:
    data = {"file": [(io.BytesIO(content), name) for content, name in files]}
    return client.post(f"/cases/{case_id}/files", data=data, headers=headers)


def stored(session: Session) -> list[File]:
    return list(session.scalars(select(File).order_by(File.uploaded_at, File.id)))


def test_several_at_once_and_the_wrong_one_is_named(clerk: FlaskClient, case_id: UUID, session: Session) -> None:
    answer = send(clerk, case_id, (PDF, "举报信.pdf"), (PNG, "../../现场.jpg"), (b"MZ\x90\x00", "照片.jpg"))
    assert answer.status_code == 200
    assert "data-file-id" in answer.text
    assert "照片.jpg" in answer.text
    assert [(f.name, f.kind, f.case_id) for f in stored(session)] == [("举报信.pdf", "pdf", case_id), ("现场.png", "image", case_id)]


def test_nothing_taken_is_said_in_plain_words(clerk: FlaskClient, case_id: UUID, session: Session) -> None:
    answer = send(clerk, case_id, (b"<svg onload=x()></svg>", "图.svg"))
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert "不接收" in answer.text
    assert send(clerk, case_id).status_code == 422
    assert stored(session) == []


def test_too_large(clerk: FlaskClient, case_id: UUID, demo_org: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(demo_org.config, "FILE_MB", 0)
    answer = send(clerk, case_id, (PDF, "大.pdf"), Accept="application/json")
    assert answer.status_code == 422
    assert "MB" in answer.json["refused"][0]["message"]
    assert stored(session) == []


def test_same_bytes_lie_there_once(clerk: FlaskClient, case_id: UUID, session: Session, demo_org: Flask) -> None:
    send(clerk, case_id, (PDF, "甲.pdf"))
    send(clerk, case_id, (PDF, "乙.pdf"))
    first, second = stored(session)
    assert (first.sha256, first.name, second.name) == (second.sha256, "甲.pdf", "乙.pdf")
    storage = demo_org.extensions["files"]
    assert isinstance(storage, LocalStorage)
    assert storage.path(first.sha256).exists()


def test_shown_inline_only_where_that_is_harmless(clerk: FlaskClient, case_id: UUID, session: Session) -> None:
    send(clerk, case_id, (PNG, "现场 一.png"), ("说明".encode(), "说明.txt"))
    picture, text = stored(session)
    shown = clerk.get(f"/files/{picture.id}")
    assert shown.data == PNG
    assert shown.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''%E7%8E%B0")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert clerk.get(f"/files/{text.id}").headers["Content-Disposition"].startswith("attachment")
    assert clerk.get(f"/files/{picture.id}?download=1").headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("stranger", ["donghu-jingban", "admin", "zhidui1"])
def test_a_stranger_finds_nothing(
    clerk: FlaskClient, case_id: UUID, session: Session, demo_org: Flask, login: Login, stranger: str
) -> None:
    send(clerk, case_id, (PDF, "举报信.pdf"))
    client = demo_org.test_client()
    login(client, stranger)
    assert client.get(f"/files/{stored(session)[0].id}").status_code in (403, 404)
    assert send(client, case_id, (PDF, "塞进来.pdf")).status_code in (403, 404)
    assert len(stored(session)) == 1


def test_nobody_without_a_login(case_id: UUID, demo_org: Flask) -> None:
    assert demo_org.test_client().get(f"/files/{uuid4()}").status_code in (302, 401)


def test_a_loose_file_is_its_uploaders_until_it_is_attached(
    clerk: FlaskClient, case_id: UUID, session: Session, demo_org: Flask, login: Login
) -> None:
    answer = clerk.post("/files", data={"file": (io.BytesIO(PDF), "来信.pdf")}, headers={"Accept": "application/json"})
    file_id = answer.json["files"][0]["id"]
    other = demo_org.test_client()
    login(other, "xinfang")
    assert (clerk.get(f"/files/{file_id}").status_code, other.get(f"/files/{file_id}").status_code) == (200, 404)
    with demo_org.app_context(), db.transaction() as own:
        services.attach(own, person_of(own, "chuangkou"), [UUID(file_id)], case_id)
    assert other.get(f"/files/{file_id}").status_code == 200


def test_somebody_elses_loose_file_cannot_be_attached(clerk: FlaskClient, case_id: UUID, demo_org: Flask) -> None:
    answer = clerk.post("/files", data={"file": (io.BytesIO(PDF), "来信.pdf")}, headers={"Accept": "application/json"})
    with demo_org.app_context(), pytest.raises(Exception, match="附件不在"), db.transaction() as own:
        services.attach(own, person_of(own, "xinfang"), [UUID(answer.json["files"][0]["id"])], case_id)


def test_a_mistake_is_taken_out_by_whoever_made_it(
    clerk: FlaskClient, case_id: UUID, session: Session, demo_org: Flask, login: Login
) -> None:
    send(clerk, case_id, (PDF, "传错了.pdf"))
    file = stored(session)[0]
    other = demo_org.test_client()
    login(other, "xinfang")
    assert other.post(f"/files/{file.id}/remove").status_code >= 400
    assert clerk.post(f"/files/{file.id}/remove").status_code == 200
    assert clerk.get(f"/files/{file.id}").status_code == 404
    session.expire_all()
    assert stored(session)[0].removed_by is not None


def test_bytes_before_the_row(clerk: FlaskClient, case_id: UUID, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails after the bytes are stored leaves no row; what fails before leaves neither."""

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(LocalStorage, "_settle", full)
    clerk.application.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        assert send(clerk, case_id, (PDF, "信.pdf")).status_code >= 500
    finally:
        clerk.application.config["PROPAGATE_EXCEPTIONS"] = None
    assert stored(session) == []


def test_names_of_files_stay_out_of_the_trail(clerk: FlaskClient, case_id: UUID, session: Session, demo_org: Flask) -> None:
    send(clerk, case_id, (PDF, f"{month.petitions()[0]['place']}张三.pdf"))
    with demo_org.app_context():
        lines = [event.label for event in get_engine().trail(session, case_id)]
    assert "添加材料：PDF" in lines
    assert not [line for line in lines if "张三" in line]
