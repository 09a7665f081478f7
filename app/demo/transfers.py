"""两法衔接 and 移送行政拘留 in the demo months: files opened by hand, by a petition, by the procuratorate, by a penalty decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.demo import month, penalties
from app.demo.penalties import Register
from app.demo.transfer_ways import TransferWay, spec
from app.demo.ways import work_day
from app.demo.world import Act, World
from app.ops.models import Note
from app.transfers.models import Detention, Transfer
from workflows import time as clock_time

HOUR = time(8, 50)  # files are opened in the morning


class Transfers:
    """``there``: petition → its case; it grows while the demo is loaded. What was done once is remembered by a note."""

    def __init__(self, world: World, there: dict[str, UUID]) -> None:
        self.world, self.there = world, there
        self.register = Register(world, there, self._detained)
        with db.transaction() as session:
            self.seen = set(session.scalars(select(Transfer.case_id)))

    def plan(self) -> None:
        """Put into the queue what is opened by hand and what happens to penalty cases; what was done before is left out."""
        with db.transaction() as session:
            done = set(session.scalars(select(Note.name).where(Note.name.like("demo:%"))))
        self.register.plan(done)
        for name, line in files().items():
            self._plan(name, line, done, self._open)
        for name, line in asked().items():
            self._plan(name, line, done, self._ask)

    def look(self) -> None:
        """A petition has put the question: its file goes the way that is meant for it, or waits where it is."""
        with db.transaction() as session:
            query = select(Transfer.case_id, Transfer.subject_case, Transfer.opened_at).where(Transfer.subject_case.is_not(None))
            found = [row for row in session.execute(query.order_by(Transfer.opened_at)) if row.case_id not in self.seen]
        for row in found:
            self.seen.add(row.case_id)
            name = next((key for key, one in self.there.items() if one == row.subject_case), "")
            line = next((line for index, line in spec("transfers.yaml")["asked"].items() if f"demo-{index:03d}" == name), None)
            if line is not None:
                way = TransferWay(f"transfer:{name}", clock_time.local(row.opened_at), line, self.world.today)
                way.take_up(row.case_id)
                self.world.follow(way)

    # -- by hand --------------------------------------------------------------------------------------------------

    def _plan(self, name: str, line: Mapping[str, Any], done: set[str], act: Callable[[str, Mapping[str, Any]], None]) -> None:
        note = f"demo:transfer:{name}"
        if note not in done:
            moment = self._moment(line["age"])
            self.world.at(moment, self._once(note, lambda: act(name, line)))

    def _moment(self, age: int) -> datetime:
        day = work_day(self.world.today.date() - timedelta(days=age))
        return min(datetime.combine(day, HOUR, clock_time.ZONE), self.world.today - timedelta(hours=9))

    def _once(self, note: str, act: Act) -> Act:
        def once() -> None:
            act()
            with db.transaction() as session:
                session.add(Note(name=note, value=""))

        return once

    def _open(self, name: str, line: Mapping[str, Any]) -> None:
        """案源 by an officer of the unit, or a matter the procuratorate finds."""
        way = TransferWay(f"transfer:{name}", clock_time.now(), line, self.world.today)
        way.known |= self.register.known()
        way.start()
        way.take_up(way.case)
        self.seen.add(way.case)
        self.world.follow(way)

    def _ask(self, name: str, line: Mapping[str, Any]) -> None:
        """移送行政拘留 put by an officer at 查处."""
        self._follow(name, line, self.register.ask(line))

    def _detained(self, name: str, penalty_id: UUID) -> None:
        """A penalty decision has opened a detention file: it goes its way."""
        with db.transaction() as session:
            case_id = _of_penalty(session, penalty_id)
        if case_id is not None:
            plans = spec("detentions.yaml")
            self._follow(name, plans["decided"].get(name) or plans["other"], case_id)

    def _follow(self, name: str, line: Mapping[str, Any], case_id: UUID) -> None:
        way = TransferWay(f"detention:{name}", clock_time.now(), line, self.world.today)
        way.take_up(case_id)
        self.world.follow(way)


@dataclass(frozen=True)
class Plan:
    """Where the files about a party must have got to: the organs' states in words, - for no file."""

    party: str
    stands: tuple[str, ...]
    detention: bool = False


def plans() -> list[Plan]:
    """What the lines lead to, of all files that have a party of their own."""
    found = [Plan(next(iter(line["begin"].values()))["party"], _states(line)) for line in files().values()]
    found += [Plan(month.party_of(index), _states(line)) for index, line in spec("transfers.yaml")["asked"].items()]
    register = penalties.lines()
    about = {**spec("detentions.yaml")["decided"], **{line["penalty"]: line for line in asked().values()}}
    return found + [Plan(register[name]["party"], _states(line), True) for name, line in about.items()]


def _states(line: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(line["stands"].split())


def _of_penalty(session: Session, penalty_id: UUID) -> UUID | None:
    query = select(Detention.case_id).where(Detention.penalty_id == penalty_id, Detention.closed_at.is_(None))
    return session.scalar(query.order_by(Detention.opened_at.desc()).limit(1))


def files() -> dict[str, dict[str, Any]]:
    """The files opened by hand, by their names."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("transfers.yaml", "transfers_sent.yaml"):
        found |= month.read(name)["files"]
    return found


def asked() -> dict[str, dict[str, Any]]:
    """The detention files an officer opens by hand."""
    found: dict[str, dict[str, Any]] = month.read("detentions.yaml")["asked"]
    return found
