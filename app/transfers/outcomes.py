"""Criminal outcomes, party by party: told by police, procuratorate or court, kept on the bureau's file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.transfers import circle, hold
from app.transfers.models import Transfer, TransferLetter, TransferOutcome, TransferParty
from app.transfers.words import FINAL
from workflows.handlers import Ctx
from workflows.library import uuid_or_none
from workflows.time import local


def take(ctx: Ctx, transfer: Transfer, m: dict[str, Any], letter: TransferLetter | None) -> list[TransferParty]:
    """Write an outcome to the parties it names (none named: all without a final one). Returns them."""
    everybody = hold.parties(ctx.session, transfer.case_id)
    wanted = {one for value in m.get("parties") or [] if (one := uuid_or_none(str(value))) is not None}
    concerned = [p for p in everybody if p.id in wanted] if wanted else [p for p in everybody if not p.final]
    kind, decided = str(m.get("kind") or ""), letter.decided_at if letter is not None and letter.decided_at else ctx.now
    given = m.get("fines")
    fines: dict[str, Any] = given if isinstance(given, dict) else {}
    for party in concerned:
        party.outcome, party.outcome_at, party.final = kind, decided, kind in FINAL
        party.fine = money(fines.get(str(party.id), m.get("fine"))) if kind == "convicted" else None
    ctx.session.flush()
    return concerned


def known_here(ctx: Ctx, named: Sequence[Any]) -> list[str]:
    """The parties a letter names, as this file knows them.

    移送书 named them by the rows of the file it came from; in a file opened after that one had ended the same numbers are meant.
    """
    own = hold.parties(ctx.session, ctx.case.id)
    ids = [one for value in named if (one := uuid_or_none(str(value))) is not None]
    strange = set(ids) - {party.id for party in own}
    if not own or not strange:
        return [str(value) for value in named]
    known = select(TransferParty.id, TransferParty.no).where(TransferParty.id.in_(strange))
    number_of: dict[UUID, int] = {row.id: row.no for row in ctx.session.execute(known)}
    mine = {party.no: party.id for party in own}
    return [str(mine.get(number_of.get(one, 0), one)) for one in ids]


def reopen(session: Session, case_id: UUID) -> None:
    """A withdrawn case that is filed again: what was withdrawn is no final outcome."""
    for party in hold.parties(session, case_id):
        if party.outcome == "withdrawn":
            party.outcome, party.outcome_at, party.final = None, None, False
    session.flush()


def open_parties(session: Session, case_id: UUID) -> int:
    query = select(func.count()).select_from(TransferParty).where(TransferParty.case_id == case_id, ~TransferParty.final)
    return session.scalar(query) or 0


def record_outcome(
    ctx: Ctx, kind: str, *, parties: Sequence[tuple[UUID | None, str]] = (), fine: Any = None, reasons: str | None = None,
    document_no: str | None = None, letter_no: str | None = None, decided_at: Any = None,
) -> list[TransferOutcome]:  # fmt: skip
    """For the side that decides: one row for each party (id, name), or one for all. Seen by everybody in the transfer."""
    from app.transfers import carry

    home = carry.home_of(ctx)
    seen = circle.of_transfer(ctx.session, home.transfer_no)
    made = []
    for party_id, name in parties or [(None, "")]:
        row = TransferOutcome(
            transfer_no=home.transfer_no, case_id=ctx.case.id, organ=home.organ, party_id=party_id, party=name or None, kind=kind,
            reasons=reasons, fine=money(fine), document_no=document_no, letter_no=letter_no,
            decided_at=local(decided_at) if decided_at else ctx.now, by=ctx.actor.shown, entered_at=ctx.now, confined=seen,
        )  # fmt: skip
        ctx.session.add(row)
        made.append(row)
    ctx.session.flush()
    return made


def of_transfer(session: Session, transfer_no: str) -> list[TransferOutcome]:
    query = select(TransferOutcome).where(TransferOutcome.transfer_no == transfer_no)
    return list(session.scalars(query.order_by(TransferOutcome.decided_at, TransferOutcome.id)))


def money(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
