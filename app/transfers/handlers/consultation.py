"""会商、提前介入 (17号24, 26–29): question and answer in writing, attendance, what was agreed. Asking and asked side."""

from __future__ import annotations

from app.papers import services as papers
from app.papers.numbering import document_number
from app.transfers import carry, circle, numbering, services
from app.transfers.handlers.common import Data, letter_of, message, moment, running
from app.transfers.letters import Content, contents, latest_paper
from app.transfers.models import Consultation
from app.transfers.words import CONSULTS
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()

LETTER, ANSWER = "会商函", "会商答复"


def row_of(ctx: Ctx) -> Consultation:
    return ctx.session.get_one(Consultation, ctx.case.id)


@handlers.register("transfer.asked")
def asked(ctx: Ctx, data: Data) -> Data:
    """ask: whom, what about, which kind of help."""
    answer, row = data["answer"], row_of(ctx)
    row.kind, row.question = answer["consult_kind"], answer["question"]
    row.other = str(ctx.case.attrs.get(answer["asked"]) or row.other)
    row.asked_by, row.asked_at = ctx.actor.shown, ctx.now
    ctx.session.flush()
    return {}


@handlers.register("transfer.send_consult")
def send_consult(ctx: Ctx, data: Data) -> Data:
    """会商函 is numbered; a written answer is owed in 7 日 (17号24)."""
    row = row_of(ctx)
    circle.confine(ctx, row.organ)
    services.register_file(ctx, row.number, row.organ, seen_by=[row.other])
    kind = LETTER if row.kind == "consult" else {"early_notice": "提前介入邀请函", "joint": "联合调查邀请函"}[row.kind]
    number = document_number(ctx.session, numbering.PAPERS[LETTER], local(ctx.now).year)
    lines = [("编号", row.number), ("事项", CONSULTS[row.kind]), ("关联移送", row.transfer_no or ""), ("内容", row.question)]
    papers.issue(ctx, kind, [line for line in lines if line[1]], number=number)
    ctx.clock.start("consult", "transfer.consult", ctx.now)
    row.letter_no = carry.allot(ctx.session, row.number, row.organ)
    ctx.session.flush()
    return {"letter": row.letter_no}


@contents.register("consult_requested")
def consult_requested(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = row_of(ctx)
    paper = latest_paper(ctx, LETTER, "提前介入邀请函", "联合调查邀请函")
    assert paper is not None  # send_consult issued it
    body = {"number": row.number, "question": row.question, "consult_kind": row.kind, "about": row.transfer_no or ""}
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(body, lines=lines, title=paper.kind, decided_at=row.asked_at, document_no=paper.number, paper_id=paper.id)


@handlers.register("transfer.take_answer")
def take_answer(ctx: Ctx, data: Data) -> Data:
    """The written answer, with whether they will come."""
    m, row = message(data), row_of(ctx)
    letter = letter_of(ctx, data)
    row.answer, row.will_attend = str(m.get("answer") or ""), bool(m.get("will_attend"))
    row.answered_at, row.answered_by = moment(m.get("decided_at"), ctx.now), letter.by if letter is not None else str(m.get("by") or "")
    if running(ctx, "consult") is not None:
        ctx.clock.meet("consult", row.answered_at)
    ctx.session.flush()
    return {}


@handlers.register("transfer.meeting_recorded")
def meeting_recorded(ctx: Ctx, data: Data) -> Data:
    """record_meeting: who was there, what was advised and agreed, which evidence is to be fixed."""
    answer, row = data["answer"], row_of(ctx)
    row.held_at = moment(answer.get("held_at"), ctx.now)
    row.place, row.present = answer.get("place"), list(answer.get("present") or [])
    row.advice, row.agreed, row.evidence_to_fix = answer.get("advice"), answer["agreed"], answer.get("evidence_to_fix")
    row.leads_to_transfer = answer.get("leads_to_transfer")
    row.recorded_by, row.recorded_at = ctx.actor.shown, ctx.now
    ctx.session.flush()
    return {}


# --- the asked organ's file ---------------------------------------------------------------------------------------------


@handlers.register("transfer.open_reply")
def open_reply(ctx: Ctx, data: Data) -> Data:
    """The asked organ keeps a file of its own; its written answer is owed in 7 日."""
    organ, sender, number = str(data.get("to_organ") or ""), str(data.get("organ") or ""), str(data.get("transfer_no") or "")
    kind = str(data.get("consult_kind") or data.get("kind") or "consult")
    circle.confine(ctx, organ)
    ctx.update_case(
        title=f"{CONSULTS.get(kind, '会商')}：{number}",
        number=f"{number}（答复）",
        attrs={"unit": organ, "asking": sender},
        facets={"unit": organ},
    )
    carry.received(ctx, data)  # before the file is registered: else the letter would be taken for one that waits and open a second file
    services.register_file(ctx, number, organ, seen_by=[sender])
    ctx.session.add(
        Consultation(
            case_id=ctx.case.id, side="answers", number=number, transfer_no=str(data.get("about") or "") or None, organ=organ, kind=kind,
            other=sender, question=str(data.get("question") or ""), asked_by=str(data.get("by") or ""),
            asked_at=moment(data.get("sent_at"), ctx.now), letter_no=str(data.get("letter_no") or ""),
        )
    )  # fmt: skip
    ctx.session.flush()
    ctx.clock.start("consult", "transfer.consult", moment(data.get("sent_at"), ctx.now))
    return {"challenge_no": str(data.get("letter_no") or "")}


@handlers.register("transfer.consult_replied")
def consult_replied(ctx: Ctx, data: Data) -> Data:
    """answer_police, answer_procuratorate: the written answer."""
    answer, row = data["answer"], row_of(ctx)
    row.answer, row.will_attend = answer["answer"], bool(answer.get("will_attend"))
    row.answered_by, row.answered_at = ctx.actor.shown, ctx.now
    if running(ctx, "consult") is not None:
        ctx.clock.meet("consult", ctx.now)
    papers.issue(ctx, ANSWER, [("编号", row.number), ("答复", row.answer), ("是否参加", "参加" if row.will_attend else "不参加")])
    ctx.session.flush()
    return {}


@contents.register("consult_answered")
def consult_answered(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = row_of(ctx)
    paper = latest_paper(ctx, ANSWER)
    lines = [("答复", row.answer or ""), ("是否参加", "参加" if row.will_attend else "不参加")]
    return Content(
        {"answer": row.answer or "", "will_attend": bool(row.will_attend)}, lines=lines, title=ANSWER, in_reply_to=row.letter_no,
        decided_at=row.answered_at, paper_id=paper.id if paper is not None else None,
    )  # fmt: skip
