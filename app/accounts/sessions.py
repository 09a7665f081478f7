"""Login sessions on the server: one row for each browser, revocable, ended by idling.

The signed cookie carries a random secret; the table has its hash. Every login makes a new secret, so a cookie that was there
before is worth nothing afterwards.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import LoginSession, Person, Post
from workflows.time import now

SEEN_EVERY = timedelta(minutes=1)  # how exact "last seen" is; less would write a row for each click


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(session: Session, person: Person, ip: str | None, agent: str | None) -> str:
    """Make a session and return its secret."""
    token = secrets.token_urlsafe(32)
    moment = now()
    row = LoginSession(
        id=_hash(token), person_id=person.id, created_at=moment, last_seen_at=moment, ip=ip, agent=agent[:200] if agent else None
    )
    session.add(row)
    session.flush()
    return token


def find(session: Session, token: str) -> LoginSession | None:
    """The session of that secret with its person and posts, in one query; None if it was ended."""
    people = joinedload(LoginSession.person)
    query = (
        select(LoginSession)
        .where(LoginSession.id == _hash(token), LoginSession.revoked_at.is_(None))
        .options(people.joinedload(Person.all_posts).joinedload(Post.organ))
    )
    return session.scalars(query).unique().one_or_none()


def is_idle(row: LoginSession, idle: timedelta) -> bool:
    return now() - row.last_seen_at >= idle


def is_stale(row: LoginSession) -> bool:
    """Is it time to note again that the person is there?"""
    return now() - row.last_seen_at >= SEEN_EVERY


def touch(session: Session, row: LoginSession) -> None:
    """Note that the person is there."""
    session.execute(update(LoginSession).where(LoginSession.id == row.id).values(last_seen_at=now()))


def end(session: Session, token: str, why: str) -> None:
    _end(session, [LoginSession.id == _hash(token)], why)


def revoke(session: Session, person_id: UUID, session_id: str, why: str) -> bool:
    """End one session of a person. False if it is not theirs or has ended."""
    return _end(session, [LoginSession.id == session_id, LoginSession.person_id == person_id], why) > 0


def revoke_all(session: Session, person_id: UUID, why: str, keep: str | None = None) -> int:
    """End all sessions of a person, but for the one whose secret is ``keep``."""
    which = [LoginSession.person_id == person_id]
    if keep is not None:
        which.append(LoginSession.id != _hash(keep))
    return _end(session, which, why)


def _end(session: Session, which: list[Any], why: str) -> int:
    ended = (
        update(LoginSession)
        .where(*which, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now(), revoked_why=why)
        .returning(LoginSession.id)
    )
    return len(session.scalars(ended).all())


def living(session: Session, person_id: UUID, idle: timedelta) -> Sequence[LoginSession]:
    """The sessions that still open something, most recent first."""
    query = (
        select(LoginSession)
        .where(LoginSession.person_id == person_id, LoginSession.revoked_at.is_(None), LoginSession.last_seen_at > now() - idle)
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id)
    )
    return session.scalars(query).all()


def is_token_of(row: LoginSession, token: str | None) -> bool:
    """Is this the session the request came with?"""
    return token is not None and row.id == _hash(token)
