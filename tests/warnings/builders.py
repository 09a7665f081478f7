"""Petitions as rows (what is counted does not depend on how they were handled), and letters brought to a step by the real procedure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from app.walk.play import Play
from app.walk.scenarios import Scenario, moves
from app.walk.starts import read
from app.warnings import collect
from workflows import time as clock_time
from workflows.store import new_id
from workflows.tables import Case, Clock, Instance

COUNTY, MONTH = "360111", "2026-08"
SEPTEMBER = datetime(2026, 9, 1, 9, tzinfo=clock_time.ZONE)
LIMITS = {
    "least_count": 5, "least_cluster": 3, "least_households": 3, "growth_least": 3, "growth_month": 50, "growth_year": 30,
    "least_repeats": 2, "least_overdue": 2, "least_unresolved": 3, "unresolved_days": 60, "most_items": 8,
}  # fmt: skip
KINDS = {"water": "水污染", "air": "大气污染", "noise": "噪声"}


def on(day: str) -> datetime:
    return clock_time.start_of_day(date.fromisoformat(day)) + timedelta(hours=9)


def petition(
    session: Session, day: str = "2026-08-12", *, kind: str = "water", enterprise: str | None = None, place: str | None = None,
    house: str | None = None, living: bool = False, late: bool = False, **more: Any,
) -> Petition:  # fmt: skip
    """A petition received that day; ``house`` tells households apart, ``late``: one of its periods has passed."""
    at, source = on(day), _source(session, enterprise)
    case = Case(
        id=new_id(), city="360100", title="事项", attrs={"intake_org": "nc-petition"}, facets={}, tags=[],
        status="open" if living or late else "closed", created_at=at, closed_at=None if living or late else at,
    )  # fmt: skip
    session.add(case)
    session.flush()
    given = {
        "number": f"示例{case.id}", "title": "事项", "channel": "web", "received_at": at, "statement": "夜里排水。", "county": COUNTY,
        "gravity": "ordinary", "klass": "claim", "asks": "penalise", "about": "enterprise", "household": f"a:{house}" if house else None,
    }  # fmt: skip
    row = Petition(
        case_id=case.id, kind=kind, enterprise=enterprise, enterprise_id=source, place=place, place_key=identity.place_key(place),
        **{**given, **more},
    )  # fmt: skip
    session.add(row)
    if late:
        due = at + timedelta(days=10)
        session.add(
            Clock(
                id=new_id(), case_id=case.id, slot="answer", rule="petition.simple", status="running", from_at=at, raw_due=due, due_at=due,
                overdue_at=due, pauses=[],
            )
        )  # fmt: skip
    session.flush()
    return row


def _source(session: Session, name: str | None) -> UUID | None:
    if name is None:
        return None
    key = identity.enterprise_key(name)
    found = session.scalar(select(Enterprise.id).where(Enterprise.key == key))
    if found is None:
        source = Enterprise(key=key, name=name)
        session.add(source)
        session.flush()
        found = source.id
    return found


def items(session: Session, **limits: int) -> list[collect.Item]:
    """What a letter of August about the county would list, on 1 September."""
    return collect.items(session, COUNTY, MONTH, {**LIMITS, **limits}, KINDS, SEPTEMBER)


def play(app: Flask, steps: list[Any], *, county: str = COUNTY, petitions: int = 6, at: str = "2026-09-01T09:00") -> Play:
    """A letter of one county, brought through these steps from 1 September on."""
    moment = clock_time.local(datetime.fromisoformat(at))
    plan = Scenario(county, county, moment, {"month": {"county": county, "petitions": petitions}}, [], {}, _moves(steps), {})
    made = Play(get_engine(), db.transaction, plan, checking=False)
    made.run()
    return made


def _moves(steps: list[Any]) -> list[Any]:
    return moves(steps, read("early_warning")["parts"])


def file_of(session: Session, process: str, county: str = COUNTY) -> UUID:
    """The newest file of a process in a county."""
    query = select(Case.id).join(Instance, Instance.case_id == Case.id)
    query = query.where(Instance.process == process, Case.facets["county"].astext == county).order_by(
        Case.created_at.desc(), Case.id.desc()
    )
    return session.scalars(query).first() or UUID(int=0)
