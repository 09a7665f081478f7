"""The demo's clock: everything that happens in the months before today, in the order in which it happens.

Acts of people and the work of the calendar stand in one queue by their moments; between two of them the clocks of the engine act.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db, periodic
from app.demo.ways import Group, Way, forget, transaction
from app.engine import get_engine
from app.periodic import Periodic, PeriodicRun
from workflows import time as clock_time
from workflows.tables import Clock

Act = Callable[[], None]
MORNING, LOOK = time(7, 0), time(9, 10)  # the calendar's work; when people look whether what they wait for has come
MONTHLY = ("warning.monthly", "review.draw")  # begun later than the rest: earlier months have too few petitions
DAILY = ("leader.month",)  # candidates, ledger and numbers are looked at once, at the end


class World:
    """``today`` is where it ends. ``morning`` is called each morning after the calendar's work."""

    def __init__(self, today: datetime) -> None:
        forget()
        self.today, self.now = today, datetime.min.replace(tzinfo=clock_time.ZONE)
        self._queue: list[tuple[datetime, int, Act]] = []
        self._order = count()

    def at(self, moment: datetime, act: Act) -> None:
        """Let something happen then; what would be after today does not happen."""
        if moment < self.today:
            heapq.heappush(self._queue, (moment, next(self._order), act))

    def follow(self, way: Way) -> None:
        """Let a file go its way."""
        self._next(way, way.groups())

    def _next(self, way: Way, groups: list[Group]) -> None:
        if groups:
            self.at(groups[0].at, lambda: self._go(way, groups))

    def _go(self, way: Way, groups: list[Group]) -> None:
        """One group of steps, or another look tomorrow where what it waits for is not open yet."""
        first, *rest = groups
        if first.after is not None and not way.is_open(first.after):
            tomorrow = clock_time.now().date() + timedelta(days=1)
            self.at(datetime.combine(tomorrow, LOOK, clock_time.ZONE), lambda: self._go(way, groups))
        elif way.do(first):
            self._next(way, rest)

    # -- time -----------------------------------------------------------------------------------------------------

    def run(self) -> Iterator[datetime]:
        """Everything until today; yields the moment each thing happened at. Between two yields the clock is the caller's."""
        while self._queue:
            moment, _, act = heapq.heappop(self._queue)
            with clock_time.frozen(max(moment, self.now)):
                self._pass(clock_time.now())
                act()
                self.now = min(clock_time.now(), self.today)
            yield self.now
        with clock_time.frozen(self.today):
            self._pass(self.today)
        self.now = self.today

    def mornings(self, since: date, act: Act) -> None:
        """Every morning from that day on."""
        for number in range((self.today.date() - since).days + 1):
            self.at(datetime.combine(since + timedelta(days=number), MORNING, clock_time.ZONE), act)

    def _pass(self, moment: datetime) -> None:
        """Let time pass, stopping wherever a clock of the engine has something to do."""
        while (stop := self._next_clock()) is not None and stop <= moment:
            clock_time.freeze(max(stop, self.now))
            self.settle()
        clock_time.freeze(max(moment, self.now))

    def _next_clock(self) -> datetime | None:
        with db.transaction() as session:
            found = session.scalar(select(func.min(Clock.next_at)).where(Clock.status == "running"))
        return clock_time.local(found) if found is not None else None

    def settle(self) -> None:
        """What the worker does meanwhile."""
        engine = get_engine()
        busy = True
        while busy:
            busy = False
            for unit in (engine.deliver_next, engine.fire_next_clock):
                while _in_transaction(unit):
                    busy = True


def _in_transaction(unit: Callable[[Session], bool]) -> bool:
    with transaction() as session:
        return unit(session)


def do_calendar(now: datetime, names: tuple[str, ...] | None = None) -> bool:
    """What the calendar asks for by now, of all areas or of those named; True when there was something."""
    done = False
    for work in periodic.all_periodic():
        if names is None or work.name in names:
            for key in _due(work, now):
                _do(work, key, now)
                done = True
    return done


def _due(work: Periodic, now: datetime) -> list[str]:
    with db.transaction() as session:
        keys = list(work.units(session, now))
        query = select(PeriodicRun.key).where(PeriodicRun.name == work.name, PeriodicRun.key.in_(keys))
        settled = set(session.scalars(query)) if keys else set()
    return [key for key in keys if key not in settled]


def _do(work: Periodic, key: str, now: datetime) -> None:
    """One unit and the row that says it was done, as the worker does it."""
    with db.transaction() as session:
        session.add(PeriodicRun(name=work.name, key=key, at=now, retry_at=None))
        work.run(session, key, now)
