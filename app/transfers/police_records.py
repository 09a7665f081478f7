"""What the answers of the police leave on record, from the receipt to the notice (17号7–9). Answers to challenges: police_answers.py."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.transfers import carry, circle, police_file
from app.transfers.handlers.common import lapse, moment, running
from app.transfers.keeping import keeper
from app.transfers.models import TransferPolice, TransferRequest
from app.transfers.police_file import at, decide, issue, record, shown
from app.transfers.police_words import (
    BELONGS,
    FILED_NOTICE,
    FILED_PAPER,
    RECEIPT,
    REFUSED_NOTICE,
    REFUSED_PAPER,
    REQUEST_PAPERS,
    REQUESTS,
    RETURNED_PAPER,
    SERVED,
    TERM_PAPER,
    TERMS,
)
from workflows.calendar import Due
from workflows.errors import FormError
from workflows.handlers import Ctx
from workflows.time import end_of_day, local

Answer = dict[str, Any]
Given = Mapping[str, Any]

HOUR = timedelta(hours=1)
TERM_RULES = {7: "transfer.decide_verify", 30: "transfer.decide_complex"}
OVER = "审查期限已经届满，不能再延长，请作出决定（17号第九条）"


# --- accepted at once ---------------------------------------------------------------------------------------------------


@keeper("sign_receipt")
def sign_receipt(ctx: Ctx, answer: Answer, data: Given) -> None:
    """回执: its number and moment by the system, the package read again. Nothing here can refuse (17号7, 8)."""
    row = record(ctx)
    police_file.check(ctx.session, row, ctx.now)
    row.accepted_at, row.accepted_by = ctx.now, ctx.actor.shown
    made = police_file.package_of(ctx.session, row)
    lines = [
        ("接受时间", shown(ctx.now)),
        ("移送材料", made.number if made is not None else ""),
        ("材料校验（SM3）", police_file.check_words(row)),
        ("交接说明", str(answer.get("note") or "")),
        ("签收人", ctx.actor.shown),
    ]
    row.receipt_no = issue(ctx, RECEIPT, lines).number
    ctx.clock.meet("receipt", ctx.now)
    ctx.clock.start("decide", "transfer.decide", ctx.now)
    ctx.clock.start("misroute", "transfer.misroute", ctx.now)
    ctx.clock.start("complete_notice", "transfer.complete_notice", ctx.now)
    if row.hashes_ok is False:
        ctx.tag("材料校验不一致")
    at(ctx, "jurisdiction")


# --- whose it is --------------------------------------------------------------------------------------------------------


@keeper("jurisdiction")
def jurisdiction(ctx: Ctx, answer: Answer, data: Given) -> None:
    """Ours, other police's, or not the police's at all; the last two within 24 小时 (17号9)."""
    row, juris = record(ctx), str(answer["juris"])
    row.juris, row.juris_at, row.juris_organ = juris, ctx.now, answer.get("new_organ") or None
    row.juris_reason = str(answer.get("reason") or "") or None
    ctx.clock.meet("misroute", ctx.now)
    if juris == "ours":
        at(ctx, "examine")
        return
    lapse(ctx, *police_file.SLOTS)
    if juris == "not_police":
        belongs = BELONGS[str(answer["belongs"])]
        row.juris_reason = f"{belongs}管辖。{row.juris_reason or ''}"
        issue(ctx, RETURNED_PAPER, [("应由", belongs), ("理由", str(answer.get("reason") or "")), ("退回时间", shown(ctx.now))])
        row.closed_at = ctx.now
        at(ctx, "returned")


# --- examined -----------------------------------------------------------------------------------------------------------


@keeper("examine")
def examine(ctx: Ctx, answer: Answer, data: Given) -> None:
    """Ask for material, ask for a longer term, or report to the head; the 3 日 run on meanwhile (17号8, 9)."""
    if answer["step"] == "ask":
        _ask(ctx, answer)
    elif answer["step"] == "extend":
        _may_extend(ctx, record(ctx), int(answer["days"]), "days")
        record(ctx).term_ground = str(answer["ground"])
        at(ctx, "term")
    else:
        at(ctx, "decide")


def _ask(ctx: Ctx, answer: Answer) -> None:
    """补正告知 in 24 小时, a later one says how late; 补充调查意见 with its own day. The letter's number is allotted here."""
    row, kind = record(ctx), str(answer["ask_kind"])
    late = 0
    if kind == "complete":
        if running(ctx, "complete_notice") is not None:
            ctx.clock.meet("complete_notice", ctx.now)
        late = _late_by(ctx, row)
    due = _reply_due(ctx, kind, answer)
    wanted = [dict(one) for one in answer.get("wanted") or []]
    request = TransferRequest(
        transfer_no=row.transfer_no, case_id=ctx.case.id, letter_no=carry.allot(ctx.session, row.transfer_no, row.organ), kind=kind,
        wanted=wanted, reason=answer.get("ask_reason"), asked_at=ctx.now, asked_by=ctx.actor.shown, late_by_hours=late, due_at=due,
        confined=circle.organs(ctx.session, row.organ, row.bureau),
    )  # fmt: skip
    ctx.session.add(request)
    ctx.session.flush()
    lines = [(f"第{n}项", "：".join(filter(None, [one.get("name"), one.get("why")]))) for n, one in enumerate(wanted, start=1)]
    issue(ctx, REQUEST_PAPERS[kind], [*lines, ("理由", str(answer.get("ask_reason") or "")), ("反馈期限", _until(due))])
    if late:
        ctx.event(f"{REQUESTS[kind]}超过二十四小时作出", {"超过": f"{late} 小时"}, kind="late")


def _late_by(ctx: Ctx, row: TransferPolice) -> int:
    """Whole hours after the 24 of 17号8, counted up; 0 in time."""
    if row.accepted_at is None:
        return 0
    rule = ctx.engine.rules.get("transfer.complete_notice", row.accepted_at.date())
    over = ctx.now - ctx.engine.calendar.due(rule, row.accepted_at).due
    return max(0, math.ceil(over / HOUR))


def _reply_due(ctx: Ctx, kind: str, answer: Answer) -> datetime:
    """3 日 from the notice, or the end of the day the opinion sets."""
    if kind == "supplement":
        return end_of_day(date.fromisoformat(str(answer["reply_by"])[:10]))
    rule = ctx.engine.rules.get("transfer.complete", ctx.now.date())
    return ctx.engine.calendar.due(rule, ctx.now).due


def _until(due: datetime) -> str:
    """The last day of a period that ends at midnight."""
    return f"{local(due - timedelta(seconds=1)):%Y-%m-%d}"


def _may_extend(ctx: Ctx, row: TransferPolice, days: int, field: str) -> Due:
    """The new end, counted from the acceptance. Not once the period is over, and only to a longer one."""
    assert row.accepted_at is not None  # signed before it is examined
    clock = running(ctx, "decide")
    if clock is None or clock.due_at <= ctx.now:
        raise FormError({field: OVER})
    if days <= row.term:
        raise FormError({field: f"审查期限已经是{TERMS[row.term]}，只能延长到更长的期限"})
    return ctx.engine.calendar.due(ctx.engine.rules.get(TERM_RULES[days], row.accepted_at.date()), row.accepted_at)


@keeper("approve_term")
def approve_term(ctx: Ctx, answer: Answer, data: Given) -> None:
    """7 日 have their ground, 30 日 the approval of the head of a county's police or above; both from the acceptance (17号9)."""
    row, asked = record(ctx), record(ctx).term_ground or ""
    lines = [("报请的理由", asked)]
    if answer["granted"]:
        days = int(answer["days"])
        due = _may_extend(ctx, row, days, "granted").due
        ctx.clock.extend("decide", str(answer["reason"]), until=due)
        row.term, row.term_ground = days, str(answer["reason"])
        row.term_by, row.term_at = ctx.actor.shown, ctx.now
        lines += [("决定", f"延长到{TERMS[days]}"), ("审查期限至", _until(due))]
    else:
        lines += [("决定", "不批准")]
    issue(ctx, TERM_PAPER, [*lines, ("理由", str(answer["reason"]))])
    at(ctx, "examine")


# --- decided and told ---------------------------------------------------------------------------------------------------


@keeper("decide_filing")
def decide_filing(ctx: Ctx, answer: Answer, data: Given) -> None:
    """立案 or 不予立案 with its reasons, by the head (17号9)."""
    filed, reasons = bool(answer["filed"]), str(answer.get("reasons") or "")
    lines = [("决定", "立案" if filed else "不予立案"), ("理由", reasons), ("决定人", ctx.actor.shown), ("决定时间", shown(ctx.now))]
    paper = issue(ctx, FILED_PAPER if filed else REFUSED_PAPER, lines)
    decide(ctx, "filing", filed, reasons, paper)
    number_case(record(ctx), filed, answer.get("police_no"), paper.number)


def number_case(row: TransferPolice, filed: bool, given: Any, document_no: str | None) -> None:
    """立案编号: as the police type it in, else the number of the decision."""
    if filed:
        row.police_no = str(given or "").strip() or document_no


@keeper("notify")
def notify(ctx: Ctx, answer: Answer, data: Given) -> None:
    """The written notice to the bureau, copied to the procuratorate; refused: with reasons, the file given back (17号9)."""
    row, served = record(ctx), moment(answer["served_at"], ctx.now)
    if row.decided_at is not None and served < row.decided_at.replace(second=0, microsecond=0):
        raise FormError({"served_at": f"送达时间不能早于作出决定的时间（{shown(row.decided_at)}）"})
    served = min(max(served, row.decided_at or served), ctx.now)  # the form knows minutes only
    row.served_at, row.notified_at = served, ctx.now
    lines = [
        ("决定", "立案" if row.filed else "不予立案"),
        ("立案编号", (row.police_no or "") if row.filed else ""),
        ("决定时间", shown(row.decided_at)),
        ("理由", (row.reasons or "") if not row.filed else ""),
        ("送达时间", shown(served)),
        ("送达方式", SERVED[str(answer["way"])]),
        ("案卷材料", "" if row.filed else "随本通知书退回"),
        ("说明", str(answer.get("note") or "")),
        ("异议", "" if row.filed else "可以自接到本通知书之日起三个工作日内申请复议，也可以建议人民检察院立案监督。"),
    ]
    paper = issue(ctx, FILED_NOTICE if row.filed else REFUSED_NOTICE, lines)
    paper.delivered = {"way": SERVED[str(answer["way"])], "at": served.isoformat(), "by": ctx.actor.shown}
    ctx.clock.meet("notify", served)
    ctx.session.flush()
