"""The police's file: opened by the letter, passed on, decided, filed or kept for challenges, its progress told (17号7–12, 17, 34)."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.inbox.services import tell
from app.transfers import (
    carry,
    circle,
    numbering,
    platform,
    police_answers,
    police_file,
    police_letters,
    police_options,
    police_records,
    routing,
    services,
    taking,
)
from app.transfers.handlers import bureau
from app.transfers.handlers.common import Data, lapse, letter_of, message, moment, running, setting
from app.transfers.models import TransferChallenge, TransferLetter, TransferPolice, TransferRequest
from app.transfers.police_file import at, record
from app.transfers.police_words import CHALLENGES, MODES, REQUESTS, progress
from workflows.handlers import Ctx, Handlers

REGISTERED = (police_answers, police_letters, police_options, police_records)  # importing them is what registers their parts

handlers = Handlers()
handlers.register("police.late")(bureau.late)

# kind of challenge → (slot, rule) of the answer; the end of the file needs none
ANSWERS = {
    "reconsider": ("reconsider_decide", "transfer.reconsider_decide"),
    "explain": ("explain", "supervise_filing.explain"),
    "must_file": ("file", "supervise_filing.file"),
}
# how the decision was reached → what is entered for the others (words.ENTRIES)
ENTERED = {"filing": "filing", "reconsider": "filing", "own_motion": "filing", "ordered": "ordered"}
PAUSED_FOR = "办理复议或者立案监督"


@handlers.register("police.open_police")
def open_police(ctx: Ctx, data: Data) -> Data:
    """A transfer has arrived, from the bureau or from other police: the file of this organ, confined to it (amendments §7)."""
    session, number, organ = ctx.session, str(data["transfer_no"]), str(data["to_organ"])
    letter = carry.by_number(session, str(data.get("letter_no") or ""))
    said = dict(letter.body) if letter is not None else {}
    sender = str(data.get("organ") or "")
    bureau_organ = str(said.get("bureau") or sender)
    procuratorate = routing.procuratorate_of(session, organ)
    file_no = numbering.case_number(session, number, organ)
    attrs = {"unit": organ, "above": routing.above(session, organ), "bureau": bureau_organ, "procuratorate": procuratorate}
    circle.confine(ctx, organ)
    title = str(said.get("title") or said.get("party") or number)
    number_here = f"{file_no}·{session.get_one(Organ, organ).short}"  # unique over all organs
    ctx.update_case(title=title, number=number_here, attrs=attrs, facets={"unit": organ})
    carry.received(ctx, data)  # before the file is registered: what is received does not wait for it
    services.register_file(ctx, number, organ, seen_by=[bureau_organ, procuratorate, sender])
    row = TransferPolice(
        case_id=ctx.case.id, transfer_no=number, organ=organ, from_organ=sender, bureau=bureau_organ, procuratorate=procuratorate,
        passed_from=letter.from_case if letter is not None and data.get("kind") == "passed" else None,
        letter_no=str(data.get("letter_no") or ""), package_id=letter.package_id if letter is not None else None, state="arrived",
        title=title, party=str(said.get("party") or ""), crime=str(said.get("crime_name") or "") or None,
        arrived_at=ctx.now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    police_file.check(session, row, ctx.now)
    _owe_receipt(ctx, data)
    if said.get("grave"):
        ctx.tag("情节严重")
    if row.passed_from is not None:
        ctx.tag("转送")
    if row.hashes_ok is False:
        ctx.tag("材料校验不一致")
    return {}


def _owe_receipt(ctx: Ctx, data: Data) -> None:
    """立即: red after a day, amber after some minutes (house; a setting)."""
    since = moment(data.get("sent_at"), ctx.now)
    clock = ctx.clock.start("receipt", "transfer.receipt", since)
    clock.warn_at = clock.next_at = since + timedelta(minutes=setting(ctx, "receipt_amber_minutes"))
    clock.dirty = True


@handlers.register("police.pass_on")
def pass_on(ctx: Ctx, data: Data) -> Data:
    """To the competent police; nothing of this file runs on (17号9)."""
    row = record(ctx)
    police_letters.passed_paper(ctx)
    lapse(ctx, *police_file.SLOTS)
    row.closed_at = ctx.now
    at(ctx, "passed")
    ctx.event(f"转送{police_file.organ_name(ctx.session, row.juris_organ)}", {"理由": row.juris_reason or ""})
    return {}


@handlers.register("police.term_decided")
def term_decided(ctx: Ctx, data: Data) -> Data:
    """approve_term: the term that holds now, also when none was granted."""
    return {"term": record(ctx).term}


# --- decided ------------------------------------------------------------------------------------------------------------


@handlers.register("police.record_decision")
def record_decision(ctx: Ctx, data: Data) -> Data:
    """On every way to a decision: its moment ends the period, 3 日 run for the notice, the platform has its entry (17号9, 34)."""
    row, newest = record(ctx), police_file.decisions(ctx.session, ctx.case.id)[-1]
    row.decided, row.filed = True, newest.filed
    row.decided_at, row.decided_by = newest.decided_at, newest.by
    row.decider_id = row.decider_id or newest.person_id
    row.reasons = newest.reasons if not newest.filed else None
    if newest.filed:
        row.outcome = row.outcome_at = row.outcome_reason = None  # filed again after a withdrawal
    if running(ctx, "decide") is not None:
        ctx.clock.meet("decide", newest.decided_at)
    lapse(ctx, "complete_notice")
    ctx.clock.start("notify", "transfer.notify", newest.decided_at, round=1 + sum(c.slot == "notify" for c in ctx.clock.rows))
    platform.entry(ctx, ENTERED[newest.kind] if newest.filed else "refusal", newest.decided_at)
    at(ctx, "notify")
    return {"decided": True}


@handlers.register("police.is_filed")
def is_filed(ctx: Ctx, data: Data) -> Data:
    """Filed: investigated. Not filed or withdrawn: kept six months for challenges (house)."""
    row = record(ctx)
    if row.filed:
        lapse(ctx, "window", note="已立案")
        at(ctx, "investigate")
    else:
        if running(ctx, "window") is None:
            ctx.clock.start("window", "police.window", row.decided_at or ctx.now)
        row.window_from = row.decided_at
        at(ctx, "refused")
    return {}


@handlers.register("police.note_progress")
def note_progress(ctx: Ctx, data: Data) -> Data:
    """The entry was written with the answer, its platform entry with it; the trail says so in words."""
    newest = police_file.newest_progress(ctx.session, ctx.case.id)
    if newest is not None:
        ctx.event(f"侦查进展：{progress(newest.kind)}", {"日期": newest.happened_on.isoformat(), "文书": newest.document_no or ""})
    return {}


@handlers.register("police.investigated")
def investigated(ctx: Ctx, data: Data) -> Data:
    """investigate: a withdrawn case is no longer filed."""
    answer = data["answer"]
    return {"filed": False} if answer["inv_step"] == "outcome" and answer["outcome"] == "withdraw" else {}


@handlers.register("police.close")
def close(ctx: Ctx, data: Data) -> Data:
    """The procuratorate has closed its watch, or nobody challenged in six months: the file ends, nothing of it runs on."""
    letter_of(ctx, data)
    record(ctx).closed_at = ctx.now
    lapse(ctx, *police_file.SLOTS)
    at(ctx, "closed")
    return {}


# --- challenged ---------------------------------------------------------------------------------------------------------


@handlers.register("police.take_challenge")
def take_challenge(ctx: Ctx, data: Data) -> Data:
    """复议申请, 要求说明理由, 通知立案: on record, its period from the receipt; the six months stand still (17号11, 高检2001第十条)."""
    m = message(data)
    kind, number = str(m.get("kind") or ""), str(m.get("letter_no") or "")
    letter = carry.received(ctx, m)
    row = TransferChallenge(
        case_id=ctx.case.id, transfer_no=record(ctx).transfer_no, kind=kind, letter_no=number,
        from_organ=letter.from_organ if letter is not None else str(m.get("organ") or ""), received_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    slot, rule = ANSWERS.get(kind, ANSWERS["must_file"])
    ctx.clock.start(slot, rule, ctx.now, round=1 + sum(c.slot == slot for c in ctx.clock.rows))
    window = running(ctx, "window")
    if window is not None and window.status == "running":
        ctx.clock.pause("window", ctx.now, PAUSED_FOR, ctx.actor.shown)
    at(ctx, "challenge")
    ctx.tag(CHALLENGES.get(kind, kind))
    return {"challenge_no": number}


@handlers.register("police.filed_as_ordered")
def filed_as_ordered(ctx: Ctx, data: Data) -> Data:
    """file_ordered: 立案, whatever was decided before."""
    return {"filed": True}


# --- letters nobody waits for -------------------------------------------------------------------------------------------


@taking.taker("material_supplied", process=police_file.PROCESS)
def supplied(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """The bureau's answer to a request: seen on the request, told to the officers; what it brought is a package of its own."""
    asked = str(m.get("in_reply_to") or "")
    row = next((one for one in police_file.requests(ctx.session, ctx.case.id) if one.letter_no == asked), None)
    if row is not None:
        row.seen_at = ctx.now
        _from_elsewhere(row, m, letter)
    said = f"{REQUESTS.get(row.kind, '材料') if row is not None else '材料'}：移送机关{MODES.get(str(m.get('kind')), '已答复')}。"
    unit = str(ctx.case.attrs["unit"])
    tell(ctx.session, [directory.resolve(ctx.session, "police_officer", unit)], "note", said, case_id=ctx.case.id)


def _from_elsewhere(row: TransferRequest, m: Data, letter: TransferLetter | None) -> None:
    """Where the bureau runs its own installation the letter is all that is known of the answer."""
    if row.answered_at is None:
        row.mode, row.explanation = str(m.get("kind") or ""), m.get("explanation")
        row.answered_by = str(m.get("by") or "")
        row.answered_at = letter.decided_at if letter is not None else None
        row.package_id = letter.package_id if letter is not None else None
