"""What waits for a leader's decision: for each step one card with the proposal, the opinions on it and the ways to decide.

Nothing here knows which procedure a step is of. A step is decided on the card when its form is one choice the gateway asks and, with
each choice, a few plain fields; anything longer is done on the task page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases import page
from app.cases.providers import provider_for
from app.clockwords import ClockView
from app.engine import get_engine
from app.inbox import clock_views, screen
from app.inbox import queries as inbox_queries
from app.inbox.filters import Filter, Place
from app.inbox.screen import Choices, FieldView, Sources
from app.leadership import desk_words, queries
from app.leadership.desk_words import Reader, Said
from workflows.forms import Field, Form
from workflows.tables import Case, Task
from workflows.time import local

PAGE = 12  # cards on one page; the rest is a page further
WAYS_MOST = 3
FIELDS_MOST = 3
HEAVY = frozenset({"rows", "files", "case"})  # widgets that want the whole task page


@dataclass(frozen=True, slots=True)
class Way:
    """One way to decide: the button, the value it sends, the fields that belong to it."""

    id: str
    value: str
    label: str
    fields: Sequence[FieldView]
    main: bool
    open: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One step on the desk. Without ``ways`` it is decided, or only seen, on the task page."""

    task_id: UUID
    url: str
    step: str
    number: str
    title: str
    tags: Sequence[str]
    clock: ClockView
    unit: str
    said: Sequence[Said] = ()
    sealed: bool = False
    decide: str = ""  # name of the field that decides
    ways: Sequence[Way] = ()
    may: str = ""  # "decide", "prepare" (a secretary's draft) or "" (see only)
    drafted: bool = False
    help: str = ""
    submit: str = "提交"


@dataclass(frozen=True, slots=True)
class Asks:
    """The cards of one page, how many there are in all, and where the next page begins."""

    cards: Sequence[Ask] = field(default_factory=tuple)
    total: int = 0
    late: int = 0
    today: int = 0
    capped: bool = False
    after: str = ""
    before: str = ""


def of(session: Session, leader: Person, viewer: Person, now: datetime, *, after: Place | None = None, before: Place | None = None) -> Asks:
    """The steps that wait for ``leader``, as ``viewer`` (the leader, or a secretary) sees them."""
    holders = leader.holder_keys()
    found = inbox_queries.open_page(session, holders, Filter(), now, after=after, before=before, limit=PAGE)
    head = inbox_queries.head(session, holders, Filter(), now)
    return Asks(
        _cards(session, [r.id for r in found.rows], viewer, now), head.total, head.red, head.today, head.capped,
        str(found.after or ""), str(found.before or ""),
    )  # fmt: skip


def _cards(session: Session, ids: Sequence[UUID], viewer: Person, now: datetime) -> list[Ask]:
    """Cards in the order of ``ids``; what all of them need is read once."""
    tasks = {t.id: t for t in session.scalars(select(Task).where(Task.id.in_(ids)))}
    cases = {t.case_id for t in tasks.values()}
    seen = queries.seen_among(session, viewer, cases)
    clocks = inbox_queries.clocks_of(session, sorted(cases))
    done = _done_before(session, {t.instance_id for t in tasks.values()})
    kept = queries.cases_of(session, cases), desk_words.people_in(session, [t for found in done.values() for t in found])
    cards = [_card(session, tasks[id], viewer, tasks[id].case_id in seen, clocks, done, now) for id in ids if id in tasks]
    del kept  # until here: what the cards look up one by one is in the session already
    return cards


def _done_before(session: Session, instances: set[UUID]) -> dict[UUID, list[Task]]:
    """instance → its finished steps with an answer, in the order they were finished."""
    query = select(Task).where(Task.instance_id.in_(instances), Task.status == "done", Task.answer.is_not(None))
    found: dict[UUID, list[Task]] = {}
    for task in session.scalars(query.order_by(Task.closed_at, Task.id)):
        found.setdefault(task.instance_id, []).append(task)
    return found


def _card(
    session: Session, task: Task, viewer: Person, seen: bool, clocks: Mapping[Any, Any], done: Mapping[UUID, list[Task]], now: datetime
) -> Ask:
    case = session.get_one(Case, task.case_id)
    read = _reader(session, case, viewer) if seen else None
    form = get_engine().form(session, task)
    may = _may(viewer, task)
    decided = decision_field(form)
    ways = _ways(session, task, form, decided, now) if may == "decide" and decided is not None else []
    unit = str(case.attrs.get("unit") or "")
    return Ask(
        task_id=task.id, url=url_for("inbox.task", task_id=task.id) if seen else "", step=task.label, number=task.case_number or "未编号",
        title=task.title, tags=task.tags or (), clock=clock_views.of_task(task, clocks, now),
        unit=directory.name(session, unit) if unit else "",
        said=desk_words.said(session, case, done.get(task.instance_id, ()), read, now) if read is not None else (),
        sealed=read is None, decide=decided.name if decided is not None else "", ways=ways, may=may, drafted=_drafted(task, decided),
        help=form.help or "", submit=form.submit,
    )  # fmt: skip


def _may(viewer: Person, task: Task) -> str:
    """A secretary prepares; only who the step belongs to decides."""
    if policy.can(viewer, "task.complete", task):
        return "decide"
    return "prepare" if policy.can(viewer, "task.draft", task) else ""


def _reader(session: Session, case: Case, viewer: Person) -> Reader:
    """How the viewer reads free text of this case; None where its content is sealed."""
    procedures = get_engine().library.of_case(session, case.id)
    return provider_for(procedures[0].name if procedures else None).reader(case, viewer)


def _drafted(task: Task, decided: Field | None) -> bool:
    """Was something written that is worth going on with? A choice alone is not."""
    choice = decided.name if decided is not None else ""
    return any(name != choice and value not in (None, "", []) for name, value in (task.draft or {}).items())


# --- the ways to decide -----------------------------------------------------------------------------------------------


def decision_field(form: Form) -> Field | None:
    """The one choice that decides the step; None when there is none, or more than one."""
    asked = [f for f in form.fields.values() if f.name in form.data and f.show is True and f.required is not False and choices_of(f)]
    return asked[0] if len(asked) == 1 else None


def choices_of(field: Field) -> list[tuple[str, str]]:
    """(value sent, label) of a yes/no in words of its own, or of a short list; the one that goes on stands first."""
    if field.schema.get("type") == "boolean":
        worded = "yes" in field.spec and "no" in field.spec
        return [("true", str(field.spec["yes"])), ("false", str(field.spec["no"]))] if worded else []
    options = list((field.options or {}).items())
    return options if field.schema.get("type") == "string" and 1 < len(options) <= WAYS_MOST else []


def _ways(session: Session, task: Task, form: Form, decided: Field, now: datetime) -> list[Way]:
    """The buttons of the card; none when the step wants its whole page."""
    data = {**get_engine().task_data(session, task), "now": now.isoformat(), "today": local(now).date().isoformat()}
    values = {**form.defaults(data), **(task.draft or {})}
    begun = (task.draft or {}).get(decided.name) if _drafted(task, decided) else None
    offered = {f.name: page.choices(session, task, f, {**data, **values}) for f in form.fields.values() if f.options_from}
    ways = []
    for place, (value, label) in enumerate(choices_of(decided)):
        typed = {**values, decided.name: value == "true" if decided.schema.get("type") == "boolean" else value}
        fields = _fields(form, data, typed, decided.name, offered)
        if fields is None:
            return []
        id = f"d{str(task.id)[-6:]}-{place}"
        for one in fields:
            one.id = f"{id}-{one.name}"
        ways.append(Way(id, value, label, fields, place == 0, begun == typed[decided.name]))
    return ways


def _fields(
    form: Form, data: Mapping[str, Any], typed: Mapping[str, Any], decided: str, offered: Mapping[str, Choices]
) -> list[FieldView] | None:
    """The other fields that go with one choice; None when they are too many or too heavy for a card."""
    sources = Sources(choose=lambda field: offered.get(field.name, ()))
    shown = [one for one in screen.draw(form, typed, data, {}, sources).fields if one.name != decided and one.shown]
    if len(shown) > FIELDS_MOST or any(one.widget in HEAVY for one in shown):
        return None
    for one in shown:
        one.show_json, one.width, one.rows = "", 6, min(one.rows, 3)  # the choice is made: nothing comes and goes any more
        one.optional = one.widget != "bool" and not form.fields[one.name].is_required({**data, **typed})
    return shown
