"""涉罪筛查: the facts as entered, the inputs the table asks, what legal makes of its answer. It cannot be skipped."""

from __future__ import annotations

from uuid import UUID

from app.transfers import consulting, facts, hold, law, opening, screening, services
from app.transfers.handlers.bureau import finish, grave_tag
from app.transfers.handlers.common import Data, at, record
from app.transfers.models import TransferScreening
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers

handlers = Handlers()

REASON_LEAST = 20  # characters: what legal adds, and why


@handlers.register("transfer.facts_entered")
def facts_entered(ctx: Ctx, data: Data) -> Data:
    """enter_facts: a new screening row. Measured value and standard are both kept; what is not claimed is confirmed as none."""
    answer, transfer = data["answer"], record(ctx)
    screening.require_confirmed(answer)
    row = screening.keep(ctx.session, ctx.case.id, answer, ctx.actor, _version(ctx))
    transfer.act_from, transfer.act_to = row.act_from, row.act_to
    if answer.get("act"):
        transfer.act = answer["act"]
    if answer.get("place"):
        transfer.place = answer["place"]
    services.index(ctx.session, transfer)
    at(ctx, "confirm")
    return {"screening_id": str(row.id)}


@handlers.register("transfer.take_facts")
def take_facts(ctx: Ctx, data: Data) -> Data:
    """The inputs of the table, from the row just entered or from the one the asking case brought along."""
    row = _row(ctx, data)
    transfer = record(ctx)
    transfer.act_from, transfer.act_to = row.act_from, row.act_to
    at(ctx, "confirm")
    return {**facts.inputs(screening.answer_of(row)), "screening_id": str(row.id)}


def _row(ctx: Ctx, data: Data) -> TransferScreening:
    """A screening of another case is copied: what is judged stays on this file."""
    named = ctx.session.get(TransferScreening, UUID(str(data["screening_id"]))) if data.get("screening_id") else None
    if named is not None and named.case_id == ctx.case.id:
        return named
    if named is None:
        found = screening.latest(ctx.session, ctx.case.id)
        if found is None:
            raise FormError({"": "还没有填写筛查的事实"})
        return found
    copied = screening.keep(ctx.session, ctx.case.id, screening.answer_of(named), ctx.actor, _version(ctx))
    copied.entered_by, copied.entered_id, copied.entered_at = named.entered_by, named.entered_id, named.entered_at
    return copied


def _version(ctx: Ctx) -> str:
    procedure = ctx.step.procedure or ctx.engine.library.current(ctx.session, screening.PROCESS)
    return screening.version(procedure)


@handlers.register("transfer.facts_confirmed")
def facts_confirmed(ctx: Ctx, data: Data) -> Data:
    """confirm: legal may send the facts back, may add an item with its reason, may never strike one (解释1–3)."""
    answer, transfer = data["answer"], record(ctx)
    row = screening.latest(ctx.session, ctx.case.id)
    assert row is not None  # the facts come first
    if str(row.id) == data.get("screening_id"):  # facts that changed while legal had the step were asked when they came
        row.hits, row.unsure = screening.named(data.get("hits") or []), screening.named(data.get("hit_marks") or [])
    row.complete, row.confirmed_by, row.confirmed_at = bool(answer.get("complete")), ctx.actor.shown, ctx.now
    row.legal_reason, row.added = answer.get("reason"), list(answer.get("added") or [])
    if not row.complete:
        at(ctx, "facts")
        return {}
    row.suspected = bool(answer.get("suspected"))
    _refuse(row, answer)
    transfer.suspected, transfer.grave = row.suspected, screening.is_grave([*row.hits, *row.added])
    if row.suspected:
        _suspected(ctx, row)
    else:
        _cleared(ctx, row)
    return {}


def _refuse(row: TransferScreening, answer: Data) -> None:
    """What the table hit stands; what legal adds, and what is judged by hand, needs its reason."""
    reason = str(answer.get("reason") or "").strip()
    if row.hits and not row.suspected:
        raise FormError({"suspected": f"筛查表命中{'、'.join(row.hits)}，不能认定为不涉嫌；事实有误的请退回补充"})
    if row.added and not row.suspected:
        raise FormError({"added": "增加了情形，就应认定涉嫌犯罪"})
    if row.suspected and not row.hits and not row.added:
        raise FormError({"added": "筛查表没有命中的，请写明增加的是哪一项情形"})
    by_hand = row.law == law.BY_HAND.id
    if (row.added or by_hand) and len(reason) < REASON_LEAST:
        say = "2023年8月15日以前的行为由法规处判断" if by_hand else "增加情形的"
        raise FormError({"reason": f"{say}，请用至少 {REASON_LEAST} 个字写明理由和依据"})


def _suspected(ctx: Ctx, row: TransferScreening) -> None:
    at(ctx, "team")
    transfer = record(ctx)
    transfer.title = opening.title_of(transfer.party)
    ctx.update_case(title=transfer.title)
    ctx.tag("涉嫌犯罪")
    grave_tag(ctx, [*row.hits, *row.added])
    if screening.is_grave([*row.hits, *row.added]):
        consulting.propose_early(ctx, transfer, row)


def _cleared(ctx: Ctx, row: TransferScreening) -> None:
    """Legal's "not suspected" answers the question: closing is free again (amendments §5)."""
    transfer = record(ctx)
    services.answer(ctx, transfer, "not_suspected", row.legal_reason or "筛查表没有命中，法规处复核不涉嫌犯罪")
    hold.end(ctx, transfer, "not_suspected")
    finish(ctx, "not_suspected")
