"""What goes on the public list: rows frozen at the moment legal cleared them, masked by rule. Nothing is added to them later."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.warnings import privacy, queries, words
from app.warnings.models import EarlyWarning, Problem, Publication
from workflows.handlers import Ctx
from workflows.time import local

Row = dict[str, Any]
CLEARED = ("problem", "standard", "owner")  # what legal reads and clears; the rest is dates and offices


def preview(session: Session, warning: EarlyWarning) -> dict[str, str]:
    """Number of a problem → its words as the public would read them."""
    hidden = queries.secrets_of(session, warning.case_id)
    return {str(row["no"]): _said(masked(row, hidden)) for row in warning.problems}


def masked(row: Row, hidden: list[str]) -> Row:
    """The cleared words of a problem without anything personal."""
    return {name: privacy.public(str(row[name]), hidden) for name in CLEARED if row.get(name)}


def _said(row: Row) -> str:
    owner = f"（责任单位：{row['owner']}）" if row.get("owner") else ""
    return f"{row['problem']}：{row['standard']}{owner}"


def problems(ctx: Ctx, warning: EarlyWarning) -> None:
    """问题整改清单 of one warning."""
    hidden = queries.secrets_of(ctx.session, warning.case_id)
    fixed = {"county": words.county(warning.county), "unit": directory.name(ctx.session, warning.unit) if warning.unit else ""}
    rows = [{"no": row["no"], **fixed, **masked(row, hidden), "deadline": row["deadline"]} for row in warning.problems if row["public"]]
    if rows:
        _freeze(ctx, "problems", warning.month, warning.county, rows, ctx.actor.shown)
    ctx.event("公开问题整改清单" if rows else "不公开", {"公开": f"{len(rows)} 个问题", "审核人": ctx.actor.shown})


def result(ctx: Ctx, problem: Problem) -> bool:
    """查处整改情况 of a problem that is done: the words cleared then, with the day; nothing where it was not cleared."""
    cleared = queries.cleared_row(ctx.session, problem.warning, problem.no)
    if cleared is None or not problem.public:
        return False
    row, approved_by = cleared
    done = {**row, "verified": f"{local(ctx.now):%Y-%m-%d}", "result": "已完成整改，经现场核查销号"}
    _freeze(ctx, "results", f"{local(ctx.now):%Y-%m}", problem.county, [done], approved_by)
    return True


def _freeze(ctx: Ctx, kind: str, period: str, county: str, rows: list[Row], approved_by: str) -> None:
    made = Publication(
        kind=kind, period=period, county=county, case_id=ctx.case.id, rows=rows, approved_by=approved_by, approved_at=ctx.now
    )
    ctx.session.add(made)
    ctx.session.flush()
