"""Who decides: the 正职 or whoever acts for it; the hold goes by party; a closing is refused while the question is open."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Post
from app.transfers import hold, services
from app.transfers.handlers.approval import post_of
from tests.transfer.bureau_builders import UNIT, Elsewhere, arrive, do, go, person, source, step, to_sent, transfer
from workflows.errors import Conflict
from workflows.handlers import Actor
from workflows.time import now


def head_post(session: Session) -> Post:
    moment = now()
    query = select(Post).where(Post.organ_id == UNIT, Post.role == "organ_head", (Post.until.is_(None)) | (Post.until > moment))
    return session.scalars(query).one()


@pytest.mark.parametrize(
    ("title", "under"), [("分局局长", "正职"), ("局长", "正职"), ("副局长（主持工作）", "主持工作"), ("党组副书记、主持工作", "主持工作")]
)
def test_the_chief_or_who_acts_for_it(bureau_work: Session, title: str, under: str) -> None:
    post = head_post(bureau_work)
    post.title = title
    bureau_work.flush()
    assert post_of(bureau_work, post.person_id, UNIT) == under


@pytest.mark.parametrize("title", ["副局长", "常务副局长"])
def test_no_deputy_decides(bureau_work: Session, elsewhere: Elsewhere, title: str) -> None:
    head_post(bureau_work).title = title
    case_id = source(bureau_work)
    go(bureau_work, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion")
    with pytest.raises(Conflict, match="副职"):
        do(bureau_work, case_id, "decide")


def test_the_head_of_another_organ_is_nobody_here(bureau_work: Session) -> None:
    with pytest.raises(Conflict):
        post_of(bureau_work, person(bureau_work, "juzhang").id, UNIT)


def test_the_hold_goes_by_party(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    assert len(hold.open_holds(bureau_work, case_id)) == 1
    to_sent(bureau_work, case_id)
    rows = hold.open_holds(bureau_work, case_id)
    assert len(rows) == 2 and all(row.stopped_at is not None for row in rows)


def test_the_file_itself_cannot_be_closed_before_its_answer(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    bureau_work.commit()
    with pytest.raises(Conflict):
        services.refuse_closing(bureau_work, case_id, Actor.system(), "办结")
    assert services.answer_of(bureau_work, case_id) is None
    go(bureau_work, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide")
    found = services.answer_of(bureau_work, case_id)
    assert found is not None and found.answer == "approved" and found.name == transfer(bureau_work, case_id).decided_by


def test_a_report_is_the_teams(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    go(bureau_work, case_id, "enter_facts", "confirm", "form_team")
    with pytest.raises(Conflict, match="专案组"):
        do(bureau_work, case_id, "write_report", by="fagui")
    assert step(bureau_work, case_id, "write_report")


def test_returned_and_resumed_ends_the_hold(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    arrive(bureau_work, case_id, "transfer_receipt", "received")
    arrive(bureau_work, case_id, "police_notice", "returned", reasons="不属于公安机关管辖")
    do(bureau_work, case_id, "route_returned", route="resume", reason="公安机关认为不属于其管辖，恢复行政处罚程序办理")
    assert not hold.open_holds(bureau_work, case_id)
    assert {row.ended_as for row in hold.all_of(bureau_work, case_id)} == {"returned"}
