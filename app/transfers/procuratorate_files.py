"""What the procuratorate's file knows: from 移送书 and letters to it, never from the material or from another organ's file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.transfers.models import TransferLetter, TransferOutcome, TransferProcurator, TransferProgress, TransferSupervision
from workflows.handlers import Ctx
from workflows.tables import Clock

PROCESS = "procuratorate_case"
WHOLE = "*"  # the one party of a case whose letter names none
VERDICTS = ("convicted", "exempted", "acquitted")
COPIES = "decision_copied"


def record(ctx: Ctx) -> TransferProcurator:
    """The procuratorate's record of the case at work."""
    return ctx.session.get_one(TransferProcurator, ctx.case.id)


def at(ctx: Ctx, state: str) -> None:
    """Where the file stands (words.PROCURATOR_STATES)."""
    record(ctx).state = state
    ctx.session.flush()


def letters_to(session: Session, case_id: UUID, *names: str) -> list[TransferLetter]:
    """Letters that came to this file, the newest first; also those no step has read yet."""
    query = select(TransferLetter).where(TransferLetter.to_case == case_id)
    if names:
        query = query.where(TransferLetter.name.in_(names))
    return list(session.scalars(query.order_by(TransferLetter.sent_at.desc(), TransferLetter.id.desc())))


def filed_by_now(session: Session, case_id: UUID) -> bool | None:
    """Have the police filed, by the newest letter that says so? None: nothing is known. A letter may lie unread and still count."""
    for letter in letters_to(session, case_id, COPIES, "filing_record", "reasons_given"):
        if letter.name == COPIES:
            return letter.kind == "filed"
        if letter.name == "filing_record" or letter.body.get("own_motion") is True:
            return True
    return None


def decided_by_now(session: Session, case_id: UUID) -> bool:
    """Have the police decided at all, one way or the other?"""
    if filed_by_now(session, case_id) is not None:
        return True
    return any(letter.kind == "decided" for letter in letters_to(session, case_id, "clock_state"))


def current(session: Session, case_id: UUID) -> TransferSupervision | None:
    """The newest round of 立案监督."""
    query = select(TransferSupervision).where(TransferSupervision.case_id == case_id)
    return session.scalars(query.order_by(TransferSupervision.round.desc()).limit(1)).first()


def parties(session: Session, case_id: UUID) -> dict[str, str]:
    """Id → name of who is suspected, in the order of 移送书."""
    for letter in letters_to(session, case_id):
        rows = letter.body.get("parties")
        named = [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []
        if named:
            return {str(row["id"]): _named(row) for row in sorted(named, key=lambda row: int(row.get("no") or 0))}
    found = session.get(TransferProcurator, case_id)
    return {WHOLE: found.party if found is not None else "全案"}


def _named(row: dict[str, Any]) -> str:
    return f"{row.get('name')}（{row['role']}）" if row.get("role") else str(row.get("name"))


def prosecuted(session: Session, case_id: UUID) -> list[str]:
    """The parties this procuratorate has charged."""
    query = select(TransferProgress.party_id).where(TransferProgress.case_id == case_id, TransferProgress.kind == "prosecuted")
    return [str(one) if one is not None else WHOLE for one in session.scalars(query.order_by(TransferProgress.id))]


def judged(session: Session, case_id: UUID) -> set[str]:
    """The parties whose verdict is registered."""
    query = select(TransferOutcome.party_id).where(TransferOutcome.case_id == case_id, TransferOutcome.kind.in_(VERDICTS))
    return {str(one) if one is not None else WHOLE for one in session.scalars(query)}


def without_verdict(session: Session, case_id: UUID) -> list[str]:
    """Charged and not judged yet."""
    done = judged(session, case_id)
    return [one for one in prosecuted(session, case_id) if one not in done]


def overdue(session: Session, case_id: UUID, slot: str) -> bool:
    """Is a running clock of that slot past its end?"""
    query = select(Clock.id).where(Clock.case_id == case_id, Clock.slot == slot, Clock.status == "running", Clock.overdue_at.is_not(None))
    return session.scalar(query.limit(1)) is not None


def as_id(party: str) -> UUID | None:
    return None if party == WHOLE else UUID(party)


def in_order(session: Session, case_id: UUID, chosen: Iterable[Any]) -> list[str]:
    """Chosen parties in the order of 移送书: the same list names the same parties in every letter."""
    wanted = {str(one) for one in chosen}
    return [one for one in parties(session, case_id) if one in wanted]
