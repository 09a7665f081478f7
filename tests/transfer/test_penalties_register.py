"""The register of penalties: what may be decided while a transfer is open, what the facts demand, import."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.files import services as files
from app.transfers import hold, penalties, penalty_import, services
from app.transfers.models import PenaltyCase, Transfer
from tests.transfer.bureau_builders import (
    HIDDEN,
    MISSING,
    UNIT,
    Elsewhere,
    arrive,
    at,
    clock,
    do,
    go,
    officers,
    on,
    person,
    source,
    to_sent,
    transfer,
)
from workflows import time as clock_time
from workflows.errors import Conflict, FormError
from workflows.tables import Event

PARTY = "沁澜金属表面处理厂"
FILED = {"number": "洪环罚立〔2026〕1号", "party": PARTY, "act": "私设暗管", "act_kind": "hidden", "filed_on": "2026-09-01", "organ": UNIT}
NONE = {"act_from": "2026-08-20", "act_to": "2026-08-25", "none": True}  # screened: nothing applies
FINE = {"decided_on": "2026-09-21", "decision_no": "洪环罚〔2026〕1号", "kinds": ["fine"], "amount": 100000}


def registered(session: Session, **changes: Any) -> PenaltyCase:
    return penalties.register(session, person(session, "faguichuzhang"), {**FILED, "screening": NONE, **changes})


def decide(session: Session, penalty: PenaltyCase, **changes: Any) -> penalties.Refusal | None:
    given = {**FINE, "decided_on": clock_time.now().date().isoformat(), **changes}
    return penalties.decide(session, person(session, "faguichuzhang"), penalty, given)


def blocked(session: Session) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == services.BLOCKED).order_by(Event.id)))


def test_the_period_is_ninety_days_from_the_filing(bureau_work: Session) -> None:
    assert registered(bureau_work).decide_by == date(2026, 11, 30)  # 90 日, law 处罚法60
    with pytest.raises(FormError, match="要改"):
        registered(bureau_work)


def test_a_decision_is_recorded_once(bureau_work: Session) -> None:
    made = registered(bureau_work)
    assert decide(bureau_work, made) is None and made.amount == Decimal("100000.00")
    with pytest.raises(FormError):
        decide(bureau_work, made)
    for wrong in ({"kinds": []}, {"decision_no": ""}, {"amount": None}, {"decided_on": "2026-08-30"}):
        with pytest.raises(FormError):
            decide(bureau_work, registered(bureau_work, number=f"罚立{len(blocked(bureau_work))}{wrong}"[:20]), **wrong)


def test_no_fine_while_the_question_is_open_or_fines_are_held(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work)
    case_id = source(bureau_work, penalty=str(made.id))
    bureau_work.commit()
    refusal = decide(bureau_work, made)
    assert refusal is not None and "移送问题还没有答复" in refusal.reason and refusal.case_id == case_id
    assert decide(bureau_work, made, kinds=["restricted"]) is not None
    to_sent(bureau_work, case_id)
    refusal = decide(bureau_work, made)
    assert refusal is not None and "正在移送公安机关办理" in refusal.reason
    assert made.decided_on is None and len(blocked(bureau_work)) == 3


@pytest.mark.parametrize("kind", ["stopped", "licence_suspended", "licence_revoked", "warning"])
def test_what_17_16_names_stays_possible(bureau_work: Session, elsewhere: Elsewhere, kind: str) -> None:
    made = registered(bureau_work)
    source(bureau_work, penalty=str(made.id))
    assert decide(bureau_work, made, kinds=[kind], amount=None) is None
    assert ("待核" in (made.note or "")) is (kind == "warning")


def test_a_fine_beside_a_stop_is_still_a_fine(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work)
    source(bureau_work, penalty=str(made.id))
    bureau_work.commit()
    assert decide(bureau_work, made, kinds=["stopped", "fine"]) is not None


def test_the_clock_stands_still_from_the_sending_to_the_end_of_the_hold(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work)
    case_id = source(bureau_work, penalty=str(made.id))
    running = clock(bureau_work, case_id, "penalty")
    assert clock_time.local(running.due_at) == on("2026-12-01", 0) and running.status == "running"
    to_sent(bureau_work, case_id)  # on 2026-09-21
    assert clock(bureau_work, case_id, "penalty").status == "paused"
    arrive(bureau_work, case_id, "transfer_receipt", "received")
    at(on("2026-09-23", 10), bureau_work)
    arrive(bureau_work, case_id, "police_notice", "refused", reasons="没有犯罪事实")
    at(on("2026-09-24", 9), bureau_work)
    do(bureau_work, case_id, "choose_way", way="accept", reason="公安机关理由成立，不再提出异议")
    do(bureau_work, case_id, "accept_way", agreed=True, reason="经研究，公安机关不予立案的理由成立，决定不提出异议")
    resumed = clock(bureau_work, case_id, "penalty")
    assert resumed.status == "running" and clock_time.local(resumed.due_at) == on("2026-12-04", 0)
    assert made.decide_by == date(2026, 12, 3) and not hold.held(bureau_work, made.id)
    assert decide(bureau_work, made) is None  # the question is answered, the hold is over


def test_facts_that_hit_the_table_open_the_question_instead_of_the_fine(bureau_work: Session) -> None:
    made = registered(bureau_work, screening={"act_from": "2026-09-01", "act_to": "2026-09-02", "situations": [], **HIDDEN})
    refusal = decide(bureau_work, made)
    assert refusal is not None and "1(5)" in refusal.reason and refusal.case_id is not None
    opened = transfer(bureau_work, refusal.case_id)
    assert (opened.source, opened.penalty_id, opened.party) == ("penalty", made.id, PARTY)
    assert services.unanswered(bureau_work, None, made.id) == 1 and hold.held(bureau_work, made.id)


def test_harmless_facts_open_nothing(bureau_work: Session) -> None:
    made = registered(bureau_work, screening={"hw_t": 2.9})
    assert decide(bureau_work, made) is None and bureau_work.scalars(select(Transfer)).first() is None


def test_closing_asks_once_more(bureau_work: Session) -> None:
    made = registered(bureau_work, act_kind="noise", act="夜间施工噪声")  # no ground of detention
    assert decide(bureau_work, made) is None
    made.screening = {"hw_t": 3}
    bureau_work.commit()
    with pytest.raises(Conflict, match="不能结案"):
        penalties.change(bureau_work, person(bureau_work, "faguichuzhang"), made, {"closed_on": "2026-09-21"})
    assert len(blocked(bureau_work)) == 1
    made.screening = {"hw_t": 2}
    penalties.change(bureau_work, person(bureau_work, "faguichuzhang"), made, {"closed_on": "2026-09-21", "served_on": "2026-09-21"})
    assert made.closed_on == date(2026, 9, 21) and made.effective_on == date(2026, 9, 21)


def convicted(session: Session, case_id: UUID, **body: Any) -> None:
    go(session, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide")
    with pytest.raises(FormError) as error:
        do(session, case_id, "assemble")
    assert "行政处罚决定书" in error.value.errors["materials"]  # 17号6: penalised already, so the decision belongs to it
    file = files.add_file(session, officers(session)[0], BytesIO("处罚决定书".encode()), "决定书.txt", case_id=case_id)
    decision = {"kind": "penalty", "name": "处罚决定书", "maker": "分局", "made_on": "2026-09-21", "files": [str(file.id)]}
    do(session, case_id, "assemble", materials=[*MISSING, decision])
    arrive(session, case_id, "transfer_receipt", "received")
    arrive(session, case_id, "police_notice", "filed")
    go(session, case_id, "handover")
    arrive(session, case_id, "criminal_outcome", "convicted", sender="pp-360111", **body)


def test_a_fine_paid_before_is_offset_and_none_follows(bureau_work: Session, elsewhere: Elsewhere) -> None:
    paid, still = registered(bureau_work), registered(bureau_work, number="洪环罚立〔2026〕2号")
    assert decide(bureau_work, paid) is None
    penalties.change(bureau_work, person(bureau_work, "faguichuzhang"), paid, {"paid_on": "2026-09-21", "paid_amount": 80000})
    case_id = source(bureau_work, penalty=str(paid.id))
    convicted(bureau_work, case_id, fine=300000)
    assert paid.offset_amount == Decimal("80000.00") and "折抵" in (paid.offset_note or "")
    first = hold.parties(bureau_work, case_id)[0]
    assert first.fine == Decimal("300000.00")
    bureau_work.commit()
    still_held = hold.all_of(bureau_work, case_id)[0]
    still_held.penalty_id = still.id  # the same act under a second number
    bureau_work.flush()
    refusal = decide(bureau_work, still)
    assert refusal is not None and "第三十五条" in refusal.reason


def test_the_register_is_imported_row_by_row(bureau_work: Session) -> None:
    table = (
        "立案号,当事人,案由,种类,立案日期,决定日期,决定书文号,处罚种类,罚款金额,缴纳日期,复查结果\n"
        "罚立1,甲厂,超标排放废水,超标,2026年3月1日,2026/4/1,罚1,罚款、责令停产停业,50000,2026.4.10,已改正\n"
        "罚立2,乙厂,未批先建,未批先建,2026-03-05,,,,,,\n"
        "罚立3,丙厂,未批先建,未批先建,三月,,,,,,\n"
        "罚立2,乙厂,未批先建,未批先建,2026-03-05,,,,,,\n"
        ",丁厂,未批先建,未批先建,2026-03-05,,,,,,\n"
    ).encode("gb18030")
    done = penalty_import.run(bureau_work, person(bureau_work, "faguichuzhang"), BytesIO(table), "处罚.csv")
    assert (done.taken, done.known) == (2, 1) and [line for line, _ in done.refused] == [4, 6]
    first = penalties.by_number(bureau_work, "罚立1")
    assert first is not None and (first.kinds, first.act_kind, first.recheck_result) == (["fine", "stopped"], "exceed", "rectified")
    assert first.paid_on == date(2026, 4, 10) and first.imported == "处罚.csv"
    with pytest.raises(FormError, match="要改"):
        penalty_import.run(bureau_work, person(bureau_work, "faguichuzhang"), BytesIO("姓名\n甲\n".encode()), "x.csv")


def test_every_entry_is_in_the_audit(bureau_work: Session) -> None:
    made = registered(bureau_work)
    decide(bureau_work, made)
    labels = [e.label for e in bureau_work.scalars(select(Event).where(Event.kind == "transfer.penalty").order_by(Event.id))]
    assert labels == ["登记行政处罚案件", "作出行政处罚决定"]
    assert get_engine() is not None
