"""What the calendar asks for: monthly letters, nightly candidates. Each unit of work once, also when a worker is killed in it.

An area lists its work as ``PERIODIC``. ``units`` names the keys that are due by a moment; the worker runs one unit in one transaction
that begins by writing its row in ``periodic_run``. Two workers at one key: the second waits for that row and then finds it written.
A unit that fails is set aside with an incident and tried again after ``RETRY``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import Organ
from app.transfers import leaving
from workflows.tables import Base

AREAS = tuple(f"app.{area}.periodic" for area in ("supervision", "leadership", "warnings", "transfers", "numbers"))
RETRY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Periodic:
    """``units(session, now)``: keys due by now, cheap to ask; ``run(session, key, now)``: one of them, in its own transaction."""

    name: str
    units: Callable[[Session, datetime], Iterable[str]]
    run: Callable[[Session, str, datetime], None]
    everywhere: bool = False  # also where the bureau itself works in another installation: work of police and procuratorate, too


class PeriodicRun(Base):
    """One unit that was done, or that failed and waits for its next try."""

    __tablename__ = "periodic_run"
    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    retry_at: Mapped[datetime | None]  # set: not done yet


class PeriodicFailed(Exception):
    """A unit failed; ``name`` and ``key`` say which, the cause why. The caller rolls back and sets it aside."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(f"{name} {key}")
        self.name, self.key = name, key


@cache
def all_periodic() -> tuple[Periodic, ...]:
    """The work of every area, in their order."""
    return tuple(one for module in AREAS for one in importlib.import_module(module).PERIODIC)


def due(session: Session, now: datetime) -> Iterator[tuple[Periodic, str]]:
    """Units not done yet, the oldest key first within each kind of work."""
    away = _bureau_is_elsewhere(session)
    for work in all_periodic():
        if away and not work.everywhere:
            continue
        keys = list(work.units(session, now))
        if not keys:
            continue
        query = select(PeriodicRun.key).where(PeriodicRun.name == work.name, PeriodicRun.key.in_(keys))
        settled = set(session.scalars(query.where(PeriodicRun.retry_at.is_(None) | (PeriodicRun.retry_at > now))))
        yield from ((work, key) for key in keys if key not in settled)


def _bureau_is_elsewhere(session: Session) -> bool:
    """An installation of police or procuratorate alone sends no warnings and counts no petitions for the bureau."""
    bureaus = list(session.scalars(select(Organ.id).where(Organ.kind == "bureau", Organ.active)))
    return bool(bureaus) and all(leaving.elsewhere(session, one) for one in bureaus)


def run_next(session: Session, now: datetime) -> bool:
    """Do one unit; False when none is due. Raises PeriodicFailed."""
    for work, key in due(session, now):
        if not _claim(session, work.name, key, now):
            continue
        try:
            work.run(session, key, now)
        except Exception as error:
            raise PeriodicFailed(work.name, key) from error
        return True
    return False


def _claim(session: Session, name: str, key: str, now: datetime) -> bool:
    """Write the row of the unit; False when somebody else wrote it meanwhile."""
    row = insert(PeriodicRun).values(name=name, key=key, at=now, retry_at=None)
    again = row.on_conflict_do_update(
        index_elements=["name", "key"],
        set_={"at": now, "retry_at": None},
        where=PeriodicRun.retry_at.is_not(None) & (PeriodicRun.retry_at <= now),
    )
    return session.execute(again.returning(PeriodicRun.key)).first() is not None


def set_aside(session: Session, name: str, key: str, now: datetime) -> None:
    """A unit that failed waits for its next try; called after the rollback."""
    row = insert(PeriodicRun).values(name=name, key=key, at=now, retry_at=now + RETRY)
    session.execute(row.on_conflict_do_update(index_elements=["name", "key"], set_={"at": now, "retry_at": now + RETRY}))
