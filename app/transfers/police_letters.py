"""What the police's letters say: to the bureau and to the procuratorate. Each is read from the record the step before has written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.transfers import carry, police_file
from app.transfers.letters import Content, contents, latest_paper
from app.transfers.models import TransferProgress, TransferRequest
from app.transfers.police_file import issue, record, shown
from app.transfers.police_words import (
    FILED_NOTICE,
    FILED_PAPER,
    PASSED_PAPER,
    PROSECUTED_PAPER,
    REASONS_PAPER,
    RECEIPT,
    RECONSIDERED_PAPER,
    REFUSED_NOTICE,
    REQUEST_PAPERS,
    RETURNED_PAPER,
    TERMS,
    WITHDRAWN_PAPER,
    progress,
)
from workflows.handlers import Ctx
from workflows.time import local

Data = dict[str, Any]


def _with(ctx: Ctx, kinds: Sequence[str], body: Data, **more: Any) -> Content:
    """A letter that carries the newest of these papers."""
    paper = latest_paper(ctx, *kinds)
    if paper is None:
        return Content(body, **more)
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(body, lines=lines, title=paper.kind, document_no=paper.number, paper_id=paper.id, **more)


def _numbered(ctx: Ctx, payload: Data) -> str:
    """The number of the letter, known before it is carried: the record names it."""
    row = record(ctx)
    payload["letter_no"] = str(payload.get("letter_no") or "") or carry.allot(ctx.session, row.transfer_no, row.organ)
    return str(payload["letter_no"])


# --- accepted, the clock ------------------------------------------------------------------------------------------------


@contents.register("transfer_receipt")
def receipt(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = record(ctx)
    assert row.accepted_at is not None  # signed in the step before
    body = {"receipt_no": row.receipt_no or "", "accepted_at": local(row.accepted_at).isoformat(), "hashes_ok": row.hashes_ok}
    return _with(ctx, [RECEIPT], body, decided_at=row.accepted_at)


@contents.register("clock_state")
def clock_state(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The others watch the same period: accepted, moved, decided. A term that was not granted moves nothing."""
    row = record(ctx)
    clock = next((c for c in reversed(ctx.clock.rows) if c.slot == "decide"), None)
    due = local(clock.due_at).isoformat() if clock is not None else None
    when = {"received": row.accepted_at, "decided": row.decided_at}.get(kind) or ctx.now
    moved = kind == "moved" and row.term_at == ctx.now
    if kind == "moved" and not moved:
        due = None
    said = {
        "received": "已接受案件",
        "moved": f"审查期限延长到{TERMS[row.term]}" if moved else "报请延长审查期限，未获批准",
        "decided": "已作出立案决定" if row.filed else "已作出不予立案决定",
    }[kind]
    title = {"received": "接受时间告知", "moved": "审查期限告知" if moved else "审查期限不延长告知", "decided": "决定时间告知"}[kind]
    lines = [("事项", said), ("时间", shown(when)), ("理由", (row.term_ground or "") if moved else "")]
    body = {"event_at": local(when).isoformat(), "due": due, "term": row.term}
    return Content(body, lines=[line for line in lines if line[1]], title=title, decided_at=when)


# --- jurisdiction -------------------------------------------------------------------------------------------------------


@contents.register("police_notice:returned")
def returned(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _with(ctx, [RETURNED_PAPER], {"reasons": record(ctx).juris_reason or ""})


@contents.register("police_notice:misrouted")
def misrouted(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = record(ctx)
    body = {"reasons": row.juris_reason or "", "new_organ": row.juris_organ or ""}
    return _with(ctx, [PASSED_PAPER], body)


def passed_paper(ctx: Ctx) -> None:
    """移送案件转送告知书: to whom and why; the bureau gets it, the procuratorates see the case go."""
    row = record(ctx)
    lines = [
        ("转送到", police_file.organ_name(ctx.session, row.juris_organ)),
        ("理由", row.juris_reason or ""),
        ("转送时间", shown(ctx.now)),
    ]
    issue(ctx, PASSED_PAPER, lines)


@contents.register("case_moved:closed")
def moved_returned(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = record(ctx)
    lines = [("去向", "退回移送机关"), ("理由", row.juris_reason or "")]
    return Content({"reasons": row.juris_reason or ""}, lines=lines, title="案件退回告知")


@contents.register("case_moved:passed")
def moved_passed(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = record(ctx)
    to = police_file.organ_name(ctx.session, row.juris_organ)
    lines = [("去向", f"转送{to}"), ("理由", row.juris_reason or "")]
    return Content({"reasons": row.juris_reason or "", "new_organ": row.juris_organ or ""}, lines=lines, title="案件转送告知")


# --- material -----------------------------------------------------------------------------------------------------------


@contents.register("material_requested")
def material_requested(ctx: Ctx, kind: str, payload: Data) -> Content:
    """What is missing, or what has to be found out, with the day it is awaited."""
    request: TransferRequest = police_file.requests(ctx.session, ctx.case.id)[-1]
    payload["letter_no"] = request.letter_no
    body = {
        "list": [str(one.get("name") or "") for one in request.wanted], "wanted": request.wanted, "reason": request.reason or "",
        "due_at": local(request.due_at).isoformat() if request.due_at is not None else None, "late_by_hours": request.late_by_hours,
    }  # fmt: skip
    return _with(ctx, [REQUEST_PAPERS[kind]], body, decided_at=request.asked_at)


# --- decisions ----------------------------------------------------------------------------------------------------------


@contents.register("police_notice")
@contents.register("decision_copied")
def notice(ctx: Ctx, kind: str, payload: Data) -> Content:
    """立案 or 不予立案: the notice to the bureau, its copy to the procuratorate."""
    row = record(ctx)
    body = {
        "reasons": row.reasons or "" if kind == "refused" else "", "police_no": row.police_no or "", "term": row.term,
        "served_at": local(row.served_at).isoformat() if row.served_at is not None else None, "by_whom": row.decided_by or "",
    }  # fmt: skip
    made = _with(ctx, [FILED_NOTICE if kind == "filed" else REFUSED_NOTICE], body, decided_at=row.decided_at)
    return made


@contents.register("criminal_outcome:withdrawn")
@contents.register("decision_copied:withdrawn")
def withdrawn(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = record(ctx)
    return _with(ctx, [WITHDRAWN_PAPER], {"reasons": row.outcome_reason or ""}, decided_at=row.outcome_at)


@contents.register("case_moved:prosecution")
def moved_to_prosecution(ctx: Ctx, kind: str, payload: Data) -> Content:
    """Whom it concerns goes with it: ids and names, so that the procuratorate can decide party by party."""
    row = record(ctx)
    concerned = police_file.chosen(ctx.session, ctx.case.id, payload.get("parties"))
    body = {"parties": [one.id for one in concerned], "names": {one.id: one.name for one in concerned}}
    return _with(ctx, [PROSECUTED_PAPER], body, decided_at=row.outcome_at)


@contents.register("case_progress")
def case_progress(ctx: Ctx, kind: str, payload: Data) -> Content:
    return progress_content(ctx, kind, payload.get("parties") or [])


def progress_content(ctx: Ctx, kind: str, ids: Sequence[Any]) -> Content:
    """What was entered just now, for those who would otherwise phone."""
    newest = police_file.newest_progress(ctx.session, ctx.case.id)
    concerned = police_file.chosen(ctx.session, ctx.case.id, ids)
    lines = [("进展", progress(kind)), ("涉及", police_file.names(concerned)), *(_of_entry(newest) if newest is not None else [])]
    body: Data = {"happened_on": None, "parties": [str(one) for one in ids], "party": police_file.names(concerned)}
    if newest is not None:
        body |= {"happened_on": newest.happened_on.isoformat(), "document_no": newest.document_no or "", "note": newest.note or ""}
    return Content(body, lines=[line for line in lines if line[1]], title=f"侦查进展：{progress(kind)}")


def _of_entry(entry: TransferProgress) -> list[tuple[str, str]]:
    return [("日期", entry.happened_on.isoformat()), ("文书", entry.document_no or ""), ("说明", entry.note or "")]


# --- answers ------------------------------------------------------------------------------------------------------------


def _answer(ctx: Ctx, payload: Data, kinds: Sequence[str], body: Data) -> Content:
    """An answer names the letter it answers; the challenge remembers the answer's own number."""
    asked = str(payload.get("in_reply_to") or "")
    row = police_file.challenge(ctx, asked)
    if row is not None:
        row.answer_letter = _numbered(ctx, payload)
        body = {"reasons": row.reasons or "", **body}
    decided = row.answered_at if row is not None else None
    return _with(ctx, kinds, body, in_reply_to=asked or None, decided_at=decided)


@contents.register("reconsidered")
def reconsidered(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _answer(ctx, payload, [RECONSIDERED_PAPER], {})


@contents.register("reasons_given")
def reasons_given(ctx: Ctx, kind: str, payload: Data) -> Content:
    row = police_file.challenge(ctx, str(payload.get("in_reply_to") or ""))
    return _answer(ctx, payload, [REASONS_PAPER], {"own_motion": row is not None and row.answer == "filed"})


@contents.register("filing_record")
def filing_record(ctx: Ctx, kind: str, payload: Data) -> Content:
    return _answer(ctx, payload, [FILED_PAPER], {"police_no": record(ctx).police_no or ""})
