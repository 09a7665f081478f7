"""A transfer between two installations, from the sending to the end, through the real procedures on both sides."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.transfers.models import Transfer, TransferFile, TransferLetter, TransferPackage, TransferPolice
from tests.exchange.two import Side, both
from tests.transfer.bureau_builders import do, source, to_sent, transfer
from tests.transfer.police_builders import POLICE


def case_at(session: Session, organ: str, process: str) -> UUID:
    return session.scalars(select(TransferFile.case_id).where(TransferFile.organ == organ, TransferFile.process == process)).one()


def test_sent_signed_filed(two: tuple[Side, Side]) -> None:
    a, b = two
    with a.work() as session:
        case_id = source(session)
        to_sent(session, case_id)
    both(a, b)
    with b.work() as session:
        police = case_at(session, POLICE, "police_case")
        row = session.get_one(TransferPolice, police)
        assert row.hashes_ok is True and row.package_id is not None
        do(session, police, "sign_receipt")
    both(a, b)
    with a.work() as session:
        assert transfer(session, case_id).receipt_no
