"""Which organ a letter is for, and which file that organ keeps. One table for all messages between organs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.transfers.models import TransferFile
from workflows.errors import WorkflowError

# message → the case attribute of the sender's file that names the addressee; per kind where it differs
ADDRESSEE: dict[str, str | dict[str, str]] = {
    "transfer_sent": {"": "police", "passed": "passed_to"},
    "transfer_copied": "procuratorate",
    "nontransfer_recorded": "procuratorate",
    "transfer_receipt": "bureau",
    "police_notice": "bureau",
    "decision_copied": "procuratorate",
    "material_requested": "bureau",
    "material_supplied": "police",
    "police_challenge": "police",
    "reconsidered": "bureau",
    "supervision_proposed": "procuratorate",
    "supervision_result": "bureau",
    "reasons_given": "procuratorate",
    "filing_record": "procuratorate",
    "case_moved": "procuratorate",
    "criminal_outcome": "bureau",
    "procurator_opinion": "bureau",
    "penalty_opinion": "bureau",
    "penalty_result": "procuratorate",
    "consult_requested": "other",
    "consult_answered": "other",
    "detention_sent": "police",
    "detention_notice": "bureau",
    "detention_supplied": "police",
    "clock_state": "other",
}
# the process of the file a letter belongs to at its addressee; the first that exists
FILES: dict[str, tuple[str, ...]] = {
    "transfer_sent": ("police_case",),
    "transfer_copied": ("procuratorate_case",),
    "nontransfer_recorded": ("procuratorate_case",),
    "transfer_receipt": ("criminal_transfer",),
    "police_notice": ("criminal_transfer", "reverse_linkage"),
    "decision_copied": ("procuratorate_case",),
    "material_requested": ("criminal_transfer",),
    "material_supplied": ("police_case",),
    "police_challenge": ("police_case",),
    "reconsidered": ("criminal_transfer",),
    "supervision_proposed": ("procuratorate_case",),
    "supervision_result": ("criminal_transfer",),
    "reasons_given": ("procuratorate_case",),
    "filing_record": ("procuratorate_case",),
    "case_moved": ("procuratorate_case",),
    "criminal_outcome": ("criminal_transfer", "reverse_linkage"),
    "procurator_opinion": ("criminal_transfer",),
    "penalty_opinion": ("criminal_transfer", "reverse_linkage"),
    "penalty_result": ("procuratorate_case",),
    "consult_requested": ("consultation_reply",),
    "consult_answered": ("consultation",),
    "detention_sent": ("police_detention",),
    "detention_notice": ("detention",),
    "detention_supplied": ("police_detention",),
}


class Unaddressed(WorkflowError):
    """The file does not say which organ a letter is for."""


def addressee(attrs: Mapping[str, Any], name: str, kind: str = "") -> str:
    """The organ a message of that name and kind goes to, from the sender's case attributes. Raises Unaddressed."""
    named = ADDRESSEE.get(name)
    attribute = named.get(kind, named.get("", "")) if isinstance(named, dict) else named
    organ = str(attrs.get(attribute or "") or "")
    if not organ:
        raise Unaddressed(f"案卷还没有写明发往哪个机关（{name}），请先补上。")
    return organ


def file_of(session: Session, transfer_no: str, organ: str, *processes: str) -> UUID | None:
    """The case an organ keeps for a transfer: the living one first, else the newest."""
    query = select(TransferFile.case_id).where(TransferFile.transfer_no == transfer_no, TransferFile.organ == organ)
    if processes:
        query = query.where(TransferFile.process.in_(processes))
    return session.scalar(query.order_by(TransferFile.ended_at.is_not(None), TransferFile.started_at.desc()).limit(1))


def addressee_file(session: Session, transfer_no: str, organ: str, name: str) -> UUID | None:
    """The file a letter of that name belongs to at its addressee."""
    return file_of(session, transfer_no, organ, *FILES.get(name, ()))


def police_of(session: Session, organ: str) -> str | None:
    """公安机关 of the same level as a bureau or branch (17号6)."""
    return _peer(session, organ, "police")


def procuratorate_of(session: Session, organ: str) -> str | None:
    """人民检察院 of the same level as a bureau, branch or police organ."""
    return _peer(session, organ, "procuratorate")


def above(session: Session, organ: str) -> str | None:
    """The next higher organ of the same kind."""
    parent = session.scalar(select(Organ.parent_id).where(Organ.id == organ))
    return str(parent) if parent else None


def _peer(session: Session, organ: str, kind: str) -> str | None:
    """The organ of that kind in the same county; where the county has none (开发区), the city's."""
    home = session.get(Organ, directory.signer_org(session, organ))
    if home is None:
        return None
    found = select(Organ.id).where(Organ.kind == kind, Organ.city == home.city, Organ.active)
    at_city = found.where(Organ.county.is_(None)).order_by(Organ.id).limit(1)
    if home.county is None:
        return session.scalar(at_city)
    return session.scalar(found.where(Organ.county == home.county).order_by(Organ.id).limit(1)) or session.scalar(at_city)
