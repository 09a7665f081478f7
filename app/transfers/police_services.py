"""What the police's pages do outside a step."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import police_file
from app.transfers.models import TransferPolice
from workflows.time import now


def check_again(session: Session, person: Person, row: TransferPolice) -> None:
    """Every file of the package is read again and its SM3 compared; who did it and what was found stands in the trail."""
    police_file.check(session, row, now())
    get_engine().note(
        session, row.case_id, person.actor(), "transfer.hashes_checked", "重新校验移送材料", {"结果": police_file.check_words(row)}
    )
