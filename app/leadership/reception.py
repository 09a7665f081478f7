"""Reception days (领导接访日): who may set them, setting and changing them, the line of visitors, what is written down on the spot.

Nothing commits here. A day is changed under its row's lock, a leader's calendar under the leader's.
"""

from __future__ import annotations

from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import secretaries
from app.accounts.directory import directory
from app.accounts.models import Person
from app.leadership import queries, services
from app.leadership.models import ReceptionDay, ReceptionVisitor
from workflows.errors import Conflict, FormError
from workflows.forms import Form
from workflows.handlers import Actor
from workflows.library import uuid_or_none
from workflows.tables import Case
from workflows.time import local, now

FILE = Path(__file__).with_name("reception.yaml")
IN_CHARGE = ("leader", "organ_head")
TITLE_MOST = 120
Answer = dict[str, Any]


@cache
def forms() -> dict[str, Form]:
    """The small forms of reception.yaml."""
    return {name: Form.parse(name, spec) for name, spec in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()}


# --- who --------------------------------------------------------------------------------------------------------------


def leaders_of(session: Session, person: Person) -> list[Person]:
    """The leaders whose days this person keeps: their own, those they prepare for, as petition office all of the bureau's."""
    found = {person.id: person} if any(person.has_role(role) for role in IN_CHARGE) else {}
    found |= {one.id: one for one in secretaries.leaders_of(session, person)}
    for bureau in {directory.signer_org(session, post.organ_id) for post in person.posts if post.role == "office"}:
        for key in services.bureau_leaders(session, bureau):
            if (one := session.get(Person, UUID(key))) is not None:
                found.setdefault(one.id, one)
    return sorted(found.values(), key=lambda one: (one.name, one.id))


def acting(session: Session, person: Person, leader_id: UUID) -> Actor:
    """Under whose name the person keeps this leader's day: their own, or 甲代乙."""
    return secretaries.on_behalf(secretaries.leaders_of(session, person), person, f"p:{leader_id}")


# --- the day ----------------------------------------------------------------------------------------------------------


def set_day(session: Session, person: Person, answer: Answer, day: ReceptionDay | None = None) -> ReceptionDay:
    """A new reception day, or an existing one changed. Raises FormError: what is missing, or which other day it meets."""
    clean = forms()["day"].check(answer, {"today": local(now()).date().isoformat()})
    leader = next((one for one in leaders_of(session, person) if str(one.id) == clean["leader"]), None)
    if leader is None:
        raise FormError({"leader": "接访领导：请从列出的领导中选择"})
    on, starts, ends = date.fromisoformat(clean["day"]), time.fromisoformat(clean["starts"]), time.fromisoformat(clean["ends"])
    session.execute(select(Person.id).where(Person.id == leader.id).with_for_update())
    other = queries.overlapping(session, leader.id, on, starts, ends, day.id if day is not None else None)
    if other is not None:
        taken = f"{other.starts:%H:%M}–{other.ends:%H:%M} 在{other.place}"
        raise FormError({"starts": f"{leader.name}这一天 {taken}已有接访日，请改时间或在那一天里加来访人"})
    if day is None:
        day = ReceptionDay(created_by=acting(session, person, leader.id).shown)
        session.add(day)
    else:
        _changeable(session, locked(session, day.id))
    day.leader_id, day.day, day.starts, day.ends = leader.id, on, starts, ends
    day.place, day.note = clean["place"], clean.get("note")
    session.flush()
    return day


def _changeable(session: Session, day: ReceptionDay) -> None:
    """A cancelled day, and one on which somebody was received, stay as they are."""
    _living(day)
    received = select(ReceptionVisitor.id).where(ReceptionVisitor.reception_day_id == day.id, ReceptionVisitor.status == "received")
    if session.scalar(received.limit(1)) is not None:
        raise Conflict("这一天已经登记了接访，不能再改时间、地点或取消。")


def _living(day: ReceptionDay) -> None:
    if day.cancelled_at is not None:
        raise Conflict("这个接访日已经取消。")


def cancel(session: Session, day: ReceptionDay, answer: Answer) -> None:
    """Call a day off, with the reason; it stays in the calendar as called off."""
    clean = forms()["cancel"].check(answer, {})
    locked(session, day.id)
    _changeable(session, day)
    day.cancelled_at, day.cancelled_reason = now(), clean["reason"]
    session.flush()


def locked(session: Session, day_id: UUID) -> ReceptionDay:
    """The day, locked: the line is changed by one person at a time."""
    query = select(ReceptionDay).where(ReceptionDay.id == day_id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


# --- the line ---------------------------------------------------------------------------------------------------------


def add_visitor(session: Session, day: ReceptionDay, answer: Answer) -> ReceptionVisitor:
    """Put somebody at the end of the line: a petition, a file, or a topic alone. The caller has checked that the case may be seen."""
    clean = forms()["visitor"].check(answer, {})
    day = locked(session, day.id)
    _living(day)
    if day.day < local(now()).date():
        raise Conflict("接访日已经过去，不能再排来访人。")
    case = session.get(Case, chosen) if (chosen := uuid_or_none(str(clean.get("case") or ""))) else None
    if clean.get("case") and case is None:
        raise FormError({"case": "信访事项或包案：没有这一件，请重新选择"})
    if case is not None and (place := _place_of(session, day.id, case.id)):
        raise FormError({"case": f"这一件已经排在第 {place} 位"})
    last = session.scalar(select(func.max(ReceptionVisitor.place_in_line)).where(ReceptionVisitor.reception_day_id == day.id))
    topic = str(clean.get("topic") or (case.title if case is not None else ""))[:TITLE_MOST]
    row = ReceptionVisitor(
        reception_day_id=day.id, case_id=case.id if case is not None else None, topic=topic, place_in_line=(last or 0) + 1, status="waiting"
    )
    session.add(row)
    session.flush()
    return row


def _place_of(session: Session, day_id: UUID, case_id: UUID) -> int | None:
    there = (ReceptionVisitor.reception_day_id == day_id, ReceptionVisitor.case_id == case_id)
    return session.scalar(select(ReceptionVisitor.place_in_line).where(*there).limit(1))


def move(session: Session, day: ReceptionDay, visitor: ReceptionVisitor, up: bool) -> None:
    """One place forward or back; the first cannot go further, nor the last."""
    locked(session, day.id)
    line = queries.visitors_of(session, [day.id]).get(day.id, [])
    at = next(i for i, row in enumerate(line) if row.id == visitor.id)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(line):
        return
    mine, theirs = line[at], line[to]
    here, there = mine.place_in_line, theirs.place_in_line
    mine.place_in_line = -1  # the place is unique: step aside first
    session.flush()
    theirs.place_in_line = here
    session.flush()
    mine.place_in_line = there
    session.flush()


def drop(session: Session, day: ReceptionDay, visitor: ReceptionVisitor) -> None:
    """Take somebody out of the line who was not received."""
    locked(session, day.id)
    if visitor.status != "waiting":
        raise Conflict("已经登记的来访人不能去掉。")
    session.delete(visitor)
    session.flush()


# --- on the spot ------------------------------------------------------------------------------------------------------


def not_yet(day: ReceptionDay, visitor: ReceptionVisitor) -> str | None:
    """Why nothing can be written down now; None when it can."""
    if day.cancelled_at is not None:
        return "这个接访日已经取消。"
    if visitor.status == "received":
        return "这位来访人已经登记过接访。"
    if day.day > local(now()).date():
        return f"接访日是 {day.day:%m-%d}，到那天再登记。"
    return None


def record(session: Session, day: ReceptionDay, visitor: ReceptionVisitor, actor: Actor, answer: Answer, file_id: UUID | None) -> None:
    """Somebody was received: of an ownership as its 接访 with promises and clocks, else as a plain record."""
    locked(session, day.id)
    session.refresh(visitor)
    if (why := not_yet(day, visitor)) is not None:
        raise Conflict(why)
    if file_id is not None:
        visitor.leader_visit_id = services.record_visit(session, actor, file_id, answer)
    else:
        visitor.record = forms()["record"].check(answer, {})["record"]
    visitor.status, visitor.recorded_by, visitor.received_at = "received", actor.shown, now()
    session.flush()


def absent(session: Session, day: ReceptionDay, visitor: ReceptionVisitor, actor: Actor) -> None:
    """Nobody came; if somebody comes after all, a record may still be made."""
    locked(session, day.id)
    session.refresh(visitor)
    if (why := not_yet(day, visitor)) is not None:
        raise Conflict(why)
    visitor.status, visitor.recorded_by = "absent", actor.shown
    session.flush()
