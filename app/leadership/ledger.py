"""动态管理台账 for one viewer: live from the records, or as it stood on a past day from the kept history alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Organ, Person
from app.accounts.policy import visible_cases
from app.inbox import labels
from app.leadership import ledger_history
from app.leadership.ledger_cells import BY_KEY, COLUMNS, Cells, Column, Light, Row, build, live
from app.leadership.models import LeaderCase
from workflows.library import uuid_or_none
from workflows.tables import Case

__all__ = ["BY_KEY", "COLUMNS", "STATES", "Cells", "Column", "Filters", "Found", "Light", "Row", "rows"]

STATES = {"open": "在包", "closed": "已结案", "proposed": "待确定", "all": "全部"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the ledger is narrowed by. ``since``/``until``: the day of assignment, both included."""

    q: str = ""
    owner: str = ""
    unit: str = ""
    county: str = ""
    kind: str = ""
    reason: str = ""
    state: str = "open"
    light: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Filters:
        """From query arguments; what cannot be read is left out."""
        values: dict[str, Any] = {f.name: str(given.get(f.name) or "").strip()[:100] for f in fields(cls)}
        for name in ("since", "until"):
            try:
                values[name] = date.fromisoformat(values[name])
            except ValueError:
                values[name] = None
        values["state"] = values["state"] if values["state"] in STATES else "open"
        return cls(**values)

    def as_args(self) -> dict[str, str]:
        """As query arguments, without empties."""
        return {f.name: str(value) for f in fields(self) if (value := getattr(self, f.name))}


@dataclass(frozen=True, slots=True)
class Found:
    rows: Sequence[Row]
    total: int


def rows(
    session: Session, person: Person, wanted: Filters, at: datetime | None = None, *, limit: int | None = None, offset: int = 0
) -> Found:
    """The ledger for one viewer, newest number first. ``at``: as it stood at that moment, from the history alone."""
    if at is not None:
        return _past(session, person, wanted, at, limit, offset)
    narrowed = (visible_cases(person), *_conditions(wanted))
    query = live().where(*narrowed)
    if limit is None or wanted.light:  # the light is known after the clocks are read: narrowed and counted here
        found = build(session, session.execute(query).all(), person)
        found = [row for row in found if not wanted.light or row.light == wanted.light]
        return Found(_slice(found, limit, offset), len(found))
    counted = select(func.count()).select_from(LeaderCase).join(Case, Case.id == LeaderCase.case_id).where(*narrowed)
    page = session.execute(query.limit(limit).offset(offset)).all()
    return Found(build(session, page, person), session.scalar(counted) or 0)


def _slice(found: Sequence[Row], limit: int | None, offset: int) -> Sequence[Row]:
    return found[offset : offset + limit] if limit is not None else found[offset:]


def _conditions(wanted: Filters) -> list[ColumnElement[bool]]:
    lc = LeaderCase
    states = {
        "open": and_(lc.assigned_on.is_not(None), lc.ended_at.is_(None)),
        "closed": lc.closed_on.is_not(None),
        "proposed": and_(lc.assigned_on.is_(None), lc.ended_at.is_(None)),
        "all": lc.assigned_on.is_not(None),
    }
    found: list[ColumnElement[bool]] = [states[wanted.state]]
    if wanted.owner:
        found.append(lc.owner_id == uuid_or_none(wanted.owner))
    if wanted.unit:
        found.append(lc.unit == wanted.unit)
    for name in ("county", "kind"):
        if value := getattr(wanted, name):
            found.append(Case.facets[name].astext == value)
    if wanted.reason:
        found.append(lc.reasons.contains([wanted.reason]))
    if wanted.since:
        found.append(lc.assigned_on >= wanted.since)
    if wanted.until:
        found.append(lc.assigned_on <= wanted.until)
    if wanted.q:
        found.append(or_(lc.number.contains(wanted.q, autoescape=True), lc.title.contains(wanted.q, autoescape=True)))
    return found


def _past(session: Session, person: Person, wanted: Filters, at: datetime, limit: int | None, offset: int) -> Found:
    """The rows of a past moment: only what the history says, narrowed by the texts of that day. Lights were never written down."""
    visible = select(LeaderCase.case_id).join(Case, Case.id == LeaderCase.case_id).where(visible_cases(person))
    if wanted.reason:
        visible = visible.where(LeaderCase.reasons.contains([wanted.reason]))
    stood = ledger_history.as_of(session, at, visible)
    keep = _texts(session, wanted)
    found = [Row(case_id, {**dict.fromkeys(BY_KEY, ""), **kept}) for case_id, kept in stood.items() if keep(kept)]
    found.sort(key=lambda row: (row.cells["assigned_on"], row.cells["number"]), reverse=True)
    return Found(_slice(found, limit, offset), len(found))


def _texts(session: Session, wanted: Filters) -> Callable[[Cells], bool]:
    """A filter over the texts of a row."""
    words = labels.facet_labels(session)
    owner = session.scalar(select(Person.name).where(Person.id == uuid_or_none(wanted.owner))) if wanted.owner else ""
    unit = session.scalar(select(Organ.name).where(Organ.id == wanted.unit)) if wanted.unit else ""
    asked = {"owner": owner, "unit": unit, **{name: labels.label(words, name, getattr(wanted, name)) for name in ("county", "kind")}}
    narrow = {key: text for key, text in asked.items() if text}

    def keep(kept: Cells) -> bool:
        if (wanted.state == "open" and kept.get("closed_on")) or (wanted.state == "closed" and not kept.get("closed_on")):
            return False
        if any(text not in kept.get(key, "").split("、") for key, text in narrow.items()):
            return False
        if wanted.q and wanted.q not in kept.get("number", "") and wanted.q not in kept.get("title", ""):
            return False
        assigned = kept.get("assigned_on", "")
        return not ((wanted.since and assigned < wanted.since.isoformat()) or (wanted.until and assigned > wanted.until.isoformat()))

    return keep
