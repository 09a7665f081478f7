"""Notices of clocks, for every procedure: who is told that a period is near or over. No names of petitioners in any of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app import clockwords
from app.accounts.directory import directory, person_holder
from app.inbox.services import tell
from workflows.errors import NobodyThere
from workflows.handlers import Ctx
from workflows.library import Slot
from workflows.store import ClockRow
from workflows.tables import Task

OVERDUE = "超期"
FALLBACK = (("unit_head", "unit"), ("office", "intake_org"))  # role, case attribute: told when no open step shows the clock


def slot_of(ctx: Ctx, name: str) -> Slot | None:
    """The slot as the case's procedures write it."""
    return ctx.engine.library.slots_of(ctx.session, ctx.case.id).get(name)


def clock_notice(
    ctx: Ctx, row: ClockRow, what: str, *, then: str = "请抓紧办理", fallback: Iterable[tuple[str, str]] = FALLBACK
) -> Slot | None:  # fmt: skip
    """Warned or overdue: tell holder and head; overdue marks the case. ``then``: what follows, said after an overdue notice."""
    slot = slot_of(ctx, row.slot)
    if slot is None or what not in ("warned", "overdue"):
        return slot
    due = clockwords.short(row.due_at, ctx.now)
    words = f"将于 {due} 到期，请抓紧办理。" if what == "warned" else f"已于 {due} 超期，{then}。"
    tell(ctx.session, holders(ctx, row, fallback), what, f"{ctx.case.number or ctx.case.title}：“{slot.label}”{words}", case_id=ctx.case.id)
    if what == "overdue":
        ctx.tag(OVERDUE)
    return slot


def holders(ctx: Ctx, row: ClockRow, fallback: Iterable[tuple[str, str]]) -> list[str]:
    """Who holds the steps this clock runs on, and the heads of their units; without such a step the fallback."""
    open_tasks = [Task.case_id == ctx.case.id, Task.status == "open", Task.slot == row.slot]
    if row.letter:
        open_tasks.append(Task.letter.is_(None) | (Task.letter == row.letter))
    found = list(ctx.session.scalars(select(Task.holder).where(*open_tasks).distinct().order_by(Task.holder)))
    if not found:
        found = posts(ctx, fallback)
    heads = [person_holder(person) for holder in found for person in directory.heads(ctx.session, holder)]
    return list(dict.fromkeys([*found, *heads]))


def posts(ctx: Ctx, wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Holder keys of roles at organisations the case names; a post nobody holds is left out."""
    found = []
    for role, attribute in wanted:
        organ = ctx.case.attrs.get(attribute)
        try:
            found.append(directory.resolve(ctx.session, role, str(organ or "")))
        except NobodyThere:
            continue
    return found
