"""Papers of 领导包案. None of them names a petitioner: names are covered when the paper is written, who may read them has the record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organ, Person
from app.leadership import candidates
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderPromise, LeaderVisit
from app.leadership.options import VISIT_KINDS, WAYS
from app.papers import issuing, services
from app.petitions import briefs, masking
from app.petitions.briefs import Brief
from workflows.forms import Form
from workflows.handlers import Ctx
from workflows.time import local

Lines = list[tuple[str, str]]
REGISTRATION, VISIT, EXIT = "领导包案登记表", "接访记录", "包案结案审批表"
_APART = re.compile(r"[、，,；;\s]+")


def by_form(ctx: Ctx, form: Form, answer: dict[str, Any], known: dict[str, Any]) -> None:
    """The papers a completed form names, after the lines of the record they stand on."""
    if not form.papers:
        return
    lc, members = ctx.session.get_one(LeaderCase, ctx.case.id), _members(ctx)
    if _sealed(members):
        issuing.by_form(ctx, form, {}, known, facts=lambda kind: [*_head(lc), ("内容", briefs.SEALED)])
        return
    clean = {name: _covered(value, members) for name, value in answer.items()}
    issuing.by_form(ctx, form, _in_words(ctx, clean), known, facts=lambda kind: _facts(ctx, lc, kind, members))


def visit(ctx: Ctx, lc: LeaderCase, row: LeaderVisit, promises: Iterable[LeaderPromise]) -> None:
    """接访记录: one for each 接访 or 下访."""
    members = _members(ctx)
    lines: Lines = [
        *_head(lc),
        ("方式", VISIT_KINDS[row.kind]),
        ("时间", f"{local(row.held_at):%Y-%m-%d %H:%M}"),
        ("地点", row.place),
        ("见了谁", "、".join(masking.mask_name(name) for name in _APART.split(row.persons) if name)),
        ("包案领导", f"{_name(ctx, lc.owner_id)}（{'本人到场' if row.by_owner else '没有到场'}）"),
        ("谈话和核实情况", _covered(row.record or "", members)),
        *(("答应的事", _covered(f"{one.what}（{one.due_on} 前）", members)) for one in promises),
        ("登记人", row.recorded_by),
    ]
    services.issue(ctx, VISIT, [*_head(lc), ("内容", briefs.SEALED)] if _sealed(members) else lines)


def _members(ctx: Ctx) -> list[Brief]:
    """The petitions of the file, as nobody in particular sees them."""
    members = ctx.session.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == ctx.case.id))
    return list(briefs.of(ctx.session, members, None).values())


def _sealed(members: Iterable[Brief]) -> bool:
    """An accusation (检举控告) is among them: its content goes into no paper."""
    return any(brief.sealed for brief in members)


def _covered(value: Any, members: Iterable[Brief]) -> Any:
    """Every petitioner's name, phone and address taken out of a text, or out of the texts of a list."""
    if isinstance(value, str):
        for brief in members:
            value = brief.cover(value)
        return value
    if isinstance(value, list):
        return [_covered(one, members) for one in value]
    return {name: _covered(one, members) for name, one in value.items()} if isinstance(value, dict) else value


def _in_words(ctx: Ctx, answer: dict[str, Any]) -> dict[str, Any]:
    """Persons and organisations of an answer by name."""
    out = dict(answer)
    for field in ("owner", "handler"):
        if answer.get(field):
            out[field] = _name(ctx, answer[field])
    if answer.get("unit"):
        out["unit"] = ctx.session.scalar(select(Organ.name).where(Organ.id == answer["unit"])) or answer["unit"]
    return out


def _head(lc: LeaderCase) -> Lines:
    return [("编号", lc.number or ""), ("事项", lc.title)]


def _facts(ctx: Ctx, lc: LeaderCase, kind: str, members: Iterable[Brief]) -> Lines:
    """What a paper takes from the record."""
    lines = _head(lc)
    if kind == REGISTRATION:
        lines.append(("入库理由", candidates.labels(lc.reasons) or lc.hand_reason or ""))
    elif kind == EXIT:
        lines += [
            ("包案领导", _name(ctx, lc.owner_id)),
            ("包案日期", str(lc.assigned_on or "")),
            ("化解时限", str(lc.plan_deadline or "")),
            ("结案方式", WAYS.get(lc.exit_way or "", "")),
            ("终结文书", lc.exit_document or ""),
            ("化解经过和结果", _covered(lc.exit_text or "", members)),
        ]
    return [(label, text) for label, text in lines if text]


def _name(ctx: Ctx, person_id: Any) -> str:
    return (ctx.session.scalar(select(Person.name).where(Person.id == person_id)) or "") if person_id else ""
