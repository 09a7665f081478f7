"""What the papers of 移送行政拘留 say first, from the record; the list of material."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.transfers import detention_grounds, materials, package
from app.transfers.detention_words import DECISIONS, ROLES
from app.transfers.keeping import facts_for
from app.transfers.models import Detention, DetentionPerson, DetentionPolice, PenaltyCase, TransferPackage
from workflows.handlers import Ctx
from workflows.time import local

LETTER, REPORT, LIST, FORM = "行政拘留案件移送书", "环境违法案件调查报告", "移送材料清单", "行政拘留案件移送审批单"
Lines = list[tuple[str, str]]


def persons(session: Session, case_id: UUID) -> list[DetentionPerson]:
    return list(session.scalars(select(DetentionPerson).where(DetentionPerson.case_id == case_id).order_by(DetentionPerson.no)))


def ground_line(row: Mapping[str, Any]) -> str:
    """One ground in words: the article, how long, what is 待核."""
    mark = f"（{row['unsure']}）" if row.get("unsure") else ""
    return f"{row['law']}；{row['days']}{mark}"


def _matter(d: Detention) -> Lines:
    return [("移送编号", d.number), ("涉案单位（人员）", d.party), ("案由", d.act)]


def _grounds(d: Detention) -> Lines:
    found = [("拘留事由", ground_line(row)) for row in d.grounds]
    found += [("法典的规定", ground_line(row)) for row in d.other_law]
    if d.lighter:
        found.append(("从旧兼从轻（法典第一千零五十七条）", f"适用{d.lighter}的规定"))
    return found


def _persons(session: Session, d: Detention) -> Lines:
    return [
        (f"人员{p.no}", f"{p.name}，{ROLES.get(p.role, p.role)}{f'，{p.id_no}' if p.id_no else ''}：{p.act}")
        for p in persons(session, d.case_id)
    ]


def _penalty(session: Session, d: Detention) -> Lines:
    penalty = session.get(PenaltyCase, d.penalty_id) if d.penalty_id else None
    if penalty is None or penalty.decided_on is None:
        return []
    return [("行政处罚决定", f"{penalty.decision_no or penalty.number}（{penalty.decided_on}）")]


@facts_for(FORM)
def approval_form(ctx: Ctx) -> Lines:
    """853号 attachment 1."""
    d = ctx.session.get_one(Detention, ctx.case.id)
    return [
        *_matter(d),
        *detention_grounds.lines(d.facts),
        *_grounds(d),
        *_persons(ctx.session, d),
        *_penalty(ctx.session, d),
        ("违法事实和移送理由", d.form_reason or ""),
        ("承办人", d.form_by or ""),
    ]


@facts_for(LETTER)
def transfer_letter(ctx: Ctx) -> Lines:
    """853号 attachment 2."""
    d = ctx.session.get_one(Detention, ctx.case.id)
    handler = ctx.session.get(Person, UUID(str(ctx.case.attrs["handler"])))
    return [
        ("主送", directory.name(ctx.session, d.police or "")),
        ("移送机关", directory.name(ctx.session, d.organ)),
        *_matter(d),
        *_grounds(d),
        *_persons(ctx.session, d),
        *_penalty(ctx.session, d),
        ("违法事实和移送理由", d.form_reason or ""),
        ("批准", f"{d.decided_by or ''} {local(d.decided_at):%Y-%m-%d %H:%M}" if d.decided_at else ""),
        ("主办人", f"{handler.name}（执法证 {handler.certificate_no or ''}）" if handler is not None else ""),
    ]


@facts_for(REPORT)
def report(ctx: Ctx) -> Lines:
    d = ctx.session.get_one(Detention, ctx.case.id)
    return [*_matter(d), *detention_grounds.lines(d.facts)]


@facts_for("行政拘留结果归档表", "行政拘留移送结案表")
def closing(ctx: Ctx) -> Lines:
    d = ctx.session.get_one(Detention, ctx.case.id)
    return [*_matter(d), ("决定", DECISIONS.get(d.decision or "", ""))]


@facts_for("行政案件受案回执", "补充证据材料告知书", "延长办案期限呈批表", "行政拘留决定抄告", "不予拘留、退回案卷告知书")
def of_police(ctx: Ctx) -> Lines:
    """The police's papers name the bureau's number and their own."""
    p = ctx.session.get_one(DetentionPolice, ctx.case.id)
    return [
        ("主送", directory.name(ctx.session, p.bureau)),
        ("移送编号", p.number),
        ("受案登记号", p.accepted_no or ""),
        ("涉案单位（人员）", p.party),
    ]


def material_list(session: Session, made: TransferPackage) -> Lines:
    """853号 attachment 3: item by item of 853号11; the list names itself first."""
    rows = [("移送编号", made.transfer_no), ("（一）移送材料清单", LIST)]
    for item in package.items(session, made.id):
        if item.missing_reason:
            said = f"{item.name}：没有，{item.missing_reason}"
        else:
            where = f"，纸质原件 {item.copies} 份" if item.copies else ""
            said = f"{item.name}（{item.maker or ''} {item.made_on or ''}{where}）"
        rows.append((materials.kind_label(made.kind, item.kind), said))
    return rows
