"""What operators look at: partners, letters under way, letters that are stuck, comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Organ
from app.exchange import inbox, outbox
from app.exchange.models import Compared, Incoming, Outgoing, Partner, PartnerKey, PartnerOrgan, Statement


@dataclass(frozen=True, slots=True)
class Line:
    """One partner as the page shows it."""

    partner: Partner
    organs: Sequence[str]
    keys: Sequence[PartnerKey]
    waiting: int
    delivered: int
    received: int
    statement: Statement | None

    @property
    def skewed(self) -> bool:
        return abs(self.partner.skew_seconds or 0) > outbox.SKEW_SHOWN


def lines(session: Session) -> list[Line]:
    found = []
    for partner in session.scalars(select(Partner).order_by(Partner.id)):
        organs = select(Organ.name).join(PartnerOrgan, PartnerOrgan.organ_id == Organ.id).where(PartnerOrgan.partner_id == partner.id)
        keys = select(PartnerKey).where(PartnerKey.partner_id == partner.id, PartnerKey.revoked_at.is_(None))
        last = select(Statement).where(Statement.partner_id == partner.id, Statement.way == "in", Statement.status == "compared")
        found.append(
            Line(
                partner, list(session.scalars(organs.order_by(Organ.id))), list(session.scalars(keys.order_by(PartnerKey.trusted_at))),
                _count(session, Outgoing, partner, Outgoing.status != outbox.DELIVERED),
                _count(session, Outgoing, partner, Outgoing.status == outbox.DELIVERED),
                _count(session, Incoming, partner), session.scalars(last.order_by(Statement.day.desc()).limit(1)).first(),
            )
        )  # fmt: skip
    return found


def _count(session: Session, table: type[Outgoing] | type[Incoming], partner: Partner, *more: object) -> int:
    query = select(func.count()).select_from(table).where(table.partner_id == partner.id, *more)  # type: ignore[arg-type]
    return int(session.scalar(query) or 0)


def outgoing(session: Session, most: int = 100) -> Sequence[Outgoing]:
    """Letters not signed for, the oldest first."""
    query = select(Outgoing).where(Outgoing.status != outbox.DELIVERED).order_by(Outgoing.made_at).limit(most)
    return session.scalars(query).all()


def stuck(session: Session, most: int = 100) -> Sequence[Incoming]:
    """Letters that came and could not be put on file."""
    query = select(Incoming).where(Incoming.status == inbox.FAILED).order_by(Incoming.received_at).limit(most)
    return session.scalars(query).all()


def compared(session: Session, most: int = 100) -> Sequence[tuple[Compared, Statement]]:
    """Transfers that differed in the newest comparison with each partner, as far as whoever asks may see them."""
    last = (
        select(Statement.partner_id, func.max(Statement.day).label("day")).where(Statement.way == "in").group_by(Statement.partner_id)
    ).subquery()
    query = (
        select(Compared, Statement)
        .join(Statement, Statement.id == Compared.statement_id)
        .join(last, (last.c.partner_id == Statement.partner_id) & (last.c.day == Statement.day))
        .order_by(Compared.transfer_no)
        .limit(most)
    )
    return [(one, statement) for one, statement in session.execute(query)]
