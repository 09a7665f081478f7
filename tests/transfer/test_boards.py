"""The boards at their bounds, with rows made by hand: one side of the figure is on the board, the other is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app import periodic as calendar
from app.accounts.models import Person
from app.inbox.models import Notice
from app.transfers import boards, boards_night, penalty_question
from app.transfers.boards import BOARDS, Finding
from app.transfers.models import PenaltyCase, Transfer, TransferHold, TransferParty, TransferProgress, TransferQuestion, TransferScreening
from app.transfers.periodic import PERIODIC
from tests.petitions.builders import register
from tests.transfer.bureau_builders import UNIT, on, person, source
from tests.transfer.test_procuratorate import PoliceElsewhere, police, prosecutors, work_of_all  # noqa: F401
from workflows.tables import Clock

NOW = on("2026-11-23", 9)
PARTY = "沁澜金属表面处理厂"


@pytest.fixture
def rows(work_of_all: Session) -> Session:  # noqa: F811
    return work_of_all


def found(session: Session, rule: str, at: datetime = NOW, person: Person | None = None) -> list[Finding]:
    look = boards.look(session, at, person)
    return next(hits for one, hits in boards.findings(look) if one.id == rule)


def transfer(session: Session, **changes: Any) -> Transfer:
    row = session.get_one(Transfer, source(session))
    for name, value in changes.items():
        setattr(row, name, value)
    session.flush()
    return row


def runs(session: Session, row: Transfer, slot: str, rule: str, due: datetime) -> None:
    session.add(
        Clock(
            id=uuid4(), case_id=row.case_id, slot=slot, rule=rule, round=1, status="running", from_at=due - timedelta(days=3), raw_due=due,
            due_at=due,
        )
    )  # fmt: skip
    session.flush()


def screened(session: Session, row: Transfer, *, at: datetime = NOW, **more: Any) -> TransferScreening:
    made = TransferScreening(
        case_id=row.case_id, seq=1, facts={}, law="code", law_text="法典", table_name="screening.dmn", table_version="x", entered_by="甲",
        entered_at=at, **{"hits": ["1(5)"], **more},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def penalty(session: Session, **changes: Any) -> PenaltyCase:
    number = f"洪环罚立〔2026〕{session.scalar(select(text('count(*)')).select_from(PenaltyCase))}号"
    values = {
        "number": number, "organ": UNIT, "party": PARTY, "party_key": PARTY, "act": "超标排放", "act_kind": "exceed",
        "filed_on": date(2026, 3, 1), "decide_by": date(2026, 5, 30), "entered_by": "甲", "confined": [UNIT, "nc"], "kinds": ["fine"],
        "amount": 1000, **changes,
    }  # fmt: skip
    made = PenaltyCase(**values)
    session.add(made)
    session.flush()
    return made


def test_every_board_has_rules_in_words_and_zero_is_zero(rows: Session) -> None:
    look = boards.look(rows, NOW)
    hits = list(boards.findings(look))
    assert {one.board for one, _ in hits} == set(BOARDS)
    for one, cases in hits:
        said = one.say(look.numbers)
        assert cases == [] and len(said) > 10 and one.law
        assert "None" not in said and "{" not in said


# --- clocks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "slot", "law", "organ"),
    [
        ("not_filed.undecided", "decide", "transfer.decide", "ps-360111"),
        ("not_filed.not_obeyed", "file", "supervise_filing.file", "ps-360111"),
        ("not_sent.unsent", "send", "transfer.send", UNIT),
        ("not_sent.opinion", "procurator_opinion", "transfer.procurator_opinion", UNIT),
        ("not_taken.no_receipt", "receipt", "transfer.receipt", "ps-360111"),
        ("not_looked_into.supplement", "supplement", "transfer.supplement", UNIT),
    ],
)
def test_a_clock_is_on_its_board_from_its_end_on(rows: Session, rule: str, slot: str, law: str, organ: str) -> None:
    row = transfer(rows)
    runs(rows, row, slot, law, NOW)
    assert found(rows, rule, NOW - timedelta(minutes=1)) == []
    (hit,) = found(rows, rule, NOW)
    assert (hit.case_id, hit.organ, hit.number) == (row.case_id, organ, row.transfer_no)


def test_report_and_approval_count_only_while_the_question_is_open(rows: Session) -> None:
    row = transfer(rows, suspected=True)
    runs(rows, row, "approve", "transfer.approve", NOW)
    assert len(found(rows, "not_sent.unanswered")) == 1
    row.answer = "approved"
    rows.flush()
    assert found(rows, "not_sent.unanswered") == []


# --- files --------------------------------------------------------------------------------------------------------------


def test_a_refusal_with_a_hit_stands_until_it_is_sent_after_all(rows: Session) -> None:
    row = transfer(rows, answer="refused", answered_at=NOW)
    assert found(rows, "not_sent.refused") == []  # no hit
    screened(rows, row)
    assert [hit.organ for hit in found(rows, "not_sent.refused")] == [UNIT]
    later = transfer(rows, answer="approved", opened_at=NOW)
    later.transfer_no = row.transfer_no
    rows.flush()
    assert found(rows, "not_sent.refused") == []


def test_a_return_for_incomplete_material_is_no_lawful_one(rows: Session) -> None:
    row = transfer(rows, notice="returned", notice_at=NOW, notice_reason="不属于公安机关管辖")
    assert found(rows, "not_taken.returned") == []
    row.notice_reason = "监测报告缺盖章页，材料不全"
    rows.flush()
    assert len(found(rows, "not_taken.returned")) == 1


def test_a_receipt_after_more_than_the_hours_is_late(rows: Session) -> None:
    row = transfer(rows, sent_at=NOW, accepted_at=NOW + timedelta(hours=24))
    assert found(rows, "not_taken.late_receipt") == []
    row.accepted_at = NOW + timedelta(hours=24, seconds=1)
    rows.flush()
    assert len(found(rows, "not_taken.late_receipt")) == 1


def test_a_clue_nobody_inspects_is_listed_on_the_seventh_day(rows: Session) -> None:
    row = transfer(rows, opened_at=NOW - timedelta(days=7) + timedelta(minutes=1))
    assert found(rows, "not_looked_into.not_inspected") == []
    row.opened_at = NOW - timedelta(days=7)
    rows.flush()
    assert len(found(rows, "not_looked_into.not_inspected")) == 1
    screened(rows, row)
    assert found(rows, "not_looked_into.not_inspected") == []


def test_facts_sent_back_and_not_completed_in_ten_days(rows: Session) -> None:
    row = transfer(rows, state="facts")
    made = screened(rows, row, complete=False, confirmed_at=NOW - timedelta(days=10) + timedelta(minutes=1))
    assert found(rows, "not_looked_into.facts_open") == []
    made.confirmed_at = NOW - timedelta(days=10)
    rows.flush()
    assert len(found(rows, "not_looked_into.facts_open")) == 1


def test_a_filed_case_without_entry_for_ninety_days(rows: Session) -> None:
    row = transfer(rows, notice="filed", notice_at=NOW - timedelta(days=90))
    assert len(found(rows, "not_looked_into.no_progress")) == 1
    rows.add(
        TransferProgress(
            transfer_no=row.transfer_no, case_id=row.case_id, organ="ps-360111", kind="other", happened_on=NOW.date(), by="乙",
            entered_at=NOW - timedelta(days=89), confined=[UNIT],
        )
    )  # fmt: skip
    rows.flush()
    assert found(rows, "not_looked_into.no_progress") == []


# --- penalties ----------------------------------------------------------------------------------------------------------


def test_a_closed_penalty_whose_facts_hit_today(rows: Session) -> None:
    facts = {"hw_t": 2.9, "act_from": "2026-03-01", "act_to": "2026-03-02"}
    made = penalty(rows, closed_on=date(2026, 6, 1), decided_on=date(2026, 5, 1), screening=facts, rectified_checked_on=date(2026, 5, 20))
    assert found(rows, "not_sent.closed_penalty") == []
    made.screening = {**facts, "hw_t": 3}
    rows.flush()
    (hit,) = found(rows, "not_sent.closed_penalty")
    assert hit.penalty_id == made.id and "1(2)" in hit.what and penalty_question.screened(rows, made) == ["1(2)"]
    row = transfer(rows)
    rows.add(
        TransferQuestion(
            case_id=row.case_id, penalty_id=made.id, answer="refused", answered_at=NOW, confined=[UNIT], asked=["1(2)"], asked_at=NOW
        )
    )
    row.state = "refused"
    rows.execute(text("update wf_case set status = 'closed' where id = :c"), {"c": row.case_id})
    rows.flush()
    assert found(rows, "not_sent.closed_penalty") == []
    made.screening = {**facts, "hw_t": 3, "loss": 300_000}  # more was found since: the answer did not speak of it
    rows.flush()
    (hit,) = found(rows, "not_sent.closed_penalty")
    assert "1(9)" in hit.what


def test_two_fines_of_one_kind_in_twelve_months_without_recheck(rows: Session) -> None:
    checked = {"rectified_checked_on": date(2026, 11, 1)}
    first = penalty(rows, decided_on=date(2025, 11, 23), **checked)
    last = penalty(rows, decided_on=date(2026, 6, 1), **checked)
    assert found(rows, "fine_for_control.again") == []  # the first lies a full year back
    first.decided_on = date(2025, 11, 24)
    rows.flush()
    (hit,) = found(rows, "fine_for_control.again")
    assert hit.penalty_id == last.id and "2 次" in hit.what
    last.act_kind = "water"
    rows.flush()
    assert found(rows, "fine_for_control.again") == []
    last.act_kind, last.recheck_on = "exceed", date(2026, 5, 31)
    rows.flush()
    assert len(found(rows, "fine_for_control.again")) == 1  # looked at before the last fine
    last.recheck_on = date(2026, 6, 1)
    rows.flush()
    assert found(rows, "fine_for_control.again") == []


def test_a_fine_closed_without_verified_rectification(rows: Session) -> None:
    made = penalty(rows, decided_on=date(2026, 5, 1), closed_on=date(2026, 6, 1))
    assert len(found(rows, "fine_for_control.unverified")) == 1
    made.rectified_checked_on = date(2026, 5, 30)
    rows.flush()
    assert found(rows, "fine_for_control.unverified") == []


def test_a_fine_between_hit_and_answer(rows: Session) -> None:
    made = penalty(rows, decided_on=date(2026, 9, 19))
    row = transfer(rows, penalty_id=made.id)
    screened(rows, row, at=on("2026-09-20", 15))
    assert found(rows, "fine_for_crime.before_answer") == []
    made.decided_on = date(2026, 9, 20)
    rows.flush()
    assert len(found(rows, "fine_for_crime.before_answer")) == 1
    row.answered_at = on("2026-09-21", 8)
    rows.flush()
    assert len(found(rows, "fine_for_crime.before_answer")) == 1
    made.decided_on = date(2026, 9, 21)
    rows.flush()
    assert found(rows, "fine_for_crime.before_answer") == []
    made.decided_on, made.kinds = date(2026, 9, 20), ["stopped"]
    rows.flush()
    assert found(rows, "fine_for_crime.before_answer") == []


def test_a_fine_after_a_criminal_fine(rows: Session) -> None:
    made = penalty(rows, decided_on=date(2026, 10, 9))
    row = transfer(rows)
    party = rows.scalars(select(TransferParty).where(TransferParty.case_id == row.case_id)).first()
    party.outcome, party.outcome_at, party.fine = "convicted", on("2026-10-08", 16), 50000
    rows.execute(delete(TransferHold).where(TransferHold.case_id == row.case_id))
    rows.add(TransferHold(case_id=row.case_id, transfer_no=row.transfer_no, penalty_id=made.id, party_id=party.id, since=NOW))
    rows.flush()
    assert len(found(rows, "fine_for_crime.after_court")) == 1
    made.decided_on = date(2026, 10, 8)
    rows.flush()
    assert found(rows, "fine_for_crime.after_court") == []


# --- petitions, who sees, the night -------------------------------------------------------------------------------------


def petition(session: Session, *, violation: bool, at: datetime) -> UUID:
    """A petition whose findings were completed at a moment."""
    case_id = register(session, received_at="2026-09-20T09:00:00+08:00")
    session.execute(text("update petition set violation = :v where case_id = :c"), {"v": violation, "c": case_id})
    task = session.execute(text("select id from wf_task where case_id = :c limit 1"), {"c": case_id}).first()
    session.execute(
        text("update wf_task set element = 'findings', status = 'done', closed_at = :at where id = :t"), {"at": at, "t": task.id}
    )
    return case_id


def test_a_violation_without_a_case_is_listed_on_the_seventh_day(rows: Session) -> None:
    petition(rows, violation=False, at=NOW - timedelta(days=30))
    case_id = petition(rows, violation=True, at=NOW - timedelta(days=7))
    assert [hit.case_id for hit in found(rows, "not_filed.violation")] == [case_id]
    assert found(rows, "not_filed.violation", NOW - timedelta(minutes=1)) == []
    row = transfer(rows, subject_case=case_id)  # every violation is screened: that alone is no case
    assert [hit.case_id for hit in found(rows, "not_filed.violation")] == [case_id]
    row.suspected = True
    rows.flush()
    assert found(rows, "not_filed.violation") == []
    row.answer = "refused"
    rows.flush()
    assert [hit.case_id for hit in found(rows, "not_filed.violation")] == [case_id]
    penalty(rows, subject_case=case_id)
    assert found(rows, "not_filed.violation") == []


def test_others_see_nothing_of_it(rows: Session) -> None:
    row = transfer(rows)
    runs(rows, row, "send", "transfer.send", NOW)
    penalty(rows, decided_on=date(2026, 5, 1), closed_on=date(2026, 6, 1))
    here, far = person(rows, "qingshanhu-guzhang"), person(rows, "donghu-guzhang")
    assert len(found(rows, "not_sent.unsent", person=here)) == 1 and found(rows, "not_sent.unsent", person=far) == []
    assert len(found(rows, "fine_for_control.unverified", person=here)) == 1
    assert found(rows, "fine_for_control.unverified", person=far) == []


def test_the_night_tells_who_must_act_once(rows: Session) -> None:
    row = transfer(rows, state="assemble")
    runs(rows, row, "send", "transfer.send", NOW)
    work = PERIODIC[0]
    assert list(work.units(rows, NOW)) == ["2026-11-23"]
    assert boards_night.check(rows, NOW) == 1
    told = rows.scalars(select(Notice).where(Notice.case_id == row.case_id, Notice.text.contains("有案不移"))).all()
    assert told and all(row.transfer_no in one.text for one in told)
    assert boards_night.check(rows, NOW + timedelta(days=1)) == 0
    assert (
        rows.scalar(select(calendar.PeriodicRun.key).where(calendar.PeriodicRun.name == boards_night.TOLD))
        == f"not_sent.unsent:{row.case_id}"
    )
