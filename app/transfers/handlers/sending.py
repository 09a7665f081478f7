"""移送: the package sealed and sent, the receipt, the police's notices, hand-over of things, requests for material."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from app.accounts.models import Person
from app.files import queries as file_queries
from app.files import services as files
from app.papers import services as papers
from app.papers.numbering import document_number
from app.transfers import bureau_letters, carry, detention, hold, letters, materials, outcomes, package, platform, records, services
from app.transfers.bureau_letters import FIRST, LETTER, SUPPLEMENT
from app.transfers.handlers.bureau import finish, settle, watch_decision
from app.transfers.handlers.common import Data, at, lapse, letter_of, message, moment, record, rounds, running, setting
from app.transfers.models import Transfer, TransferFile, TransferHandover, TransferPackage, TransferPackageItem, TransferRequest
from app.transfers.numbering import PAPERS
from app.transfers.words import NOTICES
from workflows.errors import Conflict, FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()

LIST, REPORT, THINGS = "移送材料清单", "案件调查报告", "涉案物品清单"


# --- the package --------------------------------------------------------------------------------------------------------


@handlers.register("transfer.assembled")
def assembled(ctx: Ctx, data: Data) -> Data:
    """assemble: everything of 17号6 is there, or the transfer does not leave. Sealed, numbered, in 24 小时."""
    transfer, answer = record(ctx), data["answer"]
    if not transfer.police or not transfer.procuratorate:
        raise Conflict("没有找到同级公安机关或者人民检察院，请先在组织机构里登记。")
    made = _package(ctx, FIRST, transfer, answer)
    _write_papers(ctx, transfer, made, answer)
    _seal(ctx, made, services.penalised(ctx.session, transfer))
    transfer.sent_at = ctx.now
    ctx.clock.meet("send", ctx.now)
    ctx.clock.meet("procurator_opinion", ctx.now)
    platform.entry(ctx, "transfer", ctx.now)
    at(ctx, "receipt")
    return {}


def _write_papers(ctx: Ctx, transfer: Transfer, made: TransferPackage, answer: Data) -> None:
    """What the system writes itself: 移送书, 调查报告, 涉案物品清单, and the list of everything, last."""
    person, things = person_of(ctx), answer.get("things") or []
    if things:
        lines = [(str(row["name"]), "，".join(filter(None, (row["count"], row.get("feature"), row["place"])))) for row in things]
        package.write_paper(ctx.session, person, made, papers.issue(ctx, THINGS, lines), "things")
    report = letters.latest_paper(ctx, REPORT)
    if report is not None:
        package.write_paper(ctx.session, person, made, report, "report")
    number = document_number(ctx.session, PAPERS[LETTER], local(ctx.now).year)
    said = [*records.facts(ctx, LETTER), ("主办人联系电话", answer["phone"]), ("附件", f"{LIST}及所列材料")]
    package.write_paper(ctx.session, person, made, papers.issue(ctx, LETTER, said, number=number), "letter")
    rows = package.items(ctx.session, made.id)
    listed = [(f"{no}. {materials.kind_label(made.kind, row.kind)}", _listed(row)) for no, row in enumerate(rows, start=1)]
    package.write_paper(ctx.session, person, made, papers.issue(ctx, LIST, listed), "letter")


def _listed(row: TransferPackageItem) -> str:
    """One line of the list: name, maker, date, digest; or why it is not there."""
    if row.missing_reason:
        return f"{row.name}：没有，{row.missing_reason}"
    made_on = row.made_on.isoformat() if row.made_on else ""
    return "，".join(filter(None, (row.name, row.maker, made_on, f"SM3 {row.sm3}" if row.sm3 else "")))


def _package(ctx: Ctx, kind: str, transfer: Transfer, answer: Data) -> TransferPackage:
    """The draft with what the form adds to it."""
    home = carry.home_of(ctx)
    made = package.draft(ctx.session, home, kind, transfer.police or "", ctx.actor.shown)
    made.to_organ = transfer.police or made.to_organ
    have = {str(item.file_id) for item in package.items(ctx.session, made.id) if item.file_id}
    for row in answer.get("materials") or []:
        _add_rows(ctx, made, row, have)
    return made


def _add_rows(ctx: Ctx, made: TransferPackage, row: Data, have: set[str]) -> None:
    """One line of the form: a file each, or one item without."""
    person, ids = person_of(ctx), [str(one) for one in row.get("files") or [] if str(one) not in have]
    files.attach(ctx.session, person, [UUID(one) for one in ids], ctx.case.id, ctx.task_id)
    names = file_queries.by_ids(ctx.session, [UUID(one) for one in ids])
    for one in ids:
        name = row["name"] if len(ids) == 1 else f"{row['name']}：{names[UUID(one)].name}"
        package.add(ctx.session, person, made, {**row, "name": name, "file_id": one, "missing_reason": None})
    if not row.get("files"):
        package.add(ctx.session, person, made, row)


def _seal(ctx: Ctx, made: TransferPackage, with_penalty: bool) -> None:
    """Sealed, or refused with everything that is missing beside the field."""
    found = package.problems(ctx.session, made, penalised=with_penalty)
    if found:
        raise FormError({"materials": "材料不齐，不能移送：" + "；".join(f"{one.label}：{one.say}" for one in found)})
    package.seal(ctx, made, penalised=with_penalty)


def person_of(ctx: Ctx) -> Person:
    """Who does the step; only people gather material."""
    if ctx.actor.id is None:
        raise Conflict("移送材料要由专案组成员整理。")
    return ctx.session.get_one(Person, ctx.actor.id)


@handlers.register("transfer.stop_penalty")
def stop_penalty(ctx: Ctx, data: Data) -> Data:
    """17号16: the time of the transfer does not count into the penalty's 90 日. The receipt is owed at once (17号7)."""
    transfer = record(ctx)
    sent = transfer.sent_at or ctx.now
    hold.stop(ctx, transfer, sent)
    _watch_receipt(ctx, sent)
    return {}


def _watch_receipt(ctx: Ctx, since: datetime) -> None:
    """立即: red after a day, amber after some minutes (house; a setting)."""
    clock = ctx.clock.start("receipt", "transfer.receipt", since, round=1 + rounds(ctx, "receipt"))
    clock.warn_at = clock.next_at = since + timedelta(minutes=setting(ctx, "receipt_amber_minutes"))
    clock.dirty = True


# --- receipts and notices -----------------------------------------------------------------------------------------------


@handlers.register("transfer.take_receipt")
def take_receipt(ctx: Ctx, data: Data) -> Data:
    """回执: its number and moment (17号7). The police's period is watched from the acceptance."""
    m, transfer = message(data), record(ctx)
    letter_of(ctx, data)
    transfer.receipt_no = str(m.get("receipt_no") or "") or transfer.receipt_no
    transfer.accepted_at = moment(m.get("accepted_at") or m.get("decided_at"), ctx.now)
    if running(ctx, "receipt") is not None:
        ctx.clock.meet("receipt", transfer.accepted_at)
    watch_decision(ctx, transfer.accepted_at)
    at(ctx, "police")
    return {}


@handlers.register("transfer.take_decision")
def take_decision(ctx: Ctx, data: Data) -> Data:
    """A notice of the police, taken once: 立案, 不予立案, 退回, 转送. Wherever it is read, it is the same entry."""
    m, transfer = message(data), record(ctx)
    settle(ctx)
    letter = carry.by_number(ctx.session, str(m.get("letter_no") or ""))
    if letter is not None and letter.received_at is not None and letter.to_case == ctx.case.id:
        return {}
    letter_of(ctx, data)
    kind, decided = str(m.get("kind") or ""), moment(m.get("decided_at"), ctx.now)
    transfer.notice, transfer.notice_at, transfer.notice_reason = kind, decided, m.get("reasons")
    if kind == "misrouted":
        _moved(ctx, transfer, m)
    else:
        for slot in ("receipt", "decide"):
            if running(ctx, slot) is not None:
                ctx.clock.meet(slot, decided)
    at(ctx, {"filed": "handover", "refused": "way", "returned": "route", "misrouted": "receipt"}.get(kind, transfer.state))
    ctx.event(f"公安机关通知：{NOTICES.get(kind, kind)}", {"理由": m["reasons"]} if m.get("reasons") else None)
    return {}


def _moved(ctx: Ctx, transfer: Transfer, m: Data) -> None:
    """17号9: passed on to other police. The receipt is owed anew from the passing on, and letters go there from now on."""
    passed, new = moment(m.get("sent_at"), ctx.now), str(m.get("new_organ") or "")
    if running(ctx, "receipt") is not None:
        ctx.clock.meet("receipt", passed)
    if running(ctx, "decide") is not None:
        ctx.clock.supersede("decide")
    if new:
        transfer.police = new
        ctx.set_attr("police", new)
        file = ctx.session.get_one(TransferFile, ctx.case.id)
        file.confined = list(dict.fromkeys([*(file.confined or []), new]))
    transfer.accepted_at, transfer.receipt_no = None, None
    _watch_receipt(ctx, passed)


@handlers.register("transfer.note_filing")
def note_filing(ctx: Ctx, data: Data) -> Data:
    """立案: what was disputed is over, fines are held again, things are handed over within 3 日 of the notice (17号10)."""
    transfer = record(ctx)
    lapse(ctx, "decide", "receipt", "reconsider", "reconsider_decide", "supervise", "reverse_case", "review", "reply", "procurator_opinion")
    transfer.notice, transfer.notice_at = "filed", transfer.notice_at or ctx.now
    outcomes.reopen(ctx.session, transfer.case_id)
    hold.begin(ctx, transfer)
    hold.start_clock(ctx, transfer)
    hold.stop(ctx, transfer, transfer.sent_at or ctx.now)
    ctx.clock.start("handover", "transfer.handover", ctx.now)
    at(ctx, "handover")
    detention.changed_in(ctx, transfer_case=transfer.case_id)  # a crime after all: no detention for the same act
    ctx.tag("公安已立案")
    return {}


@handlers.register("transfer.handed_over")
def handed_over(ctx: Ctx, data: Data) -> Data:
    """handover: the list with two signatures; dangerous things with their disposal; the party told in writing (行政强制法21)."""
    answer, transfer = data["answer"], record(ctx)
    paper = letters.latest_paper(ctx, "交接清单")
    ctx.session.add(
        TransferHandover(
            case_id=ctx.case.id, transfer_no=transfer.transfer_no, items=list(answer.get("items") or []), place=answer.get("place"),
            handed_by=answer["handed_by"], received_by=answer["received_by"], handed_at=moment(answer["handed_at"], ctx.now),
            dangerous=bool(answer.get("dangerous")), disposal=answer.get("disposal"), party_told=bool(answer.get("party_told")),
            paper_id=paper.id if paper else None, by=ctx.actor.shown, at=ctx.now,
        )
    )  # fmt: skip
    ctx.clock.meet("handover", moment(answer["handed_at"], ctx.now))
    at(ctx, "outcome")
    return {}


@handlers.register("transfer.routed")
def routed(ctx: Ctx, data: Data) -> Data:
    """route_returned: sent again with what was lacking, handed to another organ, or back to the penalty."""
    answer, transfer = data["answer"], record(ctx)
    route = answer["route"]
    transfer.returned_route, transfer.returned_to = route, answer.get("organ")
    lapse(ctx, "reconsider", "supervise")
    if route == "resend":
        ctx.clock.start("send", "transfer.send", ctx.now)
        at(ctx, "assemble")
    elif route == "other_organ":
        hold.end(ctx, transfer, "other_organ")
        finish(ctx, "other_organ")
    else:
        at(ctx, "penalty")
    return {}


# --- requests for material ----------------------------------------------------------------------------------------------


@handlers.register("transfer.open_request")
def open_request(ctx: Ctx, data: Data) -> Data:
    """补正告知 (3 日) or 补充调查意见 (its own day): one instance and one clock for each letter (17号8)."""
    number, kind = str(data.get("letter_no") or ""), str(data.get("kind") or "complete")
    letter = carry.received(ctx, data)
    row = bureau_letters.request(ctx, number)
    if row is None:  # the police work elsewhere: their letter brings the request
        row = TransferRequest(
            transfer_no=record(ctx).transfer_no, case_id=ctx.case.id, letter_no=number, kind=kind, wanted=list(data.get("wanted") or []),
            reason=data.get("reason"), asked_at=moment(data.get("decided_at"), ctx.now), asked_by=str(data.get("by") or ""),
            confined=list(letter.confined or []) if letter is not None else None,
        )  # fmt: skip
        ctx.session.add(row)
    row.bureau_case = ctx.case.id
    told = moment(data.get("sent_at"), ctx.now)
    if kind == "complete":
        clock = ctx.clock.start("complete", "transfer.complete", told, letter=number)
    else:
        until = moment(data["due_at"], ctx.now) if data.get("due_at") else None
        clock = ctx.clock.start("supplement", "transfer.supplement", told, letter=number, until=until)
    row.due_at = clock.due_at
    ctx.session.flush()
    return {"letter": number}


@handlers.register("transfer.request_answered")
def request_answered(ctx: Ctx, data: Data) -> Data:
    """answer_request: a numbered supplement is sealed, or it is explained why it cannot be supplied (17号8)."""
    answer, number, transfer = data["answer"], str(data.get("letter") or ""), record(ctx)
    row = bureau_letters.request(ctx, number)
    if row is None:
        raise Conflict("没有找到这份补正告知或者补充调查意见。")
    row.mode, row.explanation = answer["mode"], answer.get("explanation")
    row.answered_at, row.answered_by = ctx.now, ctx.actor.shown
    if row.mode == "supply":
        made = _package(ctx, SUPPLEMENT, transfer, answer)
        _seal(ctx, made, False)
        row.package_id = made.id
    for slot in ("complete", "supplement"):
        if running(ctx, slot, number) is not None:
            ctx.clock.meet(slot, ctx.now, letter=number)
    ctx.session.flush()
    return {}
