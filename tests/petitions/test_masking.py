"""Who sees the petitioner: by role, by part in the case, by step; sealed accusations; papers."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.papers import queries as papers
from app.papers import reading
from app.petitions import masking
from tests.petitions.builders import case, holder, person, petition, register, step, to_branch
from workflows.tables import Task


def level(session: Session, account: str, case_id: UUID) -> str:
    return masking.visible(session, person(session, account), petition(session, case_id), case(session, case_id))


@pytest.mark.parametrize(
    ("account", "wanted"),
    [
        ("xinfang", "full"),  # office
        ("chuangkou", "full"),  # desk
        ("xinfangkezhang", "full"),  # office
        ("juzhang", "masked"),
        ("fenguan", "masked"),
        ("zhidui1", "masked"),
        ("fagui", "masked"),
        ("dangan", "masked"),
        ("shenji", "masked"),  # auditor
        ("shengting1", "masked"),
    ],
)
def test_who_sees_the_name_after_registration(work: Session, account: str, wanted: str) -> None:
    assert level(work, account, register(work)) == wanted


def test_the_handler_sees_it_and_the_serving_clerk_only_while_serving(work: Session) -> None:
    case_id = register(work)
    handler = to_branch(work, case_id)
    record, file = petition(work, case_id), case(work, case_id)
    assert masking.visible(work, handler, record, file) == "full"
    clerk = holder(work, work.scalars(select(Task).where(Task.case_id == case_id, Task.element == "unit_intake")).one())
    assert masking.visible(work, clerk, record, file) == "masked"


def test_an_accusation_is_seen_by_registrar_and_one_named_person(work: Session) -> None:
    case_id = register(work, "chuangkou", klass="accusation", about="branch", complained_unit="br-360111")
    assert level(work, "chuangkou", case_id) == "full"
    for account in ("xinfang", "xinfangkezhang", "juzhang", "shenji", "zhidui1"):
        assert level(work, account, case_id) == "sealed"
    assert case(work, case_id).title == "检举控告事项"
    petition(work, case_id).sealed_person = person(work, "xinfang").id
    work.flush()
    assert level(work, "xinfang", case_id) == "full"


def test_what_each_level_shows(work: Session) -> None:
    record = petition(work, register(work))
    assert masking.identity(record, "full") == "张晓苇　13800001234　青山湖区罗家镇栖塘路 12 号"
    assert masking.identity(record, "masked") == "张**　138****1234　住址已遮盖"
    assert masking.identity(record, "sealed") == masking.SEALED_WORDS
    for part in ("张晓苇", "13800001234"):
        assert part in masking.statement(record, "full")
        assert part not in masking.statement(record, "masked")
    assert "黄水" not in masking.statement(record, "sealed")


def test_papers_follow_the_same_rules(work: Session) -> None:
    case_id = register(work)
    paper = papers.of_case(work, case_id)[0]
    assert paper.kind == "信访事项登记表" and paper.reporter

    def text(account: str) -> str:
        return str(reading.lines(work, person(work, account), paper))

    assert "张晓苇" in text("xinfang")
    assert "张晓苇" not in text("juzhang") and "13800001234" not in text("juzhang") and "沁澜" in text("juzhang")


def test_open_steps_of_serving_open_the_name(work: Session) -> None:
    case_id = register(work)
    task = step(work, case_id, "screen")
    task.element, task.holder = "unit_notice", f"p:{person(work, 'zhiduineiqin').id}"
    work.flush()
    assert level(work, "zhiduineiqin", case_id) == "full"
    task.status = "done"
    work.flush()
    assert level(work, "zhiduineiqin", case_id) == "masked"
