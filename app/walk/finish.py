"""A complaint driven to the archive without a scenario, by a stated rule.

Whatever step is open is done: by its holder, with the answers of ``_decision`` and else the first that fits (answers.py). When
nobody has anything to do, open items are closed by whom they name; else time moves to the next clock of the case.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo import month
from app.walk.complaints import Complaint
from app.walk.driver import Begin, Stuck
from app.walk.scenarios import Move, Scenario, defaults
from app.walk.timeline import Timeline
from workflows import Engine
from workflows import time as clock_time
from workflows.forms import Field
from workflows.tables import Case, Clock, Link, Task

MOST = 150  # acts one complaint may need
YEARS = timedelta(days=3 * 365)
RATINGS = ("满意", "基本满意", "满意", "不满意")
TRACKS = {"suggestion": "29", "accusation": "30"}


class Finish(Timeline):
    def __init__(self, engine: Engine, begin: Begin, complaint: Complaint, at: datetime) -> None:
        typed = {**dict.fromkeys(defaults()["register"]), **complaint.form}  # what the complaint does not say stays empty
        plan = Scenario(f"来件 {complaint.key}", "信访事项", at, typed, [], {}, [], {})
        form = complaint.form
        facts = {"place": form.get("place") or "现场", "enterprise": form.get("enterprise") or "被反映单位", "unit": "承办单位"}
        super().__init__(engine, begin, plan, until=at + YEARS, texts=month.texts(), facts=facts)
        self.form, self.number = form, 0
        self.intake = "nc-petition"

    def run(self, until: str | None = None) -> UUID:
        self._go_to(self.started)
        self._register()
        for _ in range(MOST):
            if not self._once():
                return self.case
        raise Stuck(f"{self.plan.name} is not archived after {MOST} acts")

    def _once(self) -> bool:
        """One act; False when the file is closed."""
        with self.begin() as session:
            case = session.get_one(Case, self.case)
            if case.status == "closed":
                return False
            task = session.scalars(self._tasks().limit(1)).first()
            element, context = (task.element, self.engine.task_data(session, task)) if task else ("", {})
            items = list(
                session.scalars(select(Link.kind).where(Link.case_id == self.case, Link.status == "open", Link.closable_by.is_not(None)))
            )
            rating = bool(self.engine.waiting_for(session, self.case, "msg:petition.rated"))
        if element:
            self._complete(element, self._decision(element, context))
        elif rating and self._dice % 5:
            score = RATINGS[self._dice % len(RATINGS)]
            self._message(Move("message", {"name": "petition.rated", "score_receiving": "满意", "score_handling": score}))
        elif items:
            self._close(items[0], required=True)
        else:
            self._wait()
        return True

    def _tasks(self) -> Any:
        return select(Task).where(Task.case_id == self.case, Task.status == "open").order_by(Task.opened_at, Task.id)

    def _wait(self) -> None:
        """Nobody has anything to do: the next clock of the case acts."""
        with self.begin() as session:
            query = select(func.min(Clock.next_at)).where(Clock.case_id == self.case, Clock.status == "running")
            moment = session.scalar(query)
            waits = list(session.scalars(select(Link.kind).where(Link.case_id == self.case, Link.status == "open")))
        if moment is None:
            raise Stuck(f"{self.plan.name}: no open step, no item to close and no clock; waits for {waits}")
        self._go_to(clock_time.local(moment))

    def _decision(self, element: str, context: dict[str, Any]) -> dict[str, Any]:
        """What is decided where the first choice would not do."""
        branch = self._dice % 3 > 0
        if element == "screen":
            klass = str(context.get("klass"))
            outcome = "discipline" if klass == "accusation" else "accept"
            track = TRACKS.get(klass) or ("6" if context.get("asks") in ("explain", "compensate", "other") else "5")
            return {"klass": klass, "track": track, "intake_outcome": outcome, "sent_down": branch and outcome == "accept"}
        if element == "assign_unit":
            return {"unit": f"br-{self.form['county']}" if context.get("sent_down") else "nc-inspect", "co_units": None}
        if element == "plan":
            return {"needs_site": self._dice % 2 == 0}
        if element == "findings":
            return {"violation": False, "way": "desk"}
        if element in ("draft_answer", "simple_answer"):
            result = {"5": "done", "29": "adopted"}.get(str(context.get("track"))) or ("explain", "support", "not_support")[self._dice % 3]
            return {"result": result}
        return {}

    def _choose(self, session: Session, task: Task | None, f: Field, values: Any) -> Any:
        if f.options_from == "units":
            return f"br-{self.form['county']}"
        return super()._choose(session, task, f, values)
