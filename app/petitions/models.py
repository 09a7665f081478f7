"""The record of a petition (信访事项): what was registered, decided and answered. It shares its id with the engine's case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from workflows.tables import Base
from workflows.time import now


class Petition(Base):
    """One petition. Columns come in the order of the procedure; what a person may see of name, phone and address is masking.py's."""

    __tablename__ = "petition"
    case_id: Mapped[UUID] = mapped_column(ForeignKey("wf_case.id"), primary_key=True)
    number: Mapped[str | None] = mapped_column(unique=True)  # 洪环信〔2026〕00001, given when registered
    title: Mapped[str] = mapped_column(server_default="")

    # 登记
    channel: Mapped[str]
    received_at: Mapped[datetime]  # when it was received; entered_at is when it was typed in
    entered_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]  # imported items: when the petitioner wrote it
    registrar_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    registrar: Mapped[str] = mapped_column(server_default="")
    outside_no: Mapped[str | None]
    superior_due: Mapped[date | None]
    visitors: Mapped[int | None]
    representatives: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)  # personal: name, phone
    levels_up: Mapped[int | None]
    designated_place: Mapped[bool | None]
    anonymous: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    name: Mapped[str | None]  # personal
    phone: Mapped[str | None]  # personal
    address: Mapped[str | None]  # personal
    phone_digits: Mapped[str | None]  # personal: how the same person is recognised
    household: Mapped[str | None]  # personal: how households are told apart
    secrecy: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    sealed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # 检举控告
    sealed_person: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # the one person of the office who may see it
    statement: Mapped[str]  # personal: in the petitioner's own words
    enterprise_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"))
    enterprise: Mapped[str | None]
    place: Mapped[str | None]
    place_key: Mapped[str | None]
    county: Mapped[str]
    kind: Mapped[str]
    other_kinds: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    gravity: Mapped[str]
    klass: Mapped[str]
    asks: Mapped[str]
    in_court: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    about: Mapped[str]
    complained_unit: Mapped[str | None] = mapped_column(ForeignKey("organ.id"))
    flagged: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    flagged_reason: Mapped[str | None]

    # what was found out at registration
    source: Mapped[str] = mapped_column(server_default="petitioner")
    contactable: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    urgent: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_group: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    irregular: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    repeats: Mapped[int] = mapped_column(server_default="1", default=1)  # items of the same person on the same matter, this one included
    households: Mapped[int] = mapped_column(server_default="0", default=0)

    # 受理
    track: Mapped[str | None]
    intake_outcome: Mapped[str | None]
    grounds: Mapped[str | None]
    prior_case: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    tell_where: Mapped[str | None]
    route_procedure: Mapped[str | None]
    route_organ: Mapped[str | None]
    heard_record: Mapped[str | None]  # personal
    simple: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    screened_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    refusal_opinion: Mapped[str | None]
    refused_by: Mapped[str | None]
    sealed_to: Mapped[str | None]
    sealed_no: Mapped[str | None]
    notified_on: Mapped[date | None]
    notified_way: Mapped[str | None]

    # 办理
    plan: Mapped[str | None]
    site_found: Mapped[str | None]
    findings: Mapped[str | None]
    violation: Mapped[bool | None]
    measurements: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    penalty_case: Mapped[str | None]
    screening: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    screening_asked: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)  # what the transfer question was put for
    way: Mapped[str | None]
    agreement: Mapped[str | None]

    # 答复
    round_no: Mapped[int] = mapped_column(server_default="1", default=1)
    requests: Mapped[str | None]  # personal
    facts: Mapped[str | None]
    opinion: Mapped[str | None]
    basis: Mapped[str | None]
    result: Mapped[str | None]
    execute_by: Mapped[date | None]
    answer_no: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    sent_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    delivered_way: Mapped[str | None]
    report_to: Mapped[str | None]

    # 结案归档
    stopped_as: Mapped[str | None]  # withdrawn | merged
    stopped_at: Mapped[datetime | None]
    keep_clue: Mapped[bool | None]
    merge_target: Mapped[UUID | None] = mapped_column(ForeignKey("wf_case.id"))
    closed_as: Mapped[str | None]
    volume_title: Mapped[str | None]
    retention: Mapped[str | None]
    volume_secrecy: Mapped[str | None]
    pages: Mapped[int | None]
    archived_at: Mapped[datetime | None]

    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True)  # bigrams of number, title, place, text; no names

    __table_args__ = (
        Index("ix_petition_search", "search", postgresql_using="gin"),
        Index(None, "received_at", "case_id"),
        Index("ix_petition_phone", "phone_digits", postgresql_where=text("phone_digits is not null")),
        Index("ix_petition_name", "name", postgresql_where=text("name is not null")),
        Index("ix_petition_household", "household", postgresql_where=text("household is not null")),
        Index(None, "enterprise_id", "received_at"),
        Index("ix_petition_place_key", "place_key", "received_at", postgresql_where=text("place_key is not null")),
        Index(None, "county", "received_at"),
        Index(None, "prior_case"),
        Index(None, "merge_target"),
    )


class Enterprise(Base):
    """A polluter or other body complained of, as offered by the typeahead. One row a name."""

    __tablename__ = "enterprise"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)  # the name without spaces and punctuation
    name: Mapped[str]
    county: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class NumberCounter(Base):
    """The last number given, per series and year. Its row is locked by whoever takes the next."""

    __tablename__ = "number_counter"
    series: Mapped[str] = mapped_column(primary_key=True)  # petition | letter
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class RegistrationDraft(Base):
    """What a clerk is typing into the registration page: it survives an error, a lost session and a reload."""

    __tablename__ = "registration_draft"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    values: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(default=now)
