"""移送行政拘留 at the police: its periods, its limits, who may see its file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person, Post
from app.accounts.passwords import hash_password
from app.accounts.policy import can
from app.demo.people import DEMO_PASSWORD, SINCE
from app.engine import get_engine
from app.transfers import detention_listing, package
from app.transfers.models import Detention, DetentionNotice, DetentionPerson, DetentionPolice
from app.walk.play import Play
from app.walk.starts import scenario
from tests.transfer.bureau_builders import at, clock, no_clock_left
from tests.transfer.test_detention import do, open_steps
from workflows import time as clock_time
from workflows.errors import FormError
from workflows.tables import Case, Event

POLICE = (("officer", "ps-360111", "police_officer"), ("above", "ps-360100", "police_head"), ("far", "ps-360102", "police_officer"))
BOTH = [
    {"name": "邓某", "result": "detained", "days": 8, "decision_no": "青公行罚决字〔2026〕21号"},
    {"name": "万某", "result": "not"},
]


def at_police(app: Flask, until: str) -> tuple[UUID, UUID]:
    """The files of bureau and police after that step of scenario D05 (approved 2026-10-12, nine in the morning)."""
    with app.app_context():
        with db.transaction() as session:
            for name, organ, role in POLICE:
                posts = [Post(organ_id=organ, role=role, title="", since=SINCE)]
                password = hash_password(DEMO_PASSWORD)
                session.add(
                    Person(account=f"t-{name}", name=f"民警{name}", password=password, must_change=False, active=True, all_posts=posts)
                )
        bureau = Play(get_engine(), db.transaction, scenario("detention", "D05_returned"), checking=False).run(until)
        with db.transaction() as session:
            number = session.get_one(Detention, bureau).number
            return bureau, session.scalars(select(DetentionPolice.case_id).where(DetentionPolice.number == number)).one()


def who(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.account == f"t-{name}")).one()


def last_day(session: Session, case_id: UUID, slot: str) -> str:
    return (clock_time.local(clock(session, case_id, slot).due_at) - timedelta(seconds=1)).date().isoformat()


def on(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=clock_time.ZONE)


def refuses(session: Session, case_id: UUID, field: str, **answer: Any) -> None:
    with pytest.raises(FormError) as refused:
        do(session, case_id, "examine_detention", **answer)
    assert set(refused.value.errors) == {field}


def test_periods_from_the_acceptance_and_rights_that_lapse(transfers: Flask) -> None:
    bureau, police = at_police(transfers, "accept_detention")
    with transfers.app_context(), db.transaction() as session:
        assert last_day(session, police, "supplement") == "2026-10-15" and last_day(session, police, "return_back") == "2026-10-19"
        assert last_day(session, police, "limit") == "2026-11-11" == last_day(session, bureau, "limit")
        at(on("2026-10-16"), session)
        refuses(session, police, "step", step="supplement", wanted=[{"name": "笔录"}], reason="事实不清，请补充笔录。")
        at(on("2026-10-20"), session)
        do(session, police, "examine_detention", step="return", reason="证据不足，不符合行政拘留条件。")
        said = session.scalars(select(Event.label).where(Event.case_id == police, Event.label.like("退回案卷：已过%"))).all()
        assert len(said) == 1 and clock(session, police, "return_back").status == "lapsed"
        do(session, bureau, "close_returned", received=True, reason="公安机关认为证据不足，依法结案。")
        assert session.get_one(Detention, bureau).outcome == "returned"
        no_clock_left(session, police)
        no_clock_left(session, bureau)


def test_the_decision_is_copied_with_each_persons_result(transfers: Flask) -> None:
    bureau, police = at_police(transfers, "accept_detention")
    with transfers.app_context(), db.transaction() as session:
        at(on("2026-10-26"), session)
        decide = {"step": "decide", "persons": BOTH, "decided_at": "2026-10-20T10:00"}
        refuses(session, police, "persons", **{**decide, "persons": [BOTH[1]]})
        refuses(session, police, "persons", **{**decide, "persons": [{**BOTH[0], "decision_no": None}]})
        refuses(session, police, "decided_at", **{**decide, "decided_at": "2026-10-01T10:00"})
        do(session, police, "examine_detention", **decide)
        copied = clock(session, police, "copy")
        assert (copied.status, copied.overdue_at is not None) == ("met", True)  # three working days from 10-20 ended on 10-23
        assert clock(session, bureau, "limit").status == "met"
        persons = {p.name: (p.detained, p.days) for p in session.scalars(select(DetentionPerson).where(DetentionPerson.case_id == bureau))}
        assert persons == {"邓某": (True, 8), "万某": (False, None)}
        refused = [{**BOTH[0], "days": 16}, BOTH[1]]
        with pytest.raises(FormError):
            do(session, bureau, "file_copies", copies=True, persons=refused)
        do(session, bureau, "file_copies", copies=True)  # the form begins with what the police decided
        assert session.get_one(Detention, bureau).outcome == "detained"


def test_supplement_is_a_package_of_its_own_and_both_keep_it(transfers: Flask) -> None:
    bureau, police = at_police(transfers, "accept_detention")
    with transfers.app_context(), db.transaction() as session:
        do(session, police, "examine_detention", step="supplement", wanted=[{"name": "询问笔录"}], reason="事实不清，请补充询问笔录。")
        row = {"kind": "evidence", "name": "补充询问笔录", "maker": "贺兰溪", "made_on": "2026-10-12", "copies": 1}
        do(session, bureau, "supply", explanation="补充一份笔录。", materials=[row])
        number = session.get_one(Detention, bureau).number
        made = package.of_transfer(session, number)
        assert [(one.kind, one.sealed_at is not None) for one in made] == [("detention", True), ("detention_supplement", True)]
        kinds = {"list", "letter", "report", "evidence", "things", "penalty"}
        assert {item.kind for item in package.items(session, made[0].id)} == kinds
        for case_id in (bureau, police):
            kept = session.scalars(select(DetentionNotice.kind).where(DetentionNotice.case_id == case_id)).all()
            assert sorted(kept) == ["supplement", "supplied"]


def test_two_extensions_by_the_next_higher_organ_and_no_third(transfers: Flask) -> None:
    bureau, police = at_police(transfers, "accept_detention")
    granted = {"granted": True, "approval_no": "洪公延〔2026〕6号"}
    with transfers.app_context(), db.transaction() as session:
        for last in ("2026-12-11", "2027-01-10"):
            do(session, police, "examine_detention", step="extend", reason="案情复杂，需要进一步调查取证。")
            assert open_steps(session, police) == ["approve_extension"]
            do(session, police, "approve_extension", **granted)
            assert clock(session, police, "limit").due_at == clock(session, bureau, "limit").due_at
            assert last_day(session, police, "limit") >= last  # rolled over a weekend or holiday where it falls on one
        refuses(session, police, "step", step="extend", reason="案情复杂，需要进一步调查取证。")
        assert session.get_one(DetentionPolice, police).extensions == 2


def test_only_that_police_and_the_next_higher_while_it_approves(transfers: Flask, login: Any) -> None:
    _, police = at_police(transfers, "accept_detention")
    with transfers.app_context(), db.transaction() as session:
        case = session.get_one(Case, police)
        assert can(who(session, "officer"), "case.see", case)
        assert not can(who(session, "above"), "case.see", case) and not can(who(session, "far"), "case.see", case)
        rows = detention_listing.police_rows
        with transfers.test_request_context():
            assert [r.number for r in rows(session, who(session, "officer"), clock_time.now())] == ["洪环拘移〔2026〕1号·公安"]
            assert rows(session, who(session, "far"), clock_time.now()) == []
        do(session, police, "examine_detention", step="extend", reason="案情复杂，需要进一步调查取证。")
        assert can(who(session, "above"), "case.see", case) and not can(who(session, "far"), "case.see", case)
    seen, far = transfers.test_client(), transfers.test_client()
    login(seen, "t-officer")
    login(far, "t-far")
    page = seen.get(f"/cases/{police}").text
    assert "沁澜金属表面处理厂" in page and "行政拘留案件移送书" in page
    assert far.get(f"/cases/{police}").status_code == 404
