"""会商、提前介入: how a consultation begins, by a person or proposed by a grave hit (17号24, 26)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import numbering
from app.transfers.models import Consultation, Transfer, TransferScreening
from app.transfers.words import CONSULTS
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor, Ctx
from workflows.step import Step
from workflows.tables import Case
from workflows.time import now

PROCESS = "consultation"
SIDES = {"police": "公安机关", "procuratorate": "人民检察院"}


def begin(session: Session, person: Person, transfer: Transfer, kind: str, asked: str) -> UUID:
    """A consultation about a file, asked for by a person; its question is written in its first step."""
    if kind not in CONSULTS:
        raise FormError({"kind": "请选择会商还是提前介入"})
    return _open(session, person.actor(), transfer, kind, asked)


def propose_early(ctx: Ctx, transfer: Transfer, row: TransferScreening) -> None:
    """A hit of 解释2 or 3: the head of the unit finds an invitation to police and procuratorate ready to be sent (house)."""
    known = select(Consultation.case_id).where(Consultation.about_case == transfer.case_id, Consultation.kind == "early_notice")
    if ctx.session.scalar(known.limit(1)) is not None:
        return
    said = f"筛查命中{'、'.join([*row.hits, *row.added])}，案情重大，提请提前介入，指导固定证据。"
    for asked in SIDES:
        if ctx.case.attrs.get(asked):
            _open(ctx.session, ctx.actor, transfer, "early_notice", asked, said)


def _open(session: Session, actor: Actor, transfer: Transfer, kind: str, asked: str, question: str = "") -> UUID:
    case = session.get_one(Case, transfer.case_id)
    other = str(case.attrs.get(asked) or "")
    if not other:
        raise Conflict(f"案卷没有写明{SIDES.get(asked, '对方机关')}，不能发起会商。")
    attrs = {
        name: str(value)
        for name, value in case.attrs.items()
        if name in ("unit", "handler", "officer", "bureau", "police", "procuratorate")
    }
    number = numbering.new(session, numbering.CONSULTATION)
    step = Step.new_case(
        get_engine(), session, actor, title=f"{CONSULTS[kind]}：{transfer.title}", city=case.city, number=number, attrs=attrs
    )
    session.add(
        Consultation(
            case_id=step.case.id, side="asks", number=number, transfer_no=transfer.transfer_no,
            about_case=transfer.case_id, organ=transfer.organ,
            unit=transfer.unit, kind=kind, other=other, question=question, asked_by=actor.shown, asked_at=now(),
        )
    )  # fmt: skip
    session.flush()
    step.update_case(facets={"county": transfer.county, "unit": transfer.unit})
    step.begin(PROCESS, _first(kind, asked))
    step.save()
    return step.case.id


def _first(kind: str, asked: str) -> dict[str, Any]:
    return {"consult_kind": kind, "asked": asked}


def of_file(session: Session, case_id: UUID) -> list[Consultation]:
    """The consultations a bureau's file asked for."""
    query = select(Consultation).where(Consultation.about_case == case_id, Consultation.side == "asks")
    return list(session.scalars(query.order_by(Consultation.asked_at)))
