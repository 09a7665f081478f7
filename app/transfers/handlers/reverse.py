"""反向衔接: the criminal way ended without a punishment, so the penalty is decided and the procuratorate is told (17号16, 18; 解释12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.papers import services as papers
from app.papers.numbering import document_number
from app.transfers import carry, circle, detention, hold, numbering, opening, penalties, platform, services
from app.transfers.handlers.bureau import finish, settle, tell_of
from app.transfers.handlers.common import Data, at, day, is_main, letter_of, message, moment, record, running, uuids
from app.transfers.letters import Content, contents
from app.transfers.models import PenaltyCase, Transfer, TransferReverse
from app.transfers.words import OUTCOMES, PENALTY_WAYS
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()

# what became of the criminal case → how the hold ends (words.HOLD_ENDS)
ENDS = {
    "refused": "not_filed", "upheld": "not_filed", "stands": "not_filed", "returned": "returned", "withdrawn": "withdrawn",
    "nonprosecuted": "nonprosecuted", "acquitted": "acquitted", "exempted": "exempted", "opinion": "opinion",
}  # fmt: skip
OWES_REPLY = ("nonprosecuted", "exempted", "opinion")
RESULT = "处罚结果告知书"


@handlers.register("transfer.resume")
def resume(ctx: Ctx, data: Data) -> Data:
    """The hold ends for these parties and the penalty's period runs on; without one a new 90 日 run (处罚法60)."""
    alone = ctx.session.get(Transfer, ctx.case.id) is None
    m = _first(ctx, data) if alone else message(data)
    settle(ctx)
    transfer, why, clock_letter = record(ctx), str(m.get("kind") or ""), str(data.get("letter") or "") or None
    concerned = uuids(data.get("parties") or m.get("parties"))
    _row(ctx, transfer, why, concerned, m)
    hold.end(ctx, transfer, ENDS.get(why, "returned"), concerned or None)
    runs = _penalty_runs(ctx, transfer)
    if not runs and running(ctx, "reverse_case", clock_letter) is None:
        ctx.clock.start("reverse_case", "reverse.case", ctx.now, letter=clock_letter)
    if why == "nonprosecuted":
        ctx.clock.start("review", "reverse.review", moment(m.get("sent_at"), ctx.now), letter=clock_letter)
    if why == "opinion":
        _reply_clock(ctx, m, clock_letter)
    at(ctx, "penalty")
    detention.changed_in(ctx, transfer_case=transfer.case_id)  # no crime: a penalty and its detention are free again
    slot = hold.SLOT if runs else "reverse_case"
    return {"m": m, "parties": [str(one) for one in concerned], "reply_owed": why in OWES_REPLY, "penalty_slot": slot}


def _first(ctx: Ctx, data: Data) -> Data:
    """A linkage of its own: 检察意见 to penalise when the bureau keeps no living file (A26)."""
    transfer = opening.by_message(ctx, data)
    transfer.origin, transfer.state, transfer.suspected = "opinion", "penalty", True
    circle.confine(ctx, transfer.organ)
    number = numbering.case_number(ctx.session, transfer.transfer_no, transfer.organ)
    ctx.update_case(title=f"{transfer.title}（反向衔接）", number=number, facets={"county": transfer.county, "unit": transfer.unit})
    seen = [ctx.case.attrs.get("police"), ctx.case.attrs.get("procuratorate"), str(data.get("organ") or "")]
    carry.received(ctx, data)  # before the file is registered: what is received does not wait for it
    services.register_file(ctx, transfer.transfer_no, transfer.organ, seen_by=seen)
    transfer.police, transfer.procuratorate = ctx.case.attrs.get("police"), ctx.case.attrs.get("procuratorate")
    opening.ensure_parties(ctx.session, transfer)
    services.index(ctx.session, transfer)
    kept = ("letter_no", "name", "kind", "organ", "decided_at", "sent_at", "text", "reply_by", "parties")
    return {**{name: data[name] for name in kept if data.get(name)}, "kind": "opinion"}


def _penalty_runs(ctx: Ctx, transfer: Transfer) -> bool:
    """Is there a penalty case whose own period goes on? reverse.case only counts where nothing was filed before (amendments §5)."""
    penalty = ctx.session.get(PenaltyCase, transfer.penalty_id) if transfer.penalty_id else None
    return penalty is not None and penalty.decided_on is None


def _row(ctx: Ctx, transfer: Transfer, why: str, concerned: list[UUID], m: Data) -> TransferReverse:
    row = TransferReverse(
        case_id=ctx.case.id, transfer_no=transfer.transfer_no, party_id=concerned[0] if len(concerned) == 1 else None, why=why,
        opened_at=ctx.now,
    )  # fmt: skip
    if why == "opinion":
        row.opinion_letter, row.opinion, row.reply_by = str(m.get("letter_no") or ""), m.get("text"), day(m.get("reply_by"))
    ctx.session.add(row)
    ctx.session.flush()
    return row


def current(ctx: Ctx, parties: list[Any] | None = None) -> TransferReverse:
    """The linkage at work: of the party it is about, else the newest."""
    query = select(TransferReverse).where(TransferReverse.case_id == ctx.case.id, TransferReverse.decided_at.is_(None))
    rows = list(ctx.session.scalars(query.order_by(TransferReverse.opened_at.desc(), TransferReverse.id.desc())))
    wanted = {str(one) for one in parties or []}
    return next((row for row in rows if row.party_id is not None and str(row.party_id) in wanted), rows[0])


def _reply_clock(ctx: Ctx, m: Data, letter: str | None) -> None:
    """The day by which the procuratorate wants to hear the result."""
    wanted = day(m.get("reply_by"))
    if wanted is not None and running(ctx, "reply", letter) is None:
        ctx.clock.start("reply", "reverse.reply", ctx.now, letter=letter, until=end_of_day(wanted))


@handlers.register("transfer.take_opinion")
def take_opinion(ctx: Ctx, data: Data) -> Data:
    """检察意见 to penalise, or that none is given: both end the waiting of 10 工作日."""
    m, letter = message(data), str(data.get("letter") or "") or None
    letter_of(ctx, data)
    opinion_came(ctx, m, letter, list(data.get("parties") or []))
    return {"reply_owed": m.get("kind") == "opinion" or bool(data.get("reply_owed"))}


def opinion_came(ctx: Ctx, m: Data, letter: str | None, parties: list[Any]) -> None:
    """On record; also where it comes while the penalty is open and no step waits (A17)."""
    if running(ctx, "review", letter) is not None:
        ctx.clock.meet("review", moment(m.get("decided_at"), ctx.now), letter=letter)
    if m.get("kind") != "opinion":
        ctx.event("检察机关不提出处罚意见")
        return
    row = current(ctx, parties)
    row.opinion_letter, row.opinion, row.reply_by = str(m.get("letter_no") or ""), m.get("text"), day(m.get("reply_by"))
    _reply_clock(ctx, m, letter)
    ctx.session.flush()
    tell_of(ctx, "检察机关提出给予行政处罚的检察意见，请在决定处罚时一并办理。")


@handlers.register("transfer.penalty_decided")
def penalty_decided(ctx: Ctx, data: Data) -> Data:
    """decide_penalty: fine, another penalty, or none; after a criminal fine no fine (处罚法35)."""
    answer, transfer, letter = data["answer"], record(ctx), str(data.get("letter") or "") or None
    row = current(ctx, list(data.get("parties") or []))
    penalty = ctx.session.get(PenaltyCase, transfer.penalty_id) if transfer.penalty_id else None
    if answer["penalty"] == "fine" and penalty is not None and hold.fined_by_court(ctx.session, penalty) is not None:
        raise FormError({"penalty": "同一违法行为已由人民法院判处罚金，不再给予罚款（行政处罚法第三十五条）"})
    row.penalty, row.reason = answer["penalty"], answer.get("reason")
    row.decision_no, row.amount = answer.get("decision_no"), penalties.money(answer.get("amount"))
    row.decided_at, row.decided_by = ctx.now, ctx.actor.shown
    _register(ctx, penalty, answer)
    for slot in ("reverse_case", "reply", "review"):
        if running(ctx, slot, letter) is not None:
            ctx.clock.meet(slot, ctx.now, letter=letter) if slot != "review" else ctx.clock.lapse(slot, letter=letter)
    if running(ctx, hold.SLOT) is not None and not hold.open_holds(ctx.session, ctx.case.id):
        ctx.clock.meet(hold.SLOT, ctx.now)
    platform.entry(ctx, "penalty", ctx.now)
    if is_main(ctx) and ctx.process == "reverse_linkage":  # a file of its own; the main path asks for what runs beside it
        finish(ctx, "replied" if data.get("reply_owed") else "penalty")
    ctx.session.flush()
    return {}


def _register(ctx: Ctx, penalty: PenaltyCase | None, answer: Data) -> None:
    """The decision in the register of penalties, where the case is there."""
    if penalty is None or penalty.decided_on is not None or answer["penalty"] == "none":
        return
    penalty.decided_on, penalty.decision_no = local(ctx.now).date(), answer.get("decision_no")
    penalty.kinds = ["fine"] if answer["penalty"] == "fine" else list(answer.get("kinds") or ["other"])
    penalty.amount = penalties.money(answer.get("amount")) if answer["penalty"] == "fine" else None
    penalty.changed_by, penalty.changed_at = ctx.actor.shown, ctx.now


@contents.register("penalty_result")
def penalty_result(ctx: Ctx, kind: str, payload: Data) -> Content:
    """解释12: the result is told to the procuratorate in time."""
    query = select(TransferReverse).where(TransferReverse.case_id == ctx.case.id, TransferReverse.decided_at.is_not(None))
    row = ctx.session.scalars(query.order_by(TransferReverse.decided_at.desc()).limit(1)).one()
    transfer = record(ctx)
    lines = [
        ("移送编号", transfer.transfer_no), ("涉案单位（人员）", transfer.party), ("刑事结果", OUTCOMES.get(row.why, "检察意见建议处罚")),
        ("处理决定", PENALTY_WAYS[row.penalty or "none"]), ("决定书文号", row.decision_no or ""),
        ("金额", f"{row.amount:.2f} 元" if row.amount is not None else ""), ("理由", row.reason or ""),
    ]  # fmt: skip
    lines = [line for line in lines if line[1]]
    paper = papers.issue(ctx, RESULT, lines, number=document_number(ctx.session, numbering.PAPERS[RESULT], local(ctx.now).year))
    body = {"decision_no": row.decision_no or "", "penalty": row.penalty, "parties": list(payload.get("parties") or [])}
    row.replied_letter = paper.number
    ctx.session.flush()
    return Content(
        body,
        lines=lines,
        title=RESULT,
        in_reply_to=row.opinion_letter,
        decided_at=row.decided_at,
        document_no=paper.number,
        paper_id=paper.id,
    )
