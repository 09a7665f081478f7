"""Which organs may see what: the circle of an organ, and of everybody who takes part in a transfer (rows with ``confined``)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.transfers.models import TransferFile
from workflows.handlers import Ctx

OURS = ("bureau", "branch", "department")


def of(session: Session, organ: str) -> list[str]:
    """An organ that acts in its own name, and the bureau above a branch. Police and procuratorates stand alone."""
    home = session.get(Organ, organ)
    if home is None or home.kind not in OURS:
        return [organ]
    acting = directory.signer_org(session, organ)
    own = session.get(Organ, acting)
    above = [own.parent_id] if own is not None and own.kind == "branch" and own.parent_id else []
    return [acting, *above]


def organs(session: Session, *named: str | None) -> list[str]:
    """The circles of several organs, each organ once."""
    return list(dict.fromkeys(one for organ in named if organ for one in of(session, organ)))


def of_transfer(session: Session, transfer_no: str, *more: str | None) -> list[str]:
    """Everybody who keeps a file of a transfer, and who is named besides."""
    there = session.scalars(select(TransferFile.organ).where(TransferFile.transfer_no == transfer_no).order_by(TransferFile.started_at))
    return organs(session, *there, *more)


def confine(ctx: Ctx, *named: str | None) -> list[str]:
    """Make the case of this step, with all its rows, visible to these organs only."""
    seen = organs(ctx.session, *named)
    if list(ctx.case.confined or ()) != seen:
        ctx.update_case(confined=seen)
    return seen
