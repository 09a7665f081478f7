"""历史记录: found by words, page by page, for the desk and the office only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import db
from app.imports import queries
from app.imports.models import Imported
from tests.accounts.fixtures import person_of
from workflows.time import ZONE


@pytest.fixture
def records(demo_org: Flask) -> Flask:
    """More than a page of them."""
    with demo_org.app_context(), db.transaction() as session:
        by = person_of(session, "chuangkou").id
        for n in range(queries.PAGE + 3):
            session.add(
                Imported(
                    source="旧系统", outside_no=str(n), subject=f"旧事项{n:03d}", suggested={}, file_name="旧.csv", row_no=n,
                    imported_by=by,
                    historic={"statement": f"内容{n:03d} <b>", "reply": "已经答复", "replied_at": "2020-01-02T08:00:00+08:00"},
                    submitted_at=datetime(2019, 1, 1, tzinfo=ZONE) + timedelta(days=n),
                )
            )  # fmt: skip
    return demo_org


@pytest.fixture
def desk(records: Flask, login: Callable[..., object]) -> FlaskClient:
    client = records.test_client()
    login(client, "chuangkou")
    return client


def test_page_by_page_the_newest_first(desk: FlaskClient) -> None:
    first = desk.get("/imports/history").text
    assert first.index(f"旧事项{queries.PAGE + 2:03d}") < first.index("旧事项003")
    assert "旧事项002" not in first
    after = first.split("after=")[1].split('"')[0]
    second = desk.get(f"/imports/history?after={after}").text
    assert [f"旧事项{n:03d}" in second for n in (3, 2, 1, 0)] == [False, True, True, True]


def test_found_by_words_and_read(desk: FlaskClient) -> None:
    found = desk.get("/imports/history?q=内容007").text
    assert "旧事项007" in found
    assert "旧事项008" not in found
    address = found.split('href="/imports/history/')[1].split('"')[0]
    record = desk.get(f"/imports/history/{address}").text
    assert "已经答复" in record
    assert "&lt;b&gt;" in record
    assert "没有含" in desk.get("/imports/history?q=没有这个").text


def test_others_see_nothing(records: Flask, login: Callable[..., object]) -> None:
    client = records.test_client()
    login(client, "zhidui1")
    assert client.get("/imports/history").status_code in (403, 404)
