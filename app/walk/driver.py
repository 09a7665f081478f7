"""Drives a case through a scenario: the right person at each step, checked against the permissions, on a clock that is shifted.

Every act is a transaction of its own, as in the web; after each, messages are delivered and due clocks act, as the worker would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.accounts.policy import can
from app.petitions import actions, services
from app.walk import checks
from app.walk.answers import fill
from app.walk.scenarios import Move, Scenario, defaults, scenario
from workflows import Engine
from workflows import time as clock_time
from workflows.effects import moments
from workflows.errors import Conflict, FormError
from workflows.forms import Field
from workflows.tables import Case, Clock, Instance, Link, Task

Begin = Callable[[], AbstractContextManager[Session]]
PAUSE = timedelta(minutes=5)  # between two acts of people


class Stuck(AssertionError):
    """The case is not where the scenario says it is."""


class Drive:
    """One case on its way. ``checking`` off: the steps are made, what is expected of them is not looked at.

    ``number`` tells petitioners apart; without one it is the number of cases there are, so each case is another person's.
    """

    def __init__(
        self,
        engine: Engine,
        begin: Begin,
        plan: Scenario,
        *,
        at: datetime | None = None,
        checking: bool = True,
        number: int | None = None,
    ) -> None:
        self.engine, self.begin, self.plan, self.checking = engine, begin, plan, checking
        self.started = at or plan.at
        self.number = number
        self.case_id: UUID | None = None
        self.known: dict[str, str] = {}  # $name → case id, or what else a step may name
        self.intake = "nc"  # the organ whose desk registers

    # -- the whole way --------------------------------------------------------------------------------------------

    def run(self, until: str | None = None) -> UUID:
        """To the archive, or to the end of the first step named ``until``; returns the case."""
        if self.number is None:
            with self.begin() as session:
                self.number = (session.scalar(select(func.count()).select_from(Case)) or 0) + 1
        for name, how in self.plan.before.items():
            at = clock_time.local(datetime.fromisoformat(str(how["at"])))
            other = Drive(self.engine, self.begin, scenario(how["run"]), at=at, checking=False, number=self.number)
            self.known[f"${name}"] = str(other.run(how.get("until")))
        self._go_to(self.started)
        self._register()
        for move in self.plan.steps:
            self._make(move)
            if until is not None and move.verb == until:
                return self.case
        if self.checking:
            with self.begin() as session:
                checks.closed(session, self.case, self.plan.end)
        return self.case

    @property
    def case(self) -> UUID:
        if self.case_id is None:
            raise Stuck("nothing is registered yet")
        return self.case_id

    def _make(self, move: Move) -> None:
        verbs: dict[str, Callable[[Move], None]] = {
            "day": lambda m: self._go_to(self._day(int(m.about))),
            "message": self._message,
            "clock": lambda m: self._clock(m.about),
            "start": self._start,
            "close": lambda m: self._close(m.about, required=True),
            "close_if_open": lambda m: self._close(m.about, required=False),
            "refuse": self._refuse,
            "expect": self._expect,
        }
        try:
            act = verbs.get(move.verb)
            act(move) if act else self._complete(move.verb, move.about)
        except Exception as error:
            error.add_note(f"{self.plan.name}: {move.verb} {move.about}")
            raise

    # -- acts of people -------------------------------------------------------------------------------------------

    def _register(self) -> None:
        """A clerk registers: the case is made and its first step done, as one act."""
        texts = defaults().get("register", {})
        common = {k: v.format(number=self.number) if isinstance(v, str) else v for k, v in texts.items()}
        given = {**common, **self.plan.register}
        for field, wrong in self.plan.refused_register:
            with refused("register", field):
                self._enter({**given, **wrong})
        self._enter(given)
        self._settle()

    def _enter(self, given: dict[str, Any]) -> None:
        with self.begin() as session:
            clerk = self._somebody(session, directory.resolve(session, "desk", self.intake))
            _allow(clerk, "petition.register")
            procedure = self.engine.library.current(session, "petition")
            context = {**procedure.initial_data, **moments(clock_time.now())}
            answer = fill(procedure.form("register"), context, self._words(given), lambda f, values: self._choose(session, f, values))
            self.case_id = services.register(session, clerk, answer, title=self.plan.title).case_id

    def _complete(self, element: str, given: dict[str, Any]) -> None:
        """The holder of the open task, who must be allowed to, answers its form."""
        with self.begin() as session:
            task = self._open(session, element)
            person = self._somebody(session, task.holder)
            _allow(person, "task.complete", task)
            form = self.engine.form(session, task)
            context = self.engine.task_data(session, task)
            wanted = self._words({**({} if element == "register" else self._usual(element)), **given})
            answer = fill(form, context, wanted, lambda f, values: self._choose(session, f, values))
            self.engine.complete(session, task.id, person.actor(), answer)
        self._settle()

    def _refuse(self, move: Move) -> None:
        """The same step with an answer its form must refuse, at that field."""
        (element, given), (_, field) = move.about.items()
        with refused(element, field):
            self._complete(element, {**given})

    def _message(self, move: Move) -> None:
        """Something came from outside; the petition office enters it. Of a case that only prepares another it may be unasked for."""
        words = dict(move.about)
        name = next(action for action, message in actions.MESSAGES.items() if message == words["name"])
        with suppress(*(() if self.checking else (Conflict,))):
            self._act(name, {k: v for k, v in words.items() if k != "name"}, self._office)

    def _start(self, move: Move) -> None:
        """Somebody starts an instance of its own that holds the closing."""
        by_handler = move.about in ("petition_extension", "petition_consult")
        name = move.about.removeprefix("petition_")
        self._act(name, dict(move.more.get("with") or {}), self._handler if by_handler else self._office)

    def _act(self, name: str, given: dict[str, Any], who: Callable[[Session], Person]) -> None:
        """A case action: a button on the case for those who may."""
        with self.begin() as session:
            case, person, action = session.get_one(Case, self.case), who(session), actions.all_actions()[name]
            _allow(person, action.permission, case)
            context = actions.context(session, case)
            answer = fill(action.form, context, self._words(given), lambda f, values: self._choose(session, f, values))
            actions.perform(session, person, case.id, name, answer)
        self._settle()

    def _close(self, kind: str, *, required: bool) -> None:
        """The person an open item names closes it, with result and reason."""
        with self.begin() as session:
            query = select(Link).where(Link.case_id == self.case, Link.kind == kind, Link.status == "open")
            links = list(session.scalars(query))
            if required and not links:
                raise Stuck(f"no open item {kind}")
            case = session.get_one(Case, self.case)
            for link in links:
                role, _, place = str(link.closable_by).partition("@")
                organ = case.attrs[place.removeprefix("case.")] if place.startswith("case.") else place
                person = self._somebody(session, directory.resolve(session, role, str(organ)))
                _allow(person, "link.close", link)
                actions.close_item(session, person, link.id, "已办结", "问题已经查清并整改到位")
        self._settle()

    # -- time -----------------------------------------------------------------------------------------------------

    def _day(self, number: int) -> datetime:
        return (self.started + timedelta(days=number)).replace(hour=9, minute=0)

    def _go_to(self, moment: datetime) -> None:
        """Let time pass, stopping wherever a clock has something to do."""
        while (stop := self._next_stop()) is not None and stop <= moment:
            clock_time.freeze(max(stop, clock_time.now()) if self.case_id else stop)
            self._drain()
        clock_time.freeze(moment if self.case_id is None else max(moment, clock_time.now()))
        self._drain()

    def _clock(self, slot: str) -> None:
        """Let time pass until the clock of that slot acts: overdue, chased once more, or lapsed."""
        with self.begin() as session:
            query = select(Clock).where(Clock.case_id == self.case, Clock.slot == slot, Clock.status == "running")
            found = session.scalars(query.order_by(Clock.due_at)).first()
            if found is None:
                raise Stuck(f"no running clock {slot}")
            clock_id, was = found.id, (found.overdue_at, found.chase_at)
        while True:
            with self.begin() as session:
                clock = session.get_one(Clock, clock_id)
                if clock.status != "running" or (clock.overdue_at, clock.chase_at) != was:
                    break
                if clock.next_at is None:
                    raise Stuck(f"the clock {slot} will never act")
                moment = clock.next_at
            self._go_to(moment)

    def _next_stop(self) -> datetime | None:
        with self.begin() as session:
            found = session.scalar(select(func.min(Clock.next_at)).where(Clock.status == "running"))
        return clock_time.local(found) if found is not None else None

    def _settle(self) -> None:
        """What the worker does meanwhile; then some minutes pass."""
        self._drain()
        clock_time.freeze(clock_time.now() + PAUSE)

    def _drain(self) -> None:
        for work in (self.engine.deliver_next, self.engine.fire_next_clock, self.engine.deliver_next):
            more = True
            while more:
                with self.begin() as session:
                    more = work(session)

    # -- who and what ---------------------------------------------------------------------------------------------

    def _open(self, session: Session, element: str) -> Task:
        query = select(Task).where(Task.case_id == self.case, Task.status == "open").order_by(Task.opened_at, Task.id)
        tasks = list(session.scalars(query))
        found = next((t for t in tasks if t.element == element), None)
        if found is None:
            ends = select(Instance.process, Instance.status, Instance.waits).where(Instance.case_id == self.case)
            raise Stuck(f"{element} is not open; open: {[t.element for t in tasks]}; instances: {session.execute(ends).all()}")
        return found

    def _somebody(self, session: Session, holder: str) -> Person:
        people = directory.people(session, holder)
        if not people:
            raise Stuck(f"nobody holds {holder}")
        return session.get_one(Person, people[0])

    def _office(self, session: Session) -> Person:
        case = session.get_one(Case, self.case)
        return self._somebody(session, directory.resolve(session, "office", str(case.attrs["intake_org"])))

    def _usual(self, element: str) -> dict[str, Any]:
        """What is answered where a step names nothing."""
        return defaults().get(element, {})

    def _handler(self, session: Session) -> Person:
        return self._somebody(session, f"p:{session.get_one(Case, self.case).attrs['handler']}")

    def _choose(self, session: Session, f: Field, values: Any) -> Any:
        """A person of the role at the unit, a unit, a kind that is missing."""
        source = str(f.options_from or "")
        if source.startswith("people:"):
            role = source.removeprefix("people:")
            place = str(values.get("unit") or "nc") if role == "handler" else "nc"
            return str(directory.people(session, directory.resolve(session, role, place))[0])
        offers = {"units": "nc-inspect", "co_units": "nc-monitor", "counties": "360111"}
        if source not in offers:
            raise Stuck(f"the scenario must name {f.name}")
        return offers[source]

    def _words(self, value: Any) -> Any:
        """``$prior`` → that case, ``today`` and ``day 7`` → dates; everything else as it is."""
        if isinstance(value, dict):
            return {k: self._words(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._words(v) for v in value]
        if isinstance(value, str) and value.startswith("$"):
            return self.known[value]
        if value == "today":
            return clock_time.now().date().isoformat()
        if isinstance(value, str) and value.startswith("day ") and value[4:].isdigit():
            return self._day(int(value[4:])).date().isoformat()
        return value.isoformat() if isinstance(value, date) else value

    def _expect(self, move: Move) -> None:
        if not self.checking:
            return
        with self.begin() as session:
            checks.now(session, self.case, move.about)


def _allow(person: Person, action: str, obj: Any = None) -> None:
    if not (can(person, action, obj) if obj is not None else can(person, action)):
        raise Stuck(f"{person.name} may not {action}")


@contextmanager
def refused(element: str, field: str) -> Iterator[None]:
    """Inside the block the form of ``element`` must refuse an answer at ``field``."""
    try:
        yield
    except FormError as error:
        if field not in error.errors:
            raise Stuck(f"{element} refused {sorted(error.errors)}, not {field}") from error
        return
    raise Stuck(f"{element} took an answer it must refuse at {field}")
