"""人民检察院: the file of a transfer is registered, watched, moved on and closed; 检察意见 where a case was not transferred (17号14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.models import Organ
from app.inbox.notices import posts
from app.inbox.services import tell
from app.transfers import carry, circle, letters, numbering, platform, procuratorate_records, routing, services
from app.transfers.handlers import procuratorate_prosecution, procuratorate_supervision
from app.transfers.handlers.bureau import late
from app.transfers.handlers.common import Data, letter_of, message, moment, running
from app.transfers.handlers.procuratorate_closing import finish, moved_on
from app.transfers.letters import Content, contents
from app.transfers.models import TransferLetter, TransferProcurator
from app.transfers.procuratorate_files import PROCESS, at, record
from app.transfers.procuratorate_records import OPINION
from app.transfers.taking import taker
from workflows.handlers import Ctx, Handlers

handlers = Handlers()
handlers.update(procuratorate_supervision.handlers)
handlers.update(procuratorate_prosecution.handlers)
handlers.register("procuratorate.late")(late)  # the same entry, whichever organ's file it is

UNTITLED = "涉嫌环境犯罪"


@handlers.register("procuratorate.register_case")
def register_case(ctx: Ctx, data: Data) -> Data:
    """A copied 移送书, a recorded refusal, or a matter the procuratorate found by itself: its file, visible to it alone."""
    letter = carry.by_number(ctx.session, str(data.get("letter_no") or ""))
    found = ctx.session.get(TransferProcurator, ctx.case.id) or _by_letter(ctx, data, letter)
    number = numbering.case_number(ctx.session, found.transfer_no, found.organ)
    circle.confine(ctx, found.organ)
    attrs = {"unit": found.organ, "bureau": found.bureau, "police": found.police or ""}
    ctx.update_case(
        title=found.title,
        number=f"{number}·{ctx.session.get_one(Organ, found.organ).short}",  # unique over all organs: a case passed on has two
        attrs={name: value for name, value in attrs.items() if value},
        facets={"unit": found.organ},
    )
    if letter is not None:
        carry.received(ctx, data)  # before the file is registered: what is received does not wait for it
    services.register_file(ctx, found.transfer_no, found.organ, seen_by=[found.bureau, found.police])
    if found.origin == "copied":
        _watch_receipt(ctx, letter)
    return {"origin": found.origin, "transfer_no": found.transfer_no}


def _by_letter(ctx: Ctx, data: Data, letter: TransferLetter | None) -> TransferProcurator:
    """The record from 移送书 or from the recorded refusal; nothing of the material comes with either."""
    body: dict[str, Any] = dict(letter.body) if letter is not None else {}
    refused = str(data.get("kind") or "") == "refused"
    organ, sender = str(data.get("to_organ") or ""), str(data.get("organ") or "")
    found = TransferProcurator(
        case_id=ctx.case.id, transfer_no=str(data.get("transfer_no") or ""), organ=organ, bureau=str(body.get("bureau") or sender),
        police=str(body.get("police") or "") or routing.police_of(ctx.session, sender),
        origin="nontransfer" if refused else "copied", state="nontransfer" if refused else "watch",
        title=str(body.get("title") or UNTITLED), party=str(body.get("party") or "待查明"), crime=str(body.get("crime") or "") or None,
        registered_at=ctx.now,
        nontransfer={name: body.get(name) for name in ("hits", "reason", "head")} if refused else None,
    )  # fmt: skip
    ctx.session.add(found)
    ctx.session.flush()
    return found


def _watch_receipt(ctx: Ctx, letter: TransferLetter | None) -> None:
    """17号7: the police sign at once; red after a day (house)."""
    if running(ctx, "receipt") is None:
        ctx.clock.start("receipt", "transfer.receipt", letter.sent_at if letter is not None else ctx.now)


# --- not transferred ----------------------------------------------------------------------------------------------------


@handlers.register("procuratorate.nontransfer_checked")
def nontransfer_checked(ctx: Ctx, data: Data) -> Data:
    """check_nontransfer: 检察意见 obliges the bureau to transfer within 3 日; without one the file ends with its reason."""
    answer, found = data["answer"], record(ctx)
    found.opine = bool(answer["opine"])
    if not found.opine:
        found.opinion = str(answer.get("reason") or "")
        finish(ctx, "no_opinion")
        return {}
    paper = letters.latest_paper(ctx, OPINION)
    found.opinion, found.opinion_at, found.opinion_no = str(answer["opinion"]), ctx.now, paper.number if paper is not None else None
    ctx.clock.start("procurator_opinion", "transfer.procurator_opinion", ctx.now)
    platform.entry(ctx, "opinion", ctx.now)
    at(ctx, "await_transfer")
    return {}


@contents.register("procurator_opinion")
def procurator_opinion(ctx: Ctx, kind: str, payload: Data) -> Content:
    """17号14: the case is to be transferred within three days of receipt."""
    found, paper = record(ctx), letters.latest_paper(ctx, OPINION)
    assert paper is not None  # the form issued it
    about = found.nontransfer or {}
    body = {
        "text": found.opinion, "party": found.party, "title": found.title, "bureau": found.bureau, "police": found.police or "",
        "act": str(about.get("act") or ""), "place": str(about.get("place") or ""),
    }  # fmt: skip
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(body, lines=lines, decided_at=found.opinion_at, document_no=paper.number, paper_id=paper.id)


@handlers.register("procuratorate.take_transfer")
def take_transfer(ctx: Ctx, data: Data) -> Data:
    """The bureau has obeyed: its 移送书 is copied, and the police are watched from here on."""
    letter, found = letter_of(ctx, data), record(ctx)
    if running(ctx, "procurator_opinion") is not None:
        ctx.clock.meet("procurator_opinion", letter.sent_at if letter is not None else ctx.now)
    if letter is not None:
        _renew(ctx, found, letter)
    _watch_receipt(ctx, letter)
    at(ctx, "watch")
    return {}


def _renew(ctx: Ctx, found: TransferProcurator, letter: TransferLetter) -> None:
    """What the newer 移送书 says of parties, crime and police."""
    body = letter.body
    found.opinion_letter = found.opinion_letter or letter.in_reply_to
    found.title, found.party = str(body.get("title") or found.title), str(body.get("party") or found.party)
    found.crime = str(body.get("crime") or "") or found.crime
    found.police = str(body.get("police") or "") or found.police
    ctx.update_case(title=found.title, attrs={"police": found.police} if found.police else {})
    ctx.session.flush()


# --- watching the police ------------------------------------------------------------------------------------------------


@handlers.register("procuratorate.take_copy")
def take_copy(ctx: Ctx, data: Data) -> Data:
    """A decision of the police is copied (17号9): their periods end; a refusal or withdrawal stays open to supervision."""
    m, found = message(data), record(ctx)
    letter_of(ctx, data)
    kind, decided = str(m.get("kind") or ""), moment(m.get("decided_at"), ctx.now)
    sent = moment(m.get("sent_at"), ctx.now)
    for slot, when in (("receipt", decided), ("decide", decided), ("notify", sent)):
        if running(ctx, slot) is not None:
            ctx.clock.meet(slot, when)
    found.filed, found.notice_at = kind == "filed", sent
    procuratorate_supervision.watch(ctx, decided, filed=found.filed)
    at(ctx, "copy")
    return {}


@handlers.register("procuratorate.copy_looked")
def copy_looked(ctx: Ctx, data: Data) -> Data:
    """look_copy: supervised of its own motion (17号15), or watched on."""
    at(ctx, "supervise" if data["answer"]["supervise"] else "watch")
    return {}


@handlers.register("procuratorate.moved")
def moved(ctx: Ctx, data: Data) -> Data:
    """The case goes to prosecution, back to the bureau, or to other police: what ran against the police is over."""
    m, found = message(data), record(ctx)
    letter_of(ctx, data)
    moved_on(ctx, found, m)
    return {}


@handlers.register("procuratorate.close_watch")
def close_watch(ctx: Ctx, data: Data) -> Data:
    """Six months after the refusal nobody has challenged it: both files are closed by the procuratorate, who alone may."""
    finish(ctx, "window")
    return {}


@contents.register("police_challenge:closed")
def closed_notice(ctx: Ctx, kind: str, payload: Data) -> Content:
    return Content({}, lines=[*procuratorate_records.matter(ctx), ("事项", "异议期满，没有监督事项，结卷")], decided_at=ctx.now)


# --- letters nobody waits for -------------------------------------------------------------------------------------------


@taker("clock_state", process=PROCESS)
def clock_state(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """The police's own clock: accepted, moved to 7 or 30 日, decided. The procuratorate's rows follow, so that it knows who is late."""
    kind, when = str(m.get("kind") or ""), moment(m.get("event_at") or m.get("decided_at"), ctx.now)
    if record(ctx).closed_at is not None:
        return
    if kind == "received":
        _meet(ctx, "receipt", when)
        if running(ctx, "decide") is None:
            ctx.clock.start("decide", "transfer.decide", when)
    elif kind == "moved" and m.get("due") and running(ctx, "decide") is not None:
        ctx.clock.extend("decide", f"公安机关延长审查期限（{m.get('term') or ''} 日）", until=moment(m["due"], ctx.now))
    elif kind == "decided":
        _meet(ctx, "decide", when)
        if running(ctx, "notify") is None and not _copied_since(ctx, when):
            ctx.clock.start("notify", "transfer.notify", when)


def _meet(ctx: Ctx, slot: str, when: datetime) -> None:
    if running(ctx, slot) is not None:
        ctx.clock.meet(slot, when)


def _copied_since(ctx: Ctx, decided: datetime) -> bool:
    """Did the copy come before the clock was told?"""
    at_copy = record(ctx).notice_at
    return at_copy is not None and at_copy >= decided


@taker("case_progress", process=PROCESS)
def case_progress(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """What the police entered on the criminal case."""
    say(ctx, f"公安机关登记了案件进展：{letter.title if letter is not None else ''}。")


@taker("transfer_copied", process=PROCESS)
def copied_again(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """A further 移送书 on a living file: passed on, or sent again."""
    if letter is None:
        return
    if letter.kind != "passed":
        _renew(ctx, record(ctx), letter)
        _watch_receipt(ctx, letter)
    say(ctx, f"收到{letter.title}，已入卷。")


@taker("nontransfer_recorded", process=PROCESS)
def refused_again(ctx: Ctx, m: Data, letter: TransferLetter | None) -> None:
    """The bureau refuses once more while the file is open: on record beside the first."""
    if letter is not None:
        record(ctx).nontransfer = {name: letter.body.get(name) for name in ("hits", "reason", "head")}
        say(ctx, "移送机关又作出不移送决定，请一并审查。")


def say(ctx: Ctx, said: str) -> None:
    """A notice before the prosecutors of this organ."""
    tell(ctx.session, posts(ctx, (("prosecutor", "unit"),)), "note", f"{ctx.case.number or ctx.case.title}：{said}", case_id=ctx.case.id)
