"""Secretaries (领导秘书): who prepares for which leader, and under whose name what they do is recorded (甲代乙)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.audit import record
from app.accounts.models import Person, Secretary
from workflows.errors import Conflict
from workflows.handlers import Actor
from workflows.time import now


def leaders_of(session: Session, person: Person) -> list[Person]:
    """The leaders this person prepares for now, by name."""
    moment = now()
    query = (
        select(Person)
        .join(Secretary, Secretary.leader_id == Person.id)
        .where(Secretary.person_id == person.id, Secretary.since <= moment, Person.active)
        .where(or_(Secretary.until.is_(None), Secretary.until > moment))
        .order_by(Person.name, Person.id)
    )
    return list(session.scalars(query))


def secretaries_of(session: Session, leader_id: UUID) -> list[Person]:
    """Who prepares for this leader now."""
    moment = now()
    query = (
        select(Person)
        .join(Secretary, Secretary.person_id == Person.id)
        .where(Secretary.leader_id == leader_id, Secretary.since <= moment, Person.active)
        .where(or_(Secretary.until.is_(None), Secretary.until > moment))
        .order_by(Person.name, Person.id)
    )
    return list(session.scalars(query))


def on_behalf(leaders: Iterable[Person], person: Person, holder: str) -> Actor:
    """How the person appears who acts on a step of ``holder``: as themselves where it is theirs, else 甲代乙."""
    if holder in person.holder_keys():
        return person.actor()
    for leader in leaders:
        if holder in leader.holder_keys():
            own = person.actor()
            return Actor(own.id, own.name, own.org, behalf=leader.name)
    return person.actor()


def appoint(session: Session, leader: Person, secretary: Person, actor: Actor) -> Secretary:
    """Let ``secretary`` prepare for ``leader`` from now on."""
    if leader.id == secretary.id:
        raise Conflict("不能由本人担任自己的秘书。")
    if any(one.id == leader.id for one in leaders_of(session, secretary)):
        raise Conflict(f"{secretary.name} 已经是 {leader.name} 的秘书。")
    row = Secretary(person_id=secretary.id, leader_id=leader.id, since=now())
    session.add(row)
    session.flush()
    record(session, "account.secretary", f"{secretary.name} 任 {leader.name} 的秘书", actor, {"leader": str(leader.id)})
    return row


def dismiss(session: Session, leader: Person, secretary: Person, actor: Actor) -> None:
    """End it. What was done stays in the trail under both names."""
    query = select(Secretary).where(Secretary.leader_id == leader.id, Secretary.person_id == secretary.id, Secretary.until.is_(None))
    row = session.scalars(query).first()
    if row is None:
        raise Conflict(f"{secretary.name} 不是 {leader.name} 的秘书。")
    row.until = now()
    session.flush()
    record(session, "account.secretary", f"{secretary.name} 不再任 {leader.name} 的秘书", actor, {"leader": str(leader.id)})
