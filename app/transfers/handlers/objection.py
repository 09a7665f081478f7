"""异议: 复议 (17号11) and the proposal of 立案监督 (17号12, 13): the team drafts, legal looks, the head signs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.papers import services as papers
from app.transfers import carry, letters, platform
from app.transfers.handlers.bureau import settle
from app.transfers.handlers.common import Data, at, lapse, letter_of, message, moment, record, running
from app.transfers.letters import Content, contents
from app.transfers.models import TransferLetter, TransferObjection
from app.transfers.numbering import PAPERS
from app.transfers.words import GROUNDS, WAYS
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()

APPLICATION, PROPOSAL = "复议申请书", "立案监督建议书"
DISPUTED = ("refused", "withdrawn", "upheld")  # what the head may leave undisputed, with a reason
REASON_LEAST = 20
UNREAD = ("transfer_receipt", "police_notice")


def current(ctx: Ctx) -> TransferObjection:
    """The round at work."""
    query = select(TransferObjection).where(TransferObjection.case_id == ctx.case.id).order_by(TransferObjection.round.desc()).limit(1)
    return ctx.session.scalars(query).one()


@handlers.register("transfer.open_objection")
def open_objection(ctx: Ctx, data: Data) -> Data:
    """What is disputed: no receipt, no decision in time, a refusal, a withdrawal. Its clocks start (310号9, 17号11–12)."""
    settle(ctx)
    transfer, kind = record(ctx), str(message(data).get("kind") or "")
    waits_receipt = running(ctx, "receipt") is not None and transfer.accepted_at is None
    ground = kind if kind in ("refused", "withdrawn") else "not_accepted" if waits_receipt else "late"
    ctx.session.add(TransferObjection(case_id=ctx.case.id, round=_rounds(ctx) + 1, ground=ground, opened_at=ctx.now))
    for slot in ("reconsider", "supervise"):
        if ctx.clock.running(slot):
            ctx.clock.supersede(slot)
    if ground == "refused":
        colour(ctx, ctx.clock.start("reconsider", "transfer.reconsider", ctx.now, round=_rounds(ctx)))
    ctx.clock.start("supervise", "transfer.supervise", ctx.now, round=_rounds(ctx))
    ctx.session.flush()
    at(ctx, "way")
    ctx.event(f"异议：{GROUNDS[ground]}")
    return {"ground": ground, "way": ""}


def colour(ctx: Ctx, clock: Any) -> None:
    """The conflict of 3 日 (310号9) and 3 工作日 (17号11): amber when the shorter has passed."""
    shorter = ctx.engine.rules.get("transfer.reconsider_colour", clock.from_at.date())
    edge = ctx.engine.calendar.due(shorter, clock.from_at).due
    if edge < clock.due_at:
        clock.warn_at = clock.next_at = edge
        clock.dirty = True


def _rounds(ctx: Ctx) -> int:
    return len(list(ctx.session.scalars(select(TransferObjection.id).where(TransferObjection.case_id == ctx.case.id))))


@handlers.register("transfer.way_chosen")
def way_chosen(ctx: Ctx, data: Data) -> Data:
    """choose_way, after_upheld: which way; what is not chosen no longer runs."""
    answer, row = data["answer"], current(ctx)
    way = answer["way"]
    ground = "upheld" if row.reconsider_result == "upheld" else row.ground
    if way == "reconsider" and (ground != "refused" or running(ctx, "reconsider") is None):
        raise FormError({"way": "复议只能对不予立案决定提出，并且要在期限内（17号第十一条）"})
    if way == "accept" and ground not in DISPUTED:
        raise FormError({"way": "公安机关没有作出决定，不能选择不持异议"})
    if way == "arrived" and not unread(ctx):
        raise FormError({"way": "公安机关的回执或者通知还没有到"})
    row.way, row.way_reason, row.way_by, row.way_at = way, answer.get("reason"), ctx.actor.shown, ctx.now
    if way == "arrived":
        _met_by_what_came(ctx)
        lapse(ctx, "reconsider", "supervise", note="公安机关的回执或者通知已到")
        _end(ctx, row, "arrived")
    elif way in ("reconsider", "supervise"):
        at(ctx, "draft")
    ctx.session.flush()
    return {}


def _met_by_what_came(ctx: Ctx) -> None:
    """The police's duty ended with their letter, although nobody has read it: else its clock would open the next objection at once."""
    for letter in unread(ctx):
        done = moment(letter.body.get("accepted_at"), letter.decided_at or letter.sent_at)
        for slot in ("receipt",) if letter.name == "transfer_receipt" else ("receipt", "decide"):
            if running(ctx, slot) is not None:
                ctx.clock.meet(slot, done)


def unread(ctx: Ctx) -> list[TransferLetter]:
    """Receipts and notices that lie with the file and were not taken yet."""
    query = select(TransferLetter).where(
        TransferLetter.to_case == ctx.case.id, TransferLetter.received_at.is_(None),
        TransferLetter.name.in_(UNREAD),
    )  # fmt: skip
    return list(ctx.session.scalars(query.order_by(TransferLetter.sent_at)))


@handlers.register("transfer.accept_decided")
def accept_decided(ctx: Ctx, data: Data) -> Data:
    """accept_way: not to dispute is the head's own decision, with its reason (amendments §5)."""
    answer, row = data["answer"], current(ctx)
    row.signed = [*row.signed, _signature(ctx, "accept", bool(answer["agreed"]), answer.get("reason"))]
    if answer["agreed"]:
        reason = str(answer.get("reason") or "").strip()
        if len(reason) < REASON_LEAST:
            raise FormError({"reason": f"不提出异议的，请用至少 {REASON_LEAST} 个字写明理由"})
        lapse(ctx, "reconsider", "supervise", note="决定不提出异议")
        row.way, row.way_reason = "accept", reason
        _end(ctx, row, "accepted")
        at(ctx, "penalty")
    else:
        at(ctx, "way")
    ctx.session.flush()
    return {}


def _end(ctx: Ctx, row: TransferObjection, ended_as: str) -> None:
    row.ended_at, row.ended_as = ctx.now, ended_as


# --- drafts -------------------------------------------------------------------------------------------------------------


@handlers.register("transfer.application_drafted")
def application_drafted(ctx: Ctx, data: Data) -> Data:
    return _drafted(ctx, APPLICATION, data["answer"])


@handlers.register("transfer.proposal_drafted")
def proposal_drafted(ctx: Ctx, data: Data) -> Data:
    return _drafted(ctx, PROPOSAL, data["answer"])


def _drafted(ctx: Ctx, kind: str, answer: Data) -> Data:
    row = current(ctx)
    text = {k: answer.get(k) for k in ("request", "facts", "reasons", "annexes") if answer.get(k)}
    row.drafts = [*row.drafts, {"kind": kind, **text, "by": ctx.actor.shown, "at": ctx.now.isoformat()}]
    ctx.session.flush()
    return {}


@handlers.register("transfer.application_reviewed")
def application_reviewed(ctx: Ctx, data: Data) -> Data:
    return _reviewed(ctx, APPLICATION, data["answer"])


@handlers.register("transfer.proposal_reviewed")
def proposal_reviewed(ctx: Ctx, data: Data) -> Data:
    return _reviewed(ctx, PROPOSAL, data["answer"])


def _reviewed(ctx: Ctx, kind: str, answer: Data) -> Data:
    row = current(ctx)
    row.legal = [*row.legal, {"kind": kind, "opinion": answer["opinion"], "by": ctx.actor.shown, "at": ctx.now.isoformat()}]
    ctx.session.flush()
    return {}


@handlers.register("transfer.application_signed")
def application_signed(ctx: Ctx, data: Data) -> Data:
    return _signed(ctx, APPLICATION, data["answer"])


@handlers.register("transfer.proposal_signed")
def proposal_signed(ctx: Ctx, data: Data) -> Data:
    return _signed(ctx, PROPOSAL, data["answer"])


def _signed(ctx: Ctx, kind: str, answer: Data) -> Data:
    row = current(ctx)
    row.signed = [*row.signed, _signature(ctx, kind, bool(answer["signed"]), answer.get("reason"))]
    ctx.session.flush()
    return {}


def _signature(ctx: Ctx, kind: str, signed: bool, reason: Any) -> dict[str, Any]:
    return {"kind": kind, "signed": signed, "reason": reason, "by": ctx.actor.shown, "at": ctx.now.isoformat()}


# --- letters ------------------------------------------------------------------------------------------------------------


@handlers.register("transfer.issue_application")
def issue_application(ctx: Ctx, data: Data) -> Data:
    """复议申请书 is numbered and goes out; the police's 3 工作日 run (17号11)."""
    row = current(ctx)
    row.reconsider_letter = _issue(ctx, APPLICATION, row)
    if running(ctx, "reconsider") is not None:
        ctx.clock.meet("reconsider", ctx.now)
    lapse(ctx, "supervise", note="已申请复议")
    ctx.clock.start("reconsider_decide", "transfer.reconsider_decide", ctx.now, round=row.round)
    platform.entry(ctx, "reconsider", ctx.now, letter_no=row.reconsider_letter)
    at(ctx, "challenge")
    return {"letter": row.reconsider_letter}


def reconsideration_late(ctx: Ctx) -> None:
    """The police have not decided in their 3 工作日: the proposal is owed within 3 日 of that moment (310号9, 17号12; house)."""
    if running(ctx, "supervise") is None and record(ctx).state == "challenge":
        ctx.clock.start("supervise", "transfer.supervise", ctx.now, round=current(ctx).round + 1)


@handlers.register("transfer.issue_proposal")
def issue_proposal(ctx: Ctx, data: Data) -> Data:
    """立案监督建议书 with its annexes (17号13)."""
    row = current(ctx)
    row.proposal_letter = _issue(ctx, PROPOSAL, row)
    if running(ctx, "supervise") is not None:
        ctx.clock.meet("supervise", ctx.now)
    lapse(ctx, "reconsider", note="已建议立案监督")
    platform.entry(ctx, "propose", ctx.now, letter_no=row.proposal_letter)
    at(ctx, "challenge")
    return {"letter": row.proposal_letter}


def _issue(ctx: Ctx, kind: str, row: TransferObjection) -> str:
    """The paper from the signed draft; its letter number is known before it is thrown, so that the answer can name it."""
    from app.papers.numbering import document_number

    home = carry.home_of(ctx)
    paper = papers.issue(ctx, kind, _lines(ctx, kind, row), number=document_number(ctx.session, PAPERS[kind], local(ctx.now).year))
    assert paper.number is not None
    return carry.allot(ctx.session, home.transfer_no, home.organ)


def _lines(ctx: Ctx, kind: str, row: TransferObjection) -> list[tuple[str, str]]:
    transfer = record(ctx)
    draft: dict[str, Any] = next((one for one in reversed(row.drafts) if one["kind"] == kind), {})
    lines = [("移送编号", transfer.transfer_no), ("涉案单位（人员）", transfer.party), ("异议的事项", GROUNDS[row.ground])]
    if transfer.notice_at is not None and row.ground in ("refused", "withdrawn"):
        lines.append(("收到决定的时间", f"{local(transfer.notice_at):%Y-%m-%d %H:%M}"))
    lines += [("请求", str(draft.get("request") or "")), ("事实", str(draft.get("facts") or "")), ("理由", str(draft.get("reasons") or ""))]
    annexes = "；".join(str(one.get("name")) for one in draft.get("annexes") or [] if isinstance(one, dict))
    return [line for line in [*lines, ("附件", annexes)] if line[1]]


@contents.register("supervision_proposed")
def supervision_proposed(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _content(ctx, PROPOSAL)


@contents.register("police_challenge:reconsider")
def reconsideration_asked(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _content(ctx, APPLICATION)


def _content(ctx: Ctx, kind: str) -> Content:
    row, transfer, paper = current(ctx), record(ctx), letters.latest_paper(ctx, kind)
    assert paper is not None  # issued in the step before
    lines = [(str(label), str(text)) for label, text in paper.content]
    body = {
        "ground": row.ground,
        "party": transfer.party,
        "title": transfer.title,
        "police": transfer.police or "",
        "bureau": transfer.organ,
    }
    return Content(body, lines=lines, title=kind, decided_at=ctx.now, document_no=paper.number, paper_id=paper.id)


# --- answers ------------------------------------------------------------------------------------------------------------


@handlers.register("transfer.take_reconsidered")
def take_reconsidered(ctx: Ctx, data: Data) -> Data:
    """复议决定: reversed ends the objection, upheld lets 3 日 run for the proposal (310号9)."""
    m, row = message(data), current(ctx)
    letter_of(ctx, data)
    decided = moment(m.get("decided_at"), ctx.now)
    row.reconsider_result, row.reconsidered_at = str(m.get("kind") or ""), decided
    if running(ctx, "reconsider_decide") is not None:
        ctx.clock.meet("reconsider_decide", decided)
    if row.reconsider_result != "upheld":
        _end(ctx, row, "reversed")
        at(ctx, "police")
        return {"ground": row.ground}
    record(ctx).notice_reason = str(m.get("reasons") or "") or record(ctx).notice_reason
    ctx.clock.start("supervise", "transfer.supervise", ctx.now, round=row.round + 1)
    ctx.session.flush()
    at(ctx, "way")
    return {"ground": "upheld"}


def ways(ground: str, *, reconsider_runs: bool, has_unread: bool) -> dict[str, str]:
    """The ways that are open now."""
    found = {"reconsider": WAYS["reconsider"]} if ground == "refused" and reconsider_runs else {}
    found["supervise"] = WAYS["supervise"]
    if has_unread:
        found["arrived"] = WAYS["arrived"]
    if ground in DISPUTED:
        found["accept"] = WAYS["accept"]
    return found
