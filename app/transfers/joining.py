"""Letters and questions that meet a file: which living one they join, and what they do where no step waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.transfers import carry, facts, items, opening, routing, screening, services, taking
from app.transfers.handlers import reverse
from app.transfers.handlers.bureau import tell_of
from app.transfers.handlers.common import running
from app.transfers.models import Transfer, TransferFile, TransferQuestion, TransferScreening
from app.transfers.words import QUESTION
from workflows.handlers import Ctx
from workflows.store import ClockRow
from workflows.tables import Link

REQUEST = "supervision_requested"


def living(session: Session, name: str, payload: Mapping[str, Any], from_case: UUID) -> UUID | None:
    """The file a message that may open one joins instead; None opens a new one."""
    if name == QUESTION:
        return services.living_for(session, from_case)
    if name in ("consult_requested", "detention_sent"):
        return None  # each has a file of its own
    number, organ = str(payload.get("transfer_no") or ""), str(payload.get("to_organ") or "")
    processes = routing.FILES.get(carry.NOTICE if name == carry.NOTICE_ALONE else name, ())
    found = routing.living_file(session, number, organ, *processes)
    if found is None and name == "penalty_opinion" and payload.get("kind") == "no_opinion":
        return routing.file_of(session, number, organ, *processes)  # nothing to decide: it goes to the ended file
    return found


def joined(ctx: Ctx, name: str, payload: dict[str, Any]) -> None:
    """What a message does on a living file in which no step waits for it."""
    if name == QUESTION:
        _question(ctx, payload)
        return
    if name == carry.NOTICE_ALONE:
        ctx.send(carry.NOTICE, payload)  # the file lives after all: its own steps take it
        return
    letter = carry.received(ctx, payload)
    if name == "procurator_opinion":
        _opinion(ctx, payload)
    elif name == "penalty_opinion" and ctx.session.get(Transfer, ctx.case.id) is not None:
        reverse.opinion_came(ctx, payload, None, list(payload.get("parties") or []))
    else:
        home = ctx.session.get(TransferFile, ctx.case.id)
        taking.take(ctx, home.process if home is not None else "", payload, letter)


def _question(ctx: Ctx, payload: dict[str, Any]) -> None:
    """A further question on the same matter: its link waits for the same answer; new facts are screened again."""
    transfer = ctx.session.get_one(Transfer, ctx.case.id)
    link = UUID(str(payload["link_id"])) if payload.get("link_id") else None
    asking = UUID(str(payload["from_case"])) if payload.get("from_case") else transfer.subject_case
    known = select(TransferQuestion.id).where(TransferQuestion.case_id == ctx.case.id, TransferQuestion.link_id == link)
    if link is None or ctx.session.scalar(known.limit(1)) is None:
        services.ask(ctx.session, transfer, from_case=asking, link_id=link)
    if payload.get("screening_id"):
        _again(ctx, transfer, UUID(str(payload["screening_id"])))
    elif asking is not None:
        _found_since(ctx, transfer, asking)
    if transfer.answer is not None:
        services.answer(ctx, transfer, transfer.answer, transfer.answer_reason or "")


def _again(ctx: Ctx, transfer: Transfer, screening_id: UUID) -> None:
    """Facts changed while the file is open: a new row beside the old, its hits told to the team and legal."""
    given = ctx.session.get(TransferScreening, screening_id)
    if given is None or given.case_id == ctx.case.id:
        return
    known, before = screening.answer_of(given), screening.latest(ctx.session, ctx.case.id)
    if before is not None:
        known = facts.together(screening.answer_of(before), known)  # nothing the file claims is lost
    screening.rescreen(ctx.session, transfer, known, ctx.actor)
    tell_of(ctx, "案件事实有变化，已重新筛查，请核对筛查结果。")


def _found_since(ctx: Ctx, transfer: Transfer, asking: UUID) -> None:
    """What the petition's investigation has measured or ticked since: values are screened again, items are told to be looked at."""
    old = screening.latest(ctx.session, ctx.case.id)
    if old is None:
        tell_of(ctx, "信访件的调查结论有变化，填写事实时请一并核对。")
        return
    before = screening.answer_of(old)
    changed = {**before, "measured": facts.renewed(before["measured"], opening.known_facts(ctx.session, asking).get("measured") or [])}
    if facts.digest(changed) != facts.digest(before):
        screening.rescreen(ctx.session, transfer, changed, ctx.actor)
        tell_of(ctx, "案件事实有变化，已重新筛查，请核对筛查结果。")
    latest = screening.latest(ctx.session, ctx.case.id) or old
    more = [one for one in opening.asked_items(ctx.session, asking) if one not in (*latest.hits, *latest.added)]
    if more:
        tell_of(ctx, f"信访件的调查又涉及{'、'.join(items.short(one) for one in more)}，请核对事实，在“事实有变化”里重新筛查。")


def _opinion(ctx: Ctx, payload: dict[str, Any]) -> None:
    """检察意见 while the file is open: the head may not refuse any more, and 3 日 run (17号14)."""
    transfer = ctx.session.get_one(Transfer, ctx.case.id)
    transfer.opinion_letter, transfer.opinion_at = str(payload.get("letter_no") or ""), ctx.now
    if transfer.sent_at is None and running(ctx, "procurator_opinion") is None:
        ctx.clock.start("procurator_opinion", "transfer.procurator_opinion", ctx.now)
    ctx.tag("检察意见")
    tell_of(ctx, "人民检察院提出建议移送的检察意见，应当自收到之日起三日内移送。")


def ask_supervision(ctx: Ctx, clock: ClockRow) -> None:
    """One request of 督办 for one lateness; while the matter is open further ones are entries of it."""
    main = next(iter(ctx.engine.library.of_case(ctx.session, ctx.case.id)), None)
    rule = main.messages.get(REQUEST) if main is not None else None
    if rule is None:
        return
    payload = {
        "case_id": str(ctx.case.id), "requester_kind": "transfer", "requester_id": str(ctx.case.id), "trigger": "transfer_overdue",
        "unit": str(ctx.case.attrs.get("unit") or ""), "rule": clock.rule,
    }  # fmt: skip
    open_one = select(Link.id).where(Link.case_id == ctx.case.id, Link.kind == REQUEST, Link.status == "open").limit(1)
    if ctx.session.scalar(open_one) is not None and not rule.joins:
        ctx.event("超期，已在督办中", {"期限": clock.rule})
        return
    link = ctx.step.links.for_message(rule, payload)
    if link is not None:
        payload["link_id"] = str(link.id)
    ctx.send(REQUEST, payload)
