"""What is asked against the police's decision: reconsideration, reasons, an order to file; and every step with their own rights."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts import scope
from app.accounts.models import Person
from app.engine import get_engine
from app.transfers.models import (
    TransferChallenge,
    TransferLetter,
    TransferPoliceDecision,
)
from tests.transfer.bureau_builders import at, clock, do, go, no_clock_left, on, source, step, to_sent, transfer, work
from tests.transfer.police_builders import (
    OTHER,
    POLICE,
    REASONS,
    Procuratorate,
    accept,
    papers,
    police,
    police_case,
    ruled,
    seed_police,
    writes,
)
from workflows import time as clock_time
from workflows.errors import Conflict
from workflows.tables import Case, Task

# --- challenges ---------------------------------------------------------------------------------------------------------


def refused(session: Session, bureau_case: UUID) -> UUID:
    case_id = accept(session, bureau_case)
    ruled(session, case_id, filed=False)
    return case_id


def apply(session: Session, bureau_case: UUID) -> None:
    do(session, bureau_case, "choose_way", way="reconsider")
    go(session, bureau_case, "write_application", "review_application")
    do(session, bureau_case, "sign_application", signed=True)


def test_reconsidered_by_somebody_else_and_upheld(bureau_work: Session, sent: UUID) -> None:
    case_id = refused(bureau_work, sent)
    apply(bureau_work, sent)
    row = bureau_work.scalars(select(TransferChallenge)).one()
    assert row.kind == "reconsider" and clock(bureau_work, case_id, "reconsider_decide").due_at == on("2026-09-25", 0)
    assert clock(bureau_work, case_id, "window").status == "paused"
    with pytest.raises(Conflict, match="以外的人"):
        by_decider(bureau_work, case_id)
    do(bureau_work, case_id, "reconsider", filed=False, reasons=REASONS)
    bureau_work.refresh(row)
    assert row.answer == "upheld" and row.answer_letter and clock(bureau_work, case_id, "reconsider_decide").status == "met"
    assert clock(bureau_work, case_id, "window").status == "running"
    assert step(bureau_work, sent, "after_upheld") and police(bureau_work, case_id).state == "refused"
    answer = bureau_work.scalars(select(TransferLetter).where(TransferLetter.letter_no == row.answer_letter)).one()
    assert (answer.name, answer.kind, answer.in_reply_to) == ("reconsidered", "upheld", row.letter_no)


def by_decider(session: Session, case_id: UUID) -> None:
    """The head who refused tries to reconsider."""
    decided = select(TransferPoliceDecision.person_id).where(TransferPoliceDecision.case_id == case_id)
    head = session.get_one(Person, session.scalars(decided).one())
    task = step(session, case_id, "reconsider")
    with session.begin_nested():
        get_engine().complete(session, task.id, head.actor(), {"filed": False, "reasons": REASONS})


def test_reconsidered_and_reversed_is_filed(bureau_work: Session, sent: UUID) -> None:
    case_id = refused(bureau_work, sent)
    apply(bureau_work, sent)
    do(bureau_work, case_id, "reconsider", filed=True, reasons=REASONS)
    row = police(bureau_work, case_id)
    assert row.filed and row.state == "notify" and row.reasons is None
    go(bureau_work, case_id, "notify")
    assert transfer(bureau_work, sent).notice == "filed" and step(bureau_work, sent, "handover")
    assert {"复议决定书", "立案决定书", "立案通知书"} <= set(papers(bureau_work, case_id))
    assert clock(bureau_work, case_id, "window").status == "lapsed"


def test_reasons_are_explained_and_an_order_is_obeyed(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = refused(bureau_work, sent)
    asked = writes(bureau_work, sent, "police_challenge", "explain")
    assert clock(bureau_work, case_id, "explain").due_at == on("2026-09-29", 0)
    do(bureau_work, case_id, "explain", filed=False, reasons=REASONS)
    answer = there.sent[-1]
    assert (answer["name"], answer["in_reply_to"], answer["reasons"]) == ("reasons_given", asked.letter_no, REASONS)
    ordered = writes(bureau_work, sent, "police_challenge", "must_file")
    assert clock(bureau_work, case_id, "file").due_at == on("2026-10-09", 0)
    do(bureau_work, case_id, "file_ordered", police_no="青公（刑）立字〔2026〕88号")
    record = next(one for one in there.sent if one["name"] == "filing_record")
    assert record["in_reply_to"] == ordered.letter_no and record["police_no"] == "青公（刑）立字〔2026〕88号"
    go(bureau_work, case_id, "notify")
    assert step(bureau_work, case_id, "investigate") and clock(bureau_work, case_id, "file").status == "met"


def test_asked_while_undecided_the_examination_goes_on(bureau_work: Session, sent: UUID) -> None:
    case_id = accept(bureau_work, sent)
    at(on("2026-09-29"), bureau_work)
    writes(bureau_work, sent, "police_challenge", "explain")
    assert not bureau_work.scalars(select(Task.id).where(Task.case_id == case_id, Task.status == "open", Task.element == "examine")).all()
    do(bureau_work, case_id, "explain", filed=False, reasons=REASONS)
    assert police(bureau_work, case_id).state == "examine" and step(bureau_work, case_id, "examine")


def test_own_motion_files_at_once(bureau_work: Session, sent: UUID, there: Procuratorate) -> None:
    case_id = refused(bureau_work, sent)
    writes(bureau_work, sent, "police_challenge", "explain")
    do(bureau_work, case_id, "explain", filed=True, reasons=REASONS)
    answer = next(one for one in there.sent if one["name"] == "reasons_given")
    assert answer["own_motion"] is True and police(bureau_work, case_id).state == "notify"


def test_the_procuratorate_closes_a_refused_file(bureau_work: Session, sent: UUID) -> None:
    case_id = refused(bureau_work, sent)
    writes(bureau_work, sent, "police_challenge", "closed")
    assert bureau_work.get_one(Case, case_id, populate_existing=True).status == "closed"
    row = police(bureau_work, case_id)
    assert (row.state, row.closed_at) == ("closed", clock_time.now())
    no_clock_left(bureau_work, case_id)


# --- with the rights of the people themselves ---------------------------------------------------------------------------


def test_every_step_works_with_the_rights_of_the_police_alone(transfers: Flask, there: Procuratorate) -> None:
    """Each answer in a session that sees only this organ's rows (row-level security): nothing of the steps needs more."""
    with transfers.app_context(), db.transaction() as session:
        seed_police(session, POLICE, OTHER)
        sent = source(session)
        to_sent(session, sent)
        case_id = police_case(session, sent)

    def act(element: str, role: str = "police_officer", on_case: UUID = case_id, **answer: Any) -> None:
        with transfers.test_request_context():
            who = db.session.scalars(select(Person).where(Person.account == f"t-{POLICE}-{role}")).one()
            scope.enter(db.session, who.id)
            get_engine().complete(db.session, step(db.session, on_case, element).id, who.actor(), answer)
            db.session.commit()
        with transfers.app_context(), db.transaction() as session:
            work(session)

    act("sign_receipt")
    act("jurisdiction", juris="ours")
    act("examine", step="ask", ask_kind="complete", wanted=[{"name": "监测报告"}])
    act("examine", step="extend", days="7", ground="线索需要到外地进一步查证")
    act("approve_term", "police_head", granted=True, days="7", reason="同意延长")
    act("examine", step="decide", proposed=False, opinion="证据不足，建议不予立案")
    act("decide_filing", "police_head", filed=False, reasons=REASONS)
    act("notify", served_at=f"{clock_time.now():%Y-%m-%dT%H:%M}", way="system", file_returned=True)
    with transfers.app_context(), db.transaction() as session:
        apply(session, sent)
    act("reconsider", "police_legal", filed=True, reasons=REASONS)
    act("notify", served_at=f"{clock_time.now():%Y-%m-%dT%H:%M}", way="system")
    act("investigate", inv_step="entry", entry_kind="arrest_asked", happened_on=f"{clock_time.now():%Y-%m-%d}")
    act("investigate", inv_step="outcome", outcome="withdraw", reasons=REASONS)
    with transfers.app_context(), db.transaction() as session:
        assert police(session, case_id).outcome == "withdraw" and transfer(session, sent).outcome is None
        go(session, sent, "handover")
        work(session)
        assert transfer(session, sent).outcome == "withdrawn"


def test_passing_on_works_with_the_rights_of_the_police_alone(transfers: Flask, there: Procuratorate) -> None:
    with transfers.app_context(), db.transaction() as session:
        seed_police(session, POLICE, OTHER)
        sent = source(session)
        to_sent(session, sent)
        case_id = police_case(session, sent)
        go(session, case_id, "sign_receipt")
    with transfers.test_request_context():
        who = db.session.scalars(select(Person).where(Person.account == f"t-{POLICE}-police_officer")).one()
        scope.enter(db.session, who.id)
        answer = {"juris": "other_police", "new_organ": OTHER, "reason": "主要犯罪地在南昌县，移送管辖"}
        get_engine().complete(db.session, step(db.session, case_id, "jurisdiction").id, who.actor(), answer)
        db.session.commit()
    with transfers.app_context(), db.transaction() as session:
        work(session)
        assert police(session, police_case(session, sent, OTHER)).passed_from == case_id
