"""The bureau's side: the file, who is suspected, screening, the question it answers, approval, objections, hand-over, outcome."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from app.transfers.models_base import EMPTY, NO, Confined
from workflows.tables import Base
from workflows.time import now


class Transfer(Confined, Base):
    """The bureau's file (案源 and what comes of it). It shares its id with the engine's case.

    ``transfer_no`` ties it to the files of police and procuratorate; a second file about the same matter (an opinion after a refusal,
    a filing after the penalty) carries the same number.
    """

    __tablename__ = "transfer"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    transfer_no: Mapped[str]  # 洪环移〔2026〕3号
    origin: Mapped[str] = mapped_column(server_default="", default="")  # process data: "" | opinion | filed
    source: Mapped[str]  # a code of words.SOURCES; never a person
    source_note: Mapped[str | None]
    subject_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the petition the question came from; never leaves
    penalty_id: Mapped[UUID | None] = mapped_column(ForeignKey("penalty_case.id"))
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # the organ that transfers: the bureau or a branch
    unit: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # 承办单位
    county: Mapped[str | None]
    title: Mapped[str]
    party: Mapped[str]  # the main one, as lists show it
    act: Mapped[str]  # 案由
    place: Mapped[str | None]
    found_on: Mapped[date | None]
    act_from: Mapped[date | None]
    act_to: Mapped[date | None]  # the last day: it picks the law
    police: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    procuratorate: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    state: Mapped[str]  # words.STATES, where it stands now
    suspected: Mapped[bool | None]
    grave: Mapped[bool] = mapped_column(server_default=NO, default=False)  # a hit of 解释2 or 3
    answer: Mapped[str | None]  # not_suspected | approved | refused | other_organ
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answer_reason: Mapped[str | None]
    team: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {id, name, certificate_no}
    team_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]  # 移送报告: facts, evidence, proposal
    report_at: Mapped[datetime | None]
    report_by: Mapped[str | None]
    crime: Mapped[str | None]  # 338 | 339 | 229 | 286 | other
    crime_name: Mapped[str | None]
    legal_opinion: Mapped[str | None]
    legal_by: Mapped[str | None]
    legal_at: Mapped[datetime | None]
    decision: Mapped[str | None]  # approve | refuse | return, the last one given
    decision_reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_post: Mapped[str | None]  # 正职 | 主持工作
    sent_at: Mapped[datetime | None]
    receipt_no: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    notice: Mapped[str | None]  # filed | refused | returned | misrouted, the last of the police
    notice_at: Mapped[datetime | None]
    notice_reason: Mapped[str | None]
    opinion_letter: Mapped[str | None]  # 检察意见 it follows
    opinion_at: Mapped[datetime | None]
    returned_route: Mapped[str | None]  # resend | other_organ | resume
    returned_to: Mapped[str | None]
    outcome: Mapped[str | None]  # the last criminal outcome
    outcome_at: Mapped[datetime | None]
    closed_as: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opened_by: Mapped[str]
    __table_args__ = (
        Index(None, "transfer_no"),
        Index(None, "subject_case"),
        Index(None, "penalty_id"),
        Index(None, "organ", "opened_at"),
        Index(None, "opened_at", "case_id"),
        Index("ix_transfer_open", "organ", "state", postgresql_where=text("closed_at is null")),
    )


class TransferSearch(Confined, Base):
    """Search text of a transfer, in a table of its own so that it is confined like the rest (bigrams of number, party, act, place)."""

    __tablename__ = "transfer_search"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    search: Mapped[Any] = mapped_column(TSVECTOR)
    __table_args__ = (Index("ix_transfer_search_text", "search", postgresql_using="gin"),)


class TransferFile(Confined, Base):
    """Which case an organ keeps for a transfer. Every file registers here in its first service task."""

    __tablename__ = "transfer_file"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    transfer_no: Mapped[str]
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    process: Mapped[str]  # criminal_transfer | police_case | procuratorate_case | detention | police_detention | consultation …
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "transfer_no", "process", "organ"), Index(None, "organ", "started_at"))


class TransferParty(Confined, Base):
    """Who is suspected (涉案单位、人员). A criminal outcome is recorded for each; the file waits until all have a final one."""

    __tablename__ = "transfer_party"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # the bureau's file
    no: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str]  # unit | person
    role: Mapped[str | None]  # 直接负责的主管人员 …
    id_no: Mapped[str | None]  # personal
    phone: Mapped[str | None]  # personal
    address: Mapped[str | None]
    outcome: Mapped[str | None]  # withdrawn | nonprosecuted | convicted | exempted | acquitted
    outcome_at: Mapped[datetime | None]
    final: Mapped[bool] = mapped_column(server_default=NO, default=False)
    fine: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))  # 罚金, yuan
    __table_args__ = (UniqueConstraint("case_id", "no"), Index(None, "transfer_no"))


class TransferScreening(Confined, Base):
    """One screening: what was entered, what the table said, what legal made of it. Changed facts make a new row."""

    __tablename__ = "transfer_screening"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    seq: Mapped[int]
    facts: Mapped[dict[str, Any]]  # inputs of the table
    measured: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {pollutant, measured, standard, unit, ratio, report}
    act_from: Mapped[date | None]
    act_to: Mapped[date | None]
    law: Mapped[str]  # facts.LAWS: before | code (from 2026-08-15) | by_hand (before 2023-08-15)
    law_text: Mapped[str]
    table_name: Mapped[str]  # screening.dmn
    table_version: Mapped[str]  # hash of the table's text
    hits: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # items, without "none"
    unsure: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # items whose reading is 待核
    flags: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # 解释5
    by_hand: Mapped[bool] = mapped_column(server_default=NO, default=False)
    entered_by: Mapped[str]
    entered_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(default=now)
    complete: Mapped[bool | None]  # legal: may be judged
    suspected: Mapped[bool | None]
    added: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # items legal added
    legal_reason: Mapped[str | None]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("case_id", "seq"),)


class TransferQuestion(Confined, Base):
    """Somebody's case asks: must this be transferred? While ``answered_at`` is empty the asking case cannot end.

    ``kind``: crime or detention. ``from_case`` is the petition, ownership or matter that asks; ``penalty_id`` the penalty case.
    """

    __tablename__ = "transfer_question"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(server_default="crime", default="crime")
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # the file that answers
    from_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    penalty_id: Mapped[UUID | None] = mapped_column(ForeignKey("penalty_case.id"))
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("wf_link.id"))
    asked: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # items of the asking form
    facts: Mapped[str | None]  # digest of the facts asked about, where the asking side holds them (facts.digest)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answer: Mapped[str | None]
    reason: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    __table_args__ = (
        Index(None, "case_id"),
        Index("ix_transfer_question_open", "from_case", postgresql_where=text("answered_at is null")),
        Index("ix_transfer_question_penalty", "penalty_id", postgresql_where=text("penalty_id is not null")),
    )


class TransferHold(Confined, Base):
    """Fines are blocked and the penalty's period does not run (17号16). One row a file; a party may be released before the others."""

    __tablename__ = "transfer_hold"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    penalty_id: Mapped[UUID | None] = mapped_column(ForeignKey("penalty_case.id"))
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_party.id"))  # empty: all parties
    since: Mapped[datetime]
    stopped_at: Mapped[datetime | None]  # transfer sent: the penalty's period stands still from here
    until: Mapped[datetime | None]
    ended_as: Mapped[str | None]  # refused | returned | not_filed | withdrawn | nonprosecuted | acquitted | exempted | convicted …
    ended_by: Mapped[str | None]
    __table_args__ = (
        Index(None, "case_id"),
        Index("ix_transfer_hold_open", "penalty_id", postgresql_where=text("until is null")),
        Index(None, "transfer_no"),
    )


class TransferObjection(Confined, Base):
    """One round of 复议 and 立案监督 on the bureau's side: its ground, the way taken, draft, legal opinion, signature, result."""

    __tablename__ = "transfer_objection"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    round: Mapped[int]
    ground: Mapped[str]  # not_accepted | late | refused | withdrawn
    way: Mapped[str | None]  # reconsider | supervise | arrived | accept
    way_reason: Mapped[str | None]
    way_by: Mapped[str | None]
    way_at: Mapped[datetime | None]
    drafts: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {kind, text, annexes, by, at}
    legal: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {kind, opinion, by, at}
    signed: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {kind, signed, reason, by, at}
    reconsider_letter: Mapped[str | None]
    reconsider_result: Mapped[str | None]  # reversed | upheld
    reconsidered_at: Mapped[datetime | None]
    proposal_letter: Mapped[str | None]
    supervision_result: Mapped[str | None]  # corrected | stands
    supervised_at: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None]
    __table_args__ = (UniqueConstraint("case_id", "round"),)


class TransferHandover(Confined, Base):
    """Things and papers handed to the police after 立案 (17号10): a list with two signatures."""

    __tablename__ = "transfer_handover"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    items: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {name, count, feature, place}
    place: Mapped[str | None]
    handed_by: Mapped[str]
    received_by: Mapped[str]
    handed_at: Mapped[datetime]
    dangerous: Mapped[bool] = mapped_column(server_default=NO, default=False)
    disposal: Mapped[str | None]
    party_told: Mapped[bool] = mapped_column(server_default=NO, default=False)  # 行政强制法21
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index(None, "case_id"),)


class TransferReverse(Confined, Base):
    """反向衔接: what became of the penalty when the criminal way ended."""

    __tablename__ = "transfer_reverse"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    transfer_no: Mapped[str]
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_party.id"))
    why: Mapped[str]  # refused | returned | withdrawn | nonprosecuted | exempted | acquitted | opinion
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opinion_letter: Mapped[str | None]
    opinion: Mapped[str | None]
    reply_by: Mapped[date | None]
    penalty: Mapped[str | None]  # fine | other | none
    reason: Mapped[str | None]
    decision_no: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    replied_letter: Mapped[str | None]
    __table_args__ = (Index(None, "case_id"), Index(None, "transfer_no"))


class Consultation(Confined, Base):
    """会商、提前介入 (17号24, 26): the question, the answer, what was agreed. Asking and asked organ each keep a row of their own."""

    __tablename__ = "consultation"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    side: Mapped[str]  # asks | answers
    number: Mapped[str]  # 洪环商〔2026〕3号, the same on both sides
    transfer_no: Mapped[str | None]
    about_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))  # the asking bureau's file
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    unit: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    kind: Mapped[str]  # consult | early_notice | joint
    other: Mapped[str] = mapped_column(ForeignKey("organ.id"))  # the asked (side asks) or the asking organ
    question: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    letter_no: Mapped[str | None]
    answer: Mapped[str | None]
    will_attend: Mapped[bool | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    place: Mapped[str | None]
    present: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {organ, name, post}
    advice: Mapped[str | None]  # what police or procuratorate advised on the spot
    agreed: Mapped[str | None]
    evidence_to_fix: Mapped[str | None]
    leads_to_transfer: Mapped[bool | None]
    recorded_by: Mapped[str | None]
    recorded_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "organ", "asked_at"), Index(None, "about_case"), Index(None, "transfer_no"), Index(None, "number"))


class TransferProgress(Confined, Base):
    """An entry of police or procuratorate on the way of the criminal case (提请批捕, 移送起诉, 判决 …)."""

    __tablename__ = "transfer_progress"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # of the organ that enters it
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    party_id: Mapped[UUID | None]  # the bureau's transfer_party; it may lie in another installation
    party: Mapped[str | None]
    kind: Mapped[str]  # words.PROGRESS
    happened_on: Mapped[date]
    document_no: Mapped[str | None]
    note: Mapped[str | None]
    by: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index(None, "transfer_no", "happened_on"), Index(None, "case_id"))


class TransferOutcome(Confined, Base):
    """A criminal outcome of one party (or of all), as the deciding organ told it."""

    __tablename__ = "transfer_outcome"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # of the organ that decided, or of the bureau on paper
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    party_id: Mapped[UUID | None]  # the bureau's transfer_party; it may lie in another installation
    party: Mapped[str | None]
    kind: Mapped[str]  # withdrawn | nonprosecuted | convicted | exempted | acquitted
    reasons: Mapped[str | None]
    fine: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    document_no: Mapped[str | None]
    letter_no: Mapped[str | None]
    decided_at: Mapped[datetime]
    by: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (Index(None, "transfer_no", "decided_at"), Index(None, "case_id"))


class PlatformEntry(Confined, Base):
    """A decision and when its organ entered it for the others (17号34). Inside one installation the decision itself is the entry."""

    __tablename__ = "platform_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))
    organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    decision: Mapped[str]  # words.ENTRIES
    party_id: Mapped[UUID | None]  # the bureau's transfer_party; it may lie in another installation
    letter_no: Mapped[str | None]
    decided_at: Mapped[datetime]
    due_at: Mapped[datetime]
    entered_at: Mapped[datetime | None]
    how: Mapped[str | None]  # here | receipt | by_liaison (代录)
    entered_by: Mapped[str | None]
    __table_args__ = (
        Index(None, "transfer_no"),
        Index("ix_platform_entry_open", "organ", "due_at", postgresql_where=text("entered_at is null")),
    )
