"""Every way the bureau's file can take after the sending, each with its clocks and the answer it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.transfers import hold
from app.transfers.models import TransferObjection, TransferQuestion, TransferRequest, TransferReverse
from tests.transfer.bureau_builders import (
    PROCURATORATE,
    Elsewhere,
    arrive,
    at,
    case,
    clock,
    do,
    go,
    no_clock_left,
    on,
    source,
    step,
    to_sent,
    transfer,
)
from workflows import time as clock_time
from workflows.errors import FormError
from workflows.tables import Task

REASON = "经研究，认为违法事实显著轻微，尚不构成犯罪，不予移送公安机关"
DRAFT = ("write_application", "review_application", "sign_application")
PROPOSE = ("write_proposal", "review_proposal", "sign_proposal")


def accepted(session: Session, case_id: str) -> None:
    arrive(session, case_id, "transfer_receipt", "received", receipt_no="受〔2026〕1号", accepted_at=clock_time.now().isoformat())


def test_the_head_returns_then_refuses_and_the_procuratorate_is_told(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    go(bureau_work, case_id, "enter_facts")
    do(bureau_work, case_id, "confirm", complete=False, reason="排放去向没有查清，请补充监测")
    go(bureau_work, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion")
    do(bureau_work, case_id, "decide", decision="return", reason="证据还不充分，请补充询问笔录和采样记录后再报")
    assert clock(bureau_work, case_id, "approve").status == "running"  # the head's 3 日 run on
    go(bureau_work, case_id, "write_report", "legal_opinion")
    with pytest.raises(FormError) as error:
        do(bureau_work, case_id, "decide", decision="refuse", reason="证据不足")
    assert "reason" in error.value.errors
    do(bureau_work, case_id, "decide", decision="refuse", reason=REASON)
    found = transfer(bureau_work, case_id)
    assert (found.answer, found.decided_post, found.closed_as) == ("refused", "正职", "refused")
    assert elsewhere.last("nontransfer_recorded")["reason"] == REASON
    assert not hold.open_holds(bureau_work, case_id)
    no_clock_left(bureau_work, case_id)


def test_refused_reconsidered_upheld_supervised_stands_then_penalty(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "refused", reasons="没有犯罪事实")
    assert clock(bureau_work, case_id, "reconsider").status == "running"
    do(bureau_work, case_id, "choose_way", way="reconsider")
    go(bureau_work, case_id, *DRAFT)
    asked = elsewhere.last("police_challenge")
    assert asked["kind"] == "reconsider" and asked["ground"] == "refused"
    assert (
        clock(bureau_work, case_id, "reconsider").status == "met" and clock(bureau_work, case_id, "reconsider_decide").status == "running"
    )
    arrive(bureau_work, case_id, "reconsidered", "upheld", reply=asked["letter_no"], reasons="维持")
    assert clock(bureau_work, case_id, "reconsider_decide").status == "met"
    do(bureau_work, case_id, "after_upheld", way="supervise")
    go(bureau_work, case_id, *PROPOSE)
    proposed = elsewhere.last("supervision_proposed")
    arrive(bureau_work, case_id, "supervision_result", "stands", sender=PROCURATORATE, reply=proposed["letter_no"])
    assert transfer(bureau_work, case_id).state == "penalty" and not hold.open_holds(bureau_work, case_id)
    row = bureau_work.scalars(select(TransferObjection).where(TransferObjection.case_id == case_id)).one()
    assert (row.reconsider_result, row.supervision_result) == ("upheld", "stands")
    do(bureau_work, case_id, "decide_penalty")
    assert case(bureau_work, case_id).status == "closed" and transfer(bureau_work, case_id).closed_as == "penalty"
    no_clock_left(bureau_work, case_id)


def test_an_answer_to_another_letter_is_not_taken(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "refused", reasons="没有犯罪事实")
    do(bureau_work, case_id, "choose_way", way="reconsider")
    go(bureau_work, case_id, *DRAFT)
    arrive(bureau_work, case_id, "reconsidered", "reversed", reply="洪环移〔2026〕1号-市局-99")
    waits = bureau_work.scalars(select(Task.element).where(Task.case_id == case_id, Task.status == "open")).all()
    assert not waits and clock(bureau_work, case_id, "reconsider_decide").status == "met"  # filed, its clock is met, the step waits on
    arrive(bureau_work, case_id, "reconsidered", "reversed", reply=elsewhere.last("police_challenge")["letter_no"])
    assert transfer(bureau_work, case_id).state == "police"


def test_a_refusal_that_is_not_disputed_is_the_heads_decision(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "refused", reasons="没有犯罪事实")
    do(bureau_work, case_id, "choose_way", way="accept", reason="公安机关理由成立，不再提出异议")
    do(bureau_work, case_id, "accept_way", agreed=False)
    do(bureau_work, case_id, "choose_way", way="accept", reason="公安机关理由成立，不再提出异议")
    with pytest.raises(FormError):
        do(bureau_work, case_id, "accept_way", agreed=True, reason="同意")
    do(bureau_work, case_id, "accept_way", agreed=True, reason="经研究，公安机关不予立案的理由成立，决定不提出异议")
    assert clock(bureau_work, case_id, "supervise").status == "lapsed"
    do(bureau_work, case_id, "decide_penalty", penalty="none")
    no_clock_left(bureau_work, case_id)


def test_no_receipt_in_a_day_is_disputed_then_the_receipt_comes(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    at(clock_time.now() + timedelta(hours=25), bureau_work)
    assert step(bureau_work, case_id, "choose_way") is not None
    with pytest.raises(FormError):
        do(bureau_work, case_id, "choose_way", way="arrived")
    with pytest.raises(FormError):
        do(bureau_work, case_id, "choose_way", way="accept", reason="不再提出异议，等待回执")
    accepted(bureau_work, case_id)
    do(bureau_work, case_id, "choose_way", way="arrived")
    assert transfer(bureau_work, case_id).state == "police" and clock(bureau_work, case_id, "decide").status == "running"
    assert clock(bureau_work, case_id, "receipt").status == "met"


def test_late_police_are_supervised_and_the_notice_overtakes_it(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    at(clock_time.local(clock(bureau_work, case_id, "decide").due_at) + timedelta(minutes=1), bureau_work)
    row = bureau_work.scalars(select(TransferObjection).where(TransferObjection.case_id == case_id)).one()
    assert row.ground == "late"
    do(bureau_work, case_id, "choose_way", way="supervise")
    go(bureau_work, case_id, *PROPOSE)
    arrive(bureau_work, case_id, "police_notice", "filed")
    assert transfer(bureau_work, case_id).state == "handover" and clock(bureau_work, case_id, "decide").status == "met"
    assert clock(bureau_work, case_id, "handover").status == "running"


def test_corrected_after_supervision_waits_for_the_notice(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "refused", reasons="没有犯罪事实")
    do(bureau_work, case_id, "choose_way", way="supervise")
    go(bureau_work, case_id, *PROPOSE)
    letter = elsewhere.last("supervision_proposed")["letter_no"]
    arrive(bureau_work, case_id, "supervision_result", "corrected", sender=PROCURATORATE, reply=letter)
    arrive(bureau_work, case_id, "police_notice", "filed")
    row = bureau_work.scalars(select(TransferObjection).where(TransferObjection.case_id == case_id)).one()
    assert row.supervision_result == "corrected"
    assert transfer(bureau_work, case_id).state == "handover"


def test_misrouted_starts_a_new_round_with_the_other_police(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "misrouted", new_organ="ps-360121")
    assert case(bureau_work, case_id).attrs["police"] == "ps-360121" == transfer(bureau_work, case_id).police
    receipt = clock(bureau_work, case_id, "receipt")
    assert (receipt.status, receipt.round) == ("running", 2) and clock(bureau_work, case_id, "decide").status == "superseded"


def test_returned_is_sent_again_or_resumed_or_given_to_another_organ(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "returned", reasons="不属于公安机关管辖")
    do(bureau_work, case_id, "route_returned", route="resend", reason="补充鉴定意见以后属于公安机关管辖，再次移送")
    go(bureau_work, case_id, "assemble")
    assert [name for name in elsewhere.names() if name == "transfer_sent"] == ["transfer_sent", "transfer_sent"]
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "returned", reasons="不属于公安机关管辖")
    do(
        bureau_work,
        case_id,
        "route_returned",
        route="other_organ",
        organ="海关缉私部门",
        reason="属于海关缉私部门管辖的案件，依法移送其处理",
    )
    assert transfer(bureau_work, case_id).closed_as == "other_organ"
    no_clock_left(bureau_work, case_id)


def test_material_is_asked_for_and_supplied_in_a_package_of_its_own(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    first = arrive(bureau_work, case_id, "material_requested", "complete", list=["采样记录"], reason="缺采样记录")
    second = arrive(bureau_work, case_id, "material_requested", "supplement", list=["询问笔录"], due_at="2026-09-28")
    assert clock(bureau_work, case_id, "complete").letter == first.letter_no
    assert clock_time.local(clock(bureau_work, case_id, "supplement").due_at).date().isoformat() in ("2026-09-28", "2026-09-29")
    go(bureau_work, case_id, "answer_request")
    reason = [{"kind": "other", "name": "询问笔录", "missing_reason": "当事人已失联，无法补充询问"}]
    do(bureau_work, case_id, "answer_request", mode="supply", materials=reason)
    rows = bureau_work.scalars(select(TransferRequest).order_by(TransferRequest.asked_at)).all()
    assert [(r.letter_no, r.mode) for r in rows] == [(first.letter_no, "explain"), (second.letter_no, "supply")]
    assert rows[1].package_id is not None and elsewhere.last("material_supplied")["in_reply_to"] == second.letter_no
    assert not [c for c in ("complete", "supplement") if clock(bureau_work, case_id, c).status != "met"]


def test_outcomes_go_by_party_and_the_file_waits_for_all(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "filed")
    go(bureau_work, case_id, "handover")
    first, second = hold.parties(bureau_work, case_id)
    arrive(bureau_work, case_id, "criminal_outcome", "nonprosecuted", sender=PROCURATORATE, parties=[str(second.id)])
    assert len(hold.open_holds(bureau_work, case_id)) == 1  # the second's hold is over, the first's is not
    arrive(bureau_work, case_id, "criminal_outcome", "convicted", sender=PROCURATORATE, parties=[str(first.id)], fine=300000)
    assert case(bureau_work, case_id).status == "open"  # the penalty of the second is still to be answered
    arrive(
        bureau_work,
        case_id,
        "penalty_opinion",
        "opinion",
        sender=PROCURATORATE,
        parties=[str(second.id)],
        text="建议处罚",
        reply_by="2026-12-01",
    )
    do(bureau_work, case_id, "decide_penalty")
    assert elsewhere.last("penalty_result")["kind"] == "fine"
    assert (case(bureau_work, case_id).status, transfer(bureau_work, case_id).closed_as) == ("closed", "convicted")
    no_clock_left(bureau_work, case_id)


def test_an_opinion_that_comes_late_is_shown_on_the_open_penalty(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "filed")
    go(bureau_work, case_id, "handover")
    arrive(bureau_work, case_id, "criminal_outcome", "nonprosecuted", sender=PROCURATORATE)
    at(clock_time.local(clock(bureau_work, case_id, "review").due_at) + timedelta(minutes=1), bureau_work)
    assert step(bureau_work, case_id, "decide_penalty")
    arrive(bureau_work, case_id, "penalty_opinion", "opinion", sender=PROCURATORATE, text="建议罚款", reply_by="2026-12-20")
    row = bureau_work.scalars(select(TransferReverse).where(TransferReverse.case_id == case_id)).one()
    assert row.opinion == "建议罚款" and clock(bureau_work, case_id, "reply").status == "running"
    do(bureau_work, case_id, "decide_penalty")
    assert elsewhere.last("penalty_result")["in_reply_to"] == row.opinion_letter
    no_clock_left(bureau_work, case_id)


def test_withdrawn_is_disputed_filed_again_and_exempted(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    accepted(bureau_work, case_id)
    arrive(bureau_work, case_id, "police_notice", "filed")
    go(bureau_work, case_id, "handover")
    arrive(bureau_work, case_id, "criminal_outcome", "withdrawn", reasons="犯罪情节显著轻微")
    assert hold.open_holds(bureau_work, case_id)  # a withdrawal in dispute releases nothing
    do(bureau_work, case_id, "choose_way", way="supervise")
    go(bureau_work, case_id, *PROPOSE)
    arrive(bureau_work, case_id, "police_notice", "filed")
    go(bureau_work, case_id, "handover")
    arrive(bureau_work, case_id, "criminal_outcome", "exempted", sender=PROCURATORATE)
    do(bureau_work, case_id, "decide_penalty")
    assert transfer(bureau_work, case_id).closed_as == "replied"  # 解释12: the result is told
    no_clock_left(bureau_work, case_id)


def test_approval_is_late_and_said_once(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    at(on("2026-09-25", 10), bureau_work)
    go(bureau_work, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion")
    due = clock_time.local(clock(bureau_work, case_id, "approve").due_at)
    assert due.date().isoformat() == "2026-09-29"  # 3 日 to Monday 28, ended at 24:00
    at(on("2026-09-30", 16), bureau_work)
    do(bureau_work, case_id, "decide")
    assert clock(bureau_work, case_id, "approve").overdue_at is not None
    assert clock_time.local(clock(bureau_work, case_id, "send").due_at) == on("2026-10-01", 16)
    assert bureau_work.scalars(select(TransferQuestion.answer).where(TransferQuestion.case_id == case_id)).one() == "approved"
