"""The frame of the bureau's file: opened, receipts and notices taken, outcomes, what is late, letters nobody waits for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.inbox.services import tell
from app.petitions.handlers.common import end_instances
from app.transfers import carry, circle, hold, numbering, opening, outcomes, screening, services, taking
from app.transfers.handlers.common import Data, at, lapse, letter_of, message, moment, record, rounds, running
from app.transfers.models import Transfer, TransferFile, TransferLetter, TransferObjection, TransferQuestion
from app.transfers.words import OUTCOMES, SUPERVISED
from workflows.handlers import Ctx, Handlers
from workflows.tables import Clock, Event, Link, Message

handlers = Handlers()

ORIGINS = {"opinion": "opinion", "filed": "filed"}
# clocks of a bureau's file that end with the file itself
ALL_SLOTS = (
    *("report", "approve", "send", "receipt", "decide", "handover", "reconsider", "reconsider_decide", "supervise", "complete"),
    *("supplement", "procurator_opinion", "consult", "review", "reverse_case", "reply", "platform_entry"),
)


@handlers.register("transfer.open_case")
def open_case(ctx: Ctx, data: Data) -> Data:
    """建档: number, who works on it, whom it concerns; fines are held from now on (17号16, 310号11)."""
    transfer = ctx.session.get(Transfer, ctx.case.id) or opening.by_message(ctx, data)
    origin = ORIGINS.get(str(data.get("kind") or ""), "own")
    transfer.origin = "" if origin == "own" else origin
    transfer.transfer_no = transfer.transfer_no or str(data.get("transfer_no") or "") or numbering.new(ctx.session, numbering.TRANSFER)
    attrs = ctx.case.attrs
    transfer.police, transfer.procuratorate = attrs.get("police"), attrs.get("procuratorate")
    number = numbering.case_number(ctx.session, transfer.transfer_no, transfer.organ)
    circle.confine(ctx, transfer.organ)
    ctx.update_case(title=transfer.title, number=number, facets={"county": transfer.county, "unit": transfer.unit})
    letter = carry.received(ctx, data) if origin != "own" else None  # before the file is registered: what is received does not wait for it
    services.register_file(ctx, transfer.transfer_no, transfer.organ, seen_by=[transfer.police, transfer.procuratorate])
    opening.ensure_parties(ctx.session, transfer)
    _question(ctx, transfer, data)
    hold.begin(ctx, transfer)
    hold.start_clock(ctx, transfer)
    services.index(ctx.session, transfer)
    shown = "procurator_opinion" if origin == "opinion" else ""
    first = _first_letter(ctx, transfer, origin, data, letter)
    known = opening.known_facts(ctx.session, transfer.subject_case) if transfer.subject_case and origin == "own" else None
    return {"origin": origin, "transfer_no": transfer.transfer_no, "m": first, "shown_clock": shown, "body": known}


def _question(ctx: Ctx, transfer: Transfer, data: Data) -> None:
    """Whoever asks waits for the answer: the petition's link, the penalty case, or nobody but the file itself."""
    asked = select(TransferQuestion.id).where(TransferQuestion.case_id == transfer.case_id).limit(1)
    if ctx.session.scalar(asked) is not None:
        return
    link = UUID(str(data["link_id"])) if data.get("link_id") else None
    asking = transfer.subject_case if link else None
    items = opening.asked_items(ctx.session, asking) if asking is not None else []
    if asking is None and data.get("from_case") and ctx.session.get(Transfer, UUID(str(data["from_case"]))) is not None:
        asking = UUID(str(data["from_case"]))  # a file that has ended, whose facts changed
    services.ask(ctx.session, transfer, from_case=asking, penalty_id=transfer.penalty_id, link_id=link, asked=items)


def _first_letter(ctx: Ctx, transfer: Transfer, origin: str, data: Data, letter: TransferLetter | None) -> Data:
    """检察意见 starts its 3 日 with its receipt (17号14); 立案通知书 without a living file leads to the hand-over."""
    if origin == "own":
        return {"kind": ""}
    if origin == "opinion":
        transfer.opinion_letter, transfer.opinion_at, transfer.suspected = str(data.get("letter_no") or ""), ctx.now, True
        transfer.state = "team"
        ctx.clock.start("procurator_opinion", "transfer.procurator_opinion", ctx.now)
        ctx.tag("检察意见")
    else:
        transfer.suspected, transfer.state = True, "team"
        transfer.notice, transfer.notice_at = "filed", letter.sent_at if letter else ctx.now
    return {**_plain(data), "kind": str(data.get("kind"))}


def _plain(data: Data) -> Data:
    return {name: data[name] for name in ("letter_no", "decided_at", "sent_at", "organ", "name") if data.get(name)}


@handlers.register("transfer.late")
def late(ctx: Ctx, data: Data) -> Data:
    """A step is late: the entry of it, once for each clock; holder and head hear of it from the clock itself."""
    element = (ctx.element or "").rpartition("_late")[0] or (ctx.element or "")
    for clock in ctx.clock.running():
        if clock.overdue_at is None:
            continue
        label = f"超期记录：{ctx.engine.rules.get(clock.rule, clock.from_at.date()).label}"
        detail = {"clock": str(clock.id), "element": element}
        known = select(Event.id).where(Event.case_id == ctx.case.id, Event.kind == "late", Event.detail["clock"].astext == str(clock.id))
        if ctx.session.scalar(known.limit(1)) is None:
            ctx.event(label, detail, kind="late")
    return {}


@handlers.register("transfer.take_outcome")
def take_outcome(ctx: Ctx, data: Data) -> Data:
    """A criminal outcome of some or all parties; the file waits until every party has a final one."""
    m, transfer = message(data), record(ctx)
    letter = letter_of(ctx, data)
    kind = str(m.get("kind") or "")
    concerned = outcomes.take(ctx, transfer, m, letter)
    transfer.outcome, transfer.outcome_at = kind, moment(m.get("decided_at"), ctx.now)
    more = kind != "withdrawn" and outcomes.open_parties(ctx.session, transfer.case_id) > 0
    at(ctx, "way" if kind == "withdrawn" else "outcome" if more else "penalty")
    ctx.event(f"刑事结果：{OUTCOMES.get(kind, kind)}", {"当事人": "、".join(p.name for p in concerned)})
    return {"more_outcomes": more, "parties": [str(p.id) for p in concerned]}


@handlers.register("transfer.close_convicted")
def close_convicted(ctx: Ctx, data: Data) -> Data:
    """处罚法35, 法典1058: fines paid are offset against the criminal fine; no further fine for the act."""
    transfer = record(ctx)
    for name, amount in hold.offset(ctx, transfer):
        ctx.event("罚款折抵罚金", {"当事人": name, "金额": f"{amount:.2f} 元"})
    hold.end(ctx, transfer, "convicted")
    return {}


@handlers.register("transfer.check_open")
def check_open(ctx: Ctx, data: Data) -> Data:
    """The file ends when the penalties of all its parties are answered; those beside the main path are waited for."""
    beside = select(Link.id).where(Link.case_id == ctx.case.id, Link.kind == "reverse_due", Link.status == "open")
    waits = ctx.session.scalar(beside.limit(1)) is not None
    if not waits:
        finish(ctx, "convicted" if message(data).get("kind") == "convicted" else "replied" if data.get("reply_owed") else "penalty")
    return {"beside_open": waits}


def finish(ctx: Ctx, closed_as: str) -> None:
    """The bureau's file comes to its end."""
    transfer = record(ctx)
    transfer.closed_as, transfer.closed_at, transfer.state = closed_as, ctx.now, "closed"
    end_instances(ctx, ("transfer_request",), "移送案件已办结")
    lapse(ctx, *ALL_SLOTS)
    hold.release_clock(ctx, "处罚案件的期限见处罚登记")
    ctx.update_case(facets={"closed_as": closed_as})
    ctx.session.flush()


def grave_tag(ctx: Ctx, hits: list[str]) -> None:
    """解释2 and 3 colour the file."""
    if screening.is_grave(hits):
        ctx.tag("情节严重")


# --- letters nobody waits for -------------------------------------------------------------------------------------------


def settle(ctx: Ctx) -> None:
    """The result of 立案监督 ends the objection by itself: the next step of the file puts it on record."""
    query = select(TransferLetter).where(
        TransferLetter.to_case == ctx.case.id, TransferLetter.name == "supervision_result", TransferLetter.received_at.is_(None)
    )
    for letter in ctx.session.scalars(query.order_by(TransferLetter.sent_at)):
        delivered = select(Message.id).where(
            Message.case_id == ctx.case.id, Message.name == letter.name, Message.status.in_(("delivered", "queued")),
            Message.payload["letter_no"].astext == letter.letter_no,
        )  # fmt: skip
        if ctx.session.scalar(delivered.limit(1)) is None:
            continue
        carry.received(ctx, {"letter_no": letter.letter_no})
        newest = select(TransferObjection).where(TransferObjection.case_id == ctx.case.id).order_by(TransferObjection.round.desc()).limit(1)
        row = ctx.session.scalars(newest).first()
        if row is not None:
            row.supervision_result, row.supervised_at = letter.kind, letter.decided_at or letter.sent_at
            row.ended_at, row.ended_as = row.ended_at or ctx.now, row.ended_as or "supervised"
        ctx.event(f"立案监督结果：{SUPERVISED.get(letter.kind, letter.kind)}")
    ctx.session.flush()


@handlers.register("transfer.take_letter")
def take_letter(ctx: Ctx, data: Data) -> Data:
    """A letter that no step of the file waits for, on any organ's file: on record, its clocks, a notice."""
    letter = carry.received(ctx, data)
    home = ctx.session.get(TransferFile, ctx.case.id)
    taking.take(ctx, home.process if home is not None else "", dict(data), letter)
    return {}


def tell_of(ctx: Ctx, said: str) -> None:
    """A notice before who works on the bureau's file."""
    handler, unit = ctx.case.attrs.get("handler"), ctx.case.attrs.get("unit")
    holders = [f"p:{handler}"] if handler else []
    holders += [f"o:{unit}:unit_head"] if unit else []
    tell(ctx.session, holders, "note", f"{ctx.case.number or ctx.case.title}：{said}", case_id=ctx.case.id)


@taking.taker("clock_state", process="criminal_transfer")
@taking.taker("clock_state", process="reverse_linkage")
def clock_state(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """The police's own clock, told by them: accepted, moved (7 or 30 日), decided. The bureau's row follows theirs."""
    kind, when = str(m.get("kind") or ""), moment(m.get("event_at") or m.get("decided_at"), ctx.now)
    transfer = record(ctx)
    if kind == "received":
        transfer.accepted_at = transfer.accepted_at or when
        if running(ctx, "receipt") is not None:
            ctx.clock.meet("receipt", when)
        watch_decision(ctx, when)
    elif kind == "moved" and m.get("due"):
        watch_decision(ctx, transfer.accepted_at or when)
        if running(ctx, "decide") is not None:
            ctx.clock.extend("decide", f"公安机关延长审查期限（{m.get('term') or ''} 日）", until=moment(m["due"], ctx.now))
        tell_of(ctx, f"公安机关将审查期限延长到 {moment(m['due'], ctx.now):%m-%d %H:%M}。")
    elif kind == "decided" and running(ctx, "decide") is not None:
        ctx.clock.meet("decide", when)


def watch_decision(ctx: Ctx, accepted_at: datetime) -> None:
    """The bureau's own row of t.decide, unless the police's clock came before or the decision is known."""
    transfer = record(ctx)
    known = transfer.notice_at is not None and transfer.notice_at >= accepted_at
    same = select(Clock.id).where(Clock.case_id == ctx.case.id, Clock.slot == "decide", Clock.from_at == accepted_at)
    if running(ctx, "decide") is None and not known and ctx.session.scalar(same.limit(1)) is None:
        ctx.clock.start("decide", "transfer.decide", accepted_at, round=1 + rounds(ctx, "decide"))


@taking.taker("case_progress", process="criminal_transfer")
@taking.taker("case_progress", process="reverse_linkage")
def case_progress(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """What the police or the procuratorate entered on the criminal case; nobody has to phone to ask."""
    tell_of(ctx, f"刑事案件有新进展：{letter.title if letter is not None else ''}。")


@taking.taker("reconsidered", process="criminal_transfer")
@taking.taker("supervision_result", process="criminal_transfer")
@taking.taker("consult_answered", process="consultation")
def stray_answer(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """An answer that came when its step was over: on file, its clock ends as what it is."""
    slot = {"reconsidered": "reconsider_decide", "consult_answered": "consult"}.get(str(m.get("name")))
    if slot is not None and running(ctx, slot) is not None:
        ctx.clock.meet(slot, moment(m.get("decided_at"), ctx.now))
    tell_of(ctx, f"收到{letter.title if letter is not None else '答复'}，已入卷。")
