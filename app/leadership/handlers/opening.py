"""提出、确定: the file is opened, asked for its reasons, proposed, assigned and entered in the ledger (条例18(2))."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from app.accounts.directory import directory
from app.inbox.labels import COUNTIES
from app.leadership import candidates, months
from app.leadership.handlers.common import Data, mark_late, record, registrar
from app.leadership.models import LeaderCase, LeaderCasePetition
from app.papers.numbering import document_number
from app.petitions import briefs
from app.petitions.briefs import Brief
from workflows.errors import NobodyThere, WorkflowError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()
step = registrar(handlers)

SERIES = "洪环包"
FACTS = ("repeats", "households", "is_group", "irregular", "source", "flagged")
TAG = "领导包案"


@step("leader.open")
def open_case(ctx: Ctx, data: Data) -> Data:
    """A file of its own: number, title, petitions, where its steps are sought. The table is asked again by the diagram."""
    members = [UUID(str(one)) for one in data.get("petitions") or [data["from_case"]]]
    known = briefs.of(ctx.session, members, None)
    if not known:
        raise WorkflowError("没有找到要包案的信访事项。")
    first = known[members[0]] if members[0] in known else next(iter(known.values()))
    facts = {name: data.get(name) for name in FACTS}
    reasons = candidates.decide(ctx.session, facts)
    ctx.session.add(
        LeaderCase(
            case_id=ctx.case.id, number=document_number(ctx.session, SERIES, local(ctx.now).year), title=first.title,
            matter_key=briefs.source_key(ctx.session, first.case_id) or f"g:{first.case_id}", origin=data.get("origin") or "register",
            reasons=reasons, facts=facts, hand_reason=data.get("hand_reason") or None, status="opened", opened_at=ctx.now,
            opened_by=ctx.actor.shown,
        )
    )  # fmt: skip
    ctx.session.flush()
    for brief in known.values():
        _add(ctx, brief, reasons, "origin" if data.get("origin") != "hand" else "hand")
    _address(ctx, first)
    return {"reasons": []}  # the proposal's own list must not stand beside what the table finds now


def _add(ctx: Ctx, brief: Brief, reasons: list[str], why: str) -> None:
    """A petition comes into the file; the petition itself is not touched: it goes its own way."""
    ctx.session.add(LeaderCasePetition(case_id=ctx.case.id, petition_id=brief.case_id, added_at=ctx.now, why=why))
    ctx.session.flush()
    candidates.remember(ctx.session, brief.case_id, reasons, record(ctx).origin, ctx.now)
    ctx.event(f"包案事项：{brief.number}", {"title": brief.title})


def _address(ctx: Ctx, first: Brief) -> None:
    """Where the office and the leaders of this file are sought, and what lists filter by."""
    office = first.intake_org
    with suppress(NobodyThere):  # said where the first step would open
        office = directory.resolve(ctx.session, "office", first.intake_org).split(":")[1]
    ctx.update_case(
        number=record(ctx).number,
        title=first.title,
        attrs={"intake_org": office, "bureau": directory.signer_org(ctx.session, office)},
        facets={"county": first.county, "kind": first.kind, "channel": first.channel},
        tags=[*ctx.case.tags, TAG],
    )


def join(ctx: Ctx, payload: Data) -> None:
    """A further proposal of the same matter: its petition and its reasons come into this file."""
    petition_id = UUID(str(payload["from_case"]))
    lc = record(ctx)
    reasons = candidates.named(payload.get("reasons") or [])
    lc.reasons = candidates.named([*lc.reasons, *reasons])
    if ctx.session.get(LeaderCasePetition, (ctx.case.id, petition_id)) is not None:
        candidates.remember(ctx.session, petition_id, reasons, payload.get("origin") or "register", ctx.now)
        return
    known = briefs.of(ctx.session, [petition_id], None)
    for brief in known.values():
        same = briefs.source_key(ctx.session, petition_id) == lc.matter_key
        by_hand = payload.get("origin") == "hand"
        _add(ctx, brief, reasons, "hand" if by_hand else "same_source" if same else "same_person")


@step("leader.not_entered")
def not_entered(ctx: Ctx, data: Data) -> Data:
    """No row of the table fits: the proposal is kept with the file and ends here."""
    lc = record(ctx)
    lc.status, lc.ended_at = "not_entered", ctx.now
    ctx.event("不符合包案条件，未入库")
    return {}


@step("leader.proposed")
def proposed(ctx: Ctx, data: Data) -> Data:
    """leader.assign runs from the first proposal; a proposal returned and made again does not begin it anew."""
    record(ctx).reasons = candidates.named(data.get("reasons") or []) or record(ctx).reasons
    if not ctx.clock.running("assign"):
        ctx.clock.start("assign", "leader.assign", ctx.now)
    return {}


@step("leader.assign_late")
def assign_late(ctx: Ctx, data: Data) -> Data:
    """Nobody decided in time: the entry; notices and the mark come from the clock itself."""
    mark_late(ctx, "确定超期", "超过期限没有确定包案领导")
    return {}


@step("leader.register")
def register(ctx: Ctx, data: Data) -> Data:
    """入台账: from here the file is in the ledger, the meeting is due and each month is reported."""
    lc = record(ctx)
    today = local(ctx.now).date()
    lc.status, lc.assigned_on = "assigned", today
    ctx.clock.start("meeting", "leader.meeting", ctx.now)
    ctx.send(months.MESSAGE, months.payload(ctx.case.id, months.name(today)))
    lc.month_next = months.after(today)
    ctx.event("列入领导包案台账", {"number": lc.number or "", "county": COUNTIES.get(ctx.case.facets.get("county", ""), "")})
    return {}
