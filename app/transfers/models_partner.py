"""The files of police and procuratorate: what each decided when, in its own rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from app.transfers.models_base import EMPTY, NO, NONE, Confined
from workflows.tables import Base
from workflows.time import now


class TransferPolice(Confined, Base):
    """The police's file of a transfer (公安案卷)."""

    __tablename__ = "transfer_police"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    transfer_no: Mapped[str]
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    from_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # the bureau, or the police that passed it on
    bureau: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    procuratorate: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    passed_from: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    letter_no: Mapped[str]  # of transfer_sent
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_package.id"))
    state: Mapped[str]  # words.POLICE_STATES
    title: Mapped[str]
    party: Mapped[str]
    crime: Mapped[str | None]
    arrived_at: Mapped[datetime]
    receipt_no: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    hashes: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {item, sm3, agrees}
    hashes_at: Mapped[datetime | None]
    hashes_ok: Mapped[bool | None]
    juris: Mapped[str | None]  # ours | other_police | not_police
    juris_organ: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    juris_reason: Mapped[str | None]
    juris_at: Mapped[datetime | None]
    term: Mapped[int] = mapped_column(SmallInteger, server_default=text("3"), default=3)  # days by rule: 3, 7 or 30
    term_ground: Mapped[str | None]
    term_by: Mapped[str | None]
    term_at: Mapped[datetime | None]
    decided: Mapped[bool] = mapped_column(server_default=NO, default=False)
    filed: Mapped[bool] = mapped_column(server_default=NO, default=False)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decider_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reasons: Mapped[str | None]
    police_no: Mapped[str | None]  # 立案编号
    notified_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    window_from: Mapped[datetime | None]
    outcome: Mapped[str | None]  # prosecute | withdraw
    outcome_at: Mapped[datetime | None]
    outcome_reason: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "transfer_no"), Index(None, "organ", "arrived_at"), Index(None, "passed_from"))


class TransferPoliceDecision(Confined, Base):
    """Each decision of the police on one transfer: first, reconsidered, of its own motion, ordered, withdrawn."""

    __tablename__ = "transfer_police_decision"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    kind: Mapped[str]  # filing | reconsider | own_motion | ordered | withdraw | prosecute
    filed: Mapped[bool]
    reasons: Mapped[str | None]
    document_no: Mapped[str | None]
    letter_no: Mapped[str | None]
    decided_at: Mapped[datetime]
    by: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (Index(None, "case_id", "decided_at"), Index(None, "transfer_no"))


class TransferChallenge(Confined, Base):
    """A challenge the police have to answer: 复议, 说明理由, 通知立案, or the end of the file."""

    __tablename__ = "transfer_challenge"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    kind: Mapped[str]  # reconsider | explain | must_file | closed
    letter_no: Mapped[str]
    from_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    received_at: Mapped[datetime]
    answer: Mapped[str | None]  # reversed | upheld | reasons | filed
    reasons: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answer_letter: Mapped[str | None]
    __table_args__ = (UniqueConstraint("case_id", "letter_no"),)


class TransferProcurator(Confined, Base):
    """The procuratorate's file of a transfer (检察案卷)."""

    __tablename__ = "transfer_procurator"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    transfer_no: Mapped[str]
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    bureau: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    police: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    origin: Mapped[str]  # copied | nontransfer
    state: Mapped[str]  # words.PROCURATOR_STATES
    title: Mapped[str]
    party: Mapped[str]
    crime: Mapped[str | None]
    registered_at: Mapped[datetime]
    nontransfer: Mapped[dict[str, Any] | None]  # hits, reason, head of a refused transfer
    opine: Mapped[bool | None]
    opinion: Mapped[str | None]
    opinion_no: Mapped[str | None]
    opinion_letter: Mapped[str | None]
    opinion_at: Mapped[datetime | None]
    filed: Mapped[bool | None]  # as last told by the police
    notice_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]  # the police sent it for prosecution
    prosecute: Mapped[bool | None]
    prosecution_at: Mapped[datetime | None]
    prosecution_reason: Mapped[str | None]
    penalty_opinion: Mapped[str | None]
    penalty_opinion_no: Mapped[str | None]
    penalty_opinion_at: Mapped[datetime | None]
    reply_by: Mapped[date | None]
    replied_at: Mapped[datetime | None]
    penalty_result: Mapped[str | None]
    verdict: Mapped[str | None]
    verdict_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_as: Mapped[str | None]
    __table_args__ = (Index(None, "transfer_no"), Index(None, "organ", "registered_at"))


class TransferSupervision(Confined, Base):
    """One round of 立案监督 at the procuratorate."""

    __tablename__ = "transfer_supervision"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    round: Mapped[int]
    source: Mapped[str]  # proposal | copy | late
    ground: Mapped[str]
    proposal_letter: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    explain_letter: Mapped[str | None]
    explain_no: Mapped[str | None]
    explain_at: Mapped[datetime | None]
    reasons: Mapped[str | None]
    reasons_at: Mapped[datetime | None]
    result: Mapped[str | None]  # corrected | stands | not_stand | more
    opinion: Mapped[str | None]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    must_file_letter: Mapped[str | None]
    must_file_no: Mapped[str | None]
    must_file_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    corrections: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # 检察意见 to the police: {no, text, at, by}
    told_letter: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None]
    __table_args__ = (UniqueConstraint("case_id", "round"), Index(None, "transfer_no"))


class TransferFollowUp(Confined, Base):
    """A reminder of the procuratorate: of a penalty result that is not told, of a file nobody moves."""

    __tablename__ = "transfer_follow_up"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    to_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    kind: Mapped[str]  # penalty_result | correction | other
    document_no: Mapped[str | None]
    text: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index(None, "case_id"),)


class TransferRequest(Confined, Base):
    """补正告知 or 补充调查意见 of the police and the bureau's answer. Both sides read the row; it belongs to the police's file."""

    __tablename__ = "transfer_request"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # the police's file, or the bureau's where police run their own
    bureau_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    letter_no: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # complete | supplement
    wanted: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)
    reason: Mapped[str | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    late_by_hours: Mapped[int] = mapped_column(server_default=NONE, default=0)  # a 补正告知 after its 24 hours
    due_at: Mapped[datetime | None]
    mode: Mapped[str | None]  # supply | explain
    explanation: Mapped[str | None]
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_package.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "transfer_no", "asked_at"), Index(None, "bureau_case"))
