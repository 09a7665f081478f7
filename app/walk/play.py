"""Plays any procedure: the right person at each step, checked against the permissions, on a clock that is shifted.

Every act is a transaction of its own, as in the web; after each, messages are delivered and due clocks act, as the worker would do.
A play may lead through several files (a petition, the 督办 it asked for, a county's answer): its family is every case made since it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import periodic
from app.accounts.directory import directory
from app.accounts.models import Person
from app.accounts.policy import acting, can
from app.walk import checks
from app.walk.answers import fill
from app.walk.scenarios import Move, Scenario
from workflows import Engine
from workflows import time as clock_time
from workflows.errors import FormError, WorkflowError
from workflows.forms import Field
from workflows.tables import Case, Clock, Instance, Task

Begin = Callable[[], AbstractContextManager[Session]]
Verb = Callable[[Move], None]
PAUSE = timedelta(minutes=5)  # between two acts of people


class Stuck(AssertionError):
    """The case is not where the scenario says it is."""


class NotOpen(Stuck):
    """A step that is to be answered is not open."""


class Play:
    """One scenario. ``checking`` off: the steps are made, what is expected of them is not looked at.

    ``calendar`` on: the work of the calendar (monthly letters, nightly candidates) is done as time passes.
    """

    def __init__(
        self, engine: Engine, begin: Begin, plan: Scenario, *, at: datetime | None = None, checking: bool = True, calendar: bool = False
    ) -> None:
        self.engine, self.begin, self.plan, self.checking, self.calendar = engine, begin, plan, checking, calendar
        self.started = at or plan.at
        self.case_id: UUID | None = None  # the file the play is about: the first of its family
        self.known: dict[str, str] = {}  # $name → case id, or what else a step may name
        self.before: set[UUID] = set()
        self.verbs: dict[str, Verb] = {
            "day": lambda m: self._go_to(self._day(int(m.about))),
            "until": lambda m: self._go_to(clock_time.local(datetime.fromisoformat(str(m.about)))),
            "clock": lambda m: self._clock(m.about, m.more.get("in")),
            "refuse": self._refuse,
            "expect": self._expect,
            "finish": lambda m: self._finish(self._case_of(m.about)),
        }

    # -- the whole way --------------------------------------------------------------------------------------------

    @property
    def case(self) -> UUID:
        if self.case_id is None:
            raise Stuck("nothing has begun yet")
        return self.case_id

    def run(self, until: str | None = None) -> UUID:
        """To the end, or to the end of the first step named ``until``; returns the case the play is about."""
        from app.walk.starts import STARTS

        with self.begin() as session:
            self.before = set(session.scalars(select(Case.id)))
        self._go_to(self.started)
        (name, args), *_ = self.plan.register.items()
        STARTS[name](self, dict(args or {}))
        self._settle()
        self.case_id = self.case_id or next(iter(self.family()), None)
        return self._follow(until)

    def _follow(self, until: str | None) -> UUID:
        for move in self.plan.steps:
            self._make(move)
            if until is not None and move.verb == until:
                return self.case
        if self.checking:
            self._check_end()
        return self.case

    def _check_end(self) -> None:
        """Every closed file of the family holds nothing open; the ones named are closed; papers and clocks of the first are as said."""
        with self.begin() as session:
            for process in self.plan.end.get("closed", ()):
                checks.ended(session, self._case_of(process))
            checks.held(session, self.case, self.plan.end)
            checks.no_clock_left(session, self.family())

    def _make(self, move: Move) -> None:
        try:
            act = self.verbs.get(move.verb)
            act(move) if act else self._complete(move.verb, move.about, **move.more)
        except Exception as error:
            error.add_note(f"{self.plan.name}: {move.verb} {move.about}")
            raise

    # -- files ----------------------------------------------------------------------------------------------------

    def family(self) -> list[UUID]:
        """The cases made since the play began, the oldest first."""
        with self.begin() as session:
            query = select(Case.id).where(Case.id.notin_(self.before) if self.before else Case.id.is_not(None))
            return list(session.scalars(query.order_by(Case.created_at, Case.id)))

    def _case_of(self, process: str | None) -> UUID:
        """The newest file of the family whose main path is that process; without a name the play's own."""
        if process is None:
            return self.case
        with self.begin() as session:
            query = select(Instance.case_id).where(Instance.process == process, Instance.link_id.is_(None))
            query = query.where(Instance.case_id.in_(self.family())).order_by(Instance.started_at.desc(), Instance.id.desc())
            found = session.scalars(query.limit(1)).first()
        if found is None:
            raise Stuck(f"no file of {process}")
        return found

    def _finish(self, case_id: UUID, most: int = 60) -> None:
        """Answer whatever is open on a file by the usual answers until it is closed; time moves on where only a clock is waited for."""
        from app.walk.starts import by_state

        for _ in range(most):
            with self.begin() as session:
                case = session.get_one(Case, case_id)
                if case.status == "closed":
                    return
                query = select(Task).where(Task.case_id == case_id, Task.status == "open")
                task = session.scalars(query.order_by(Task.opened_at, Task.id)).first()
                element, given = (task.element, by_state(session, task)) if task is not None else (None, {})
                waits = session.scalar(select(func.min(Clock.next_at)).where(Clock.case_id == case_id, Clock.status == "running"))
            if element is not None:
                self._complete(element, given, case_id=case_id)
            elif waits is not None:
                self._go_to(clock_time.local(waits))
            else:
                raise Stuck(f"nothing is open on {case_id} and no clock runs")
        raise Stuck(f"{case_id} does not end")

    # -- acts of people -------------------------------------------------------------------------------------------

    def _complete(self, element: str, given: dict[str, Any], *, case_id: UUID | None = None, by: str | None = None, **more: Any) -> None:
        """The holder of the open task, who must be allowed to, answers its form. ``by``: the account of somebody else who may;
        ``in``: the process of the file, where several have such a step open."""
        case_id = case_id or (self._case_of(more["in"]) if "in" in more else None)
        with self.begin() as session:
            task = self._open(session, element, case_id)
            person = self._account(session, by) if by else self._somebody(session, task.holder)
            allow(person, "task.complete", task)
            form = self.engine.form(session, task)
            context = self.engine.task_data(session, task)
            wanted = self._words({**self._usual_in(session, task), **given})
            answer = fill(form, context, wanted, lambda f, values: self._choose(session, task, f, values))
            self.engine.complete(session, task.id, acting(person, task), answer)
        self._settle()

    def _refuse(self, move: Move) -> None:
        """The same step with an answer its form must refuse, at that field."""
        (element, given), (_, field), *more = move.about.items()
        with refused(element, field):
            self._complete(element, {**given}, **dict(more))

    # -- time -----------------------------------------------------------------------------------------------------

    def _day(self, number: int) -> datetime:
        return (self.started + timedelta(days=number)).replace(hour=9, minute=0)

    def _go_to(self, moment: datetime) -> None:
        """Let time pass, stopping wherever a clock has something to do; with the calendar, at each morning as well."""
        while (stop := self._next_stop(moment)) is not None and stop <= moment:
            clock_time.freeze(max(stop, clock_time.now()) if self.case_id else stop)
            self._drain()
        clock_time.freeze(moment if self.case_id is None else max(moment, clock_time.now()))
        self._drain()

    def _next_stop(self, moment: datetime) -> datetime | None:
        with self.begin() as session:
            found = session.scalar(select(func.min(Clock.next_at)).where(Clock.status == "running"))
        stops = [clock_time.local(found)] if found is not None else []
        if self.calendar and self.case_id is not None:
            morning = (clock_time.now() + timedelta(days=1)).replace(hour=7, minute=0, second=0, microsecond=0)
            stops += [morning] if morning <= moment else []
        return min(stops, default=None)

    def _clock(self, slot: str, process: str | None = None) -> None:
        """Let time pass until the clock of that slot acts: overdue, chased once more, or lapsed."""
        with self.begin() as session:
            query = select(Clock).where(Clock.slot == slot, Clock.status == "running", Clock.next_at.is_not(None))
            query = query.where(Clock.case_id == self._case_of(process)) if process else query.where(Clock.case_id.in_(self._here()))
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

    def _here(self) -> list[UUID]:
        """The files whose clocks and steps a scenario speaks of without naming one."""
        return self.family()

    def _settle(self) -> None:
        """What the worker does meanwhile; then some minutes pass."""
        self._drain()
        clock_time.freeze(clock_time.now() + PAUSE)

    def _drain(self) -> None:
        work: list[Callable[[Session], bool]] = [self.engine.deliver_next, self.engine.fire_next_clock, self.engine.deliver_next]
        if self.calendar:
            work = [lambda session: periodic.run_next(session, clock_time.now()), *work]
        for unit in work:
            more = True
            while more:
                with self.begin() as session:
                    more = unit(session)

    # -- who and what ---------------------------------------------------------------------------------------------

    def _open(self, session: Session, element: str, case_id: UUID | None = None) -> Task:
        query = select(Task).where(Task.status == "open").order_by(Task.opened_at, Task.id)
        query = query.where(Task.case_id == case_id) if case_id else query.where(Task.case_id.in_(self._here()))
        tasks = list(session.scalars(query))
        found = next((t for t in tasks if t.element == element), None)
        if found is None:
            ends = select(Instance.process, Instance.status, Instance.waits).where(Instance.case_id.in_(self._here()))
            raise NotOpen(f"{element} is not open; open: {[t.element for t in tasks]}; instances: {session.execute(ends).all()}")
        return found

    def _somebody(self, session: Session, holder: str) -> Person:
        people = directory.people(session, holder)
        if not people:
            raise Stuck(f"nobody holds {holder}")
        return session.get_one(Person, people[0])

    def _account(self, session: Session, account: str) -> Person:
        return session.scalars(select(Person).where(Person.account == account)).one()

    def _usual_in(self, session: Session, task: Task) -> dict[str, Any]:
        """What is answered where a step names nothing: by the procedure it belongs to."""
        from app.walk.starts import PROCEDURES, usual

        procedure = self.engine.library.current(session, task.process).name
        return usual(procedure, task.element) if procedure in PROCEDURES else self._usual(task.element)

    def _usual(self, element: str) -> dict[str, Any]:
        """The same for the procedure this play is about."""
        return {}

    def _choose(self, session: Session, task: Task | None, f: Field, values: Any) -> Any:
        """The first choice the page would offer; of several, as many as are asked for."""
        choices = getattr(self.engine.hooks, "choices")(session, task, f, values) if task is not None else ()  # noqa: B009
        if not choices:
            raise Stuck(f"the scenario must name {f.name}")
        if f.schema.get("type") == "array":  # as many as the form asks for
            return [value for value, _ in choices[: f.schema.get("minItems", 1)]]
        return choices[0][0]

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
        case_id = self._case_of(move.about.get("in"))
        with self.begin() as session:
            checks.now(session, case_id, move.about)


def allow(person: Person, action: str, obj: Any = None) -> None:
    """The person must be permitted: a walk acts only as people could."""
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
    except WorkflowError as error:
        if field:
            raise Stuck(f"{element} refused as a whole ({error.message}), not at {field}") from error
        return
    raise Stuck(f"{element} took an answer it must refuse at {field}")
