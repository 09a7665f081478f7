"""Drives a petition through a scenario, from its registration to the archive. What is common to every procedure is in play.py."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.petitions import actions, services
from app.walk import checks
from app.walk.answers import fill
from app.walk.play import Begin, Play, Stuck, allow, refused
from app.walk.scenarios import Move, Scenario, defaults, scenario
from workflows import Engine
from workflows import time as clock_time
from workflows.effects import moments
from workflows.errors import Conflict
from workflows.forms import Field
from workflows.tables import Case, Link, Task

__all__ = ["Begin", "Drive", "Stuck"]


class Drive(Play):
    """One petition on its way.

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
        super().__init__(engine, begin, plan, at=at, checking=checking)
        self.number = number
        self.intake = "nc"  # the organ whose desk registers
        self.verbs |= {
            "message": self._message,
            "start": self._start,
            "close": lambda m: self._close(m.about, required=True),
            "close_if_open": lambda m: self._close(m.about, required=False),
        }

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
        return self._follow(until)

    def _check_end(self) -> None:
        with self.begin() as session:
            checks.closed(session, self.case, self.plan.end)

    def _here(self) -> list[UUID]:
        return [self.case]

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
            allow(clerk, "petition.register")
            procedure = self.engine.library.current(session, "petition")
            context = {**procedure.initial_data, **moments(clock_time.now())}
            answer = fill(procedure.form("register"), context, self._words(given), lambda f, values: self._choose(session, None, f, values))
            self.case_id = services.register(session, clerk, answer, title=self.plan.title).case_id

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
            allow(person, action.permission, case)
            context = actions.context(session, case)
            answer = fill(action.form, context, self._words(given), lambda f, values: self._choose(session, None, f, values))
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
            for link in [one for one in links if one.closable_by]:
                role, _, place = str(link.closable_by).partition("@")
                organ = case.attrs[place.removeprefix("case.")] if place.startswith("case.") else place
                person = self._somebody(session, directory.resolve(session, role, str(organ)))
                allow(person, "link.close", link)
                actions.close_item(session, person, link.id, "已办结", "问题已经查清并整改到位")
            files = [UUID(link.detail["file"]) for link in links if link.detail.get("file")]
        for file in files:  # the item has a file of its own: that is brought to its end
            self._finish(file)
        self._settle()

    # -- who and what ---------------------------------------------------------------------------------------------

    def _office(self, session: Session) -> Person:
        case = session.get_one(Case, self.case)
        return self._somebody(session, directory.resolve(session, "office", str(case.attrs["intake_org"])))

    def _usual(self, element: str) -> dict[str, Any]:
        """What is answered where a step names nothing; registration has its own."""
        return {} if element == "register" else defaults().get(element, {})

    def _handler(self, session: Session) -> Person:
        return self._somebody(session, f"p:{session.get_one(Case, self.case).attrs['handler']}")

    def _choose(self, session: Session, task: Task | None, f: Field, values: Any) -> Any:
        """A person of the role at the unit, a unit, a kind that is missing."""
        source = str(f.options_from or "")
        if source.startswith("people:"):
            role = source.removeprefix("people:")
            place = str(values.get("unit") or "nc") if role == "handler" else "nc"
            return str(directory.people(session, directory.resolve(session, role, place))[0])
        offers = {"units": "nc-inspect", "co_units": "nc-monitor", "counties": "360111"}
        return offers[source] if source in offers else super()._choose(session, task, f, values)
