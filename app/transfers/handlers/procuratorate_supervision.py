"""立案监督: reasons are demanded (7 日), looked at, filing is ordered (15 日), not obeyed is answered by 检察意见; the bureau is told."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from app.inbox.services import tell
from app.papers import services as papers
from app.papers.numbering import document_number
from app.transfers import carry, letters, platform
from app.transfers import procuratorate_files as files
from app.transfers.handlers.common import Data, letter_of, message, moment, running
from app.transfers.handlers.procuratorate_closing import moved_on
from app.transfers.keeping import NUMBERS
from app.transfers.letters import Content, contents
from app.transfers.models import TransferFollowUp, TransferLetter, TransferSupervision
from app.transfers.procuratorate_files import PROCESS, at, record
from app.transfers.procuratorate_notes import put_before
from app.transfers.procuratorate_records import CORRECTION, DEMAND, ORDER, RESULT, matter, review_results
from app.transfers.taking import taker
from app.transfers.words import GROUNDS, SUPERVISED
from workflows.clocks import RUNNING
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()

PROPOSED = "supervision_proposed"
PAUSE = "办理立案监督"
MOVED = "case_moved"


def round_of(ctx: Ctx) -> TransferSupervision:
    """The round at work."""
    found = files.current(ctx.session, ctx.case.id)
    assert found is not None  # open_supervision made it
    return found


@handlers.register("procuratorate.open_supervision")
def open_supervision(ctx: Ctx, data: Data) -> Data:
    """On the bureau's proposal (17号12), on a copied decision (17号15), or because the police are late."""
    m, before = message(data), files.current(ctx.session, ctx.case.id)
    proposal = _proposal(ctx, m)
    source = "proposal" if proposal else "late" if _late(ctx) else "copy"
    ctx.session.add(
        TransferSupervision(
            case_id=ctx.case.id, transfer_no=record(ctx).transfer_no, round=before.round + 1 if before is not None else 1, source=source,
            ground=_ground(source, m, proposal), proposal_letter=proposal.letter_no if proposal else None,
        )
    )  # fmt: skip
    ctx.session.flush()
    if any(clock.status == RUNNING for clock in ctx.clock.running("window")):
        ctx.clock.pause("window", ctx.now, PAUSE, ctx.actor.shown)
    at(ctx, "supervise")
    return {"proposal_no": proposal.letter_no if proposal else ""}


def _proposal(ctx: Ctx, m: Data) -> TransferLetter | None:
    """The proposal this round answers: the letter caught last, unless an earlier round has answered it."""
    if m.get("name") != PROPOSED:
        return None
    letter = carry.by_number(ctx.session, str(m.get("letter_no") or ""))
    if letter is None or letter.received_at is not None:
        return None
    return carry.received(ctx, m)


def _late(ctx: Ctx) -> bool:
    clock = running(ctx, "decide")
    return clock is not None and clock.overdue_at is not None


def _ground(source: str, m: Data, proposal: TransferLetter | None) -> str:
    if proposal is not None:
        return GROUNDS.get(str(proposal.body.get("ground") or ""), "移送机关建议立案监督")
    if source == "late":
        return GROUNDS["late"]
    return GROUNDS.get(str(m.get("kind") or ""), "公安机关的决定可能不当")


@handlers.register("procuratorate.proposal_accepted")
def proposal_accepted(ctx: Ctx, data: Data) -> Data:
    """accept_proposal: there is no refusing it. Settled only where the police have filed by now."""
    answer, row = data["answer"], round_of(ctx)
    if answer["settled"] and not files.filed_by_now(ctx.session, ctx.case.id):
        raise FormError({"settled": "还没有收到公安机关的立案决定，应当要求说明不立案的理由"})
    row.ground, row.accepted_at, row.accepted_by = str(answer["ground"]), ctx.now, ctx.actor.shown
    ctx.session.flush()
    if not answer["settled"]:
        return {}
    row.result = "corrected"
    return {"result": "corrected"}


@handlers.register("procuratorate.demand_reasons")
def demand_reasons(ctx: Ctx, data: Data) -> Data:
    """要求说明不立案理由通知书: the police explain in writing within 7 日."""
    row, within = round_of(ctx), ctx.engine.rules.get("supervise_filing.explain", ctx.now.date()).period
    row.explain_no, row.explain_letter = _issue(
        ctx, DEMAND, [("监督的事由", row.ground), ("要求", f"收到后 {within}内书面说明不立案的理由")]
    )
    row.explain_at = ctx.now
    if ctx.clock.running("explain"):
        ctx.clock.supersede("explain")
    ctx.clock.start("explain", "supervise_filing.explain", ctx.now, round=row.round)
    platform.entry(ctx, "supervision", ctx.now, letter_no=row.explain_letter)
    return {"letter": row.explain_letter}


@handlers.register("procuratorate.take_reasons")
def take_reasons(ctx: Ctx, data: Data) -> Data:
    """The reasons, or that the police have filed after all."""
    _reasons(ctx, message(data), letter_of(ctx, data))
    return {}


def _reasons(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    row = _asked_by(ctx, m)
    row.reasons = str(m.get("reasons") or "") or ("公安机关已决定立案" if m.get("own_motion") else row.reasons)
    row.reasons_at = moment(m.get("decided_at"), ctx.now)
    if running(ctx, "explain") is not None:
        ctx.clock.meet("explain", row.reasons_at)
    ctx.session.flush()


def _asked_by(ctx: Ctx, m: Data) -> TransferSupervision:
    """The round whose letter is answered; the newest where none is named."""
    number = str(m.get("in_reply_to") or "")
    either = (TransferSupervision.explain_letter == number) | (TransferSupervision.must_file_letter == number)
    found = ctx.session.scalars(select(TransferSupervision).where(TransferSupervision.case_id == ctx.case.id, either)).first()
    return found if found is not None and number else round_of(ctx)


@handlers.register("procuratorate.reasons_reviewed")
def reasons_reviewed(ctx: Ctx, data: Data) -> Data:
    """review: what may be found depends on what the police have decided by now."""
    answer, row, m = data["answer"], round_of(ctx), message(data)
    if answer["result"] not in review_results(ctx.session, ctx.case, data):
        raise FormError({"result": "公安机关的决定有变化，请重新选择审查结论"})
    if m.get("name") == files.COPIES:
        _copy(ctx, m)
    row.result, row.opinion = answer["result"], str(answer["opinion"])
    row.reviewed_by, row.reviewed_at = ctx.actor.shown, ctx.now
    ctx.session.flush()
    return {}


def _copy(ctx: Ctx, m: Data) -> None:
    """A decision that was copied while supervision ran: it ends the police's periods like any other."""
    letter, found = carry.received(ctx, m), record(ctx)
    decided = moment(m.get("decided_at"), ctx.now)
    found.filed, found.notice_at = m.get("kind") == "filed", letter.sent_at if letter is not None else ctx.now
    for slot, when in (("decide", decided), ("notify", found.notice_at)):
        if running(ctx, slot) is not None:
            ctx.clock.meet(slot, when)
    watch(ctx, decided, filed=found.filed)
    for clock in ctx.clock.running("window"):
        if clock.status == RUNNING:  # it stands still until this round has ended
            ctx.clock.pause("window", ctx.now, PAUSE, ctx.actor.shown)
    ctx.session.flush()


def watch(ctx: Ctx, decided: datetime, *, filed: bool) -> None:
    """A refusal or withdrawal stays open to challenges for the window's months, counted anew from each; 立案 ends that."""
    if ctx.clock.running("window"):
        if filed:
            ctx.clock.lapse("window", note="公安机关已立案")
        else:
            ctx.clock.supersede("window")
    if not filed:
        ctx.clock.start("window", "police.window", decided)


@handlers.register("procuratorate.order_filing")
def order_filing(ctx: Ctx, data: Data) -> Data:
    """通知立案书: the police file within 15 日. A new order takes the place of the one before."""
    row, within = round_of(ctx), ctx.engine.rules.get("supervise_filing.file", ctx.now.date()).period
    lines = [("监督的事由", row.ground), ("审查意见", row.opinion or ""), ("要求", f"收到后 {within}内决定立案，并送达立案决定书")]
    row.must_file_no, row.must_file_letter = _issue(ctx, ORDER, lines)
    row.must_file_at = ctx.now
    if ctx.clock.running("file"):
        ctx.clock.supersede("file")
    ctx.clock.start("file", "supervise_filing.file", ctx.now, round=row.round)
    platform.entry(ctx, "supervision", ctx.now, letter_no=row.must_file_letter)
    return {"letter": row.must_file_letter}


@handlers.register("procuratorate.correction_given")
def correction_given(ctx: Ctx, data: Data) -> Data:
    """correct: 检察意见 to police that do not obey, with a new day; the order stands."""
    answer, row, found = data["answer"], round_of(ctx), record(ctx)
    text, until = str(answer["opinion"]), end_of_day(date.fromisoformat(str(answer["answer_by"])[:10]))
    lines = [*matter(ctx), ("通知立案书", row.must_file_no or ""), ("检察意见", text), ("要求立案的日期", str(answer["answer_by"])[:10])]
    paper = papers.issue(ctx, CORRECTION, lines, number=_number(ctx, CORRECTION))
    row.corrections = [*row.corrections, {"no": paper.number, "text": text, "at": ctx.now.isoformat(), "by": ctx.actor.shown}]
    ctx.clock.supersede("file")
    ctx.clock.start("file", "supervise_filing.file", ctx.now, round=row.round, until=until)
    if found.police:
        ctx.session.add(
            TransferFollowUp(
                case_id=ctx.case.id, transfer_no=found.transfer_no, to_organ=found.police, kind="correction", document_no=paper.number,
                text=text, by=ctx.actor.shown, at=ctx.now,
            )
        )  # fmt: skip
        put_before(ctx, found.police, "correction", paper, lines)
    ctx.session.flush()
    return {}


@handlers.register("procuratorate.take_filing")
def take_filing(ctx: Ctx, data: Data) -> Data:
    """The police have filed as ordered."""
    _filing(ctx, message(data), letter_of(ctx, data))
    return {"result": "corrected"}


def _filing(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    row, filed = _asked_by(ctx, m), moment(m.get("decided_at"), ctx.now)
    row.filed_at, record(ctx).filed = filed, True
    for slot in ("file", "decide"):
        if running(ctx, slot) is not None:
            ctx.clock.meet(slot, filed)
    ctx.session.flush()


@handlers.register("procuratorate.tell_bureau")
def tell_bureau(ctx: Ctx, data: Data) -> Data:
    """The round ends; whoever proposed hears the result. What the police owed in it no longer runs."""
    m, row, found = message(data), round_of(ctx), record(ctx)
    left = m.get("name") == MOVED
    result = ("corrected" if m.get("kind") == "prosecution" else "stands") if left else str(row.result or data.get("result") or "")
    result = result if result in SUPERVISED else "corrected"  # an order that was obeyed
    row.result, row.ended_at, row.ended_as = result, ctx.now, str(m.get("kind")) if left else result
    for slot in ("explain", "file"):
        if ctx.clock.running(slot):
            ctx.clock.lapse(slot, note="立案监督已办结")
    late = running(ctx, "decide")
    if late is not None and late.overdue_at is not None:  # the lateness has been dealt with in this round
        ctx.clock.meet("decide", ctx.now)
    if ctx.clock.running("window"):
        ctx.clock.resume("window", ctx.now)
    if left:
        carry.received(ctx, m)
        moved_on(ctx, found, m)
    else:
        at(ctx, "watch")
    return {"result": result}


# --- letters ------------------------------------------------------------------------------------------------------------


def _issue(ctx: Ctx, kind: str, lines: list[tuple[str, str]]) -> tuple[str, str]:
    """The paper and its document number; and the letter number, known before it is thrown, so that the answer can name it."""
    home, number = carry.home_of(ctx), _number(ctx, kind)
    papers.issue(ctx, kind, [line for line in [*matter(ctx), *lines] if line[1]], number=number)
    return number, carry.allot(ctx.session, home.transfer_no, home.organ)


def _number(ctx: Ctx, kind: str) -> str:
    return document_number(ctx.session, NUMBERS[kind], local(ctx.now).year)


@contents.register("police_challenge:explain")
def explain_demanded(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _to_police(ctx, DEMAND)


@contents.register("police_challenge:must_file")
def filing_ordered(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _to_police(ctx, ORDER)


def _to_police(ctx: Ctx, kind: str) -> Content:
    paper, row = letters.latest_paper(ctx, kind), round_of(ctx)
    assert paper is not None  # issued in the step before
    lines = [(str(label), str(text)) for label, text in paper.content]
    body = {"ground": row.ground, "opinion": row.opinion or ""}
    return Content(body, lines=lines, title=kind, decided_at=ctx.now, document_no=paper.number, paper_id=paper.id)


@contents.register("supervision_result")
def supervision_result(ctx: Ctx, kind: str, payload: Data) -> Content:
    """高检11: the result is told to the organ that transferred; of a proposal in answer to it."""
    row = round_of(ctx)
    lines = [*matter(ctx), ("监督的事由", row.ground), ("结果", SUPERVISED.get(kind, kind)), ("审查意见", row.opinion or "")]
    said = [line for line in [*lines, ("不立案理由", row.reasons or "")] if line[1]]
    paper = papers.issue(ctx, RESULT, said, number=_number(ctx, RESULT))
    row.told_letter = paper.number
    body = {"result": kind, "opinion": row.opinion or "", "reasons": row.reasons or ""}
    return Content(
        body, lines=said, title=RESULT, in_reply_to=row.proposal_letter, decided_at=ctx.now, document_no=paper.number, paper_id=paper.id
    )


@taker("reasons_given", process=PROCESS)
def late_reasons(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """Reasons that came when their 7 日 were over or the round had gone on: on record, met late."""
    if files.current(ctx.session, ctx.case.id) is not None:
        _reasons(ctx, m, letter)
    _say(ctx, "公安机关的不立案理由说明已到，已入卷。")


@taker("filing_record", process=PROCESS)
def late_filing(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """The police filed when no step waited for it any more."""
    if files.current(ctx.session, ctx.case.id) is not None:
        _filing(ctx, m, letter)
    _say(ctx, "公安机关的立案决定书已到，已入卷。")


def _say(ctx: Ctx, said: str) -> None:
    holder = f"o:{record(ctx).organ}:prosecutor"
    tell(ctx.session, [holder], "note", f"{ctx.case.number or ctx.case.title}：{said}", case_id=ctx.case.id)
