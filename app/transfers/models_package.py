"""What travels between organs: letters, and the sealed package of material with its manifest."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, object_session
from uuid_utils.compat import uuid7

from app.transfers.models_base import EMPTY, NO, NONE, OBJECT, Confined
from workflows.tables import Base
from workflows.time import now


class TransferPackage(Confined, Base):
    """A package of material (移送材料). Once sealed neither it nor its items can change (a trigger refuses); a supplement is a new one."""

    __tablename__ = "transfer_package"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"))  # of the organ that made it, or received it from elsewhere
    seq: Mapped[int]
    number: Mapped[str]  # 洪环移〔2026〕3号-1
    kind: Mapped[str]  # first | supplement | detention | detention_supplement
    from_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    to_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    manifest: Mapped[str | None]  # canonical JSON, the text that was hashed
    manifest_sm3: Mapped[str | None]  # hex
    size: Mapped[int] = mapped_column(BigInteger, server_default=NONE, default=0)  # bytes of all files
    sealed_at: Mapped[datetime | None]
    sealed_by: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by: Mapped[str]
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "seq"),
        Index(None, "transfer_no", "seq"),
        Index("uq_transfer_package_open", "case_id", "kind", unique=True, postgresql_where=text("sealed_at is null")),
    )

    def in_cases(self) -> list[UUID]:
        """The file that made it and, once it is sealed, those that received a letter with it."""
        session = object_session(self)
        if self.sealed_at is None or session is None:
            return [self.case_id]
        to = select(TransferLetter.to_case).where(TransferLetter.package_id == self.id, TransferLetter.to_case.is_not(None))
        return [self.case_id, *(one for one in session.scalars(to) if one is not None)]


class TransferPackageItem(Confined, Base):
    """One piece of material (17号6, 853号11): its kind, who made it when, its file and hash, or why it is missing."""

    __tablename__ = "transfer_package_item"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    package_id: Mapped[UUID] = mapped_column(ForeignKey("transfer_package.id"))
    seq: Mapped[int]
    kind: Mapped[str]  # materials.KINDS: letter report records things photos tests other penalty
    name: Mapped[str]
    maker: Mapped[str | None]
    made_on: Mapped[date | None]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("file.id"))
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))
    file_name: Mapped[str | None]
    mime: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    sm3: Mapped[str | None]  # of the bytes, hex
    sha256: Mapped[str | None]  # where the storage keeps them
    on_paper: Mapped[bool] = mapped_column(server_default=NO, default=False)  # an original that travels by hand
    copies: Mapped[int | None]
    missing_reason: Mapped[str | None]
    wording: Mapped[dict[str, Any] | None]  # 认定意见: waste code and the fixed words of 17号22
    text_layer: Mapped[bool | None]  # the upload has text that was compared; False: a scan somebody looked at
    reporter_checked_by: Mapped[str | None]
    reporter_checked_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reporter_checked_at: Mapped[datetime | None]
    added_by: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(default=now)
    __table_args__ = (UniqueConstraint("package_id", "seq"), Index(None, "file_id"))


class TransferLetter(Confined, Base):
    """A letter between organs, written by the app that carries it. ``letter_no`` is what an answer names in ``in_reply_to``."""

    __tablename__ = "transfer_letter"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_no: Mapped[str]
    letter_no: Mapped[str] = mapped_column(unique=True)  # 洪环移〔2026〕3号/洪环/4
    seq: Mapped[int]  # counted per transfer and sending organ
    name: Mapped[str]  # the message
    kind: Mapped[str] = mapped_column(server_default="", default="")
    from_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    to_organ: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    from_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    to_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    in_reply_to: Mapped[str | None]
    document_no: Mapped[str | None]  # 发文字号 of its paper, if it has one
    title: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(server_default=OBJECT, default=dict)  # what both sides may read
    package_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfer_package.id"))
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))
    files: Mapped[list[Any]] = mapped_column(server_default=EMPTY, default=list)  # {id, name, sm3}
    decided_at: Mapped[datetime | None]
    sent_at: Mapped[datetime] = mapped_column(default=now)
    received_at: Mapped[datetime | None]
    by: Mapped[str]
    via: Mapped[str] = mapped_column(server_default="here", default="here")  # here | exchange | paper
    recorded_by: Mapped[str | None]  # 代录: the liaison who typed a paper letter in
    __table_args__ = (
        Index(None, "transfer_no", "sent_at"),
        Index(None, "to_organ", "sent_at"),
        Index(None, "from_case"),
        Index(None, "to_case"),
    )

    def in_cases(self) -> list[UUID]:
        """The file that sent it and the file that received it: who sees either may read it."""
        return [one for one in (self.from_case, self.to_case) if one is not None]
