"""A year of 预警函, 领导包案 and 督办 on a shifted clock: the calendar's work each morning, people who mostly act and sometimes do not.

Petitions are put in as answered records, three of one source a month and county: what is simulated here begins after them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db, periodic
from app.engine import get_engine
from app.leadership import services as leadership
from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from app.walk.play import Play
from app.walk.scenarios import Scenario
from workflows import time as clock_time
from workflows.store import new_id
from workflows.tables import Case, Task

YEAR = 2026
SOURCES = 3  # petitions of one source a month: the least that is listed
MISSED = {4, 9}  # months whose report of the first leader case nobody writes in time
SLOW = {"reply", "respond", "sign_receipt"}  # what some addressees leave lying


class Year(Play):
    """``counties``: those with something to warn of. ``interrupt(moment)`` is called before the morning's work of chosen days."""

    def __init__(self, counties: list[str], interrupt: Callable[[datetime], None]) -> None:
        at = datetime(YEAR, 1, 1, 7, tzinfo=clock_time.ZONE)
        super().__init__(get_engine(), db.transaction, Scenario("year", "全年", at, {}, [], {}, [], {}), checking=False)
        self.counties, self.interrupt = counties, interrupt
        self.owned: list[UUID] = []
        self.met: list[UUID] = []  # files in whose SLOW steps somebody was asked, in the order they came

    def live(self) -> None:
        """Every morning from 1 January until the letters about December are out and answered."""
        self._put_in(YEAR - 1, 12)  # letters about last December go out in January: twelve of the year need eleven months more
        day, end = date(YEAR, 1, 1), date(YEAR, 12, 31)
        while day <= end:
            self._morning(day)
            day += timedelta(days=1)
        self._go_on(datetime(YEAR + 1, 1, 1, tzinfo=clock_time.ZONE))

    def _morning(self, day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 7, 30, tzinfo=clock_time.ZONE)
        self._go_on(moment)
        if day.day <= 5:  # the days on which the calendar has much to do
            self.interrupt(moment)
        self._work(moment)
        if day.day == 20:
            self._put_in(day.year, day.month)
        if day == date(YEAR, 1, 5):
            self._own()
        if self.engine.calendar.is_workday(day):
            clock_time.freeze(moment + timedelta(hours=2))
            self._people(day)

    def _go_on(self, moment: datetime) -> None:
        """Clocks act at their own moments on the way."""
        while (stop := self._next_stop(moment)) is not None and stop <= moment:
            clock_time.freeze(max(stop, clock_time.now()) if stop > self.started else self.started)
            self._drain()
        clock_time.freeze(moment)

    def _work(self, moment: datetime) -> None:
        """What the calendar asks for, and what follows from it."""
        more = True
        while more:
            with self.begin() as session:
                more = periodic.run_next(session, moment)
        self._drain()

    def _people(self, day: date) -> None:
        """Everybody does what is open, but for what somebody forgets."""
        for _ in range(30):
            with self.begin() as session:
                query = select(Task.id, Task.element, Task.case_id, Task.opened_at, Task.letter).where(Task.status == "open")
                found = [row for row in session.execute(query.order_by(Task.opened_at, Task.id)) if self._is_done(row, day)]
            if not found:
                return
            for row in found:
                with self.begin() as session:
                    if session.get_one(Task, row.id).status != "open":
                        continue
                self._complete(row.element, self._answer(row), case_id=row.case_id)

    def _is_done(self, row: Any, day: date) -> bool:
        waited = (day - clock_time.local(row.opened_at).date()).days
        if row.element == "work":
            return day.month == 12 and day.day == 10 and row.case_id == self.owned[1]  # the second case is closed in December
        if row.element == "progress":
            late = row.case_id == self.owned[0] and int(row.letter[5:]) in MISSED
            return waited > 40 if late else waited >= 3
        if row.element in SLOW:
            return waited > (25 if self._lazy(row.case_id) else 2)
        return waited >= 1

    def _lazy(self, case_id: UUID) -> bool:
        """Every seventh addressee, the third first: the same ones in every run."""
        if case_id not in self.met:
            self.met.append(case_id)
        return self.met.index(case_id) % 7 == 2

    def _answer(self, row: Any) -> dict[str, Any]:
        today = clock_time.now().date()
        later = (today + timedelta(days=20)).isoformat()
        if row.element == "plan":
            until = date(YEAR, 12, 30).isoformat()
            return {"measures": [{"what": "重建雨污分流", "who": "市环境监察支队", "by": later}], "deadline": until}
        if row.element == "respond":
            return {"measures": [{"item": "全部", "measure": "责成停产整改，安装治理设施。", "by": later}]}
        if row.element == "judge_response":
            problem = {"problem": "厂界异味", "standard": "连续一个月没有新的投诉。", "deadline": later, "owner": "镇人民政府"}
            return {"complete": True, "problems": [problem]}
        return {}

    # -- what is there at all ---------------------------------------------------------------------------------------

    def _put_in(self, year: int, month: int) -> None:
        """Answered petitions of one source, each of another household."""
        with self.begin() as session:
            for county in self.counties:
                for number in range(SOURCES):
                    at = datetime(year, month, 5 + number, 9, tzinfo=clock_time.ZONE)
                    _petition(session, county, f"{county}-{year}{month:02d}-{number}", at)

    def _own(self) -> None:
        """Two leader cases, opened by hand and entered; the owner of the second receives the petitioner once."""
        for number in range(2):
            with self.begin() as session:
                petition = _petition(session, self.counties[number], f"own{number}", clock_time.now())
            with self.begin() as session:
                office = self._account(session, "xinfang")
                opened = leadership.open_by_hand(session, office, [petition], "多次反映未能化解，需要局领导包案协调。")
            self.owned.append(opened.case_id)
            for element in ("propose_owner", "assign", "analyse"):
                self._complete(element, {}, case_id=opened.case_id)
        with self.begin() as session:
            case = session.get_one(Case, self.owned[1])
            leadership.start_visit(session, self._somebody(session, f"p:{case.attrs['owner']}").actor(), case.id)
        self._settle()
        self._complete("record_visit", {}, case_id=self.owned[1])


def _petition(session: Session, county: str, key: str, at: datetime) -> UUID:
    firm = f"某金属表面处理厂{county}"
    source = session.scalars(select(Enterprise).where(Enterprise.key == identity.enterprise_key(firm))).first()
    if source is None:
        source = Enterprise(key=identity.enterprise_key(firm) or firm, name=firm, county=county)
    case = Case(
        id=new_id(), city="360100", title=f"{firm}水污染", attrs={"intake_org": "nc-petition", "unit": f"br-{county}"},
        facets={"county": county, "kind": "water"}, tags=[], status="closed", created_at=at, closed_at=at,
    )  # fmt: skip
    session.add_all([source, case])
    session.flush()
    petition = Petition(
        case_id=case.id, number=f"全年-{key}", title=case.title, channel="web", received_at=at, household=f"h-{key}",
        statement="夜里排黄水。",
        county=county, kind="water", enterprise_id=source.id, enterprise=firm, gravity="ordinary", klass="claim", asks="penalise",
        about="enterprise", sent_on=at.date(), closed_as="answered", archived_at=at,
    )  # fmt: skip
    session.add(petition)
    session.flush()
    return case.id
