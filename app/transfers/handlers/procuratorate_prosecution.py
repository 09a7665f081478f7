"""审查起诉, 裁判, 反向衔接: decided for each party; those not prosecuted are reviewed for a penalty (17号18, 刑诉法177)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from app.papers import services as papers
from app.papers.numbering import document_number
from app.transfers import carry, letters, outcomes, progress
from app.transfers import procuratorate_files as files
from app.transfers.handlers.common import Data, letter_of, message, moment, running
from app.transfers.handlers.procuratorate_closing import finish
from app.transfers.keeping import NUMBERS
from app.transfers.letters import Content, contents
from app.transfers.models import TransferFollowUp, TransferLetter, TransferOutcome
from app.transfers.procuratorate_files import as_id, at, record
from app.transfers.procuratorate_notes import put_before
from app.transfers.procuratorate_records import NO_PROSECUTION, PENALTY_OPINION, REMINDER, VERDICT, matter
from app.transfers.words import OUTCOMES, PENALTY_WAYS
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()

RESULT = "penalty_result"


@handlers.register("procuratorate.open_prosecution")
def open_prosecution(ctx: Ctx, data: Data) -> Data:
    """Who was sent for prosecution; where the police named nobody, everybody in 移送书."""
    named = files.in_order(ctx.session, ctx.case.id, message(data).get("parties") or [])
    at(ctx, "prosecution")
    return {"parties": named or list(files.parties(ctx.session, ctx.case.id))}


@handlers.register("procuratorate.prosecution_decided")
def prosecution_decided(ctx: Ctx, data: Data) -> Data:
    """decide_prosecution: each party in one list or the other; the bureau hears of non-prosecution within 3 日 of it."""
    answer, found = data["answer"], record(ctx)
    yes = files.in_order(ctx.session, ctx.case.id, answer.get("parties_prosecuted") or [])
    no = files.in_order(ctx.session, ctx.case.id, answer.get("parties_not") or [])
    _each_once(yes, no, [str(one) for one in data.get("parties") or []])
    decided, names = moment(answer.get("decided_at"), ctx.now), files.parties(ctx.session, ctx.case.id)
    found.prosecute, found.prosecution_at, found.prosecution_reason = bool(yes), decided, answer.get("reason")
    for kind, chosen in (("prosecuted", yes), ("nonprosecuted", no)):
        for one in chosen:
            progress.add(
                ctx, kind, local(decided).date(), party_id=as_id(one), party=names.get(one), document_no=answer.get("document_no"),
                note=answer.get("reason") if kind == "nonprosecuted" else None,
            )  # fmt: skip
    if no:
        outcomes.record_outcome(
            ctx, "nonprosecuted", parties=[(as_id(one), names[one]) for one in no], reasons=answer.get("reason"),
            document_no=answer.get("document_no"), decided_at=decided,
        )  # fmt: skip
        ctx.clock.start("nonprosecution", "transfer.nonprosecution", decided)
        ctx.clock.meet("nonprosecution", ctx.now)
        ctx.clock.start("review", "reverse.review", ctx.now)
    at(ctx, "verdict" if yes else "penalty")
    return {"parties_prosecuted": yes, "parties_not": no}


def _each_once(yes: list[str], no: list[str], wanted: list[str]) -> None:
    if set(yes) & set(no):
        raise FormError({"parties_not": "同一当事人不能既起诉又不起诉"})
    if set(yes) | set(no) != set(wanted):
        raise FormError({"parties_prosecuted": "每一方都要有决定：提起公诉或者不起诉"})


# --- verdicts -----------------------------------------------------------------------------------------------------------


@handlers.register("procuratorate.verdict_recorded")
def verdict_recorded(ctx: Ctx, data: Data) -> Data:
    """record_verdict: the court's judgement of these parties; a fine counts for each of them."""
    answer, found = data["answer"], record(ctx)
    chosen = files.in_order(ctx.session, ctx.case.id, answer["parties"])
    decided, names = moment(answer.get("decided_at"), ctx.now), files.parties(ctx.session, ctx.case.id)
    outcomes.record_outcome(
        ctx, answer["verdict"], parties=[(as_id(one), names[one]) for one in chosen], fine=answer.get("fine"),
        reasons=answer.get("reason"), document_no=answer["document_no"], decided_at=decided,
    )  # fmt: skip
    for one in chosen:
        progress.add(
            ctx, "verdict", local(decided).date(), party_id=as_id(one), party=names[one], document_no=answer["document_no"],
            note=OUTCOMES[answer["verdict"]],
        )  # fmt: skip
    found.verdict, found.verdict_at = answer["verdict"], decided
    ctx.session.flush()
    return {"parties": chosen}


@handlers.register("procuratorate.note_verdict")
def note_verdict(ctx: Ctx, data: Data) -> Data:
    """Is any charged party still without a verdict?"""
    left = files.without_verdict(ctx.session, ctx.case.id)
    if not left:
        conclude(ctx)
    return {"verdicts_open": bool(left)}


@contents.register(*(f"criminal_outcome:{kind}" for kind in ("nonprosecuted", *files.VERDICTS)))
def criminal_outcome(ctx: Ctx, kind: str, payload: Data) -> Content:
    """What the bureau has to know: whom it concerns, why, the fine of each, the document."""
    chosen = [str(one) for one in payload.get("parties") or []]
    rows = _outcomes(ctx, kind, chosen)
    names = "、".join(row.party or "" for row in rows) or record(ctx).party
    first = rows[0]
    paper_kind = NO_PROSECUTION if kind == "nonprosecuted" else VERDICT
    fines = {str(row.party_id): f"{row.fine:.2f}" for row in rows if row.fine is not None and row.party_id is not None}
    fine = f"{first.fine:.2f}" if first.fine is not None else ""
    lines = [
        *matter(ctx), ("当事人", names), ("结果", OUTCOMES[kind]), ("文书编号", first.document_no or ""),
        ("决定时间", f"{local(first.decided_at):%Y-%m-%d %H:%M}"), ("罚金（每一方）", fine and f"{fine} 元"),
        ("理由", first.reasons or ""),
    ]  # fmt: skip
    said = [line for line in lines if line[1]]
    paper = papers.issue(ctx, paper_kind, said, number=_number(ctx, paper_kind))
    body = {"reasons": first.reasons or "", "fine": fine, "fines": fines}
    return Content(
        {**body, "document": first.document_no or ""}, lines=said, title=paper_kind, decided_at=first.decided_at,
        document_no=paper.number, paper_id=paper.id,
    )  # fmt: skip


def _outcomes(ctx: Ctx, kind: str, chosen: list[str]) -> list[TransferOutcome]:
    """The rows of these parties, as the step before wrote them."""
    query = select(TransferOutcome).where(TransferOutcome.case_id == ctx.case.id, TransferOutcome.kind == kind)
    rows = list(ctx.session.scalars(query.order_by(TransferOutcome.entered_at, TransferOutcome.id)))
    wanted = {as_id(one) for one in chosen}
    return [row for row in rows if row.party_id in wanted] or rows


# --- 反向衔接 -----------------------------------------------------------------------------------------------------------


@handlers.register("procuratorate.penalty_reviewed")
def penalty_reviewed(ctx: Ctx, data: Data) -> Data:
    """review_penalty: 检察意见 with the day of the reply, or that none is given; both end the 10 工作日."""
    answer, found = data["answer"], record(ctx)
    if running(ctx, "review") is not None:
        ctx.clock.meet("review", ctx.now)
    found.penalty_opinion_at = ctx.now
    if not answer["opine"]:
        ctx.event("不提出给予行政处罚的检察意见", {"理由": answer.get("reason")})
        conclude(ctx)
        return {}
    paper = letters.latest_paper(ctx, PENALTY_OPINION)
    found.penalty_opinion, found.penalty_opinion_no = str(answer["text"]), paper.number if paper is not None else None
    found.reply_by = _day(answer["reply_by"])
    ctx.clock.start("reply", "reverse.reply", ctx.now, until=end_of_day(found.reply_by))
    if files.without_verdict(ctx.session, ctx.case.id):
        ctx.session.flush()
    else:
        at(ctx, "penalty")
    return {}


@contents.register("penalty_opinion")
def penalty_opinion(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The opinion with the day of the reply; or that there is none, which is told as well (amendments §2)."""
    found = record(ctx)
    if kind != "opinion":
        return Content(
            {"text": "", "reply_by": ""}, lines=[*matter(ctx), ("审查结论", "不提出给予行政处罚的检察意见")], title="不提出处罚意见告知",
            decided_at=found.penalty_opinion_at,
        )  # fmt: skip
    paper = letters.latest_paper(ctx, PENALTY_OPINION)
    assert paper is not None and found.reply_by is not None  # review_penalty issued it
    body = {
        "text": found.penalty_opinion, "reply_by": found.reply_by.isoformat(), "party": found.party, "title": found.title,
        "bureau": found.bureau, "police": found.police or "", "procuratorate": found.organ,
    }  # fmt: skip
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(body, lines=lines, decided_at=found.penalty_opinion_at, document_no=paper.number, paper_id=paper.id)


@handlers.register("procuratorate.take_penalty")
def take_penalty(ctx: Ctx, data: Data) -> Data:
    """处理结果 (解释12): the reply is in."""
    m, found = message(data), record(ctx)
    letter_of(ctx, data)
    found.replied_at = moment(m.get("decided_at"), ctx.now)
    found.penalty_result = (
        f"{PENALTY_WAYS.get(str(m.get('penalty') or m.get('kind') or ''), '已处理')}　{m.get('decision_no') or ''}".strip()
    )
    if running(ctx, "reply") is not None:
        ctx.clock.meet("reply", found.replied_at)
    conclude(ctx)
    return {}


@handlers.register("procuratorate.followed_up")
def followed_up(ctx: Ctx, data: Data) -> Data:
    """follow_up: a reminder to the bureau with a new day. A result that came while it was being written is taken now."""
    answer, found = data["answer"], record(ctx)
    found.reply_by = _day(answer["reply_by"])
    lines = [
        *matter(ctx), ("检察意见书", found.penalty_opinion_no or ""), ("督促的内容", str(answer["text"])),
        ("新的回复日期", found.reply_by.isoformat()),
    ]  # fmt: skip
    paper = papers.issue(ctx, REMINDER, lines, number=_number(ctx, REMINDER))
    ctx.session.add(
        TransferFollowUp(
            case_id=ctx.case.id, transfer_no=found.transfer_no, to_organ=found.bureau, kind=RESULT, document_no=paper.number,
            text=str(answer["text"]), by=ctx.actor.shown, at=ctx.now,
        )
    )  # fmt: skip
    put_before(ctx, found.bureau, "reminder", paper, lines)
    if ctx.clock.running("reply"):
        ctx.clock.supersede("reply")
    ctx.clock.start("reply", "reverse.reply", ctx.now, until=end_of_day(found.reply_by))
    for letter in _unread(ctx, found.penalty_opinion_at):
        ctx.send(letter.name, carry.payload_of(letter))
    return {}


def _unread(ctx: Ctx, since: datetime | None) -> list[TransferLetter]:
    """Results that lie with the file because no step waited for them."""
    query = select(TransferLetter).where(
        TransferLetter.to_case == ctx.case.id, TransferLetter.name == RESULT, TransferLetter.received_at.is_(None)
    )
    return list(ctx.session.scalars(query.where(TransferLetter.sent_at >= (since or ctx.now)).order_by(TransferLetter.sent_at).limit(1)))


# --- the end ------------------------------------------------------------------------------------------------------------


def conclude(ctx: Ctx) -> None:
    """The file ends with the last party: everybody charged has a verdict, and of the others the penalty is answered for."""
    released = select(TransferOutcome.id).where(TransferOutcome.case_id == ctx.case.id, TransferOutcome.kind == "nonprosecuted")
    waits = ctx.session.scalar(released.limit(1)) is not None and not _penalty_done(ctx)
    if not waits and not files.without_verdict(ctx.session, ctx.case.id):
        finish(ctx, "concluded")
        return
    at(ctx, "penalty" if waits else "verdict")


def _penalty_done(ctx: Ctx) -> bool:
    found = record(ctx)
    if found.penalty_opinion_at is None:
        return False
    return found.penalty_opinion is None or found.replied_at is not None


def _number(ctx: Ctx, kind: str) -> str:
    return document_number(ctx.session, NUMBERS[kind], local(ctx.now).year)


def _day(value: object) -> date:
    return date.fromisoformat(str(value)[:10])
