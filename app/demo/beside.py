"""What is done beside the petitions, as beside.yaml says: matters and ownerships opened by hand, reception days, and for each file that
opens in the demo's time the way people take with it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person
from app.demo import month
from app.demo.ways import BesideWay, accounts, work_day
from app.demo.world import World
from app.leadership import queries, reception
from app.leadership import services as leadership
from app.leadership.models import LeaderCasePetition, ReceptionDay
from app.ops.models import Note
from app.supervision import drawing
from app.supervision import services as supervision
from app.supervision.models import Matter, MatterRequest, ReviewDraw, ReviewSample
from app.walk.play import allow
from app.warnings.models import EarlyWarning, Problem
from workflows import time as clock_time
from workflows.tables import Case, Instance

PROCESSES = ("supervision", "leader_case", "early_warning", "problem_item")
PEOPLE = ("juzhang", "fenguan")
OTHER = "other"


class Beside:
    """``there``: petition or cluster → its case; it grows while the demo is loaded. What was done once is remembered by a note."""

    def __init__(self, world: World, there: dict[str, UUID]) -> None:
        self.world, self.there = world, there
        self.spec: dict[str, Any] = month.read("beside.yaml")
        self.seen: set[UUID] = set()
        with db.transaction() as session:
            self.known = accounts(session, PEOPLE)
            self._fresh(session)  # files of an earlier loading go their own way
            self._samples(session)

    # -- files that open ------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Let every file opened since the last look go the way that is meant for it."""
        with db.transaction() as session:
            found = [(str(c.number or c.id), c.id, c.created_at, self._way_of(session, c, process)) for c, process in self._fresh(session)]
            found += self._samples(session)
        for key, case_id, opened, steps in found:
            self._follow(key, case_id, opened, steps)

    def _follow(self, key: str, case_id: UUID, opened: datetime, steps: list[Any]) -> None:
        if steps:
            self.world.follow(BesideWay(key, case_id, opened, steps, self.world.today, self.known))

    def _fresh(self, session: Session) -> list[tuple[Case, str]]:
        main = (Instance.process.in_(PROCESSES), Instance.link_id.is_(None))
        query = select(Case, Instance.process).join(Instance, Instance.case_id == Case.id).where(*main).order_by(Case.created_at, Case.id)
        found = [(row.Case, row.process) for row in session.execute(query) if row.Case.id not in self.seen]
        self.seen |= {case.id for case, _ in found}
        return found

    def _way_of(self, session: Session, case: Case, process: str) -> list[Any]:
        """The steps that are meant for a file."""
        if process == "supervision":
            return self._matter(session, case.id)
        if process == "leader_case":
            members = select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == case.id)
            keys = {self._name(one) for one in session.scalars(members)}
            return next((steps for key, steps in self.spec["leader_cases"]["of"].items() if month.key_of(key) in keys), [])
        if process == "problem_item":
            problem = session.get_one(Problem, case.id)
            ways = self._warning(problem.month, problem.county).get("problems") or [[]]
            return list(ways[min(problem.no, len(ways)) - 1])
        warning = session.get_one(EarlyWarning, case.id)
        return list(self._warning(warning.month, warning.county)["steps"])

    def _matter(self, session: Session, case_id: UUID) -> list[Any]:
        asked, matter = self.spec["matters"]["asked"], session.get_one(Matter, case_id)
        query = select(MatterRequest.requester_kind).where(MatterRequest.case_id == case_id).order_by(MatterRequest.at).limit(1)
        kind = session.scalar(query) or OTHER
        if kind != "petition":
            return list(asked.get(kind) or [])
        name = self._name(matter.subject_case)
        return next((list(steps) for index, steps in asked["petition"].items() if month.key_of(index) == name), list(asked[OTHER]))

    def _warning(self, of: str, county: str) -> dict[str, Any]:
        """The line of beside.yaml for a county's month; the last line is for every other."""
        *named, other = self.spec["warnings"]
        months = {one["back"]: f"{month.on_day(self.world.today, one['back'], 1):%Y-%m}" for one in named}
        found: dict[str, Any] = next((one for one in named if (months[one["back"]], one["county"]) == (of, county)), other)
        return found

    def _samples(self, session: Session) -> list[tuple[str, UUID, datetime, list[Any]]]:
        """Reviews begun since the last look; of one unit and month each sample goes another way."""
        last = max(drawing.months_due(session, self.world.today))
        query = select(ReviewSample, ReviewDraw, Case).join(ReviewDraw, ReviewDraw.id == ReviewSample.draw_id)
        rows = session.execute(query.join(Case, Case.id == ReviewSample.case_id).order_by(ReviewDraw.id, ReviewSample.case_id))
        counted: dict[UUID, int] = {}
        found = []
        for sample, draw, case in rows:
            nth = counted[draw.id] = counted.get(draw.id, -1) + 1
            if sample.id not in self.seen:
                self.seen.add(sample.id)
                ways = self.spec["reviews"]["last" if draw.month == last else "older"]
                found.append((f"{case.number}抽查", case.id, draw.drawn_at, ways[min(nth, len(ways) - 1)]))
        return found

    def _name(self, case_id: UUID | None) -> str:
        return next((key for key, one in self.there.items() if one == case_id), "")

    # -- by hand --------------------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Put what is opened by hand, and the reception days, into the queue; what was done before is left out."""
        with db.transaction() as session:
            done = set(session.scalars(select(Note.name).where(Note.name.like("demo:%"))))
        for name, spec in self.spec["matters"]["by_hand"].items():
            self._plan(f"demo:matter:{name}", spec, done, self._open_matter)
        for name, spec in self.spec["leader_cases"]["by_hand"].items():
            self._plan(f"demo:ownership:{name}", spec, done, self._own)
        for name, spec in self.spec["receptions"].items():
            if f"demo:reception:{name}" not in done:
                self._reception(f"demo:reception:{name}", spec)

    def _plan(self, note: str, spec: dict[str, Any], done: set[str], act: Any) -> None:
        if note in done:
            return
        day = work_day(self.world.today.date() - timedelta(days=spec["age"]))
        moment = datetime.combine(day, time(9, 20), clock_time.ZONE)
        self.world.at(moment, lambda: act(note, spec))

    def _open_matter(self, note: str, spec: dict[str, Any]) -> None:
        """督办立项 by the head of the petition office."""
        subject = self.there.get(month.key_of(spec["subject"])) if "subject" in spec else None
        if "subject" in spec and subject is None:
            return
        with db.transaction() as session:
            desk = _person(session, "xinfangkezhang")
            allow(desk, "supervision.open")
            answer = {**spec["of"], **({"subject": str(subject)} if subject else {})}
            opened = supervision.open_by_hand(session, desk, answer).case_id
            session.add(Note(name=note, value=spec["of"]["grounds"]))
        self.world.settle()
        with db.transaction() as session:
            if opened is None:
                opened = session.scalars(select(Matter.case_id).where(Matter.subject_case == subject, Matter.closed_at.is_(None))).first()
            if opened is None or opened in self.seen:  # it joined a matter that goes its way already
                return
            self.seen.add(opened)
            case = session.get_one(Case, opened)
        self._follow(note, opened, case.created_at, spec["steps"])

    def _own(self, note: str, spec: dict[str, Any]) -> None:
        """提请领导包案 by the petition office."""
        petition = self.there.get(month.key_of(spec["petition"]))
        if petition is None:
            return
        with db.transaction() as session:
            office = _person(session, "xinfang")
            allow(office, "leadership.open")
            leadership.open_by_hand(session, office, [petition], spec["reason"])
            session.add(Note(name=note, value=spec["reason"]))
        self.world.settle()

    # -- reception days -------------------------------------------------------------------------------------------

    def _reception(self, note: str, spec: dict[str, Any]) -> None:
        """Set a week before by the secretary; who comes is put in line, and received on the day."""
        day = work_day(self.world.today.date() + timedelta(days=spec["days"]), back=spec["days"] < 0)
        set_on = work_day(min(day - timedelta(days=6), self.world.today.date() - timedelta(days=1)))
        self.world.at(datetime.combine(set_on, time(10, 0), clock_time.ZONE), lambda: self._set_day(note, spec, day))

    def _set_day(self, note: str, spec: dict[str, Any], day: Any) -> None:
        with db.transaction() as session:
            secretary = _person(session, "mishu")
            allow(secretary, "leadership.reception")
            kept = {name: spec[name] for name in ("starts", "ends", "place", "note")}
            answer = {**kept, "leader": self.known[f"${spec['leader']}"], "day": day.isoformat()}
            row = reception.set_day(session, secretary, answer)
            for one in spec["line"]:
                case = self._subject(session, one.get("of"))
                if case is not None or "topic" in one:
                    reception.add_visitor(session, row, {"case": str(case) if case else None, "topic": one.get("topic")})
            session.add(Note(name=note, value=str(row.id)))
            row_id = row.id
        if any("came" in one or "absent" in one for one in spec["line"]):
            moment = datetime.combine(day, time.fromisoformat(spec["ends"]), clock_time.ZONE)
            self.world.at(moment, lambda: self._received(row_id, spec["line"]))

    def _subject(self, session: Session, name: Any) -> UUID | None:
        """The ownership of that petition, else the petition itself."""
        petition = self.there.get(month.key_of(name)) if name is not None else None
        owned = leadership.ownership_of(session, petition) if petition is not None else None
        return owned.case_id if owned is not None else petition

    def _received(self, row_id: UUID, line: list[dict[str, Any]]) -> None:
        """The secretary writes down who was received, on behalf of the leader."""
        with db.transaction() as session:
            day, secretary = session.get_one(ReceptionDay, row_id), _person(session, "mishu")
            actor = reception.acting(session, secretary, day.leader_id)
            waiting = queries.visitors_of(session, [row_id]).get(row_id, [])
            for visitor, one in zip(waiting, line, strict=False):
                if "came" not in one:
                    reception.absent(session, day, visitor, actor)
                    continue
                owned = self._owned(session, visitor.case_id)
                answer = {**one["came"], **({"held_at": clock_time.now().isoformat()} if owned else {})}
                reception.record(session, day, visitor, actor, answer if owned else {"record": one["came"]["record"]}, owned)
        self.world.settle()

    def _owned(self, session: Session, case_id: UUID | None) -> UUID | None:
        """The file in which a 接访 is recorded: an ownership that has an owner."""
        case = session.get(Case, case_id) if case_id is not None else None
        return case.id if case is not None and leadership.why_no_visit(session, case) is None else None


def _person(session: Session, account: str) -> Person:
    return session.scalars(select(Person).where(Person.account == account)).one()
