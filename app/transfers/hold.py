"""The hold (17号16): while a transfer is open no fine is decided and the penalty's period stands still; 处罚法35 offsets what was paid.

Opened with the file, ended by the outcomes of criminal_transfer.md §7, party by party. It blocks fines only: 责令停产停业 and
暂扣、吊销许可证件 may be imposed meanwhile; a new 警告 is 待核.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.petitions.identity import enterprise_key
from app.transfers.models import PenaltyCase, Transfer, TransferHold, TransferParty
from app.transfers.words import FREE_UNDER_HOLD, HOLD_ENDS, PENALTIES
from workflows.calendar import last_day
from workflows.handlers import Ctx
from workflows.time import end_of_day, local, start_of_day

SLOT, RULE = "penalty", "penalty.decide"
_HELD = text("SELECT transfer_held(:penalty)")


def parties(session: Session, case_id: UUID) -> list[TransferParty]:
    return list(session.scalars(select(TransferParty).where(TransferParty.case_id == case_id).order_by(TransferParty.no)))


def open_holds(session: Session, case_id: UUID) -> list[TransferHold]:
    query = select(TransferHold).where(TransferHold.case_id == case_id, TransferHold.until.is_(None))
    return list(session.scalars(query.order_by(TransferHold.since, TransferHold.id)))


def all_of(session: Session, case_id: UUID) -> list[TransferHold]:
    return list(session.scalars(select(TransferHold).where(TransferHold.case_id == case_id).order_by(TransferHold.since, TransferHold.id)))


def held(session: Session, penalty_id: UUID) -> bool:
    """Is the penalty under a hold, whoever asks?"""
    return bool(session.scalar(_HELD, {"penalty": penalty_id}))


def begin(ctx: Ctx, transfer: Transfer) -> None:
    """A hold for each party that has none open; the main party's penalty case is the file's."""
    have = {hold.party_id for hold in open_holds(ctx.session, transfer.case_id)}
    for party in parties(ctx.session, transfer.case_id):
        if party.id in have:
            continue
        penalty = penalty_of(ctx.session, transfer, party)
        ctx.session.add(
            TransferHold(
                case_id=transfer.case_id, transfer_no=transfer.transfer_no, party_id=party.id, since=ctx.now,
                penalty_id=penalty.id if penalty else None, stopped_at=transfer.sent_at,
            )
        )  # fmt: skip
    ctx.session.flush()


def penalty_of(session: Session, transfer: Transfer, party: TransferParty) -> PenaltyCase | None:
    """The open penalty case about the same act of a party: the one named on the file, else the only one that fits."""
    key = enterprise_key(party.name)
    if transfer.penalty_id is not None:
        named = session.get(PenaltyCase, transfer.penalty_id)
        if named is not None and named.party_key == key:
            return named
    query = select(PenaltyCase).where(
        PenaltyCase.organ == transfer.organ, PenaltyCase.party_key == key, PenaltyCase.closed_on.is_(None),
        PenaltyCase.decided_on.is_(None),
    )  # fmt: skip
    found = list(session.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None


def start_clock(ctx: Ctx, transfer: Transfer) -> None:
    """The penalty's 90 日 are watched on the file that stops them; what has been decided has no clock any more."""
    penalty = ctx.session.get(PenaltyCase, transfer.penalty_id) if transfer.penalty_id else None
    if penalty is not None and penalty.decided_on is None and not ctx.clock.running(SLOT):
        ctx.clock.start(SLOT, RULE, start_of_day(penalty.filed_on))


def stop(ctx: Ctx, transfer: Transfer, at: datetime) -> None:
    """From the sending the period does not count (17号16)."""
    for one in open_holds(ctx.session, transfer.case_id):
        one.stopped_at = one.stopped_at or at
    for clock in ctx.clock.running(SLOT):
        if clock.status == "running":
            ctx.clock.pause(SLOT, at, f"移送公安机关办理（{transfer.transfer_no}）", ctx.actor.shown)
    ctx.session.flush()


def end(ctx: Ctx, transfer: Transfer, ended_as: str, party_ids: Iterable[UUID] | None = None) -> int:
    """The hold ends for these parties (None: for all); the penalty's period runs on. Returns how many ended."""
    wanted = set(party_ids) if party_ids is not None else None
    ended = 0
    for one in open_holds(ctx.session, transfer.case_id):
        if wanted is not None and one.party_id is not None and one.party_id not in wanted:
            continue
        one.until, one.ended_as, one.ended_by = ctx.now, ended_as, ctx.actor.shown
        _move(ctx, one)
        ended += 1
    ctx.session.flush()
    if ended and not open_holds(ctx.session, transfer.case_id):
        ctx.clock.resume(SLOT, ctx.now) if ctx.clock.running(SLOT) else None
        ctx.event(f"罚款限制解除：{HOLD_ENDS.get(ended_as, ended_as)}")
    return ended


def release_clock(ctx: Ctx, note: str) -> None:
    """The file ends; the penalty's own period goes on in the register."""
    if ctx.clock.running(SLOT):
        ctx.clock.lapse(SLOT, note=note)


def _move(ctx: Ctx, one: TransferHold) -> None:
    """The day the penalty is to be decided by, moved by the time it stood still."""
    penalty = ctx.session.get(PenaltyCase, one.penalty_id) if one.penalty_id else None
    if penalty is None or penalty.decided_on is not None or one.stopped_at is None:
        return
    law = ctx.engine.rules.get(RULE, penalty.filed_on)
    raw = end_of_day(penalty.filed_on + timedelta(days=law.amount or 0)) + _stood_still(ctx.session, penalty.id, one)
    penalty.decide_by = last_day(ctx.engine.calendar.resume_due(raw, one.stopped_at, ctx.now, law.unit)[1])


def _stood_still(session: Session, penalty_id: UUID, this: TransferHold) -> timedelta:
    """How long earlier holds stopped the same penalty."""
    query = select(TransferHold).where(TransferHold.penalty_id == penalty_id, TransferHold.until.is_not(None), TransferHold.id != this.id)
    days = sum((local(h.until).date() - local(h.stopped_at).date()).days for h in session.scalars(query) if h.until and h.stopped_at)
    return timedelta(days=days)


# --- what may be decided ------------------------------------------------------------------------------------------------


def forbidden(kinds: Iterable[str]) -> list[str]:
    """The kinds of penalty that wait for the end of the hold."""
    return [kind for kind in kinds if kind not in FREE_UNDER_HOLD]


def words(kinds: Iterable[str]) -> str:
    return "、".join(PENALTIES.get(kind, kind) for kind in kinds)


def fined_by_court(session: Session, penalty: PenaltyCase) -> TransferParty | None:
    """The party of this penalty that a court has fined for the act (处罚法35: no further fine)."""
    query = (
        select(TransferParty)
        .join(TransferHold, TransferHold.party_id == TransferParty.id)
        .where(TransferHold.penalty_id == penalty.id, TransferParty.outcome == "convicted", TransferParty.fine > 0)
    )
    return session.scalars(query.limit(1)).first()


def offset(ctx: Ctx, transfer: Transfer) -> list[tuple[str, Decimal]]:
    """罚款折抵罚金 (处罚法35, 法典1058): what each convicted party paid before is noted with its penalty case."""
    done = []
    for party in parties(ctx.session, transfer.case_id):
        if party.outcome != "convicted" or not party.fine:
            continue
        key = enterprise_key(party.name)
        query = select(PenaltyCase).where(PenaltyCase.organ == transfer.organ, PenaltyCase.party_key == key)
        mine = [transfer.penalty_id, *(h.penalty_id for h in all_of(ctx.session, transfer.case_id) if h.party_id == party.id)]
        for penalty in ctx.session.scalars(query.where(PenaltyCase.id.in_([one for one in mine if one]))):
            fine = penalty.amount or Decimal(0)
            paid = penalty.paid_amount if penalty.paid_amount is not None else fine
            penalty.offset_amount = min(paid, party.fine)
            penalty.offset_note = f"{transfer.transfer_no}：法院判处罚金 {party.fine:.2f} 元，已缴罚款依法折抵"
            done.append((party.name, penalty.offset_amount))
    ctx.session.flush()
    return done
