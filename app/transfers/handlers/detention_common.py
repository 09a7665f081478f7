"""What both sides of 移送行政拘留 share: the record, what is told and kept, the results of persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.transfers import detention_papers
from app.transfers.handlers.common import day, moment, setting
from app.transfers.models import Detention, DetentionNotice, DetentionPerson
from workflows.errors import FormError
from workflows.handlers import Ctx


def record(ctx: Ctx) -> Detention:
    """The bureau's record of the case at work."""
    return ctx.session.get_one(Detention, ctx.case.id)


def persons(ctx: Ctx) -> list[DetentionPerson]:
    return detention_papers.persons(ctx.session, ctx.case.id)


def at(ctx: Ctx, state: str) -> None:
    """Where the bureau's file stands (words.DETENTION_STATES)."""
    record(ctx).state = state
    ctx.session.flush()


def keep_notice(ctx: Ctx, number: str, m: Mapping[str, Any], kind: str) -> DetentionNotice:
    """One row on the file that keeps it."""
    row = DetentionNotice(
        case_id=ctx.case.id, number=number, letter_no=str(m.get("letter_no") or ""), kind=kind, wanted=list(m.get("wanted") or []),
        reasons=m.get("reasons"), persons=list(m.get("persons") or []),
        package_id=UUID(str(m["package"])) if m.get("package") else None, at=moment(m.get("decided_at"), ctx.now),
        by=str(m.get("by") or ctx.actor.shown),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row


def put_results(ctx: Ctx, rows: Sequence[Mapping[str, Any]], on: date) -> None:
    """What was decided on each person; somebody the police added is put on record too."""
    known = {p.name: p for p in persons(ctx)}
    for row in rows:
        name = str(row["name"]).strip()
        person = known.get(name)
        if person is None:
            person = DetentionPerson(case_id=ctx.case.id, no=len(known) + 1, name=name, role="other", act="由公安机关查明")
            known[name] = person
            ctx.session.add(person)
        detained = row.get("result") == "detained"
        person.detained, person.days = detained, int(row["days"]) if detained and row.get("days") else None
        person.decision_no, person.decided_on = row.get("decision_no") or None, day(row.get("decided_on")) or on
    ctx.session.flush()


def newest(ctx: Ctx, kind: str) -> DetentionNotice | None:
    """The last notice of a kind on this file."""
    query = select(DetentionNotice).where(DetentionNotice.case_id == ctx.case.id, DetentionNotice.kind == kind)
    return ctx.session.scalars(query.order_by(DetentionNotice.at.desc(), DetentionNotice.id.desc()).limit(1)).first()


def check_results(ctx: Ctx, rows: Sequence[Mapping[str, Any]], field: str) -> None:
    """Each person detained has days within the law and a decision with its number."""
    least, most = setting(ctx, "detained_least"), setting(ctx, "detained_most")
    for row in rows:
        if row.get("result") != "detained":
            continue
        if not row.get("days") or not least <= int(row["days"]) <= most:
            raise FormError({field: f"{row['name']}的拘留日数应当是 {least} 日以上 {most} 日以下"})
        if not row.get("decision_no"):
            raise FormError({field: f"请填写{row['name']}的拘留决定书文号"})
