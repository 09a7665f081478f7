"""The demo's register of penalties: filed, decided, served, paid, checked, closed on days of its own; some from petitions, some old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person
from app.demo import month
from app.demo.ways import work_day
from app.demo.world import World
from app.ops.models import Note
from app.transfers import detention, opening, penalties
from app.transfers.models import PenaltyCase
from app.walk.play import allow
from workflows import time as clock_time
from workflows.tables import Case

HOUR = time(15, 10)
# what is entered on a later day, as a line of penalties.yaml says after how many days from the filing
LATER = {"served": "served_on", "paid": "paid_on", "checked": "rectified_checked_on", "recheck": "recheck_on", "closed": "closed_on"}
Line = Mapping[str, Any]


class Register:
    """``decided`` is told of each decision, which may have opened a detention file."""

    def __init__(self, world: World, there: dict[str, UUID], decided: Callable[[str, UUID], None]) -> None:
        self.world, self.there, self.decided = world, there, decided
        self.ids: dict[str, UUID] = {}

    def known(self) -> dict[str, str]:
        """$name → the id of that penalty case, for files that are opened about one."""
        return {f"${name}": str(penalty_id) for name, penalty_id in self.ids.items()}

    def plan(self, done: set[str]) -> None:
        for name, line in lines().items():
            if f"demo:penalty:{name}" in done:
                continue
            filed = _filed(line, self.world.today)
            if "old" in line:  # an entry of earlier years, taken over when the demo begins
                taken = work_day(self.world.today.date() - timedelta(days=line["old"]))
                self._at(taken, name, partial(self._take_over, name, line, filed))
            else:
                self._at(filed, name, partial(self._file, name, line, filed))

    def _at(self, day: date, name: str, act: Callable[[], None]) -> None:
        minutes = sum(name.encode()) % 90
        self.world.at(datetime.combine(day, HOUR, clock_time.ZONE) + timedelta(minutes=minutes), act)

    # -- one case -------------------------------------------------------------------------------------------------

    def _file(self, name: str, line: Line, filed: date) -> None:
        with db.transaction() as session:
            subject = self._subject(session, line)
            if "petitions" in line and subject is None:
                return
            officer = _officer(session, line, subject)
            allow(officer, "penalties.edit")
            given = {**_about(line), "number": _number(line, filed), "filed_on": filed.isoformat(), "note": line.get("note")}
            made = penalties.register(session, officer, {**given, **({"subject_case": subject.id} if subject is not None else {})})
            self.ids[name] = made.id
            session.add(Note(name=f"demo:penalty:{name}", value=made.number))
        for word, field in {"decided": "", **LATER}.items():
            if word in line:
                day = work_day(filed + timedelta(days=line[word]), back=False)
                act = self._decide if word == "decided" else self._enter
                self._at(day, name, partial(act, name, line, field, day))

    def _decide(self, name: str, line: Line, _: str, day: date) -> None:
        """A decision the transfer question forbids stays open; ``dated``: it bears an earlier date than the day of the entry."""
        with db.transaction() as session:
            row, officer = session.get_one(PenaltyCase, self.ids[name]), _officer(session, line, self._subject(session, line))
            dated = row.filed_on + timedelta(days=line["dated"]) if "dated" in line else day
            if row.screening is None:
                penalties.screen(session, officer, row, {**_acted(row), "none": True})
            refused = penalties.decide(session, officer, row, _decision(line, row.number, dated))
        if refused is None:
            self.decided(name, self.ids[name])
        self.world.settle()

    def _enter(self, name: str, line: Line, field: str, day: date) -> None:
        with db.transaction() as session:
            row, officer = session.get_one(PenaltyCase, self.ids[name]), _officer(session, line, self._subject(session, line))
            penalties.change(session, officer, row, {field: day.isoformat(), **_with(line, field, day, officer.name)})
        self.world.settle()

    def _take_over(self, name: str, line: Line, filed: date) -> None:
        """One line of the paper register, with everything that happened to it."""
        days = {field: (filed + timedelta(days=line[word])).isoformat() for word, field in LATER.items() if word in line}
        with db.transaction() as session:
            officer = _officer(session, line, None)
            number = _number(line, filed)
            more = [_with(line, field, date.fromisoformat(day), officer.name) for field, day in days.items()]
            decision = _decision(line, number, filed + timedelta(days=line["decided"]))
            given = {**_about(line), "number": number, "filed_on": filed.isoformat(), **decision, **days}
            for one in more:
                given |= one
            made = penalties.register(session, officer, {**given, "screening": line.get("screening")}, imported="行政处罚台账.xlsx")
            self.ids[name] = made.id
            session.add(Note(name=f"demo:penalty:{name}", value=made.number))

    def ask(self, line: Line) -> UUID:
        """移送行政拘留 asked at 查处 about a penalty case that is open."""
        with db.transaction() as session:
            row = session.get_one(PenaltyCase, self.ids[line["penalty"]])
            lead, second = _two(session, line["unit"])
            about = {"party": row.party, "act": row.act, "unit": line["unit"], "handler": str(lead.id), "officer": str(second.id)}
            case_id = detention.by_hand(session, lead, {**about, "penalty": str(row.id)})
        self.world.settle()
        return case_id

    def _subject(self, session: Session, line: Line) -> Case | None:
        case_id = self.there.get(month.key_of(line["petitions"][0])) if "petitions" in line else None
        return session.get(Case, case_id) if case_id is not None else None


def _acted(row: PenaltyCase) -> dict[str, str]:
    """The days of the act, which the law to be applied is chosen by."""
    first = row.act_from or row.filed_on - timedelta(days=5)
    return {"act_from": first.isoformat(), "act_to": (row.act_to or first).isoformat()}


@cache
def lines() -> dict[str, dict[str, Any]]:
    """The lines of the register by their names, with what is usual; what has not happened is left out."""
    data = month.read("penalties.yaml")
    merged = {name: {**data["usual"], **line} for name, line in data["penalties"].items()}
    return {name: {word: value for word, value in line.items() if value is not None} for name, line in merged.items()}


def number_of(petition: str, today: datetime) -> str | None:
    """The penalty case a petition's findings name."""
    line = next((one for one in lines().values() if petition in [month.key_of(index) for index in one.get("petitions", ())]), None)
    return _number(line, _filed(line, today)) if line is not None else None


def _filed(line: Line, today: datetime) -> date:
    """The day of the filing: so many days ago, or after the petition came."""
    if "petitions" not in line:
        return work_day(today.date() - timedelta(days=line["age"]))
    came = next(case for case in month.cases() if case.index == line["petitions"][0]).started(today).date()
    return work_day(came + timedelta(days=line["day"]), back=False)


def _about(line: Line) -> dict[str, Any]:
    return {"party": line.get("party") or month.party_of(line["petitions"][0]), "act": line["act"], "act_kind": line["kind"]}


def _number(line: Line, filed: date) -> str:
    return f"{line['series']}环罚立〔{filed.year}〕{line['nr']}号"


def _decision(line: Line, number: str, day: date) -> dict[str, Any]:
    kinds = line.get("kinds", ["fine"])
    amount = {"amount": line["amount"]} if "fine" in kinds else {}
    taken = {"confiscated": line["taken"]} if "confiscation" in kinds else {}
    return {"decided_on": day.isoformat(), "decision_no": number.replace("罚立", "罚"), "kinds": kinds, **amount, **taken}


def _with(line: Line, field: str, day: date, officer: str) -> dict[str, Any]:
    """What is entered together with a day."""
    if field == "served_on":
        ordered = line.get("ordered", "立即改正违法行为，在期限内报送整改情况和监测报告。")
        return {"rectify_order": ordered, "rectify_by": (day + timedelta(days=30)).isoformat()}
    if field == "paid_on":
        return {"paid_amount": line["amount"]} if line.get("amount") else {}
    if field == "rectified_checked_on":
        return {"rectified_checked_by": officer}
    return {"recheck_result": line.get("result", "rectified")} if field == "recheck_on" else {}


def _officer(session: Session, line: Line, subject: Case | None) -> Person:
    """Who handles the petition it came from, else the first certified officer of the unit."""
    if subject is not None and subject.attrs.get("handler"):
        return session.get_one(Person, UUID(str(subject.attrs["handler"])))
    return _two(session, line["unit"])[0]


def _two(session: Session, unit: str) -> tuple[Person, Person]:
    found = opening.certified(session, [unit])
    lead = next(one for one in found if one.has_role("handler"))
    return lead, next(one for one in found if one.id != lead.id)
