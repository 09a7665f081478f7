"""分办转送: the letter to the unit, its clocks, objections that lapse."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.accounts.directory import directory
from app.petitions import papers
from app.petitions.handlers.common import Data, record, rule_of
from app.petitions.record_rows import newest
from app.petitions.records import Transfer
from workflows.handlers import Ctx, Handlers

handlers = Handlers()


@handlers.register("petition.issue_transfer")
def issue_transfer(ctx: Ctx, data: Data) -> Data:
    """转送（交办）函 (条例23(3), 24): who sends, who signs, who reviews; the unit's objection and notice periods start now."""
    unit = str(ctx.case.attrs["unit"])
    sender = str(ctx.case.attrs["intake_org"])
    _address(ctx, unit, sender)
    # moments inside one step are equal: the row's order is its id
    ctx.session.add(Transfer(case_id=ctx.case.id, unit=unit, sender_org=sender, sent_at=ctx.now))
    ctx.session.flush()
    petition = record(ctx)
    papers.letter(ctx, petition, "转送（交办）函", [("承办单位", directory.name(ctx.session, unit))], numbered=True)
    ctx.clock.supersede("objection")
    ctx.clock.supersede("notify_forwarded")
    ctx.clock.start("objection", rule_of(ctx, "objection", data), ctx.now)
    if data.get("sent_down") and data.get("contactable"):
        ctx.clock.start("notify_forwarded", rule_of(ctx, "notify_forwarded", data), ctx.now)
    sent = ctx.session.scalar(select(func.count()).select_from(Transfer).where(Transfer.case_id == ctx.case.id)) or 1
    return {"bounces": sent - 1, "objection": False}


def _address(ctx: Ctx, unit: str, sender: str) -> None:
    """The organisations later steps are addressed to (amendments §11)."""
    attrs: dict[str, Any] = {
        "sender_org": sender,
        "signer_org": directory.signer_org(ctx.session, unit),
        "execute_org": unit,
        "appeal_org": directory.appeal_org(ctx.session, unit),
    }
    ctx.update_case(attrs=attrs, facets={"unit": unit})


@handlers.register("petition.objection_lapsed")
def objection_lapsed(ctx: Ctx, data: Data) -> Data:
    """Silence loses the objection (house): the unit handles the item."""
    row = newest(ctx, Transfer)
    row.decision, row.signed_at = "lapsed", ctx.now
    ctx.clock.lapse("objection", note="期满未提出异议")
    ctx.event("异议期满，未提出异议", {"单位": directory.name(ctx.session, row.unit)})
    return {"objection": False}
