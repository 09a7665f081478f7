"""The bureau's way: screened, approved, sent, answered."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.transfers import hold, package
from tests.transfer.bureau_builders import (
    Elsewhere,
    arrive,
    case,
    clock,
    do,
    go,
    no_clock_left,
    source,
    to_sent,
    transfer,
)


def test_a_source_is_screened_and_ends_where_nothing_is_suspected(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    do(bureau_work, case_id, "enter_facts", toxic_kinds=None, ways=None, none=True)
    do(bureau_work, case_id, "confirm", suspected=False)
    found = transfer(bureau_work, case_id)
    assert (found.answer, found.closed_as, case(bureau_work, case_id).status) == ("not_suspected", "not_suspected", "closed")
    assert not hold.open_holds(bureau_work, case_id)
    no_clock_left(bureau_work, case_id)


def test_a_suspected_case_is_sent_with_a_sealed_package(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    found = transfer(bureau_work, case_id)
    assert found.transfer_no == "洪环移〔2026〕1号" and found.sent_at is not None and found.state == "receipt"
    assert elsewhere.names() == ["transfer_sent", "transfer_copied"]
    made = package.of_transfer(bureau_work, found.transfer_no)[0]
    assert made.sealed_at is not None and package.manifest_agrees(made)
    assert all(one.agrees for one in package.verify(bureau_work, made)) and len(package.verify(bureau_work, made)) >= 2
    assert clock(bureau_work, case_id, "receipt").status == "running"


def test_filed_handed_over_convicted(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    arrive(bureau_work, case_id, "transfer_receipt", "received", receipt_no="青公环受〔2026〕1号")
    assert transfer(bureau_work, case_id).receipt_no == "青公环受〔2026〕1号"
    arrive(bureau_work, case_id, "police_notice", "filed", reasons="")
    go(bureau_work, case_id, "handover")
    parties = hold.parties(bureau_work, case_id)
    arrive(bureau_work, case_id, "criminal_outcome", "convicted", sender="pp-360111", parties=[str(p.id) for p in parties], fine=200000)
    assert transfer(bureau_work, case_id).closed_as == "convicted" and case(bureau_work, case_id).status == "closed"
    no_clock_left(bureau_work, case_id)
