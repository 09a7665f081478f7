"""The police's way: accepted at once, examined, decided, told, investigated; passed on or given back. Bureau and police together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.papers.models import Paper
from app.transfers import progress
from app.transfers.manifest import sm3_of
from app.transfers.models import (
    PlatformEntry,
    TransferLetter,
    TransferPoliceDecision,
    TransferRequest,
)
from tests.transfer.bureau_builders import at, case, clock, do, go, no_clock_left, on, step, transfer
from tests.transfer.police_builders import (
    OTHER,
    POLICE,
    PROCURATORATE,
    REASONS,
    Procuratorate,
    accept,
    papers,
    police,
    police_case,
    refused_at,
    ruled,
    writes,
)

# --- arrival and receipt ------------------------------------------------------------------------------------------------


def test_a_transfer_opens_a_file_confined_to_the_police(bureau_work: Session, sent: UUID) -> None:
    case_id = police_case(bureau_work, sent)
    row, found = police(bureau_work, case_id), case(bureau_work, case_id)
    assert row.state == "arrived" and row.bureau == transfer(bureau_work, sent).organ and row.from_organ == row.bureau
    assert found.confined == [POLICE]
    assert found.attrs["unit"] == POLICE and found.attrs["above"] == "ps-360100" and found.attrs["procuratorate"] == PROCURATORATE
    assert found.number == f"{row.transfer_no}·青山湖区公安"
    assert row.hashes_ok is True and len(row.hashes) >= 2 and all(one["agrees"] for one in row.hashes)
    watch = clock(bureau_work, case_id, "receipt")
    assert watch.status == "running" and watch.warn_at == watch.from_at + timedelta(minutes=30)
    assert step(bureau_work, case_id, "sign_receipt").holder == f"o:{POLICE}:police_officer"


def test_the_receipt_carries_number_moment_and_hashes_and_starts_the_periods(
    bureau_work: Session, sent: UUID, there: Procuratorate
) -> None:
    case_id = police_case(bureau_work, sent)
    at(on("2026-09-21", 14, 20), bureau_work)
    go(bureau_work, case_id, "sign_receipt")
    row = police(bureau_work, case_id)
    assert row.receipt_no and row.receipt_no.endswith("环受〔2026〕1号") and row.accepted_at == on("2026-09-21", 14, 20)
    assert transfer(bureau_work, sent).receipt_no == row.receipt_no
    assert transfer(bureau_work, sent).accepted_at == row.accepted_at
    paper = bureau_work.scalars(select(Paper).where(Paper.case_id == case_id, Paper.kind == "接受案件回执")).one()
    assert dict(paper.content)["材料校验（SM3）"].endswith("项校验一致")
    assert clock(bureau_work, case_id, "receipt").status == "met"
    assert clock(bureau_work, case_id, "decide").due_at == on("2026-09-25", 0)
    assert clock(bureau_work, case_id, "misroute").due_at == on("2026-09-22", 14, 20)
    assert clock(bureau_work, case_id, "complete_notice").due_at == on("2026-09-22", 14, 20)
    assert clock(bureau_work, sent, "decide").due_at == clock(bureau_work, case_id, "decide").due_at
    assert "clock_state(received)" in there.names()


def test_incomplete_material_is_no_ground_to_refuse(bureau_work: Session, sent: UUID) -> None:
    """No field of the receipt refuses; not even the police's jurisdiction knows incompleteness as a ground."""
    engine, case_id = get_engine(), police_case(bureau_work, sent)
    form = engine.form(bureau_work, step(bureau_work, case_id, "sign_receipt"))
    assert set(form.fields) == {"note"}
    go(bureau_work, case_id, "sign_receipt")
    form = engine.form(bureau_work, step(bureau_work, case_id, "jurisdiction"))
    assert not any("材料" in label for label in (form.fields["belongs"].options or {}).values())
    with refused_at("belongs", "材料不全不是退回的理由"):
        do(bureau_work, case_id, "jurisdiction", juris="not_police", belongs=None)


def test_a_changed_file_is_seen_and_accepted_all_the_same(bureau_work: Session, sent: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = police_case(bureau_work, sent)

    def other_bytes(source: Any) -> str:  # the files have changed on the way, the manifest has not
        return sm3_of(source) if isinstance(source, bytes) else "0" * 64

    monkeypatch.setattr("app.transfers.package.manifest.sm3_of", other_bytes)
    go(bureau_work, case_id, "sign_receipt")
    row = police(bureau_work, case_id)
    assert row.receipt_no and row.hashes_ok is False and not any(one["agrees"] for one in row.hashes)
    assert "材料校验不一致" in case(bureau_work, case_id).tags


# --- jurisdiction -------------------------------------------------------------------------------------------------------


def test_not_the_polices_is_given_back(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = police_case(bureau_work, sent)
    go(bureau_work, case_id, "sign_receipt")
    do(bureau_work, case_id, "jurisdiction", juris="not_police", belongs="supervisory", reason="涉嫌职务犯罪，应由监察机关管辖")
    assert case(bureau_work, case_id).status == "closed" and police(bureau_work, case_id).state == "returned"
    no_clock_left(bureau_work, case_id)
    assert transfer(bureau_work, sent).notice == "returned" and step(bureau_work, sent, "route_returned")
    assert "case_moved(closed)" in there.names()
    assert "退回移送案件通知书" in papers(bureau_work, case_id)


def test_passed_on_to_the_competent_police(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = police_case(bureau_work, sent)
    go(bureau_work, case_id, "sign_receipt")
    at(on("2026-09-21", 15), bureau_work)
    do(bureau_work, case_id, "jurisdiction", juris="other_police", new_organ=OTHER, reason="主要犯罪地在南昌县，移送管辖")
    old = police(bureau_work, case_id)
    assert (old.state, old.juris_organ, case(bureau_work, case_id).status) == ("passed", OTHER, "closed")
    no_clock_left(bureau_work, case_id)
    second = police_case(bureau_work, sent, OTHER)
    row = police(bureau_work, second)
    assert row.from_organ == POLICE and row.passed_from == case_id and row.bureau == old.bureau and row.procuratorate == "pp-360121"
    assert row.hashes_ok is True and "转送" in case(bureau_work, second).tags
    found = transfer(bureau_work, sent)
    assert found.notice == "misrouted" and found.police == OTHER
    assert clock(bureau_work, sent, "receipt").from_at == on("2026-09-21", 15)
    assert clock(bureau_work, second, "receipt").from_at == on("2026-09-21", 15)
    passed = [one for one in there.sent if (one["name"], one["kind"]) == ("transfer_copied", "passed")]
    assert {one["to_organ"] for one in passed} == {PROCURATORATE, "pp-360121"} and "case_moved(passed)" in there.names()
    go(bureau_work, second, "sign_receipt")
    assert transfer(bureau_work, sent).receipt_no == police(bureau_work, second).receipt_no


# --- examined -----------------------------------------------------------------------------------------------------------


def test_missing_material_is_asked_for_within_a_day(bureau_work: Session, sent: UUID) -> None:
    case_id = accept(bureau_work, sent)
    do(bureau_work, case_id, "examine", step="ask", ask_kind="complete", wanted=[{"name": "监测报告盖章页"}])
    request = bureau_work.scalars(select(TransferRequest)).one()
    assert request.late_by_hours == 0 and request.bureau_case == sent and request.wanted == [{"name": "监测报告盖章页"}]
    assert clock(bureau_work, case_id, "complete_notice").status == "met"
    assert clock(bureau_work, sent, "complete").letter == request.letter_no
    assert "补正告知书" in papers(bureau_work, case_id)
    do(bureau_work, sent, "answer_request", mode="explain")
    bureau_work.refresh(request)
    assert request.mode == "explain" and request.seen_at is not None
    step(bureau_work, case_id, "examine")


def test_a_late_notice_says_how_late_and_the_decision_waits_for_nothing(bureau_work: Session, sent: UUID) -> None:
    case_id = accept(bureau_work, sent)
    due = clock(bureau_work, case_id, "decide").due_at
    at(clock(bureau_work, case_id, "complete_notice").due_at + timedelta(hours=3, minutes=30), bureau_work)
    assert clock(bureau_work, case_id, "complete_notice").status == "lapsed"
    do(bureau_work, case_id, "examine", step="ask", ask_kind="complete", wanted=[{"name": "监测报告"}])
    assert bureau_work.scalars(select(TransferRequest.late_by_hours)).one() == 4
    assert clock(bureau_work, case_id, "decide").due_at == due and clock(bureau_work, case_id, "decide").status == "running"


def test_supplementary_investigation_has_its_own_day(bureau_work: Session, sent: UUID) -> None:
    case_id = accept(bureau_work, sent)
    do(
        bureau_work, case_id, "examine", step="ask", ask_kind="supplement", wanted=[{"name": "废水去向"}], reply_by="2026-09-30",
        ask_reason="查清暗管的去向",
    )  # fmt: skip
    watch = clock(bureau_work, sent, "supplement")
    assert watch.due_at == on("2026-10-01", 0) and clock(bureau_work, case_id, "complete_notice").status == "running"


def test_seven_and_thirty_days_run_from_the_acceptance(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = accept(bureau_work, sent)
    do(bureau_work, case_id, "examine", step="extend", days="7", ground="线索需要到外地进一步查证")
    do(bureau_work, case_id, "approve_term", granted=True, days="7")
    seven = clock(bureau_work, case_id, "decide").due_at
    assert seven == on("2026-09-29", 0) and police(bureau_work, case_id).term == 7
    assert clock(bureau_work, sent, "decide").due_at == seven
    do(bureau_work, case_id, "examine", step="extend", days="30", ground="重大疑难复杂，涉及多地")
    do(bureau_work, case_id, "approve_term", granted=False)
    assert clock(bureau_work, case_id, "decide").due_at == seven and clock(bureau_work, sent, "decide").due_at == seven
    do(bureau_work, case_id, "examine", step="extend", days="30", ground="重大疑难复杂，涉及多地")
    do(bureau_work, case_id, "approve_term", granted=True, days="30")
    assert clock(bureau_work, case_id, "decide").due_at == on("2026-10-22", 0)
    assert clock(bureau_work, sent, "decide").due_at == on("2026-10-22", 0)
    told = [one for one in there.sent if one["name"] == "clock_state" and one["kind"] == "moved"]
    assert [one["term"] for one in told] == [7, 7, 30] and told[1]["due"] is None
    with refused_at("days", "只能延长到更长的期限"):
        do(bureau_work, case_id, "examine", step="extend", days="7", ground="线索需要到外地进一步查证")


def test_a_period_that_is_over_is_not_extended(bureau_work: Session, sent: UUID) -> None:
    case_id = accept(bureau_work, sent)
    at(on("2026-09-29"), bureau_work)
    assert clock(bureau_work, case_id, "decide").overdue_at is not None
    with refused_at("days", "已经届满"):
        do(bureau_work, case_id, "examine", step="extend", days="30", ground="重大疑难复杂，涉及多地")
    do(bureau_work, case_id, "examine", step="decide", proposed=True)


# --- decided ------------------------------------------------------------------------------------------------------------


def test_filed_is_told_and_handed_over(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = accept(bureau_work, sent)
    ruled(bureau_work, case_id, filed=True)
    row = police(bureau_work, case_id)
    assert (row.decided, row.filed, row.state) == (True, True, "investigate") and row.police_no
    assert transfer(bureau_work, sent).notice == "filed" and step(bureau_work, sent, "handover")
    assert clock(bureau_work, case_id, "decide").status == "met" and clock(bureau_work, case_id, "notify").status == "met"
    assert {"立案决定书", "立案通知书"} <= set(papers(bureau_work, case_id))
    assert "decision_copied(filed)" in there.names() and "clock_state(decided)" in there.names()
    entry = bureau_work.scalars(select(PlatformEntry).where(PlatformEntry.decision == "filing")).one()
    assert entry.entered_at is not None and entry.organ == POLICE
    watch = clock(bureau_work, sent, "decide")
    assert watch.status == "met" and watch.ended_at == row.decided_at


def test_refused_has_reasons_and_gives_the_file_back(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = accept(bureau_work, sent)
    do(bureau_work, case_id, "examine", step="decide", proposed=False)
    with refused_at("reasons", "20 个字"):
        do(bureau_work, case_id, "decide_filing", filed=False, reasons="证据不足")
    do(bureau_work, case_id, "decide_filing", filed=False, reasons=REASONS)
    with refused_at("file_returned", "退回案卷材料"):
        do(bureau_work, case_id, "notify", file_returned=False)
    do(bureau_work, case_id, "notify", file_returned=True)
    assert transfer(bureau_work, sent).notice_reason == REASONS and step(bureau_work, sent, "choose_way")
    window = clock(bureau_work, case_id, "window")
    assert window.status == "running" and window.due_at == on("2027-03-23", 0)
    assert police(bureau_work, case_id).state == "refused" and case(bureau_work, case_id).status == "open"
    assert "decision_copied(refused)" in there.names()


def test_a_late_decision_is_on_record(bureau_work: Session, sent: UUID) -> None:
    case_id = accept(bureau_work, sent)
    at(on("2026-09-28", 10), bureau_work)
    ruled(bureau_work, case_id, filed=True)
    assert clock(bureau_work, case_id, "decide").overdue_at is not None and clock(bureau_work, case_id, "decide").status == "met"


# --- investigation ------------------------------------------------------------------------------------------------------


def test_progress_is_seen_by_all_and_prosecution_ends_the_file(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = accept(bureau_work, sent)
    ruled(bureau_work, case_id, filed=True)
    number = transfer(bureau_work, sent).transfer_no
    first = police_parties(bureau_work, case_id)[0]
    do(
        bureau_work, case_id, "investigate", inv_step="entry", entry_kind="arrest_asked", happened_on="2026-09-21", parties=[first],
        document_no="青公提捕〔2026〕3号",
    )  # fmt: skip
    do(bureau_work, case_id, "investigate", inv_step="entry", entry_kind="arrested", happened_on="2026-09-21", parties=None)
    rows = progress.of_transfer(bureau_work, number)
    assert [(one.kind, str(one.party_id) if one.party_id else None) for one in rows] == [("arrest_asked", first), ("arrested", None)]
    letters = bureau_work.scalars(
        select(TransferLetter).where(TransferLetter.name == "case_progress", TransferLetter.to_case == sent)
    ).all()
    assert len(letters) == 2 and all(one.received_at is not None for one in letters)
    do(bureau_work, case_id, "investigate", inv_step="entry", entry_kind="judged", happened_on="2026-09-21", parties=[first])
    assert progress.of_transfer(bureau_work, number)[-1].kind == "verdict"  # its own clock of 7 日, like each of 17号34
    entered = select(PlatformEntry.decision).where(PlatformEntry.case_id == case_id, PlatformEntry.decision == "verdict")
    assert bureau_work.scalars(entered).all() == ["verdict"]
    do(bureau_work, case_id, "investigate", inv_step="outcome", outcome="prosecute", parties=None, document_no="青公诉〔2026〕9号")
    assert case(bureau_work, case_id).status == "closed" and police(bureau_work, case_id).outcome == "prosecute"
    no_clock_left(bureau_work, case_id)
    moved = there.sent[-1]
    assert (moved["name"], moved["kind"]) == ("case_moved", "prosecution") and first in moved["parties"]
    assert progress.of_transfer(bureau_work, number)[-1].kind == "sent_to_prosecute"


def police_parties(session: Session, case_id: UUID) -> list[str]:
    from app.transfers import police_file

    return [one.id for one in police_file.parties(session, case_id)]


def test_withdrawn_with_reasons_and_filed_again_on_an_order(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = accept(bureau_work, sent)
    ruled(bureau_work, case_id, filed=True)
    go(bureau_work, sent, "handover")
    do(bureau_work, case_id, "investigate", inv_step="outcome", outcome="withdraw", reasons=REASONS, parties=None)
    row = police(bureau_work, case_id)
    assert (row.state, row.outcome, row.filed) == ("refused", "withdraw", False)
    assert "撤销案件决定书" in papers(bureau_work, case_id) and "decision_copied(withdrawn)" in there.names()
    assert transfer(bureau_work, sent).outcome == "withdrawn" and step(bureau_work, sent, "choose_way")
    assert clock(bureau_work, case_id, "window").status == "running"
    writes(bureau_work, sent, "police_challenge", "must_file")
    assert clock(bureau_work, case_id, "window").status == "paused"
    do(bureau_work, case_id, "file_ordered")
    go(bureau_work, case_id, "notify")
    row = police(bureau_work, case_id)
    assert (row.state, row.outcome, row.filed) == ("investigate", None, True)
    kinds = [one.kind for one in bureau_work.scalars(select(TransferPoliceDecision).order_by(TransferPoliceDecision.decided_at))]
    assert kinds == ["filing", "withdraw", "ordered"]
