"""Choices of the police's forms (``options_from``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organ
from app.transfers import police_file
from app.transfers.keeping import chooser, wording
from app.transfers.models import TransferFile


@chooser("police_organs")
def police_organs(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Police organs a case may be passed on to: all others that do not work on it already."""
    number = session.scalar(select(TransferFile.transfer_no).where(TransferFile.case_id == case.id))
    busy = select(TransferFile.organ).where(TransferFile.transfer_no == number, TransferFile.process == police_file.PROCESS)
    query = select(Organ).where(
        Organ.kind == "police", Organ.active, Organ.id != str(case.attrs.get("unit") or ""),
        Organ.id.not_in(busy.where(TransferFile.ended_at.is_(None))),
    )  # fmt: skip
    return {organ.id: organ.name for organ in session.scalars(query.order_by(Organ.county.is_not(None), Organ.id))}


@wording("case_parties")
def party_words(session: Session, case_id: UUID) -> Mapping[str, str]:
    return {one.id: one.name for one in police_file.parties(session, case_id)}


@chooser("case_parties")
def case_parties(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """The parties of the transfer."""
    return {one.id: f"{one.name}（{one.role}）" if one.role else one.name for one in police_file.parties(session, case.id)}
