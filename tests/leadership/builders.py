"""Small builders: an ownership brought to a step, and the worker's work inside one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.leadership.models import LeaderCase, LeaderCasePetition
from tests.petitions.builders import person, register
from workflows import time as clock_time
from workflows.tables import Clock, Task

FLAGGED = {"flagged": True, "flagged_reason": "局务会研究列为重点信访事项。"}
ANALYSIS = {
    "held_at": "2026-10-08T15:00",
    "place": "局二楼会议室",
    "present": [{"name": "龚致远"}, {"name": "裘建安", "post": "信访科科长"}],
    "cause": "厂区雨污管网没有分流，夜间偷排没有被及时发现。",
    "responsibility": "企业负主体责任，监管单位巡查不到位。",
}
PLAN = {"measures": [{"what": "封堵雨水沟暗管", "who": "市环境监察支队", "by": "2026-11-10"}], "deadline": "2027-03-31"}
VISIT = {
    "work_step": "visit",
    "kind": "receive",
    "held_at": "2026-10-08T09:00",
    "place": "局接访室",
    "persons": "张晓苇、李四",
    "by_owner": True,
    "record": "张晓苇反映夜里仍有黄水，电话 13800001234。",
}
EXIT = {
    "exit_way": "settled",
    "exit_text": "偷排口已封堵，雨污分流完工，监测达标，张晓苇表示认可。",
    "evidence": [{"what": "监测报告"}],
    "satisfaction": "satisfied",
}


def drain(session: Session) -> None:
    """What the worker does meanwhile: messages and due clocks."""
    engine = get_engine()
    while engine.deliver_next(session) or engine.fire_next_clock(session):
        session.flush()
    session.expire_all()


def go_to(session: Session, moment: datetime) -> None:
    """Let time pass, stopping wherever a clock has something to do."""
    while True:
        session.expire_all()
        query = select(Clock.next_at).where(Clock.status == "running", Clock.next_at <= moment).order_by(Clock.next_at)
        stop = session.scalar(query.limit(1))
        if stop is None:
            break
        clock_time.freeze(max(clock_time.local(stop), clock_time.now()))
        drain(session)
    clock_time.freeze(moment)
    drain(session)


def day(number: int) -> datetime:
    """Nine o'clock so many days after the bureau's first morning."""
    return datetime(2026, 10, 8, 9, tzinfo=clock_time.ZONE) + timedelta(days=number)


def file_of(session: Session, petition_id: UUID) -> LeaderCase:
    """The newest file of a petition."""
    query = select(LeaderCase).join(LeaderCasePetition, LeaderCasePetition.case_id == LeaderCase.case_id)
    query = query.where(LeaderCasePetition.petition_id == petition_id).order_by(LeaderCase.opened_at.desc(), LeaderCase.case_id.desc())
    return session.scalars(query.limit(1)).one()


def opened(session: Session, **changes: Any) -> UUID:
    """A flagged petition is registered; its own diagram proposes it. The file's id."""
    petition_id = register(session, **{**FLAGGED, **changes})
    drain(session)
    return file_of(session, petition_id).case_id


def step(session: Session, case_id: UUID, element: str) -> Task:
    return session.scalars(select(Task).where(Task.case_id == case_id, Task.element == element, Task.status == "open")).one()


def steps(session: Session, case_id: UUID) -> list[str]:
    """The open steps of a file."""
    return list(session.scalars(select(Task.element).where(Task.case_id == case_id, Task.status == "open").order_by(Task.element)))


def complete(session: Session, case_id: UUID, element: str, account: str, **answer: Any) -> None:
    get_engine().complete(session, step(session, case_id, element).id, person(session, account).actor(), answer)
    drain(session)


def proposed(session: Session, **changes: Any) -> UUID:
    case_id = opened(session, **changes)
    fenguan, handler = person(session, "fenguan"), somebody(session, "handler", "nc-inspect")
    complete(
        session, case_id, "propose_owner", "xinfang", owner=str(fenguan.id), unit="nc-inspect", handler=str(handler.id),
        proposal="企业夜间偷排反复发生，需要局领导协调。", recusal_checked=True,
    )  # fmt: skip
    return case_id


def assigned(session: Session, **changes: Any) -> UUID:
    case_id = proposed(session, **changes)
    complete(session, case_id, "assign", "juzhang", agreed=True, owner=str(person(session, "fenguan").id))
    return case_id


def carrying(session: Session, **changes: Any) -> UUID:
    case_id = assigned(session, **changes)
    complete(session, case_id, "analyse", "fenguan", **{**ANALYSIS, "held_at": f"{clock_time.now():%Y-%m-%dT%H:%M}"})
    complete(session, case_id, "plan", handler_of(session, case_id), **PLAN)
    complete(session, case_id, "sign_plan", "fenguan", plan_ok=True)
    return case_id


def leaving(session: Session, **changes: Any) -> UUID:
    """Everything done but the confirmation of the petition office."""
    case_id = carrying(session, **changes)
    handler = handler_of(session, case_id)
    complete(session, case_id, "work", handler, **VISIT)
    complete(session, case_id, "work", handler, work_step="exit")
    complete(session, case_id, "propose_exit", handler, **EXIT)
    complete(session, case_id, "sign_exit", "fenguan", signed=True)
    return case_id


def handler_of(session: Session, case_id: UUID) -> str:
    return session.get_one(Person, session.get_one(LeaderCase, case_id).handler_id).account


def somebody(session: Session, role: str, organ: str) -> Person:
    from app.accounts.directory import directory, post_holder

    return session.get_one(Person, directory.people(session, post_holder(organ, role))[0])
