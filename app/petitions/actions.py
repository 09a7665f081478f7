"""Case actions: buttons on the petition for those who may (amendments §11). Each is checked again under the lock of the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.engine import get_engine
from app.papers import services as papers
from app.petitions import options
from app.petitions.models import Petition
from app.petitions.records import Extension
from workflows.errors import Conflict, FormError
from workflows.forms import Form
from workflows.tables import Case, Clock, Instance, Task
from workflows.time import end_of_day, local, now

FILE = Path(__file__).with_name("actions.yaml")
MESSAGES = {
    "rate": "petition.rated",
    "supplement": "petition.supplemented",
    "review_request": "petition.review_requested",
    "recheck_request": "petition.recheck_requested",
}
OPEN_ITEM = "msg:petition.withdrawn"  # the main path waits for this as long as it is inside open_item
GONE = "现在不能这样做：案件已经走到别的环节。请刷新页面。"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One action with its small form."""

    name: str
    label: str
    permission: str
    icon: str
    done: str
    form: Form


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action led to: the step to go on with, if it opened one."""

    task_id: UUID | None = None


@cache
def all_actions() -> dict[str, Action]:
    """The table of actions.yaml."""
    table = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        name: Action(name, spec["label"], spec["permission"], spec["icon"], spec["done"], Form.parse(name, spec))
        for name, spec in table.items()
    }


def offered(session: Session, person: Person, case: Case) -> list[Action]:
    """The actions this person may take on this case now."""
    if case.status == "closed":
        return []
    found = [a for a in all_actions().values() if policy.can(person, a.permission, case)]
    return [a for a in found if why_not(session, case, a.name) is None]


def why_not(session: Session, case: Case, name: str) -> str | None:
    """Why an action is not possible now; None when it is."""
    if name in MESSAGES:
        waits = get_engine().waiting_for(session, case.id, f"msg:{MESSAGES[name]}")
        return None if waits else "没有环节在等待这一登记，可能期限已过或已经登记。"
    petition = session.get(Petition, case.id)
    if petition is None or case.status == "closed":
        return GONE
    return CHECKS[name](session, case, petition)


def _extension(session: Session, case: Case, petition: Petition) -> str | None:
    """Once, track 6, while the period runs (条例34)."""
    if petition.track != "6":
        return "只有三十一条第（六）项的事项可以延期（条例第三十四条）。"
    used = (Extension.case_id == case.id, Extension.outcome.is_(None) | (Extension.outcome == "approved"))
    if session.scalar(select(Extension.id).where(*used).limit(1)) or _living(session, case.id, "petition_extension"):
        return "已经申请过延期，只能延期一次（条例第三十四条）。"
    running = (Clock.case_id == case.id, Clock.slot == "answer", Clock.status == "running", Clock.due_at > now())
    return None if session.scalar(select(Clock.id).where(*running).limit(1)) else "办理期限没有在计时或已经届满，不能延期。"


def _stop(session: Session, case: Case, petition: Petition) -> str | None:
    """Only while the item is open: after the signature the answer stands."""
    if not get_engine().waiting_for(session, case.id, OPEN_ITEM):
        return "答复已经签发或已经结案，不能再撤回或并入。"
    return "已有一件撤回或并入正在核实。" if _living(session, case.id, "petition_stop") else None


def _consult(session: Session, case: Case, petition: Petition) -> str | None:
    return None if case.attrs.get("handler") and not petition.sent_on else "还没有承办人或已经答复，不需要会签。"


def _instruction(session: Session, case: Case, petition: Petition) -> str | None:
    return None if case.attrs.get("unit") else "还没有承办单位，分办后再登记批示。"


CHECKS: dict[str, Callable[[Session, Case, Petition], str | None]] = {
    "extension": _extension,
    "stop": _stop,
    "consult": _consult,
    "instruction": _instruction,
}


def _living(session: Session, case_id: UUID, process: str) -> bool:
    living = (Instance.case_id == case_id, Instance.process == process, Instance.status.in_(("running", "suspended")))
    return session.scalar(select(Instance.id).where(*living).limit(1)) is not None


def context(session: Session, case: Case) -> dict[str, Any]:
    """What the small forms may name."""
    moment = local(now())
    settings = get_engine().library.current(session, "petition").settings
    until = moment.date() + timedelta(days=int(settings["consult_days"]["value"]))
    return {"now": moment.strftime("%Y-%m-%dT%H:%M"), "today": moment.date().isoformat(), "consult_day": until.isoformat(), **case.attrs}


def perform(session: Session, person: Person, case_id: UUID, name: str, answer: Answer) -> Outcome:
    """Do an action: lock the case, check that it is possible now, check the form, act. Raises FormError or Conflict."""
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update(), execution_options={"populate_existing": True}).one()
    action = all_actions()[name]
    if (reason := why_not(session, case, name)) is not None:
        raise Conflict(reason)
    clean = action.form.check(answer, context(session, case))
    _check_options(session, case, action.form, clean)
    if name in MESSAGES:
        return _send(session, person, case, name, clean)
    return STARTS[name](session, person, case, clean)


def _check_options(session: Session, case: Case, form: Form, clean: Answer) -> None:
    for f in form.fields.values():
        if f.options_from and f.name in clean:
            allowed = options.allowed(session, case.id, case.attrs, f, clean)
            if allowed is not None and str(clean[f.name]) not in allowed:
                raise FormError({f.name: f"{f.label}：请从列出的选项中选择"})


def _send(session: Session, person: Person, case: Case, name: str, clean: Answer) -> Outcome:
    """Something came from outside: a message to the step that waits for it."""
    engine, message = get_engine(), MESSAGES[name]
    waiting = engine.waiting_for(session, case.id, f"msg:{message}")
    payload = {"case_id": str(case.id), **clean}
    engine.send(session, case.id, message, payload, person.actor(), instance_id=waiting[0] if waiting else None)
    return Outcome()


def _begin(session: Session, person: Person, case: Case, process: str, label: str, *, holds: bool, data: Answer) -> Outcome:
    """Start an instance of its own beside the main path; what its forms ask of the petition goes with it."""
    petition = session.get_one(Petition, case.id)
    known = {"track": petition.track or "", "contactable": petition.contactable, "simple": petition.simple, "result": petition.result or ""}
    started = get_engine().start(session, process, person.actor(), case_id=case.id, link=label, holds=holds, data={**known, **data})
    task_id = started.task_ids[0] if started.task_ids else None
    mine = task_id is not None and session.get_one(Task, task_id).holder in person.holder_keys()
    return Outcome(task_id if mine else None)


def start_extension(session: Session, person: Person, case: Case, clean: Answer) -> Outcome:
    return _begin(session, person, case, "petition_extension", "延期", holds=True, data={"extended": False})


def start_stop(session: Session, person: Person, case: Case, clean: Answer) -> Outcome:
    return _begin(session, person, case, "petition_stop", "撤回、并入", holds=False, data={})


def start_instruction(session: Session, person: Person, case: Case, clean: Answer) -> Outcome:
    return _begin(session, person, case, "petition_instruction", "领导批示", holds=True, data={})


def start_consult(session: Session, person: Person, case: Case, clean: Answer) -> Outcome:
    """会签: the letter with the question, the day it is due, the other unit's step."""
    engine, actor = get_engine(), person.actor()
    directory.resolve(session, "co_handler", clean["consult_org"])  # nobody there: said now, not when the step opens
    until = end_of_day(date.fromisoformat(clean["due_on"]))
    organ = directory.name(session, clean["consult_org"])
    engine.update_case(session, case.id, actor, attrs={"consult_org": clean["consult_org"]})
    engine.clocks.start(session, case.id, "consult", "petition.consult", now(), actor, until=until)
    lines = [("发往", organ), ("问题", clean["question"]), ("要求答复日期", clean["due_on"])]
    papers.put(session, case.id, "会签（协办）函", lines, actor, now())
    _begin(session, person, case, "petition_consult", f"会签：{organ}", holds=True, data={})
    return Outcome()


STARTS: dict[str, Callable[[Session, Person, Case, Answer], Outcome]] = {
    "extension": start_extension,
    "stop": start_stop,
    "consult": start_consult,
    "instruction": start_instruction,
}


def close_item(session: Session, person: Person, link_id: UUID, result: str, reason: str) -> None:
    """Close an open item (督办, 移送问题, 提请包案) with result and reason; the hook makes its paper."""
    get_engine().close_link(session, link_id, person.actor(), {"result": result, "reason": reason})
