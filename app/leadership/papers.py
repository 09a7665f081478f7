"""Papers of 领导包案. None of them names a petitioner: names are covered when the paper is written, who may read them has the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organ, Person
from app.leadership import candidates
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderPromise, LeaderVisit
from app.leadership.options import VISIT_KINDS, WAYS
from app.papers import issuing, services
from app.petitions import briefs, masking
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
    lc = ctx.session.get_one(LeaderCase, ctx.case.id)
    read = _cover(ctx)
    clean = {name: read(value) if isinstance(value, str) else value for name, value in answer.items()}
    issuing.by_form(ctx, form, _in_words(ctx, clean), known, facts=lambda kind: _facts(ctx, lc, kind))


def visit(ctx: Ctx, lc: LeaderCase, row: LeaderVisit, promises: Iterable[LeaderPromise]) -> None:
    """接访记录: one for each 接访 or 下访."""
    read = _cover(ctx)
    lines: Lines = [
        ("编号", lc.number or ""),
        ("事项", lc.title),
        ("方式", VISIT_KINDS[row.kind]),
        ("时间", f"{local(row.held_at):%Y-%m-%d %H:%M}"),
        ("地点", row.place),
        ("见了谁", "、".join(masking.mask_name(name) for name in _APART.split(row.persons) if name)),
        ("包案领导", f"{_name(ctx, lc.owner_id)}（{'本人到场' if row.by_owner else '没有到场'}）"),
        ("谈话和核实情况", read(row.record or "")),
        *(("答应的事", read(f"{one.what}（{one.due_on} 前）")) for one in promises),
        ("登记人", row.recorded_by),
    ]
    services.issue(ctx, VISIT, lines)


def _cover(ctx: Ctx) -> Callable[[str], str]:
    """Takes the names of every petitioner of the file out of a text."""
    members = ctx.session.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == ctx.case.id))
    known = list(briefs.of(ctx.session, list(members), None).values())

    def read(text: str) -> str:
        for brief in known:
            text = brief.cover(text)
        return text

    return read


def _in_words(ctx: Ctx, answer: dict[str, Any]) -> dict[str, Any]:
    """Persons and organisations of an answer by name."""
    out = dict(answer)
    for field in ("owner", "handler"):
        if answer.get(field):
            out[field] = _name(ctx, answer[field])
    if answer.get("unit"):
        out["unit"] = ctx.session.scalar(select(Organ.name).where(Organ.id == answer["unit"])) or answer["unit"]
    return out


def _facts(ctx: Ctx, lc: LeaderCase, kind: str) -> Lines:
    """What a paper takes from the record."""
    lines: Lines = [("编号", lc.number or ""), ("事项", lc.title)]
    if kind == REGISTRATION:
        lines.append(("入库理由", candidates.labels(lc.reasons) or lc.hand_reason or ""))
    elif kind == EXIT:
        lines += [
            ("包案领导", _name(ctx, lc.owner_id)),
            ("包案日期", str(lc.assigned_on or "")),
            ("化解时限", str(lc.plan_deadline or "")),
            ("结案方式", WAYS.get(lc.exit_way or "", "")),
            ("终结文书", lc.exit_document or ""),
            ("化解经过和结果", _cover(ctx)(lc.exit_text or "")),
        ]
    return [(label, text) for label, text in lines if text]


def _name(ctx: Ctx, person_id: Any) -> str:
    return (ctx.session.scalar(select(Person.name).where(Person.id == person_id)) or "") if person_id else ""
