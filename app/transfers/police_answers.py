"""What the police leave on record while they investigate and when they answer a challenge (17号9, 11, 17, 34; 高检2001第十条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.papers.services import Paper
from app.transfers import carry, outcomes, platform, police_file, progress
from app.transfers.handlers.common import lapse, running
from app.transfers.keeping import keeper
from app.transfers.models import TransferChallenge
from app.transfers.police_file import Party, at, decide, issue, record, shown
from app.transfers.police_letters import progress_content
from app.transfers.police_records import number_case
from app.transfers.police_words import (
    ENTRIES,
    FILED_PAPER,
    PROSECUTED_PAPER,
    REASONS_PAPER,
    RECONSIDERED_PAPER,
    WITHDRAWN_PAPER,
)
from workflows.errors import Conflict
from workflows.handlers import Ctx

Answer = dict[str, Any]
Given = Mapping[str, Any]


# --- investigation ------------------------------------------------------------------------------------------------------


@keeper("investigate")
def investigate(ctx: Ctx, answer: Answer, data: Given) -> None:
    """An entry on the way of the criminal case, or how the investigation ended."""
    if answer["inv_step"] == "entry":
        happened = date.fromisoformat(str(answer["happened_on"])[:10])
        _enter(ctx, ENTRIES[str(answer["entry_kind"])], happened, answer)
    elif answer["outcome"] == "prosecute":
        _prosecute(ctx, answer)
    else:
        _withdraw(ctx, answer)


def _enter(ctx: Ctx, kind: str, happened: date, answer: Answer) -> None:
    """One row a party that was chosen; none chosen: one row for the whole case. Seen by all organs of the transfer."""
    said = {"document_no": answer.get("document_no"), "note": answer.get("note")}
    named: Sequence[Party | None] = police_file.chosen(ctx.session, ctx.case.id, answer["parties"]) if answer.get("parties") else [None]
    for one in named:
        progress.add(ctx, kind, happened, party_id=UUID(one.id) if one else None, party=one.name if one else None, **said)


def _prosecute(ctx: Ctx, answer: Answer) -> None:
    """移送审查起诉: the police's file ends; bureau and procuratorate are told."""
    row = record(ctx)
    concerned = police_file.chosen(ctx.session, ctx.case.id, answer.get("parties"))
    lines = [
        ("立案编号", row.police_no or ""),
        ("移送审查起诉", police_file.names(concerned)),
        ("起诉意见书", str(answer.get("document_no") or "")),
        ("移送时间", shown(ctx.now)),
        ("说明", str(answer.get("note") or "")),
    ]
    paper = issue(ctx, PROSECUTED_PAPER, lines)
    decide(ctx, "prosecute", True, answer.get("note"), paper)
    _enter(ctx, "sent_to_prosecute", ctx.now.date(), answer)
    told = progress_content(ctx, "sent_to_prosecute", [one.id for one in concerned])
    carry.deliver_to(ctx, "case_progress", "sent_to_prosecute", row.bureau, told)
    row.outcome, row.outcome_at, row.outcome_reason = "prosecute", ctx.now, answer.get("note")
    row.closed_at = ctx.now
    lapse(ctx, *police_file.SLOTS)
    at(ctx, "closed")


def _withdraw(ctx: Ctx, answer: Answer) -> None:
    """撤销案件 with its reasons; the file stays for challenges (17号9, 17)."""
    row, reasons = record(ctx), str(answer["reasons"])
    concerned = police_file.chosen(ctx.session, ctx.case.id, answer.get("parties"))
    lines = [
        ("立案编号", row.police_no or ""),
        ("涉及", police_file.names(concerned)),
        ("决定", "撤销案件"),
        ("理由", reasons),
        ("决定人", ctx.actor.shown),
        ("决定时间", shown(ctx.now)),
    ]
    paper = issue(ctx, WITHDRAWN_PAPER, lines)
    decide(ctx, "withdraw", False, reasons, paper)
    named = [(UUID(one.id), one.name) for one in concerned]
    outcomes.record_outcome(ctx, "withdrawn", parties=named, reasons=reasons, document_no=paper.number, decided_at=ctx.now)
    platform.entry(ctx, "withdrawal", ctx.now)
    row.filed, row.reasons = False, reasons
    row.outcome, row.outcome_at, row.outcome_reason = "withdraw", ctx.now, reasons
    row.decided_at, row.decided_by = ctx.now, ctx.actor.shown
    ctx.session.flush()


# --- answers ------------------------------------------------------------------------------------------------------------


def _under_answer(ctx: Ctx, data: Given) -> TransferChallenge:
    """The challenge this step answers."""
    found = police_file.challenge(ctx, str(data.get("challenge_no") or ""))
    if found is None:
        raise Conflict("没有找到要答复的来函。")
    return found


def _answered(ctx: Ctx, row: TransferChallenge, answer: str, reasons: str | None, slot: str) -> None:
    """The answer on the challenge; its clock is met, the time for challenges runs on."""
    row.answer, row.reasons = answer, reasons or None
    row.answered_at, row.answered_by = ctx.now, ctx.actor.shown
    if running(ctx, slot) is not None:
        ctx.clock.meet(slot, ctx.now)
    if running(ctx, "window") is not None:
        ctx.clock.resume("window", ctx.now)
    ctx.session.flush()


@keeper("reconsider")
def reconsider(ctx: Ctx, answer: Answer, data: Given) -> None:
    """复议 in 3 工作日, by somebody else than who decided (17号11)."""
    row, filed, reasons = _under_answer(ctx, data), bool(answer["filed"]), str(answer["reasons"])
    first = [one for one in police_file.decisions(ctx.session, ctx.case.id) if not one.filed and one.person_id is not None]
    if ctx.actor.id is not None and any(one.person_id == ctx.actor.id for one in first):
        raise Conflict("复议由作出原决定以外的人办理，请转给其他法制人员。")
    lines = [
        ("复议申请", row.letter_no),
        ("原决定", _before(ctx)),
        ("复议决定", "撤销原决定，立案" if filed else "维持原决定，不予立案"),
        ("理由", reasons),
        ("办理人", ctx.actor.shown),
        ("决定时间", shown(ctx.now)),
    ]
    paper = issue(ctx, RECONSIDERED_PAPER, lines)
    decide(ctx, "reconsider", filed, reasons, paper)
    if filed:
        number_case(record(ctx), True, None, _filing(ctx, f"复议决定书 {paper.number or ''}", "").number)
    platform.entry(ctx, "reconsidered", ctx.now)
    _answered(ctx, row, "reversed" if filed else "upheld", reasons, "reconsider_decide")
    if not filed:
        record(ctx).reasons = reasons
        at(ctx, "refused")


def _before(ctx: Ctx) -> str:
    """The decision that is challenged: its number, who made it, when."""
    refused = [one for one in police_file.decisions(ctx.session, ctx.case.id) if not one.filed]
    return f"{refused[-1].document_no or ''} {refused[-1].by} {shown(refused[-1].decided_at)}".strip() if refused else ""


@keeper("explain")
def explain(ctx: Ctx, answer: Answer, data: Given) -> None:
    """Reasons to the procuratorate in 7 日; the police may file of their own motion (高检2001第十条)."""
    row, filed, reasons = _under_answer(ctx, data), bool(answer["filed"]), str(answer["reasons"])
    lines = [("来函", row.letter_no), ("理由", reasons), ("处理", "主动立案" if filed else "不立案"), ("说明人", ctx.actor.shown)]
    issue(ctx, REASONS_PAPER, lines)
    if filed:
        _file(ctx, "own_motion", reasons, None)
    _answered(ctx, row, "filed" if filed else "reasons", reasons, "explain")
    if not filed:
        at(ctx, "refused" if record(ctx).decided else "examine")


@keeper("file_ordered")
def file_ordered(ctx: Ctx, answer: Answer, data: Given) -> None:
    """通知立案书: filed in 15 日, nothing else may be decided (高检2001第十条)."""
    row, opinion = _under_answer(ctx, data), str(answer.get("opinion") or "")
    _file(ctx, "ordered", opinion, answer.get("police_no"))
    _answered(ctx, row, "filed", opinion, "file")


def _file(ctx: Ctx, kind: str, reasons: str, police_no: Any) -> None:
    """立案 on a way that is no decision of the head on a report."""
    paper = _filing(ctx, "通知立案书" if kind == "ordered" else "主动立案", reasons)
    decide(ctx, kind, True, reasons, paper)
    number_case(record(ctx), True, police_no, paper.number)


def _filing(ctx: Ctx, basis: str, said: str) -> Paper:
    """立案决定书."""
    lines = [("决定", "立案"), ("依据", basis), ("说明", said), ("决定人", ctx.actor.shown), ("决定时间", shown(ctx.now))]
    return issue(ctx, FILED_PAPER, lines)
