"""Slowing down and locking out whoever guesses passwords, by account and by address.

An attempt is counted before the password is looked at, and taken back when it was right: guesses sent at once gain nothing.
The rows are in the database, in transactions of their own, so neither a restart nor a rollback forgives anything. Accounts
that do not exist are counted like the others, so the answers do not tell which exist.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.models import LoginThrottle
from workflows.time import now


@dataclass(frozen=True)
class Limits:
    """After ``free`` failures each further one costs a doubling wait; after ``lock`` failures the key is locked."""

    free: int
    lock: int
    first_wait: timedelta
    lock_for: timedelta
    forget_after: timedelta  # without a failure for so long, the count starts anew


ACCOUNT = Limits(free=3, lock=8, first_wait=timedelta(seconds=5), lock_for=timedelta(minutes=15), forget_after=timedelta(hours=1))
# One address may be a whole bureau behind one router: more room, the same end.
ADDRESS = Limits(free=30, lock=60, first_wait=timedelta(seconds=5), lock_for=timedelta(minutes=15), forget_after=timedelta(hours=1))


def account_key(account: str) -> str:
    """The account as typed, hashed: people type passwords into the wrong field."""
    return "a:" + hashlib.sha256(account.strip().lower().encode()).hexdigest()


def address_key(ip: str | None) -> str:
    return f"i:{ip or '-'}"


def keys_of(account: str, ip: str | None) -> dict[str, Limits]:
    return {account_key(account): ACCOUNT, address_key(ip): ADDRESS}


def take(session: Session, account: str, ip: str | None) -> datetime | None:
    """Count one attempt. Returns the moment to wait for if this one may not be made at all."""
    moment = now()
    keys = keys_of(account, ip)
    blocked = session.scalar(
        select(func.max(LoginThrottle.blocked_until)).where(LoginThrottle.key.in_(keys), LoginThrottle.blocked_until > moment)
    )
    if blocked is not None:
        return blocked
    waits = [wait for key in sorted(keys) if (wait := _count(session, key, keys[key], moment)) is not None]
    return max(waits, default=None)


def _count(session: Session, key: str, limits: Limits, moment: datetime) -> datetime | None:
    """Add one failure. Two that arrive at once are put in order by the row lock: the second then finds the block of the first."""
    row = insert(LoginThrottle).values(key=key, failures=0, last_at=moment)
    session.execute(row.on_conflict_do_nothing())
    locked = select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()
    entry = session.scalars(locked.execution_options(populate_existing=True)).one()
    if entry.blocked_until is not None and entry.blocked_until > moment:
        return entry.blocked_until
    entry.failures = 1 if entry.last_at < moment - limits.forget_after else entry.failures + 1
    entry.last_at = moment
    entry.blocked_until = _block(entry.failures, limits, moment)
    session.flush()
    return None


def _block(failures: int, limits: Limits, moment: datetime) -> datetime | None:
    """How long the next attempt has to wait after this many failures."""
    if failures >= limits.lock:
        return moment + limits.lock_for
    if failures <= limits.free:
        return None
    wait: timedelta = limits.first_wait * 2 ** (failures - limits.free - 1)
    return moment + min(wait, limits.lock_for)


def forgive(session: Session, account: str, ip: str | None) -> None:
    """The password was right: clear the account, give the address its attempt back."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == account_key(account)))
    left = LoginThrottle.failures - 1
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == address_key(ip))
        .values(failures=func.greatest(left, 0), blocked_until=case((left < ADDRESS.lock, None), else_=LoginThrottle.blocked_until))
    )


def unlock(session: Session, account: str) -> bool:
    """An administrator lets the account try again. False if nothing stood in its way."""
    gone = session.execute(delete(LoginThrottle).where(LoginThrottle.key == account_key(account)).returning(LoginThrottle.key))
    return gone.first() is not None


def blocked_until(session: Session, accounts: list[str]) -> dict[str, datetime]:
    """Which of these accounts have to wait, and until when."""
    keys = {account_key(account): account for account in accounts}
    rows = session.execute(
        select(LoginThrottle.key, LoginThrottle.blocked_until).where(LoginThrottle.key.in_(keys), LoginThrottle.blocked_until > now())
    )
    return {keys[key]: until for key, until in rows if until is not None}
