"""The procuratorate's steps on the real diagrams: the bureau plays its own part, the police's letters arrive as an exchange brings them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.transfers import leaving
from app.transfers.models import (
    PlatformEntry,
    Transfer,
    TransferFollowUp,
    TransferLetter,
    TransferOutcome,
    TransferProcurator,
    TransferSupervision,
)
from tests.transfer.bureau_builders import (
    POLICE,
    PROCURATORATE,
    at,
    case,
    clock,
    do,
    no_clock_left,
    on,
    source,
    step,
    to_sent,
    work,
)
from tests.transfer.procuratorate_builders import file_of, prosecutors, tells
from workflows import time as clock_time
from workflows.errors import FormError
from workflows.handlers import Ctx


class PoliceElsewhere:
    """The police run their own installation: what goes to them is kept here, their letters are put in by ``tells``."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def __call__(self, ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool:
        if letter.to_organ != POLICE:
            return False
        self.sent.append(payload)
        return True

    def last(self, name: str, kind: str = "") -> dict[str, Any]:
        return next(one for one in reversed(self.sent) if one["name"] == name and (not kind or one["kind"] == kind))


@pytest.fixture
def police() -> Iterator[PoliceElsewhere]:
    outbox = PoliceElsewhere()
    leaving.outboxes.append(outbox)
    yield outbox
    leaving.outboxes.remove(outbox)


@pytest.fixture
def work_of_all(transfers: Flask, police: PoliceElsewhere) -> Iterator[Session]:
    """One open transaction; a prosecutor and an administrative prosecutor are at their posts."""
    with transfers.app_context(), db.transaction() as session:
        prosecutors(session)
        yield session


def sent(session: Session) -> tuple[Transfer, TransferProcurator]:
    """A transfer that is on its way, and the procuratorate's file of it."""
    case_id = source(session)
    to_sent(session, case_id)
    work(session)
    transfer = session.get_one(Transfer, case_id)
    return transfer, file_of(session, transfer.transfer_no)


def accepted(session: Session) -> tuple[Transfer, TransferProcurator]:
    transfer, file = sent(session)
    tells(session, transfer.transfer_no, PROCURATORATE, "clock_state", "received", event_at=clock_time.now().isoformat())
    return transfer, file


def copied(session: Session, file: TransferProcurator, kind: str) -> None:
    tells(session, file.transfer_no, PROCURATORATE, "decision_copied", kind, reasons="情节显著轻微")


def current(session: Session, file: TransferProcurator) -> TransferSupervision:
    query = select(TransferSupervision).where(TransferSupervision.case_id == file.case_id).order_by(TransferSupervision.round.desc())
    return session.scalars(query, execution_options={"populate_existing": True}).first()


# --- registering, watching ----------------------------------------------------------------------------------------------


def test_a_copied_transfer_is_registered_watched_and_seen_by_this_procuratorate_alone(work_of_all: Session) -> None:
    transfer, file = sent(work_of_all)
    assert (file.origin, file.state, file.bureau, file.police) == ("copied", "watch", transfer.organ, POLICE)
    found = case(work_of_all, file.case_id)
    assert found.number == f"{transfer.transfer_no}·青山湖区检察院" and list(getattr(found, "confined", [PROCURATORATE])) == [PROCURATORATE]
    assert found.attrs == {"unit": PROCURATORATE, "bureau": transfer.organ, "police": POLICE}
    assert clock(work_of_all, file.case_id, "receipt").status == "running"
    copy = work_of_all.scalars(select(TransferLetter).where(TransferLetter.name == "transfer_copied")).one()
    assert copy.received_at is not None and copy.package_id is None and "file_list" not in copy.body


def test_the_clocks_of_the_police_follow_their_letters(work_of_all: Session) -> None:
    transfer, file = sent(work_of_all)
    at(on("2026-09-22", 9), work_of_all)
    tells(work_of_all, transfer.transfer_no, PROCURATORATE, "clock_state", "received", event_at=on("2026-09-22", 8).isoformat())
    assert clock(work_of_all, file.case_id, "receipt").status == "met"
    assert clock(work_of_all, file.case_id, "decide").from_at == on("2026-09-22", 8)
    tells(work_of_all, transfer.transfer_no, PROCURATORATE, "clock_state", "moved", term=7, due=on("2026-09-30", 0).isoformat())
    assert clock(work_of_all, file.case_id, "decide").due_at == on("2026-09-30", 0)
    at(on("2026-09-28"), work_of_all)
    tells(work_of_all, transfer.transfer_no, PROCURATORATE, "clock_state", "decided", event_at=on("2026-09-28", 8).isoformat())
    assert clock(work_of_all, file.case_id, "decide").status == "met"
    assert clock(work_of_all, file.case_id, "notify").status == "running"
    copied(work_of_all, file, "filed")
    assert clock(work_of_all, file.case_id, "notify").status == "met"
    step(work_of_all, file.case_id, "look_copy")
    do(work_of_all, file.case_id, "look_copy", supervise=False)
    assert file_of(work_of_all, transfer.transfer_no).state == "watch"


def test_a_filed_case_is_not_supervised(work_of_all: Session) -> None:
    _, file = accepted(work_of_all)
    copied(work_of_all, file, "filed")
    with pytest.raises(FormError):
        do(work_of_all, file.case_id, "look_copy", supervise=True)


def test_six_months_after_a_refusal_the_procuratorate_closes_both_files(work_of_all: Session, police: PoliceElsewhere) -> None:
    _, file = accepted(work_of_all)
    copied(work_of_all, file, "refused")
    do(work_of_all, file.case_id, "look_copy", supervise=False)
    window = clock(work_of_all, file.case_id, "window")
    assert window.status == "running" and window.due_at > on("2027-03-21")
    at(window.due_at, work_of_all)
    found = file_of(work_of_all, file.transfer_no)
    assert (found.closed_as, case(work_of_all, file.case_id).status) == ("window", "closed")
    assert police.last("police_challenge", "closed")["transfer_no"] == file.transfer_no
    no_clock_left(work_of_all, file.case_id)


def test_a_case_returned_by_the_police_ends_the_watch(work_of_all: Session) -> None:
    _, file = accepted(work_of_all)
    tells(work_of_all, file.transfer_no, PROCURATORATE, "case_moved", "closed")
    assert file_of(work_of_all, file.transfer_no).closed_as == "returned"
    no_clock_left(work_of_all, file.case_id)


# --- not transferred ----------------------------------------------------------------------------------------------------


def refused(session: Session) -> TransferProcurator:
    case_id = source(session)
    for element in ("enter_facts", "confirm", "form_team", "write_report", "legal_opinion"):
        do(session, case_id, element)
    do(session, case_id, "decide", decision="refuse", reason="本案事实尚不足以认定涉嫌犯罪，经集体研究不批准移送")
    work(session)
    return file_of(session, session.get_one(Transfer, case_id).transfer_no)


def test_a_refusal_without_opinion_ends_the_file(work_of_all: Session) -> None:
    file = refused(work_of_all)
    assert file.origin == "nontransfer" and file.nontransfer is not None and file.nontransfer["hits"]
    do(work_of_all, file.case_id, "check_nontransfer", opine=False)
    assert file_of(work_of_all, file.transfer_no).closed_as == "no_opinion"
    no_clock_left(work_of_all, file.case_id)


def test_an_opinion_obliges_and_is_obeyed_or_late(work_of_all: Session) -> None:
    file = refused(work_of_all)
    do(work_of_all, file.case_id, "check_nontransfer", opine=True)
    assert clock(work_of_all, file.case_id, "procurator_opinion").due_at == on("2026-09-25", 0)
    second = work_of_all.scalars(select(Transfer).where(Transfer.origin == "opinion")).one()
    assert second.transfer_no == file.transfer_no and second.opinion_letter
    at(on("2026-09-25", 9), work_of_all)
    assert clock(work_of_all, file.case_id, "procurator_opinion").overdue_at is not None
    for element in ("form_team", "write_report", "legal_opinion", "decide", "assemble"):
        do(work_of_all, second.case_id, element)
    work(work_of_all)
    assert clock(work_of_all, file.case_id, "procurator_opinion").status == "met"
    assert file_of(work_of_all, file.transfer_no).state == "watch"
    assert clock(work_of_all, file.case_id, "receipt").status == "running"


# --- 立案监督 -----------------------------------------------------------------------------------------------------------


def test_reasons_are_demanded_found_wanting_and_filing_is_ordered(work_of_all: Session, police: PoliceElsewhere) -> None:
    transfer, file = accepted(work_of_all)
    tells(work_of_all, transfer.transfer_no, transfer.organ, "transfer_receipt", "received", receipt_no="青公受1号")
    tells(work_of_all, transfer.transfer_no, transfer.organ, "police_notice", "refused", reasons="情节轻微")
    copied(work_of_all, file, "refused")
    do(work_of_all, file.case_id, "look_copy", supervise=False)
    do(work_of_all, transfer.case_id, "choose_way", way="supervise")
    for element in ("write_proposal", "review_proposal", "sign_proposal"):
        do(work_of_all, transfer.case_id, element)
    work(work_of_all)
    do(work_of_all, file.case_id, "accept_proposal", settled=False)
    row = current(work_of_all, file)
    assert (row.source, bool(row.proposal_letter), clock(work_of_all, file.case_id, "window").status) == ("proposal", True, "paused")
    assert clock(work_of_all, file.case_id, "explain").due_at == on("2026-09-29", 0)  # 7 日 from 09-21
    demand = police.last("police_challenge", "explain")
    tells(
        work_of_all,
        transfer.transfer_no,
        PROCURATORATE,
        "reasons_given",
        "reasons",
        reply=demand["letter_no"],
        reasons="事实不清",
        filed=False,
    )
    assert clock(work_of_all, file.case_id, "explain").status == "met" and current(work_of_all, file).reasons == "事实不清"
    do(work_of_all, file.case_id, "review", result="not_stand")
    order = clock(work_of_all, file.case_id, "file")
    assert order.due_at == on("2026-10-09", 0)  # 15 日 end on 10-06, in the holiday: the last day is 10-08
    notice = police.last("police_challenge", "must_file")
    tells(work_of_all, transfer.transfer_no, PROCURATORATE, "filing_record", "recorded", reply=notice["letter_no"])
    done = current(work_of_all, file)
    assert (done.result, done.ended_as, file_of(work_of_all, file.transfer_no).filed) == ("corrected", "corrected", True)
    told = work_of_all.scalars(select(TransferLetter).where(TransferLetter.name == "supervision_result")).one()
    assert (told.kind, told.in_reply_to) == ("corrected", row.proposal_letter)
    assert {e.decision for e in work_of_all.scalars(select(PlatformEntry).where(PlatformEntry.organ == PROCURATORATE))} == {"supervision"}


def test_late_police_are_supervised_of_its_own_motion(work_of_all: Session, police: PoliceElsewhere) -> None:
    _, file = accepted(work_of_all)
    at(clock(work_of_all, file.case_id, "decide").due_at, work_of_all)
    assert current(work_of_all, file).source == "late"
    with pytest.raises(FormError):  # nothing was filed
        do(work_of_all, file.case_id, "accept_proposal", settled=True)
    do(work_of_all, file.case_id, "accept_proposal", settled=False)
    at(clock(work_of_all, file.case_id, "explain").due_at, work_of_all)
    with pytest.raises(FormError):  # undecided: the reasons cannot stand
        do(work_of_all, file.case_id, "review", result="stands")
    do(work_of_all, file.case_id, "review", result="not_stand")
    first = clock(work_of_all, file.case_id, "file")
    at(first.due_at, work_of_all)
    do(work_of_all, file.case_id, "correct", answer_by=f"{first.due_at + timedelta(days=5):%Y-%m-%d}")
    second = clock(work_of_all, file.case_id, "file")
    assert second.id != first.id and second.status == "running" and len(current(work_of_all, file).corrections) == 1
    assert work_of_all.scalars(select(TransferFollowUp)).one().kind == "correction"
    notice = police.last("police_challenge", "must_file")
    tells(work_of_all, file.transfer_no, PROCURATORATE, "filing_record", "recorded", reply=notice["letter_no"])
    assert current(work_of_all, file).result == "corrected" and file_of(work_of_all, file.transfer_no).state == "watch"
    copied(work_of_all, file, "filed")
    do(work_of_all, file.case_id, "look_copy", supervise=False)
    assert not [r for r in work_of_all.scalars(select(TransferSupervision)) if r.ended_at is None]  # no second round by itself


def test_a_copy_while_reasons_are_awaited_lets_it_wait_on_or_judge(work_of_all: Session, police: PoliceElsewhere) -> None:
    _, file = accepted(work_of_all)
    copied(work_of_all, file, "refused")
    do(work_of_all, file.case_id, "look_copy", supervise=True)
    do(work_of_all, file.case_id, "accept_proposal", settled=False)
    copied(work_of_all, file, "refused")
    do(work_of_all, file.case_id, "review", result="more")
    copied(work_of_all, file, "filed")
    with pytest.raises(FormError):
        do(work_of_all, file.case_id, "review", result="not_stand")
    do(work_of_all, file.case_id, "review", result="corrected")
    assert current(work_of_all, file).ended_as == "corrected"
    demand = police.last("police_challenge", "explain")
    late = tells(work_of_all, file.transfer_no, PROCURATORATE, "reasons_given", "reasons", reply=demand["letter_no"], reasons="已立案")
    assert work_of_all.get_one(TransferLetter, late.id, populate_existing=True).received_at is not None
    assert current(work_of_all, file).reasons == "已立案"


def test_supervision_is_overtaken_by_prosecution_or_return(work_of_all: Session) -> None:
    _, file = accepted(work_of_all)
    copied(work_of_all, file, "refused")
    do(work_of_all, file.case_id, "look_copy", supervise=True)
    do(work_of_all, file.case_id, "accept_proposal", settled=False)
    tells(work_of_all, file.transfer_no, PROCURATORATE, "case_moved", "closed")
    assert (current(work_of_all, file).result, file_of(work_of_all, file.transfer_no).closed_as) == ("stands", "returned")
    no_clock_left(work_of_all, file.case_id)


# --- 审查起诉, 反向衔接 -------------------------------------------------------------------------------------------------


def prosecution(session: Session) -> tuple[Transfer, TransferProcurator]:
    transfer, file = accepted(session)
    tells(session, transfer.transfer_no, transfer.organ, "transfer_receipt", "received", receipt_no="青公受1号")
    tells(session, transfer.transfer_no, transfer.organ, "police_notice", "filed")
    do(session, transfer.case_id, "handover")
    copied(session, file, "filed")
    do(session, file.case_id, "look_copy", supervise=False)
    tells(session, transfer.transfer_no, PROCURATORATE, "case_moved", "prosecution", parties=[])
    return transfer, file


def suspects(session: Session, file: TransferProcurator) -> list[str]:
    from app.transfers.procuratorate_files import parties

    return list(parties(session, file.case_id))


def test_each_party_is_decided_and_both_ways_run_to_their_end(work_of_all: Session) -> None:
    transfer, file = prosecution(work_of_all)
    unit, person = suspects(work_of_all, file)
    with pytest.raises(FormError):
        do(work_of_all, file.case_id, "decide_prosecution", parties_prosecuted=[person], parties_not=None, reason=None)
    with pytest.raises(FormError):
        do(work_of_all, file.case_id, "decide_prosecution", parties_prosecuted=[person, unit], parties_not=[unit])
    do(work_of_all, file.case_id, "decide_prosecution", parties_prosecuted=[person], parties_not=[unit])
    assert clock(work_of_all, file.case_id, "nonprosecution").status == "met"
    assert clock(work_of_all, file.case_id, "review").due_at == on(
        "2026-10-13", 0
    )  # 10 工作日: holidays fall out, 10-10 is a make-up Saturday
    do(work_of_all, file.case_id, "review_penalty", opine=True, reply_by="2026-10-20")
    assert clock(work_of_all, file.case_id, "reply").due_at == on("2026-10-21", 0)
    do(work_of_all, file.case_id, "record_verdict", parties=[person], verdict="convicted", fine=50000, document_no="（2026）赣刑初1号")
    assert file_of(work_of_all, file.transfer_no).closed_at is None  # the reply is still owed
    work(work_of_all)
    fine = work_of_all.scalars(select(TransferOutcome).where(TransferOutcome.kind == "convicted")).one()
    assert fine.fine == 50000 and str(fine.party_id) == person
    at(on("2026-10-21", 0), work_of_all)
    do(work_of_all, file.case_id, "follow_up", reply_by="2026-10-30")
    assert clock(work_of_all, file.case_id, "reply").due_at == on("2026-10-31", 0)
    do(work_of_all, transfer.case_id, "decide_penalty", penalty="fine")
    work(work_of_all)
    found = file_of(work_of_all, file.transfer_no)
    assert (found.closed_as, case(work_of_all, file.case_id).status) == ("concluded", "closed")
    assert found.penalty_result and found.penalty_result.startswith("罚款")
    no_clock_left(work_of_all, file.case_id)


def test_no_opinion_to_penalise_is_told_and_ends_the_file(work_of_all: Session) -> None:
    _, file = prosecution(work_of_all)
    do(work_of_all, file.case_id, "decide_prosecution", parties_prosecuted=None, parties_not=suspects(work_of_all, file))
    do(work_of_all, file.case_id, "review_penalty", opine=False)
    told = work_of_all.scalars(select(TransferLetter).where(TransferLetter.name == "penalty_opinion")).one()
    assert told.kind == "no_opinion" and file_of(work_of_all, file.transfer_no).closed_as == "concluded"
    no_clock_left(work_of_all, file.case_id)


def test_verdicts_come_one_after_the_other(work_of_all: Session) -> None:
    transfer, file = prosecution(work_of_all)
    both = suspects(work_of_all, file)
    do(work_of_all, file.case_id, "decide_prosecution", parties_prosecuted=both, parties_not=None)
    do(work_of_all, file.case_id, "record_verdict", parties=both[:1], verdict="convicted", document_no="（2026）赣刑初1号")
    step(work_of_all, file.case_id, "record_verdict")
    with pytest.raises(FormError):
        do(work_of_all, file.case_id, "record_verdict", parties=both[:1], verdict="acquitted", document_no="（2026）赣刑初2号")
    do(work_of_all, file.case_id, "record_verdict", parties=both[1:], verdict="convicted", document_no="（2026）赣刑初2号")
    work(work_of_all)
    assert file_of(work_of_all, file.transfer_no).closed_as == "concluded"
    assert case(work_of_all, transfer.case_id).status == "closed"


def test_a_result_that_comes_while_the_reminder_is_written_is_not_lost(work_of_all: Session) -> None:
    transfer, file = prosecution(work_of_all)
    do(work_of_all, file.case_id, "decide_prosecution", parties_prosecuted=None, parties_not=suspects(work_of_all, file))
    do(work_of_all, file.case_id, "review_penalty", opine=True, reply_by="2026-09-28")
    work(work_of_all)
    at(on("2026-09-29", 9), work_of_all)
    step(work_of_all, file.case_id, "follow_up")
    do(work_of_all, transfer.case_id, "decide_penalty", penalty="other")
    work(work_of_all)
    do(work_of_all, file.case_id, "follow_up", reply_by="2026-10-12")
    work(work_of_all)
    assert file_of(work_of_all, file.transfer_no).closed_as == "concluded"
