"""登记: number, counts, facts for the gateways, and the first clocks."""

from __future__ import annotations

from app.petitions import counting, identity, numbering, search, titles
from app.petitions.handlers.common import Data, record, rule_of, setting
from app.petitions.models import Petition
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()

SOURCES = {"superior": "superior", "transferred": "transferred", "leader": "leader", "media": "media"}  # channel → source
FORWARDED = ("superior", "transferred")  # what another organ sent us


@handlers.register("petition.enrich")
def enrich(ctx: Ctx, data: Data) -> Data:
    """Registered at once by whoever received it (条例21, 22, 23): number, repeats, households; starts 告知 (23) and 紧急报告 (25)."""
    petition = record(ctx)
    _count(ctx, petition)
    _name(ctx, petition)
    facts: Data = {
        "contactable": petition.contactable,
        "urgent": petition.urgent,
        "repeats": petition.repeats,
        "households": petition.households,
        "is_group": petition.is_group,
        "irregular": petition.irregular,
        "source": petition.source,
        "received_forwarded": petition.channel in FORWARDED,
        "simple_allowed": _simple_allowed(petition),
    }
    _start_clocks(ctx, petition, {**data, **facts})
    return facts


def _count(ctx: Ctx, p: Petition) -> None:
    """Fill in what gateways and tables ask about. 越级 concerns visits only (条例20)."""
    visit = p.channel == "visit"
    p.contactable = bool(not p.anonymous and identity.key(p.name) and identity.key(p.address))
    p.urgent = p.gravity in ("urgent", "grave")
    p.is_group = visit and (p.visitors or 0) >= setting(ctx, "group_limit")
    p.irregular = visit and ((p.levels_up or 0) > setting(ctx, "levels_limit") or p.designated_place is False)
    p.source = SOURCES.get(p.channel, "petitioner")
    facts = counting.of(p)
    p.repeats = counting.repeats(ctx.session, facts, p.case_id)
    p.households = counting.households(ctx.session, facts, setting(ctx, "households_days"), p.case_id)


def _name(ctx: Ctx, p: Petition) -> None:
    """Number and title; copies for lists and search. None of them carries the petitioner's name."""
    p.number = p.number or numbering.petition_number(ctx.session, local(ctx.now).year)
    p.title = titles.of(p, ctx.case.title)
    secrets = titles.secrets(p)
    texts = (p.number, p.outside_no) if p.sealed else (p.number, p.outside_no, p.title, p.enterprise, p.place, p.statement)
    p.search = search.vector(*texts, without=secrets)
    facets = {"county": p.county, "kind": p.kind, "channel": p.channel, "klass": p.klass, "gravity": p.gravity}
    tags = [*ctx.case.tags, *(t for t in titles.tags(p) if t not in ctx.case.tags)]
    ctx.update_case(number=p.number, title=p.title, facets=facets, tags=tags)
    ctx.session.flush()


def _simple_allowed(p: Petition) -> bool:
    """简易办理 (国信办发〔2022〕17号): first-time, plain items; not assigned, joint, in court, urgent or of several organs."""
    plain = p.gravity == "ordinary" and not p.is_group and not p.in_court and p.about != "several"
    return p.repeats <= 1 and p.channel != "superior" and p.klass != "accusation" and plain


def _start_clocks(ctx: Ctx, p: Petition, data: Data) -> None:
    """告知 is not owed where name or address is unclear (条例23); 重大紧急 is reported at once (条例25)."""
    if p.contactable:
        ctx.clock.start("notify", rule_of(ctx, "notify", data), p.received_at)
    if p.urgent:
        ctx.clock.start("urgent", rule_of(ctx, "urgent", data), p.received_at)
