"""Bureau, police and procuratorate all here, on the real diagrams; the procuratorate's steps with the rights of its own people alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import carry, procuratorate_opening
from app.transfers.models import (
    Transfer,
    TransferFile,
    TransferLetter,
    TransferOutcome,
    TransferPackage,
    TransferProcurator,
    TransferSupervision,
)
from app.walk.answers import fill
from tests.transfer.bureau_builders import at, case, clock, do, go, no_clock_left, source, step, to_sent, work
from tests.transfer.police_builders import REASONS, accept, police_case, ruled, seed_police
from tests.transfer.procuratorate_builders import prosecutors
from workflows import time as clock_time
from workflows.tables import Case, Clock, Task

scope = pytest.importorskip("app.accounts.scope")  # row-level security comes with migration 0007

POLICE = "ps-360111"
Act = Callable[..., None]


@pytest.fixture
def all_here(transfers: Flask) -> Flask:
    with transfers.app_context(), db.transaction() as session:
        seed_police(session, POLICE)
        prosecutors(session)
    return transfers


def acts(app: Flask) -> Act:
    """A step of the procuratorate in a session that sees only what its own person sees; then the worker delivers."""

    def act(case_id: UUID, element: str, **given: Any) -> None:
        with app.app_context(), db.transaction() as whole:
            who_id = directory.people(whole, step(whole, case_id, element).holder)[0]
        with app.test_request_context():
            engine = get_engine()
            scope.enter(db.session, who_id)
            task, who = step(db.session, case_id, element), db.session.get_one(Person, who_id)
            form, context = engine.form(db.session, task), engine.task_data(db.session, task)

            def choose(field: Any, values: Any) -> Any:
                return next(value for value, _ in engine.hooks.choices(db.session, task, field, values))  # type: ignore[attr-defined]

            answer = fill(form, context, given, choose)
            engine.complete(db.session, task.id, who.actor(), answer)
            db.session.commit()
        with app.app_context(), db.transaction() as session:
            work(session)

    return act


def watched(app: Flask) -> tuple[UUID, UUID, UUID]:
    """A transfer that all three keep a file of: bureau's, police's, procuratorate's case."""
    with app.app_context(), db.transaction() as session:
        sent = source(session)
        to_sent(session, sent)
        number = session.get_one(Transfer, sent).transfer_no
        return sent, police_case(session, sent), procuratorate_case(session, number)


def procuratorate_case(session: Session, number: str) -> UUID:
    query = select(TransferFile.case_id).where(TransferFile.transfer_no == number, TransferFile.process == "procuratorate_case")
    return session.scalars(query.order_by(TransferFile.started_at.desc())).first() or pytest.fail("no file of the procuratorate")


def test_refused_supervised_ordered_filed_not_prosecuted_penalised(all_here: Flask) -> None:
    """A08 with every clock of the procuratorate."""
    act = acts(all_here)
    sent, at_police, ours = watched(all_here)
    with all_here.app_context(), db.transaction() as session:
        accept(session, sent)
        work(session)
        assert clock(session, ours, "decide").status == "running"
        ruled(session, at_police, filed=False)
        work(session)
        assert clock(session, ours, "decide").status == "met" and clock(session, ours, "notify").status == "met"
    act(ours, "look_copy", supervise=False)
    with all_here.app_context(), db.transaction() as session:
        do(session, sent, "choose_way", way="supervise")
        go(session, sent, "write_proposal", "review_proposal", "sign_proposal")
        work(session)
    act(ours, "accept_proposal", settled=False)
    with all_here.app_context(), db.transaction() as session:
        do(session, at_police, "explain", filed=False, reasons=REASONS)
        work(session)
    act(ours, "review", result="not_stand")
    with all_here.app_context(), db.transaction() as session:
        do(session, at_police, "file_ordered", police_no="青公（刑）立字〔2026〕88号")
        work(session)
        go(session, at_police, "notify")
        work(session)
        row = session.scalars(select(TransferSupervision)).one()
        assert (row.ended_as, row.reasons) == ("corrected", REASONS)
        do(session, sent, "handover")
        work(session)
    act(ours, "look_copy", supervise=False)
    with all_here.app_context(), db.transaction() as session:
        do(session, at_police, "investigate", inv_step="outcome", outcome="prosecute", reasons=REASONS)
        work(session)
        parties = [str(one) for one in step_parties(session, ours)]
    act(ours, "decide_prosecution", parties_prosecuted=None, parties_not=parties)
    act(ours, "review_penalty", opine=True, reply_by="2026-12-01")
    with all_here.app_context(), db.transaction() as session:
        do(session, sent, "decide_penalty", penalty="fine")
        work(session)
        found = session.get_one(TransferProcurator, ours)
        assert (found.closed_as, session.get_one(Transfer, sent).closed_as) == ("concluded", "replied")
        for one in (sent, at_police, ours):
            assert case(session, one).status == "closed"
            no_clock_left(session, one)


def step_parties(session: Session, case_id: UUID) -> list[str]:
    task = step(session, case_id, "decide_prosecution")
    return list(get_engine().task_data(session, task)["parties"])


def test_late_police_own_motion_reminders_and_verdicts_with_own_rights(all_here: Flask) -> None:
    act = acts(all_here)
    sent, at_police, ours = watched(all_here)
    with all_here.app_context(), db.transaction() as session:
        accept(session, sent)
        work(session)
        at(clock(session, ours, "decide").due_at, session)
    act(ours, "accept_proposal", settled=False)
    with all_here.app_context(), db.transaction() as session:
        at(clock(session, ours, "explain").due_at, session)
    act(ours, "review", result="not_stand")
    with all_here.app_context(), db.transaction() as session:
        at(clock(session, ours, "file").due_at, session)
    later = f"{clock_time.now() + timedelta(days=6):%Y-%m-%d}"
    act(ours, "correct", answer_by=later)
    with all_here.app_context(), db.transaction() as session:
        letter = session.scalars(select(TransferLetter).where(TransferLetter.name == "correction")).one()
        assert letter.to_case == at_police
        do(session, at_police, "explain", filed=False, reasons=REASONS)
        do(session, at_police, "file_ordered", police_no="青公（刑）立字〔2026〕89号")
        work(session)
        go(session, at_police, "notify")
        work(session)
        assert session.scalars(select(TransferSupervision)).one().ended_as == "corrected"
    with all_here.app_context(), db.transaction() as session:
        if _open(session, sent, "choose_way"):
            do(session, sent, "choose_way", way="arrived")
        work(session)
        do(session, sent, "handover")
        work(session)
    act(ours, "look_copy", supervise=False)
    with all_here.app_context(), db.transaction() as session:
        do(session, at_police, "investigate", inv_step="outcome", outcome="prosecute", reasons=REASONS)
        work(session)
        parties = step_parties(session, ours)
    act(ours, "decide_prosecution", parties_prosecuted=parties, parties_not=None)
    act(ours, "record_verdict", parties=parties, verdict="convicted", fine=30000, document_no="（2026）赣刑初9号")
    with all_here.app_context(), db.transaction() as session:
        assert session.get_one(TransferProcurator, ours).closed_as == "concluded"
        assert session.get_one(Transfer, sent).closed_as == "convicted"
        assert len(session.scalars(select(TransferOutcome).where(TransferOutcome.kind == "convicted")).all()) == len(parties)
        no_clock_left(session, ours)


def _open(session: Session, case_id: UUID, element: str) -> bool:
    return element in session.scalars(select(Task.element).where(Task.case_id == case_id, Task.status == "open")).all()


def test_a_prosecutor_sees_no_file_of_the_others_and_no_material(all_here: Flask) -> None:
    """Row-level security: without any filter of the app."""
    sent, at_police, ours = watched(all_here)
    with all_here.app_context(), db.transaction() as session:
        who = session.scalars(select(Person).where(Person.account == "qingshanhu-jiancha")).one().id
        assert session.scalars(select(TransferPackage.id)).all()
    with all_here.test_request_context():
        scope.enter(db.session, who)
        assert set(db.session.scalars(select(Case.id).where(Case.id.in_([sent, at_police, ours])))) == {ours}
        assert db.session.scalars(select(TransferPackage.id)).all() == []
        assert {letter.name for letter in db.session.scalars(select(TransferLetter))} <= {"transfer_copied", "clock_state"}
        assert set(db.session.scalars(select(Clock.case_id))) <= {ours}
        assert db.session.scalars(select(Transfer.case_id)).all() == []


def test_a_matter_is_found_with_own_rights(all_here: Flask) -> None:
    with all_here.app_context(), db.transaction() as session:
        who = session.scalars(select(Person).where(Person.account == "qingshanhu-jiancha")).one().id
    typed = {
        "bureau": "br-360111",
        "party": "远帆化工",
        "act": "非法倾倒危险废物",
        "reason": "监督检查发现倾倒危险废物十余吨，只罚款没有移送",
    }
    with all_here.test_request_context():
        scope.enter(db.session, who)
        case_id = procuratorate_opening.open_found(db.session, db.session.get_one(Person, who), typed)
        db.session.commit()
    acts(all_here)(case_id, "check_nontransfer", opine=True)
    with all_here.app_context(), db.transaction() as session:
        assert session.scalars(select(Transfer)).one().party == "远帆化工" and carry.of_case(session, case_id)
