"""移送: the package sealed and sent, the receipt, the police's notices, hand-over of things, requests for material."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.files import queries as file_queries
from app.files import services as files
from app.transfers import carry, hold, letters, materials, outcomes, package, platform, services, words
from app.transfers.handlers.bureau import finish, settle, watch_decision
from app.transfers.handlers.common import Data, at, lapse, letter_of, message, moment, record, rounds, running, setting
from app.transfers.letters import Content, contents
from app.transfers.models import Transfer, TransferFile, TransferHandover, TransferPackage, TransferRequest
from app.transfers.words import NOTICES
from workflows.errors import Conflict, FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()

LETTER, REPORT, THINGS = "涉嫌环境犯罪案件移送书", "案件调查报告", "涉案物品清单"
MADE = {"letter": LETTER, "report": REPORT, "things": THINGS}  # kinds of material the system writes itself
FIRST, SUPPLEMENT = "first", "supplement"


# --- the package --------------------------------------------------------------------------------------------------------


@handlers.register("transfer.assembled")
def assembled(ctx: Ctx, data: Data) -> Data:
    """assemble: everything of 17号6 is there, or the transfer does not leave. Sealed, numbered, in 24 小时."""
    transfer, answer = record(ctx), data["answer"]
    if not transfer.police or not transfer.procuratorate:
        raise Conflict("没有找到同级公安机关或者人民检察院，请先在组织机构里登记。")
    made = _package(ctx, FIRST, transfer, answer)
    for kind, paper_kind in MADE.items():
        paper = letters.latest_paper(ctx, paper_kind)
        if paper is not None:
            package.write_paper(ctx.session, person_of(ctx), made, paper, kind)
    _seal(ctx, made, services.penalised(ctx.session, transfer))
    transfer.sent_at = ctx.now
    ctx.clock.meet("send", ctx.now)
    ctx.clock.meet("procurator_opinion", ctx.now)
    platform.entry(ctx, "transfer", ctx.now)
    at(ctx, "receipt")
    return {}


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


def sealed_package(ctx: Ctx, kind: str) -> TransferPackage | None:
    """The newest sealed package of this file."""
    query = select(TransferPackage).where(
        TransferPackage.case_id == ctx.case.id, TransferPackage.kind == kind, TransferPackage.sealed_at.is_not(None)
    )
    return ctx.session.scalars(query.order_by(TransferPackage.seq.desc()).limit(1)).first()


@contents.register("transfer_sent")
def transfer_sent(ctx: Ctx, kind: str, payload: Data) -> Content:
    """移送书 with the package."""
    transfer = record(ctx)
    made, paper = sealed_package(ctx, FIRST), letters.latest_paper(ctx, LETTER)
    assert made is not None and paper is not None  # assemble made both
    rows = package.items(ctx.session, made.id)
    body = {
        **_about(ctx, transfer), "package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3,
        "file_list": package.file_list(rows), "items": [row.name for row in rows if row.kind == "things"],
    }  # fmt: skip
    return Content(
        body, lines=[(str(label), str(text)) for label, text in paper.content], title=LETTER, decided_at=transfer.decided_at,
        document_no=paper.number, package_id=made.id, paper_id=paper.id, files=package.file_list(rows),
    )  # fmt: skip


@contents.register("transfer_sent:passed")
def passed_on(ctx: Ctx, kind: str, payload: Data) -> Content:
    """17号9: the letter that brought the case, for the competent police; the package is shown to them too."""
    first = carry.first_letter(ctx.session, ctx.case.id, "transfer_sent")
    if first is None:
        return Content()
    if first.package_id is not None and payload.get("new_organ"):
        found = package.find(ctx.session, first.package_id)
        if found is not None:
            package.see(ctx.session, found, str(payload["new_organ"]))
    body = {k: v for k, v in first.body.items() if k != "lines"}
    lines = [(str(label), str(text)) for label, text in first.body.get("lines") or []]
    return Content(body, lines=lines, title=words.letter_title("transfer_sent", "passed"), package_id=first.package_id, files=first.files)


def _about(ctx: Ctx, transfer: Transfer) -> Data:
    """What the addressee has to know of the matter; the source is a code, never a person."""
    handler = ctx.session.get(Person, UUID(str(ctx.case.attrs["handler"])))
    parties = [
        {"id": str(p.id), "no": p.no, "name": p.name, "kind": p.kind, "role": p.role or ""}
        for p in hold.parties(ctx.session, transfer.case_id)
    ]
    return {
        "title": transfer.title, "party": transfer.party, "parties": parties, "act": transfer.act, "place": transfer.place or "",
        "crime": transfer.crime or "", "crime_name": transfer.crime_name or "", "unit": transfer.unit, "bureau": transfer.organ,
        "police": transfer.police or "", "procuratorate": transfer.procuratorate or "", "source": transfer.source, "grave": transfer.grave,
        "act_from": transfer.act_from.isoformat() if transfer.act_from else None,
        "act_to": transfer.act_to.isoformat() if transfer.act_to else None, "handler": handler.name if handler else "",
        "phone": handler.phone or "" if handler else "",
    }  # fmt: skip


@contents.register("transfer_copied")
def transfer_copied(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The procuratorate gets the 移送书 and nothing of the material (17号6)."""
    transfer = record(ctx)
    paper = letters.latest_paper(ctx, LETTER)
    assert paper is not None
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(_about(ctx, transfer), lines=lines, decided_at=transfer.decided_at, document_no=paper.number, paper_id=paper.id)


@contents.register("transfer_copied:passed")
def copied_on(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The same from the police that pass the case on."""
    first = carry.first_letter(ctx.session, ctx.case.id, "transfer_sent")
    known = first.body if first is not None else {}
    body = {k: v for k, v in known.items() if k not in ("lines", "file_list", "items", "package", "package_no", "manifest_sm3")}
    body["police"] = str(payload.get("new_organ") or body.get("police") or "")
    return Content(body, lines=[(str(label), str(text)) for label, text in known.get("lines") or []])


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
    row = _request(ctx, number)
    if row is None:  # the police work elsewhere: their letter brings the request
        row = TransferRequest(
            transfer_no=record(ctx).transfer_no, case_id=ctx.case.id, letter_no=number, kind=kind, wanted=list(data.get("list") or []),
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


def _request(ctx: Ctx, number: str) -> TransferRequest | None:
    return ctx.session.scalars(select(TransferRequest).where(TransferRequest.letter_no == number)).first()


@handlers.register("transfer.request_answered")
def request_answered(ctx: Ctx, data: Data) -> Data:
    """answer_request: a numbered supplement is sealed, or it is explained why it cannot be supplied (17号8)."""
    answer, number, transfer = data["answer"], str(data.get("letter") or ""), record(ctx)
    row = _request(ctx, number)
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


@contents.register("material_supplied")
def material_supplied(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The answer to one request; the files are in their own sealed package."""
    row = _request(ctx, str(payload.get("in_reply_to") or ""))
    assert row is not None  # request_answered found it
    made = package.find(ctx.session, row.package_id) if row.package_id else None
    rows = package.items(ctx.session, made.id) if made is not None else []
    lines = [("答复", "补充材料" if row.mode == "supply" else "无法补正"), ("说明", row.explanation or "")]
    lines += [(materials.kind_label(SUPPLEMENT, item.kind), item.name) for item in rows]
    body: dict[str, Any] = {"explanation": row.explanation or "", "file_list": package.file_list(rows)}
    if made is not None:
        body |= {"package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3}
    return Content(
        body, lines=[line for line in lines if line[1]], in_reply_to=row.letter_no, decided_at=row.answered_at,
        package_id=row.package_id, files=package.file_list(rows),
    )  # fmt: skip


@contents.register("nontransfer_recorded")
def nontransfer_recorded(ctx: Ctx, kind: str, payload: Data) -> Content:
    """A refusal is told to the procuratorate with what was hit, who refused and why (house, detention_and_tables §6)."""
    from app.transfers import screening

    transfer = record(ctx)
    row = screening.latest(ctx.session, ctx.case.id)
    hits = [*row.hits, *row.added] if row is not None else []
    lines = [
        ("筛查命中", "、".join(hits)), ("决定", "不批准移送"), ("理由", transfer.decision_reason or ""),
        ("决定人", f"{transfer.decided_by or ''}（{transfer.decided_post or ''}）"),
        ("决定时间", f"{local(transfer.decided_at):%Y-%m-%d %H:%M}" if transfer.decided_at else ""),
    ]  # fmt: skip
    about = {k: v for k, v in _about(ctx, transfer).items() if k not in ("handler", "phone")}
    body = {**about, "hits": hits, "reason": transfer.decision_reason or "", "head": transfer.decided_by or ""}
    return Content(body, lines=lines, decided_at=transfer.decided_at)
