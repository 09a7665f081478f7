"""Who is exchanged with, what left and what came. Texts of letters are in a table of their own that web requests cannot read.

A *stream* is the letters of one transfer to one partner: numbered from 1, each naming the digest of the one before.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now

NONE = text("0")


class Partner(Base):
    """Another installation (对方平台), and how it answered last."""

    __tablename__ = "exchange_partner"
    id: Mapped[str] = mapped_column(primary_key=True)  # the name it signs under, e.g. gongan-360100
    name: Mapped[str]
    url: Mapped[str]  # https://…, without /exchange/v1
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
    failures: Mapped[int] = mapped_column(server_default=NONE, default=0)  # in a row
    next_at: Mapped[datetime | None]  # not asked again before; also while a worker is at it
    answered_at: Mapped[datetime | None]
    error: Mapped[str | None]
    skew_seconds: Mapped[int | None]  # its clock minus ours, at its last request


class PartnerKey(Base):
    """A public key a partner signs with. Several may be valid while one is changed for the next."""

    __tablename__ = "exchange_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"))
    algorithm: Mapped[str]  # signing.VERIFIERS
    public: Mapped[str]  # base64
    trusted_at: Mapped[datetime] = mapped_column(default=now)
    trusted_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    __table_args__ = (Index(None, "partner_id"),)


class PartnerOrgan(Base):
    """An organisation that works in a partner's installation; all others work here."""

    __tablename__ = "exchange_organ"
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"))
    __table_args__ = (Index(None, "partner_id"),)


class Stream(Base):
    """How far the letters of a transfer have come, both ways."""

    __tablename__ = "exchange_stream"
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"), primary_key=True)
    transfer_no: Mapped[str] = mapped_column(primary_key=True)
    out_seq: Mapped[int] = mapped_column(server_default=NONE, default=0)  # the last one numbered
    out_digest: Mapped[str | None]
    in_seq: Mapped[int] = mapped_column(server_default=NONE, default=0)  # the last one put on file
    in_digest: Mapped[str | None]


class Outgoing(Base):
    """One letter for a partner: written with the step that sends it, then numbered, then brought until it is signed for."""

    __tablename__ = "exchange_out"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"))
    transfer_no: Mapped[str]
    letter_id: Mapped[UUID] = mapped_column(ForeignKey("transfer_letter.id"))
    seq: Mapped[int | None]
    digest: Mapped[str | None]  # SM3 of the envelope
    status: Mapped[str] = mapped_column(server_default="written", default="written")  # written | ready | delivered | refused
    attempts: Mapped[int] = mapped_column(server_default=NONE, default=0)
    error: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(default=now)
    tried_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]  # as the partner signed
    receipt: Mapped[dict[str, Any] | None]
    __table_args__ = (
        UniqueConstraint("partner_id", "transfer_no", "seq"),
        UniqueConstraint("letter_id", "partner_id"),
        Index("ix_exchange_out_open", "partner_id", "status", postgresql_where=text("status <> 'delivered'")),
    )


class Incoming(Base):
    """One letter of a partner: signed for when it is stored, put on file when those before it are."""

    __tablename__ = "exchange_in"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"))
    transfer_no: Mapped[str]
    seq: Mapped[int]
    digest: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[str]
    sent_at: Mapped[datetime]  # the partner's clock
    received_at: Mapped[datetime]  # ours
    skew_seconds: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="stored", default="stored")  # stored | applied | failed
    attempts: Mapped[int] = mapped_column(server_default=NONE, default=0)
    next_at: Mapped[datetime | None]
    error: Mapped[str | None]
    applied_at: Mapped[datetime | None]
    letter_no: Mapped[str | None]
    receipt: Mapped[dict[str, Any]]
    __table_args__ = (
        UniqueConstraint("partner_id", "transfer_no", "seq"),
        Index("ix_exchange_in_open", "partner_id", "transfer_no", "seq", postgresql_where=text("status <> 'applied'")),
    )


class Text(Base):
    """The envelope of a row of exchange_out or exchange_in, or a partner's statement, as it was signed.

    A web request may leave one here and can read none: row-level security (migration 0009).
    """

    __tablename__ = "exchange_text"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str]


class Piece(Base):
    """A file a partner sends in pieces. Its bytes are taken into the store when the hash is right."""

    __tablename__ = "exchange_file"
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"), primary_key=True)
    sm3: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    got: Mapped[int] = mapped_column(BigInteger, server_default=NONE, default=0)
    mime: Mapped[str | None]
    sha256: Mapped[str | None]
    begun_at: Mapped[datetime] = mapped_column(default=now)
    complete_at: Mapped[datetime | None]


class Statement(Base):
    """One comparison with a partner (对账): when, how many transfers, how many differ."""

    __tablename__ = "exchange_statement"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    partner_id: Mapped[str] = mapped_column(ForeignKey("exchange_partner.id"))
    day: Mapped[date]
    way: Mapped[str]  # out: ours was sent | in: theirs was compared
    at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(server_default="stored", default="stored")  # stored | compared | sent
    transfers: Mapped[int] = mapped_column(server_default=NONE, default=0)
    differences: Mapped[int] = mapped_column(server_default=NONE, default=0)
    __table_args__ = (UniqueConstraint("partner_id", "day", "way"),)


class Compared(Base):
    """One transfer of a comparison that differs, or whose sides are worth seeing together. Confined to the organs of the transfer."""

    __tablename__ = "exchange_compared"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("exchange_statement.id", ondelete="CASCADE"))
    transfer_no: Mapped[str]
    ours: Mapped[dict[str, Any]]
    theirs: Mapped[dict[str, Any]]
    differs: Mapped[list[Any]]  # sentences
    confined: Mapped[list[str] | None]
    __table_args__ = (Index(None, "statement_id"), Index(None, "transfer_no"))
