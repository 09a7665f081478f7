"""Who may read a letter or a package: whoever sees the file that sent it or the file that received it. Nothing else opens them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.models import Person
from app.transfers.models import TransferLetter, TransferPackage
from workflows.tables import Case


def letter(session: Session, person: Person, one: TransferLetter) -> bool:
    return _any(session, person, [one.from_case, one.to_case])


def package(session: Session, person: Person, one: TransferPackage) -> bool:
    """The sender's file, or one that received a letter with it."""
    if _any(session, person, [one.case_id]):
        return True
    if one.sealed_at is None:
        return False
    to = select(TransferLetter.to_case).where(TransferLetter.package_id == one.id, TransferLetter.to_case.is_not(None))
    return _any(session, person, list(session.scalars(to)))


def _any(session: Session, person: Person, cases: list[UUID | None]) -> bool:
    wanted = [one for one in cases if one is not None]
    if not wanted or not policy.can(person, "case.see"):
        return False
    return session.scalar(select(Case.id).where(Case.id.in_(wanted), policy.visible_cases(person)).limit(1)) is not None
