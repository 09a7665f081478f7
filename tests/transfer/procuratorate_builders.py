"""The procuratorate's side in tests: its people, its file, and letters of police who work elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person, Post
from app.demo.people import SINCE
from app.engine import get_engine
from app.transfers import carry, circle
from app.transfers.models import (
    TransferFile,
    TransferLetter,
    TransferProcurator,
)
from app.transfers.words import letter_title
from tests.transfer.bureau_builders import (
    POLICE,
    PROCURATORATE,
    work,
)
from workflows import time as clock_time
from workflows.handlers import Actor

PEOPLE = (("pp-xing", "卓明诚", "prosecutor"), ("pp-zheng", "祁书言", "prosecutor_admin"))


def prosecutors(session: Session, organ: str = PROCURATORATE) -> None:
    for account, name, role in PEOPLE:
        held = select(Post.id).where(Post.organ_id == organ, Post.role == role).limit(1)
        if session.scalar(held) is None:
            post = Post(organ_id=organ, role=role, title="检察官", since=SINCE)
            session.add(Person(account=f"{account}-{organ}", name=name, password="x", must_change=False, active=True, all_posts=[post]))
    session.flush()


def tells(
    session: Session, transfer_no: str, to: str, name: str, kind: str, *, reply: str = "", when: datetime | None = None, **body: Any
) -> TransferLetter:  # fmt: skip
    """A letter of the police to the bureau or the procuratorate."""
    process = "procuratorate_case" if to.startswith("pp-") else "criminal_transfer"
    newest = select(TransferFile.case_id).where(
        TransferFile.transfer_no == transfer_no, TransferFile.organ == to, TransferFile.process == process
    )
    case_id = session.scalar(newest.order_by(TransferFile.started_at.desc()).limit(1))
    moment = when or clock_time.now()
    letter = TransferLetter(
        transfer_no=transfer_no, letter_no=carry.allot(session, transfer_no, POLICE), seq=1, name=name, kind=kind, from_organ=POLICE,
        to_organ=to, to_case=case_id, in_reply_to=reply or None, title=letter_title(name, kind), body=body, decided_at=moment,
        sent_at=moment, by="周警官", via="exchange", confined=circle.organs(session, POLICE, to),
    )  # fmt: skip
    session.add(letter)
    session.flush()
    get_engine().send(session, case_id, name, carry.payload_of(letter), Actor.system("交换"))
    work(session)
    return letter


def file_of(session: Session, transfer_no: str) -> TransferProcurator:
    query = select(TransferProcurator).where(TransferProcurator.transfer_no == transfer_no)
    return session.scalars(query.order_by(TransferProcurator.registered_at.desc()), execution_options={"populate_existing": True}).first()
