"""The lines a paper of the bureau begins with, from the record."""

from __future__ import annotations

from uuid import UUID

from app.accounts.directory import directory
from app.accounts.models import Person
from app.transfers import hold, items, screening
from app.transfers.keeping import FACTS, facts_for
from app.transfers.models import Transfer
from app.transfers.words import DECISIONS, SOURCES
from workflows.handlers import Ctx
from workflows.time import local

Lines = list[tuple[str, str]]


def facts(ctx: Ctx, kind: str) -> Lines:
    """What a paper of that kind says before the form's own lines."""
    say = FACTS.get(kind)
    if say is not None:
        return [line for line in say(ctx) if line[1]]
    transfer = ctx.session.get(Transfer, ctx.case.id)
    return _matter(transfer) if transfer is not None else [("编号", ctx.case.number or "")]


def _matter(t: Transfer) -> Lines:
    found = [("移送编号", t.transfer_no), ("涉案单位（人员）", t.party), ("案由", t.act), ("违法地点", t.place or "")]
    return [line for line in found if line[1]]


def _hits(ctx: Ctx) -> str:
    row = screening.latest(ctx.session, ctx.case.id)
    return "；".join(items.label(item) for item in [*row.hits, *row.added]) if row is not None else ""


def _law(ctx: Ctx) -> str:
    row = screening.latest(ctx.session, ctx.case.id)
    return row.law_text if row is not None else ""


def _parties(ctx: Ctx) -> str:
    return "；".join(f"{p.name}{f'（{p.role}）' if p.role else ''}" for p in hold.parties(ctx.session, ctx.case.id))


@facts_for("涉嫌环境犯罪案件移送书")
def transfer_letter(ctx: Ctx) -> Lines:
    """17号6(一): who transfers, the crime and its main basis, who is in charge and how to reach them."""
    t = ctx.session.get_one(Transfer, ctx.case.id)
    handler = ctx.session.get(Person, UUID(str(ctx.case.attrs["handler"])))
    report = t.report or {}
    return [
        ("主送", directory.name(ctx.session, t.police or "")),
        ("抄送", directory.name(ctx.session, t.procuratorate or "")),
        ("移送机关", directory.name(ctx.session, t.organ)),
        *_matter(t),
        ("涉嫌犯罪的单位、人员", _parties(ctx)),
        ("涉嫌的罪名", t.crime_name or ""),
        ("主要依据", "；".join(filter(None, [str(report.get("basis") or ""), _hits(ctx)]))),
        ("法律适用", _law(ctx)),
        ("批准", f"{t.decided_by or ''}（{t.decided_post or ''}）{local(t.decided_at):%Y-%m-%d %H:%M}" if t.decided_at else ""),
        ("主办人", f"{handler.name}（执法证 {handler.certificate_no or ''}）" if handler is not None else ""),
        ("专案组", "、".join(str(one["name"]) for one in t.team)),
    ]


@facts_for("案件调查报告")
def investigation_report(ctx: Ctx) -> Lines:
    """17号6(二). The source is a code, never who reported."""
    t = ctx.session.get_one(Transfer, ctx.case.id)
    return [
        *_matter(t),
        ("案件来源", SOURCES.get(t.source, t.source)),
        ("查获时间", t.found_on.isoformat() if t.found_on else ""),
        ("行为时间", f"{t.act_from or ''} 至 {t.act_to or ''}" if t.act_from or t.act_to else ""),
        ("筛查命中", _hits(ctx)),
        ("法律适用", _law(ctx)),
    ]


@facts_for("涉嫌犯罪案件移送审批表")
def approval_form(ctx: Ctx) -> Lines:
    t = ctx.session.get_one(Transfer, ctx.case.id)
    return [
        *_matter(t),
        ("涉嫌的罪名", t.crime_name or ""),
        ("专案组", "、".join(str(one["name"]) for one in t.team)),
        ("专案组意见", str((t.report or {}).get("proposal") or "")),
        ("法规审核意见", f"{t.legal_opinion or ''}（{t.legal_by or ''}）" if t.legal_opinion else ""),
        ("检察意见", t.opinion_letter or ""),
        ("决定", DECISIONS.get(t.decision or "", "")),
    ]
