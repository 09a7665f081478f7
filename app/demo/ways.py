"""How the demo's files are walked: a petition along its plan, and what people do beside it (督办, 领导包案, 预警函, 抽查)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory, take_over
from app.accounts.models import Person
from app.demo import month
from app.demo.month import DemoCase
from app.demo.pictures import scene
from app.engine import get_engine
from app.files import services as files
from app.leadership import services as leadership
from app.walk.play import Stuck, allow
from app.walk.scenarios import Move, Scenario, moves
from app.walk.timeline import CLOSING, OPENING, TimeIsUp, Timeline
from app.warnings.models import CountyLetter
from workflows import time as clock_time
from workflows.tables import Case, Task

FROM_TODAY = re.compile(r"(ago|in) (\d+)(?: (\d\d:\d\d))?")  # a date, or with an hour a moment
MORNING, EVENING = time(8), time(19, 40)  # of what runs by the hour
# nobody changes his post in the demo months: what the directory answered, who holds a step, and the people with their posts
POSTS: dict[Hashable, Any] = {}
HOLDERS: dict[str, list[UUID]] = {}
PEOPLE: dict[UUID, Person] = {}
WHEN = frozenset(("day", "ago", "hours", "month", "when"))  # lines of a way that say when the next steps are made


@dataclass
class Group:
    """Steps made one after the other from a moment on; ``after``: a step that must be open first."""

    at: datetime
    moves: list[Move] = field(default_factory=list)
    after: str | None = None


@contextmanager
def transaction() -> Iterator[Session]:
    """As ``db.transaction``, but quicker: who holds which post is asked once for all, and rows nobody holds are not forgotten."""
    with db.transaction() as session:
        kept: list[Any] = []
        event.listen(session, "loaded_as_persistent", lambda _, row: kept.append(row))
        take_over(session, POSTS)
        yield session


def forget() -> None:
    """Another loading may be of other people."""
    for kept in (POSTS, HOLDERS, PEOPLE):
        kept.clear()


class Way(Timeline):
    """A timeline that is told when to act, instead of letting time pass by itself: clocks act in the world's time (world.py)."""

    _open_steps: set[str] | None = None  # of the files it is about, until somebody acts

    def groups(self) -> list[Group]:
        """The steps of the plan by their moments, none earlier than the one before."""
        found = [Group(self.started)]
        for move in self.plan.steps:
            if move.verb in WHEN:
                found.append(self._group(move, found[-1].at))
            else:
                found[-1].moves.append(move)
        return [group for group in found if group.moves]

    def _group(self, move: Move, earliest: datetime) -> Group:
        if move.verb == "when":
            return Group(earliest, after=str(move.about))
        if move.verb == "ago":
            return Group(max(self._hour(work_day(self.until.date() - timedelta(days=int(move.about)))), earliest))
        if move.verb == "hours":  # before now, on whatever day that is: for what runs by the hour
            return Group(max(_by_day(self.until - timedelta(hours=float(move.about))), earliest))
        if move.verb == "month":
            return Group(max(self._hour(work_day(month.on_day(self.until, *move.about), back=False)), earliest))
        return Group(max(self._day(int(move.about)), earliest))

    def _hour(self, day: date) -> datetime:
        """Some working hour of that day that is not in the future."""
        span = (CLOSING.hour - OPENING.hour) * 60
        moment = datetime.combine(day, OPENING, clock_time.ZONE) + timedelta(minutes=self._dice % span)
        return min(moment, self.until - timedelta(minutes=50))

    def do(self, group: Group) -> bool:
        """Make its steps; False when time is up."""
        with suppress(TimeIsUp):
            for move in group.moves:
                self._make(move)
            return True
        return False

    def _somebody(self, session: Session, holder: str) -> Person:
        if holder not in HOLDERS:
            HOLDERS[holder] = directory.people(session, holder)
        people = HOLDERS[holder]
        if not people:
            raise Stuck(f"nobody holds {holder}")
        person_id = people[self._dice % len(people)]
        if person_id not in PEOPLE:
            PEOPLE[person_id] = session.get_one(Person, person_id)
        return session.merge(PEOPLE[person_id], load=False)

    def is_open(self, element: str) -> bool:
        self._open_steps = None
        return self._is_open(element)

    def _make(self, move: Move) -> None:
        self._open_steps = None
        super()._make(move)

    def _is_open(self, element: str) -> bool:
        if self._open_steps is None:
            here = self._here()
            with self.begin() as session:
                query = select(Task.element).where(Task.case_id.in_(here), Task.status == "open")
                self._open_steps = set(session.scalars(query))
        return element in self._open_steps

    def _drain(self) -> None:
        """What the worker does between two acts."""
        self._open_steps = None
        more = True
        while more:
            with self.begin() as session:
                more = self.engine.deliver_next(session)


class PetitionWay(Way):
    """A petition of the demo. Every third petitioner sends a picture, which the clerk adds to the file.

    ``penalty``: the number of the penalty case its findings name.
    """

    def __init__(self, case: DemoCase, number: int, today: datetime, penalty: str | None = None) -> None:
        steps = moves(case.spec["steps"], month.read("plans.yaml")["parts"])
        form = month.registration(case.petition, case.key)
        plan = Scenario(case.key, case.title, case.started(today), form, [], {}, steps, {})
        facts = {"place": case.petition["place"], "enterprise": case.petition.get("enterprise", "被反映单位"), "unit": case.unit}
        super().__init__(get_engine(), transaction, plan, until=today, texts=month.texts(), facts=facts)
        self.intake, self.number, self.penalty = case.intake, number, penalty
        self.known = {"$unit": case.unit, "$county": case.petition["county"]}

    def register(self) -> UUID:
        self._register()
        return self.case

    def _usual(self, element: str) -> dict[str, Any]:
        return super()._usual(element) | ({"penalty_case": self.penalty} if element == "findings" else {})

    def _register(self) -> None:
        super()._register()
        if self.number is None or self.number % 3:
            return
        with self.begin() as session:
            clerk = self._somebody(session, directory.resolve(session, "desk", self.intake))
            files.add_file(session, clerk, BytesIO(scene(self.plan.name)), "现场照片.png", case_id=self.case)


class FileWay(Way):
    """A file beside the petitions. Steps that are not open are left out."""

    def __init__(self, plan: Scenario, today: datetime, texts: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        super().__init__(get_engine(), transaction, plan, until=today, texts=texts, facts=facts)

    def _left_out(self, move: Move) -> bool:
        return move.verb not in self.verbs and not self._is_open(move.verb)

    def _usual_in(self, session: Session, task: Task) -> dict[str, Any]:
        return {**super()._usual_in(session, task), **self._usual(task.element)}

    def _words(self, value: Any) -> Any:
        """Besides what a play knows: dates counted from today."""
        found = FROM_TODAY.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return super()._words(value)
        days = int(found[2]) * (1 if found[1] == "in" else -1)
        day = self.until.date() + timedelta(days=days)
        if found[3] is None:
            return day.isoformat()
        return datetime.combine(work_day(day, back=False), time.fromisoformat(found[3]), clock_time.ZONE).isoformat()


class BesideWay(FileWay):
    """A file that came of petitions; a letter's steps lie on the county's file as well."""

    def __init__(self, key: str, case_id: UUID, opened: datetime, steps: list[Any], today: datetime, known: Mapping[str, str]) -> None:
        plan = Scenario(key, key, clock_time.local(opened), {}, [], {}, moves(steps, {}), {})
        super().__init__(plan, today, month.read("words.yaml"), _facts(case_id))
        self.case_id, self.known = case_id, dict(known)
        self.verbs |= {"visit": lambda move: self._visit(), "change": lambda move: self._change()}

    def _here(self) -> list[UUID]:
        with self.begin() as session:
            county = session.scalars(select(CountyLetter.case_id).where(CountyLetter.warning == self.case))
            return [self.case, *county]

    def _visit(self) -> None:
        """The button 接访下访登记, by the owner."""
        with self.begin() as session:
            case = session.get_one(Case, self.case)
            owner = session.get_one(Person, UUID(case.attrs["owner"]))
            allow(owner, "leadership.visit", case)
            leadership.start_visit(session, owner.actor(), case.id)
        self._settle()

    def _change(self) -> None:
        """The button 更换包案领导, by the petition office."""
        with self.begin() as session:
            case, office = session.get_one(Case, self.case), self._account(session, "xinfang")
            allow(office, "leadership.change", case)
            leadership.start_change(session, office.actor(), case.id)
        self._settle()


def _by_day(moment: datetime) -> datetime:
    """That moment, or the evening before it: nobody works at night."""
    if moment.time() < MORNING:
        return datetime.combine(moment.date() - timedelta(days=1), EVENING, clock_time.ZONE)
    return min(moment, datetime.combine(moment.date(), EVENING, clock_time.ZONE))


def work_day(day: date, *, back: bool = True) -> date:
    """That day, or the working day before it (``back``), or the next one."""
    calendar = get_engine().calendar
    while not calendar.is_workday(day):
        day += timedelta(days=-1 if back else 1)
    return day


def accounts(session: Session, wanted: Iterable[str]) -> dict[str, str]:
    """$account → that person's id."""
    rows = session.execute(select(Person.account, Person.id).where(Person.account.in_(list(wanted))))
    return {f"${row.account}": str(row.id) for row in rows}


def _facts(case_id: UUID) -> dict[str, str]:
    """What the words of a file may name: its source and place."""
    with db.transaction() as session:
        title = session.get_one(Case, case_id).title.removeprefix("督办：")
    return {"enterprise": title, "place": title, "unit": ""}
