"""Letters to the supervised unit: the reminder by the system, the signed ones, the circular, the proposal of liability."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.accounts.directory import directory
from app.papers import queries as papers
from app.petitions.handlers.common import Data, rule_of
from app.supervision import addressing, letters, notices
from app.supervision.models import Matter, MatterLetter, MatterReferral
from app.supervision.record import current, matter_of, unsent
from app.supervision.words import KINDS
from workflows.calendar import last_day
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import end_of_day, local

handlers = Handlers()

REMIND_DEMAND = "请抓紧办理，并在期限内书面说明办理情况；已经办结的也要回复。"
OWED_BEFORE = ("remind", "reply")  # a new letter takes the place of the one before


@handlers.register("supervision.remind")
def remind(ctx: Ctx, data: Data) -> Data:
    """催办通知书, by the system, copied to the leader; one the subject's own file issued for this lateness is taken over."""
    matter = matter_of(ctx.session, ctx.case.id)
    row = MatterLetter(case_id=ctx.case.id, step="remind", facts=data.get("facts_hint"), breach=data.get("breach_hint"))
    row.demand, row.drafted_by, row.drafted_at = REMIND_DEMAND, ctx.actor.shown, ctx.now
    ctx.session.add(row)
    ctx.session.flush()
    clock = ctx.clock.start("remind", rule_of(ctx, "remind", data), ctx.now, letter=str(row.id))
    row.sent_at, row.reply_by = ctx.now, clock.due_at
    paper = papers.find(ctx.session, matter.adopted_paper) if matter.adopted_paper else None
    if paper is not None:
        row.number, row.paper_id = paper.number, paper.id
        ctx.event("沿用已发出的催办通知书", {"文号": paper.number or ""})
    else:
        letters.issue(ctx, matter, row)
    notices.of_reminder(ctx, matter, f"{matter.number}：已发出催办通知书，请{directory.name(ctx.session, matter.unit)}在期限内回应。")
    return {"letter": str(row.id), "slot": "remind"}


@handlers.register("supervision.drafted")
def drafted(ctx: Ctx, data: Data) -> Data:
    """A letter may ask for its answer sooner than the rule, never later (supervise.reply)."""
    answer = data.get("answer", {})
    if answer.get("reply_by"):
        law = ctx.engine.rules.get(rule_of(ctx, "reply", data), local(ctx.now).date())
        latest = last_day(ctx.engine.calendar.due(law, ctx.now).due)
        if answer["reply_by"] > latest.isoformat():
            raise FormError({"reply_by": f"要求回复的日期不能晚于 {latest.isoformat()}（发出后 {law.period}）"})
    return {}


@handlers.register("supervision.send_letter")
def send_letter(ctx: Ctx, data: Data) -> Data:
    """Signed: numbered, sent, and its reply clock runs from the sending."""
    matter, row = matter_of(ctx.session, ctx.case.id), unsent(ctx)
    _send(ctx, matter, row, data)
    return {"letter": str(row.id), "slot": "reply"}


def _send(ctx: Ctx, matter: Matter, row: MatterLetter, data: Data) -> None:
    ctx.clock.meet("draft", ctx.now)
    for slot in OWED_BEFORE:
        if ctx.clock.running(slot):
            ctx.clock.supersede(slot)
    law = ctx.engine.rules.get(rule_of(ctx, "reply", data), local(ctx.now).date())
    by_rule = ctx.engine.calendar.due(law, ctx.now).due
    clock = ctx.clock.start("reply", law.id, ctx.now, letter=str(row.id), until=_sooner(row, by_rule))
    row.sent_at, row.signed_by, row.reply_by = ctx.now, ctx.actor.shown, clock.due_at
    letters.issue(ctx, matter, row)
    ctx.session.flush()
    notices.to_head(ctx, f"{matter.number}：{KINDS[row.step]}（{row.number}）已发出，{last_day(clock.due_at):%-m月%-d日}前书面回复。")


def _sooner(row: MatterLetter, by_rule: datetime) -> datetime | None:
    """The day the letter asks for, where it is before the rule's."""
    wanted = end_of_day(row.wanted_by) if row.wanted_by else None
    return wanted if wanted is not None and wanted < by_rule else None


@handlers.register("supervision.publish_circular")
def publish_circular(ctx: Ctx, data: Data) -> Data:
    """A circular names units, no person; the heads of all units read it."""
    matter, row = matter_of(ctx.session, ctx.case.id), current(ctx)
    units = [unit for unit in addressing.units(ctx.session, matter.desk_org) if unit != matter.unit]
    name, scope = directory.name(ctx.session, matter.unit), row.scope or "各单位"
    said = f"通报（{row.number}）：{name}的督办事项没有落实，请引以为戒。通报范围：{scope}。"
    notices.of_circular(ctx, matter, units, said)
    ctx.event("通报已发出", {"通报范围": row.scope or ""})
    return {}


@handlers.register("supervision.referring")
def referring(ctx: Ctx, data: Data) -> Data:
    """What goes to the unit names no person (条例30)."""
    answer = data.get("answer", {})
    named = [str(row.get("name", "")) for row in answer.get("persons", [])]
    if any(name and name in answer["demand"] for name in named):
        raise FormError({"demand": "发给责任单位的内容不能写人名，请改写（条例第三十条第三款）"})
    return {}


@handlers.register("supervision.send_referral")
def send_referral(ctx: Ctx, data: Data) -> Data:
    """The proposal to the organ with power over the persons (法典1084); the unit gets a letter of what it still owes, no more."""
    matter, row = matter_of(ctx.session, ctx.case.id), unsent(ctx)
    newest = select(MatterReferral).where(MatterReferral.case_id == ctx.case.id).order_by(MatterReferral.id.desc()).limit(1)
    referral = ctx.session.scalars(newest).one()
    referral.number = letters.letter_number(ctx)
    _send(ctx, matter, row, data)
    ctx.event("提出追究责任的建议")
    return {"letter": str(row.id), "slot": "reply"}
