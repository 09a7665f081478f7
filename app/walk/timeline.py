"""A petition on its way from the day it came in until a given moment: the demo month, and the complaints of a walk.

Where a scenario says exactly what must be, a timeline is lenient: what turns out not to be owed is left out, acts fall on working
days, and the way simply ends where time ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.walk.driver import Begin, Drive, Stuck
from app.walk.scenarios import Move, Scenario
from workflows import Engine
from workflows import time as clock_time
from workflows.forms import Field
from workflows.tables import Task

# owed to petitioners who can be reached, or asked only of some petitions: left out where they do not come up
IF_OWED = frozenset(
    (
        *("send_notice", "sent_down_notice", "unit_notice", "deliver", "stop_notice"),
        *("draft_report", "sign_report", "report_up", "execute", "verify_execution", "counsel", "co_handle", "countersign"),
    )
)
ASKED_BESIDE = ("co_handle", "countersign")  # what units the decision table added are asked for: done before the next step
NO_STEP = frozenset(("day", "message", "clock", "start", "close", "close_if_open"))
OPENING, CLOSING = time(8, 40), time(17, 20)


class TimeIsUp(Exception):
    """The moment the way ends at is reached."""


class Timeline(Drive):
    """``texts``: what people write, task → field → text (or several to take one of); ``facts`` fill its {places}."""

    def __init__(
        self, engine: Engine, begin: Begin, plan: Scenario, *, until: datetime, texts: Mapping[str, Any], facts: Mapping[str, str]
    ) -> None:
        super().__init__(engine, begin, plan, checking=False)
        self.until, self.texts, self.facts = until, texts, facts
        self._dice = int.from_bytes(sha256(plan.name.encode()).digest()[:8])

    def run(self, until: str | None = None) -> UUID:
        """As far as time allows; whatever the worker would have done by then is done."""
        with suppress(TimeIsUp):
            super().run(until)
        super()._go_to(self.until)
        return self.case

    def _make(self, move: Move) -> None:
        if clock_time.now() >= self.until:
            raise TimeIsUp
        if self._left_out(move):
            return
        for element in ASKED_BESIDE if move.verb not in NO_STEP else ():
            while move.verb != element and self._is_open(element) and not self._is_open(move.verb):
                self._complete(element, {})
        super()._make(move)

    def _left_out(self, move: Move) -> bool:
        """A step that is not owed to this petitioner, or a rating nobody was asked for."""
        if move.verb == "message":
            with self.begin() as session:
                return not self.engine.waiting_for(session, self.case, f"msg:{move.about['name']}")
        return move.verb in IF_OWED and not self._is_open(move.verb)

    def _is_open(self, element: str) -> bool:
        with self.begin() as session:
            query = select(Task.id).where(Task.case_id == self.case, Task.status == "open", Task.element == element)
            return session.scalar(query.limit(1)) is not None

    def _go_to(self, moment: datetime) -> None:
        super()._go_to(min(moment, self.until))
        if moment > self.until:
            raise TimeIsUp

    def _settle(self) -> None:
        super()._settle()
        if clock_time.now() > self.until:
            clock_time.freeze(self.until)

    def _day(self, number: int) -> datetime:
        """Some working hour of that day, or of the next working day."""
        day = (self.started + timedelta(days=number)).date()
        if not self.engine.calendar.is_workday(day):
            day = self.engine.calendar.next_workday(day)
        span = (CLOSING.hour - OPENING.hour) * 60
        minutes = (self._dice >> (number % 24)) % span
        return datetime.combine(day, OPENING, clock_time.ZONE) + timedelta(minutes=minutes)

    def _usual(self, element: str) -> dict[str, Any]:
        return {name: self._worded(value) for name, value in (self.texts.get(element) or {}).items()}

    def _worded(self, value: Any) -> Any:
        """A text with the facts put in; of several texts the one this petition drew."""
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            value = value[self._dice % len(value)]
        return value.format_map(self.facts) if isinstance(value, str) else value

    def _somebody(self, session: Session, holder: str) -> Person:
        """Of several people with a post, the one this petition falls to."""
        people = directory.people(session, holder)
        if not people:
            raise Stuck(f"nobody holds {holder}")
        return session.get_one(Person, people[self._dice % len(people)])

    def _choose(self, session: Session, task: Task | None, f: Field, values: Any) -> Any:
        if str(f.options_from or "") == "people:handler" and values.get("unit"):
            people = directory.people(session, directory.resolve(session, "handler", str(values["unit"])))
            return str(people[self._dice % len(people)])
        return super()._choose(session, task, f, values)
