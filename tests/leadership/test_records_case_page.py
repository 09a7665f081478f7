"""The case page of an ownership over HTTP: everything the file holds, and no petitioner's name before those who may not know it."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask

from app import db
from app.leadership import services
from tests.leadership import builders as b
from tests.petitions.builders import person

SECRETS = ("张晓苇", "13800001234", "青山湖区罗家镇栖塘路 12 号")
TALK = "张晓苇说夜里仍有黄水，住青山湖区罗家镇栖塘路 12 号，电话 13800001234。"


@pytest.fixture
def file(bureau: Flask) -> UUID:
    """Visits, promises, months, a returned exit and a new owner; every free text repeats the petitioner's data."""
    with bureau.app_context(), db.transaction() as session:
        case_id = b.carrying(session)
        handler = b.handler_of(session, case_id)
        promises = [{"what": f"给{SECRETS[0]}送监测结果", "by": "2026-10-20"}]
        b.complete(session, case_id, "work", handler, **{**b.VISIT, "record": TALK}, promises=promises)
        b.complete(session, case_id, "progress", handler, text=f"本月：{TALK}", state="going")
        b.complete(session, case_id, "keep_promise", handler, kept_on="2026-10-08", evidence=f"已当面交给{SECRETS[0]}，签收在卷。")
        b.complete(session, case_id, "work", handler, work_step="exit")
        b.complete(
            session, case_id, "propose_exit", handler, **{**b.EXIT, "exit_text": TALK, "evidence": [{"what": f"{SECRETS[0]}的回访记录"}]}
        )
        b.complete(session, case_id, "sign_exit", "fenguan", signed=False, reason=f"请再听{SECRETS[0]}说一次情况。")
        services.start_change(session, person(session, "xinfang").actor(), case_id)
        new = str(person(session, "juzhang").id)
        b.complete(session, case_id, "change_owner", "juzhang", change_ok=True, new_owner=new, reason="原包案领导分工调整。")
    return case_id


def page(bureau: Flask, login, account: str, case_id: UUID) -> str:  # type: ignore[no-untyped-def]
    client = bureau.test_client()
    login(client, account)
    answer = client.get(f"/cases/{case_id}")
    assert answer.status_code == 200, account
    return answer.text


def test_the_office_reads_everything(bureau: Flask, login, file: UUID) -> None:  # type: ignore[no-untyped-def]
    text = page(bureau, login, "xinfang", file)
    for said in (
        "洪环包〔2026〕1号", "包案领导", "程砚秋", "市环境监察支队", "局里列为重点", "五包核对", "已落实", "案情分析会", "封堵雨水沟暗管",
        "下访",
        TALK, "2026-10-08 办到", "正常推进", "龚致远 → 程砚秋", "更换包案领导", "化解中",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize("account", ["juzhang", "fenguan", "shenji", "mishu"])
def test_others_read_no_name_anywhere_on_the_page(bureau: Flask, login, file: UUID, account: str) -> None:  # type: ignore[no-untyped-def]
    text = page(bureau, login, account, file)
    assert "洪环包〔2026〕1号" in text and "张**" in text and "五包核对" in text
    for secret in SECRETS:
        assert secret not in text, secret


def test_the_named_handler_knows_only_petitions_that_are_theirs(bureau: Flask, login, file: UUID) -> None:  # type: ignore[no-untyped-def]
    """Handling the ownership does not open the petition's identity: that belongs to the petition's own handler."""
    with bureau.app_context(), db.transaction() as session:
        handler = b.handler_of(session, file)
    assert SECRETS[1] not in page(bureau, login, handler, file)


def test_a_stranger_does_not_learn_that_the_file_exists(bureau: Flask, login, file: UUID) -> None:  # type: ignore[no-untyped-def]
    with bureau.app_context(), db.transaction() as session:
        stranger = b.somebody(session, "handler", "br-360102").account
    client = bureau.test_client()
    login(client, stranger)
    assert client.get(f"/cases/{file}").status_code == 404
