"""What the police's steps share: the record, what the transfer said, numbers of their papers, the check of the sealed package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organ
from app.papers import services as papers
from app.papers.numbering import document_number
from app.papers.services import Paper
from app.transfers import carry, package
from app.transfers.models import (
    TransferChallenge,
    TransferLetter,
    TransferPackage,
    TransferPolice,
    TransferPoliceDecision,
    TransferProgress,
    TransferRequest,
)
from app.transfers.police_words import SERIES
from workflows.handlers import Ctx
from workflows.time import local

PROCESS = "police_case"
Lines = Sequence[tuple[str, str]]
# clocks of a police file that end with it
SLOTS = (
    *("receipt", "misroute", "complete_notice", "decide", "notify", "window", "reconsider_decide", "explain", "file"),
    "platform_entry",
)


@dataclass(frozen=True, slots=True)
class Party:
    """Whom the transfer names; the id is the bureau's, in whatever installation it lies."""

    id: str
    name: str
    role: str


def record(ctx: Ctx) -> TransferPolice:
    """The police's record of the case at work."""
    return ctx.session.get_one(TransferPolice, ctx.case.id)


def at(ctx: Ctx, state: str) -> None:
    """Where the file stands (words.POLICE_STATES)."""
    record(ctx).state = state
    ctx.session.flush()


def letter_of(session: Session, case_id: UUID) -> TransferLetter | None:
    """移送书: the letter that brought the case."""
    return carry.first_letter(session, case_id, "transfer_sent")


def about(session: Session, case_id: UUID) -> dict[str, Any]:
    """What the transfer said of the matter."""
    found = letter_of(session, case_id)
    return dict(found.body) if found is not None else {}


def parties(session: Session, case_id: UUID) -> list[Party]:
    """The parties of the transfer, in their order."""
    found = about(session, case_id).get("parties") or []
    return [
        Party(str(one["id"]), str(one.get("name") or ""), str(one.get("role") or ""))
        for one in found
        if isinstance(one, dict) and one.get("id")
    ]


def chosen(session: Session, case_id: UUID, ids: Sequence[Any] | None) -> list[Party]:
    """The parties of an answer; none chosen: all."""
    everybody = parties(session, case_id)
    wanted = {str(one) for one in ids or []}
    return [one for one in everybody if one.id in wanted] if wanted else everybody


def names(found: Sequence[Party]) -> str:
    return "、".join(one.name for one in found)


def matter(ctx: Ctx) -> list[tuple[str, str]]:
    """The lines every paper begins with."""
    row, said = record(ctx), about(ctx.session, ctx.case.id)
    found = [
        ("移送编号", row.transfer_no),
        ("移送机关", organ_name(ctx.session, row.bureau)),
        ("涉案单位（人员）", row.party),
        ("案由", str(said.get("act") or "")),
        ("涉嫌的罪名", row.crime or ""),
    ]
    return [line for line in found if line[1]]


def organ_name(session: Session, organ: str | None) -> str:
    home = session.get(Organ, organ) if organ else None
    return home.name if home is not None else organ or ""


def issue(ctx: Ctx, kind: str, lines: Lines) -> Paper:
    """A paper in the name of this police organ; those with a series are numbered, each organ for itself."""
    number = None
    if kind in SERIES:
        short = ctx.session.get_one(Organ, record(ctx).organ).short
        number = document_number(ctx.session, f"{short}{SERIES[kind]}", local(ctx.now).year)
    paper = papers.issue(ctx, kind, [*matter(ctx), *(line for line in lines if line[1])], number=number)
    paper.organ_id = record(ctx).organ
    return paper


def shown(at: datetime | None) -> str:
    """A moment on a paper: 2026-10-01 16:00."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at is not None else ""


# --- decisions, challenges, requests ------------------------------------------------------------------------------------


def decide(
    ctx: Ctx, kind: str, filed: bool, reasons: str | None, paper: Paper | None, *, letter_no: str | None = None
) -> TransferPoliceDecision:
    """Write down one decision of the police."""
    row = TransferPoliceDecision(
        case_id=ctx.case.id, transfer_no=record(ctx).transfer_no, kind=kind, filed=filed, reasons=reasons or None,
        document_no=paper.number if paper is not None else None, letter_no=letter_no, decided_at=ctx.now, by=ctx.actor.shown,
        person_id=ctx.actor.id,
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row


def decisions(session: Session, case_id: UUID) -> list[TransferPoliceDecision]:
    query = select(TransferPoliceDecision).where(TransferPoliceDecision.case_id == case_id)
    return list(session.scalars(query.order_by(TransferPoliceDecision.decided_at, TransferPoliceDecision.id)))


def challenges(session: Session, case_id: UUID) -> list[TransferChallenge]:
    query = select(TransferChallenge).where(TransferChallenge.case_id == case_id)
    return list(session.scalars(query.order_by(TransferChallenge.received_at, TransferChallenge.id)))


def challenge(ctx: Ctx, letter_no: str) -> TransferChallenge | None:
    """The challenge with that letter number."""
    query = select(TransferChallenge).where(TransferChallenge.case_id == ctx.case.id, TransferChallenge.letter_no == letter_no)
    return ctx.session.scalars(query).first()


def requests(session: Session, case_id: UUID) -> list[TransferRequest]:
    query = select(TransferRequest).where(TransferRequest.case_id == case_id)
    return list(session.scalars(query.order_by(TransferRequest.asked_at, TransferRequest.id)))


# --- the package --------------------------------------------------------------------------------------------------------


def package_of(session: Session, row: TransferPolice) -> TransferPackage | None:
    return package.find(session, row.package_id) if row.package_id is not None else None


def check(session: Session, row: TransferPolice, when: datetime) -> None:
    """Read every file of the package again and keep what was found beside the manifest's hash."""
    made = package_of(session, row)
    if made is None:
        row.hashes, row.hashes_ok, row.hashes_at = [], None, when
        return
    found = package.verify(session, made)
    row.hashes = [{"item": str(one.item.id), "name": one.item.name, "sm3": one.found, "agrees": one.agrees} for one in found]
    row.hashes_ok = package.manifest_agrees(made) and all(one.agrees for one in found)
    row.hashes_at = when
    session.flush()


def check_words(row: TransferPolice) -> str:
    """7 项校验一致 · 7 项中 1 项与清单不一致：监测报告."""
    if row.hashes_ok is None:
        return "没有电子材料可以校验"
    wrong = [str(one.get("name") or "") for one in row.hashes if not one.get("agrees")]
    if wrong:
        return f"{len(row.hashes)} 项中 {len(wrong)} 项与清单不一致：{'、'.join(wrong)}"
    return f"{len(row.hashes)} 项校验一致" if row.hashes_ok else "材料清单与封存时的摘要不一致"


def newest_progress(session: Session, case_id: UUID) -> TransferProgress | None:
    """The entry this file made last."""
    query = select(TransferProgress).where(TransferProgress.case_id == case_id)
    return session.scalars(query.order_by(TransferProgress.entered_at.desc(), TransferProgress.id.desc()).limit(1)).first()
