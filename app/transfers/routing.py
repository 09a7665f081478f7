"""Which organ a letter is for, and which file that organ keeps. One table for all messages between organs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.transfers.models import TransferFile
from workflows.errors import WorkflowError

# message → the case attributes of the sender's file that name the addressees; per kind where it differs
BUREAU, POLICE, PROCURATORATE = "bureau", "police", "procuratorate"
BOTH = (BUREAU, PROCURATORATE)
ADDRESSEES: dict[str, dict[str, tuple[str, ...]]] = {
    "transfer_sent": {"": (POLICE,), "passed": ("new_organ",)},
    "transfer_copied": {"": (PROCURATORATE,), "passed": ("new_procuratorate", PROCURATORATE)},
    "nontransfer_recorded": {"": (PROCURATORATE,)},
    "procurator_opinion": {"": (BUREAU,)},
    "transfer_receipt": {"": (BUREAU,)},
    "clock_state": {"": BOTH},
    "police_notice": {"": (BUREAU,)},
    "decision_copied": {"": (PROCURATORATE,)},
    "material_requested": {"": (BUREAU,)},
    "material_supplied": {"": (POLICE,)},
    "police_challenge": {"": (POLICE,)},
    "reconsidered": {"": (BUREAU,)},
    "reasons_given": {"": (PROCURATORATE,)},
    "filing_record": {"": (PROCURATORATE,)},
    "supervision_proposed": {"": (PROCURATORATE,)},
    "supervision_result": {"": (BUREAU,)},
    "case_moved": {"": (PROCURATORATE,)},
    "case_progress": {"": BOTH},
    "criminal_outcome": {"": (BUREAU,)},
    "penalty_opinion": {"": (BUREAU,)},
    "penalty_result": {"": (PROCURATORATE,)},
    "consult_requested": {"": ("asked",)},
    "consult_answered": {"": ("asking",)},
    "detention_sent": {"": (POLICE,)},
    "detention_notice": {"": (BUREAU,)},
    "detention_supplied": {"": (POLICE,)},
    "detention_clock": {"": (BUREAU,)},
}
# the kinds of file a letter belongs to at its addressee; the newest of the first kind there is
OF_BUREAU, OF_POLICE, OF_PROCURATORATE = ("criminal_transfer", "reverse_linkage"), ("police_case",), ("procuratorate_case",)
FILES: dict[str, tuple[str, ...]] = {
    "transfer_sent": OF_POLICE,
    "transfer_copied": OF_PROCURATORATE,
    "nontransfer_recorded": OF_PROCURATORATE,
    "procurator_opinion": ("criminal_transfer",),
    "transfer_receipt": ("criminal_transfer",),
    "police_notice": ("criminal_transfer",),
    "decision_copied": OF_PROCURATORATE,
    "material_requested": ("criminal_transfer",),
    "material_supplied": OF_POLICE,
    "police_challenge": OF_POLICE,
    "reconsidered": ("criminal_transfer",),
    "reasons_given": OF_PROCURATORATE,
    "filing_record": OF_PROCURATORATE,
    "supervision_proposed": OF_PROCURATORATE,
    "supervision_result": ("criminal_transfer",),
    "case_moved": OF_PROCURATORATE,
    "criminal_outcome": OF_BUREAU,
    "penalty_opinion": OF_BUREAU,
    "penalty_result": OF_PROCURATORATE,
    "consult_requested": ("consultation_reply",),
    "consult_answered": ("consultation",),
    "detention_sent": ("police_detention",),
    "detention_notice": ("detention",),
    "detention_supplied": ("police_detention",),
    "detention_clock": ("detention",),
    "clock_state": (*OF_BUREAU, *OF_PROCURATORATE),
    "case_progress": (*OF_BUREAU, *OF_PROCURATORATE),
}


class Unaddressed(WorkflowError):
    """The file does not say which organ a letter is for."""


def addressees(attrs: Mapping[str, Any], name: str, kind: str = "") -> list[str]:
    """The organs a message of that name and kind goes to. ``attrs``: the sender's case attributes, with what the message itself names.

    Raises Unaddressed when none is named.
    """
    ways = ADDRESSEES.get(name, {})
    named = [str(attrs.get(attribute) or "") for attribute in ways.get(kind, ways.get("", ()))]
    found = list(dict.fromkeys(organ for organ in named if organ))
    if not found:
        raise Unaddressed(f"案卷还没有写明发往哪个机关（{name}），请先补上。")
    return found


def file_of(session: Session, transfer_no: str, organ: str, *processes: str) -> UUID | None:
    """The case an organ keeps for a transfer: the living one first, else the newest."""
    query = _files(transfer_no, organ, processes)
    return session.scalar(query.order_by(TransferFile.ended_at.is_not(None), TransferFile.started_at.desc()).limit(1))


def living_file(session: Session, transfer_no: str, organ: str, *processes: str) -> UUID | None:
    """The case an organ keeps for a transfer that has not ended."""
    query = _files(transfer_no, organ, processes).where(TransferFile.ended_at.is_(None))
    return session.scalar(query.order_by(TransferFile.started_at.desc()).limit(1))


def _files(transfer_no: str, organ: str, processes: tuple[str, ...]) -> Select[UUID]:
    query = select(TransferFile.case_id).where(TransferFile.transfer_no == transfer_no, TransferFile.organ == organ)
    return query.where(TransferFile.process.in_(processes)) if processes else query


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
