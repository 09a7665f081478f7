"""The police's side in tests: its people, its file, the way to a decision; the procuratorate works elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person, Post
from app.accounts.passwords import hash_password
from app.demo.people import DEMO_PASSWORD, SINCE
from app.engine import get_engine
from app.papers.models import Paper
from app.transfers import carry, circle
from app.transfers.models import (
    TransferFile,
    TransferLetter,
    TransferPolice,
)
from app.transfers.words import letter_title
from tests.transfer.bureau_builders import do, go, transfer, work
from workflows import time as clock_time
from workflows.errors import FormError
from workflows.handlers import Actor, Ctx

POLICE, OTHER, PROCURATORATE = "ps-360111", "ps-360121", "pp-360111"
REASONS = "现有证据不能证明有犯罪事实发生，不需要追究刑事责任。"
PEOPLE = {"police_officer": "周警官", "police_head": "郑局长", "police_legal": "孙法制"}


class Procuratorate:
    """The procuratorates work elsewhere: what goes to them is kept here."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def __call__(self, ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool:
        if letter.to_organ.startswith("pp-"):
            self.sent.append(payload)
            return True
        return False

    def names(self) -> list[str]:
        return [f"{one['name']}({one['kind']})" if one["kind"] else str(one["name"]) for one in self.sent]


def seed_police(session: Session, *organs: str) -> None:
    """Three people at each police organ, one a role."""
    shared = hash_password(DEMO_PASSWORD)
    for organ in organs:
        for role, name in PEOPLE.items():
            posts = [Post(organ_id=organ, role=role, title="", since=SINCE)]
            account = f"t-{organ}-{role}"
            session.add(Person(account=account, name=name, password=shared, must_change=False, active=True, all_posts=posts))
    session.flush()


def police_case(session: Session, bureau_case: UUID, organ: str = POLICE) -> UUID:
    number = transfer(session, bureau_case).transfer_no
    query = select(TransferFile.case_id).where(
        TransferFile.transfer_no == number, TransferFile.organ == organ, TransferFile.process == "police_case"
    )
    return session.scalars(query.order_by(TransferFile.started_at.desc())).first() or pytest.fail("no police file")


def police(session: Session, case_id: UUID) -> TransferPolice:
    return session.get_one(TransferPolice, case_id, populate_existing=True)


def accept(session: Session, bureau_case: UUID) -> UUID:
    """Signed, and ours."""
    case_id = police_case(session, bureau_case)
    go(session, case_id, "sign_receipt")
    do(session, case_id, "jurisdiction", juris="ours")
    return case_id


def ruled(session: Session, case_id: UUID, *, filed: bool) -> None:
    """Reported, decided and told."""
    do(session, case_id, "examine", step="decide", proposed=filed)
    do(session, case_id, "decide_filing", filed=filed, reasons=None if filed else REASONS)
    do(session, case_id, "notify", file_returned=None if filed else True)


@contextmanager
def refused_at(field: str, said: str) -> Iterator[None]:
    """The form refuses at this field, with these words."""
    with pytest.raises(FormError) as caught:
        yield
    assert said in caught.value.errors[field]


def papers(session: Session, case_id: UUID) -> list[str]:
    return list(session.scalars(select(Paper.kind).where(Paper.case_id == case_id).order_by(Paper.made_at, Paper.id)))


def writes(session: Session, bureau_case: UUID, name: str, kind: str, **body: Any) -> TransferLetter:
    """A letter of the procuratorate comes to the police's file, as an exchange would bring it."""
    found = transfer(session, bureau_case)
    case_id, moment = police_case(session, bureau_case), clock_time.now()
    letter = TransferLetter(
        transfer_no=found.transfer_no, letter_no=carry.allot(session, found.transfer_no, PROCURATORATE), seq=1, name=name, kind=kind,
        from_organ=PROCURATORATE, to_organ=POLICE, to_case=case_id, title=letter_title(name, kind), body=body, decided_at=moment,
        sent_at=moment, by="魏检察官", via="exchange", confined=circle.organs(session, POLICE, PROCURATORATE),
    )  # fmt: skip
    session.add(letter)
    session.flush()
    get_engine().send(session, case_id, name, carry.payload_of(letter), Actor.system("交换"))
    work(session)
    return letter
