"""The history of every cell of the ledger: period rows written in the transaction of the change, beside one line of the audit.

``keep`` compares the live row with the open periods after a step. Reading a past moment touches the period rows only; that the audit
says the same is held by a test (amendments §4). Empty cells have no period.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from app.leadership import ledger_cells
from app.leadership.models import LeaderCase, LedgerCell
from workflows.handlers import Ctx
from workflows.tables import Event

KIND = "ledger.cell"
LABEL = "台账变更"
Changes = dict[str, list[str]]  # column → [before, after]; the audit writes the column by its label, as people read it


@dataclass(frozen=True, slots=True)
class Period:
    """What a cell said from when to when, and the step that made it say so."""

    value: str
    from_at: datetime
    to_at: datetime | None
    event_id: int
    actor: str
    label: str


def keep(ctx: Ctx) -> Changes:
    """Bring the history of this step's file up to date; returns what changed. A file is in the ledger from its assignment on."""
    session, case_id = ctx.session, ctx.case.id
    session.flush()
    entered = session.scalar(select(LeaderCase.assigned_on).where(LeaderCase.case_id == case_id))
    if entered is None:
        return {}
    live = {key: text for key, text in ledger_cells.cells(session, [case_id])[case_id].items() if text}
    kept = dict(session.execute(select(LedgerCell.field, LedgerCell.value).where(*_living(case_id))).all())
    changed = {key: [kept.get(key, ""), live.get(key, "")] for key in {**live, **kept} if kept.get(key) != live.get(key)}
    if changed:
        _write(ctx, changed)
    return changed


def _living(case_id: UUID) -> tuple[Any, Any]:
    return LedgerCell.case_id == case_id, LedgerCell.to_at.is_(None)


def _write(ctx: Ctx, changed: Changes) -> None:
    """One line of the audit, the old periods ended, the new ones begun, all at the moment of the step."""
    session, step = ctx.session, ctx.step
    event = Event(
        case_id=ctx.case.id, instance_id=step.instance.id if step.instance else None, task_id=ctx.task_id, at=ctx.now, entered_at=ctx.now,
        actor_id=ctx.actor.id, actor=ctx.actor.shown, kind=KIND, label=LABEL,
        detail={ledger_cells.BY_KEY[key].label: pair for key, pair in changed.items()},
    )  # fmt: skip
    session.add(event)
    session.flush()
    session.execute(update(LedgerCell).where(*_living(ctx.case.id), LedgerCell.field.in_(changed)).values(to_at=ctx.now))
    for field, (_, after) in changed.items():
        if after:
            session.add(LedgerCell(case_id=ctx.case.id, field=field, value=after, from_at=ctx.now, to_at=None, event_id=event.id))
    session.flush()


def as_of(session: Session, moment: datetime, cases: Iterable[UUID] | Select[Any] | None = None) -> dict[UUID, dict[str, str]]:
    """file → column → text as the ledger stood at that moment; ``cases`` narrows to some files."""
    c = LedgerCell
    query = select(c.case_id, func.jsonb_object_agg(c.field, c.value)).where(c.from_at <= moment, or_(c.to_at.is_(None), c.to_at > moment))
    if cases is not None:
        query = query.where(c.case_id.in_(cases if isinstance(cases, Select) else list(cases)))
    return dict(session.execute(query.group_by(c.case_id)).all())


def history(session: Session, case_id: UUID, key: str) -> list[Period]:
    """Every period of one cell, the newest first."""
    query = (
        select(LedgerCell, Event.actor, Event.label)
        .outerjoin(Event, Event.id == LedgerCell.event_id)
        .where(LedgerCell.case_id == case_id, LedgerCell.field == key)
        .order_by(LedgerCell.from_at.desc(), LedgerCell.event_id.desc())
    )
    rows = session.execute(query)
    return [Period(cell.value, cell.from_at, cell.to_at, cell.event_id, actor or "", label or "") for cell, actor, label in rows]


def from_audit(session: Session, moment: datetime) -> dict[UUID, dict[str, str]]:
    """The same as ``as_of``, rebuilt from the lines of the audit: slow, for checking."""
    stood: dict[UUID, dict[str, str]] = {}
    keys = {column.label: column.key for column in ledger_cells.COLUMNS}
    query = select(Event.case_id, Event.detail).where(Event.kind == KIND, Event.at <= moment, Event.case_id.is_not(None))
    for case_id, detail in session.execute(query.order_by(Event.id)):
        row = stood.setdefault(case_id, {})
        for label, (_, after) in (detail or {}).items():
            row[keys[label]] = after
    return {case_id: {field: text for field, text in row.items() if text} for case_id, row in stood.items()}
