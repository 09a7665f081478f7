"""The case page: the step to do now with its form first, then clocks and tabs. Everything a template needs, gathered here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, render_template, request, url_for
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts import policy
from app.accounts.models import Person
from app.cases import clock_panel, queries, trail
from app.cases.providers import contributions, provider_for
from app.engine import get_engine
from app.files import queries as file_queries
from app.files.content import LABELS as FILE_LABELS
from app.inbox import naming, screen, services, task_queries
from app.inbox import queries as inbox_queries
from app.inbox.screen import Screen, Sources
from app.papers import queries as paper_queries
from workflows.forms import Form
from workflows.tables import Case, Event, Link, Task
from workflows.time import local, now


@dataclass(frozen=True, slots=True)
class Drawn:
    """The form of one task, ready for the template."""

    task: Task
    form: Form
    screen: Screen
    mine: bool  # claimed or named: a pool's task still says that it waits
    error: str = ""  # something that is not about one field


@dataclass(frozen=True, slots=True)
class LinkLine:
    link: Link
    when: str
    closable: bool
    result: str
    url: str = ""  # the file of its own that answers it, where this person may see that


def render(
    case_id: UUID, person: Person, *, task: Task | None = None, typed: dict[str, Any] | None = None,
    errors: Mapping[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The whole page. ``task`` is the step asked for; without one, the most urgent that is this person's."""
    session, moment = db.session, now()
    case = session.get_one(Case, case_id)
    tasks = queries.open_tasks(session, case_id)
    if task is None or task.id not in {t.id for t in tasks}:
        task = next((t for t in tasks if t.status == "open" and policy.can(person, "task.complete", t)), None)
    doable = task is not None and policy.can(person, "task.complete", task)
    drawn = draw_form(session, person, task, typed=typed, errors=errors) if task is not None and doable else None
    context = _context(session, case, person, tasks, moment)
    body = render_template(
        "cases/show.html",
        drawn=drawn,
        delegates=delegates(session, person, task) if task is not None and policy.can(person, "task.delegate", task) else [],
        claimable=task is not None and task.holder.startswith("o:") and policy.can(person, "task.claim", task),
        releasable=task is not None and drawn is not None and task.holder == f"p:{person.id}" and task.pool.startswith("o:"),
        tab=request.args.get("tab", ""),
        **context,
    )
    return Response(body, status)


def draw_form(
    session: Session, person: Person, task: Task, *, typed: dict[str, Any] | None = None, errors: Mapping[str, str] | None = None
) -> Drawn:
    """The form with what was typed, else the draft, else what was written before it was returned (``again``), else the defaults."""
    engine = get_engine()
    form = engine.form(session, task)
    moment = now()
    data = {**engine.task_data(session, task), "now": moment.isoformat(), "today": local(moment).date().isoformat()}
    written = queries.last_answer(session, task) if form.spec.get("again") else {}
    values = typed if typed is not None else {**form.defaults(data), **written, **(task.draft or {})}
    errors = dict(errors or {})
    general = errors.pop("", "")
    sources = Sources(
        choose=lambda field: choices(session, task, field, {**data, **values}),
        files=_files(session, person, task),
        upload=url_for("files.add_to_case", case_id=task.case_id),
        lookups={"case": url_for("cases.lookup"), "enterprise": _optional_url("petitions.enterprises")},
        case_name=lambda value: _case_name(session, value),
    )
    drawn = screen.draw(form, values, data, errors, sources)
    return Drawn(task, form, drawn, task.holder == f"p:{person.id}", general)


def _files(session: Session, person: Person, task: Task) -> dict[str, str]:
    """The files a step may name, called as this person may read it; of sealed content only those that are theirs."""
    case = session.get_one(Case, task.case_id)
    instance = next((row for row in queries.instances(session, case.id)), None)
    read = provider_for(queries.procedure_name(session, instance.version) if instance else None).reader(case, person)
    found = file_queries.of_case(session, task.case_id)
    return {str(f.id): read(f.name) if read is not None else f.name for f in found if read is not None or f.uploaded_by == person.id}


def choices(session: Session, task: Task, field: Any, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """The choices of a field with ``options_from``: the app's area of the procedure resolves them."""
    resolve = getattr(get_engine().hooks, "choices", None)
    return resolve(session, task, field, values) if resolve is not None else ()


def delegates(session: Session, person: Person, task: Task) -> list[tuple[str, str]]:
    """Whom this step may be handed to: people and posts of its unit."""
    organs = [task.org] if task.org else task_queries.home_organs(person)
    return task_queries.colleagues(session, organs, person.id)


def _context(session: Session, case: Case, person: Person, tasks: list[Task], moment: Any) -> dict[str, Any]:
    """What surrounds the form, whoever looks."""
    instances = queries.instances(session, case.id)
    procedure = queries.procedure_name(session, instances[0].version) if instances else None
    provider = provider_for(procedure)
    events = queries.events(session, case.id)
    clocks = clock_panel.lines(queries.clocks(session, case.id), moment)
    names = _names(session, events, tasks)
    links = queries.links(session, case.id)
    read = provider.reader(case, person)
    others = contributions(procedure, case, person)
    g.menu = provider.menu(case)  # which line of the menu is marked (navigation)
    header = provider.header(case, person)
    return {
        "case": case,
        "header": replace(header, strip=[*header.strip, *(fact for one in others for fact in one.strip)]),
        "identity": provider.identity(case, person),
        "sections": provider.facts(case, person),
        "actions": provider.actions(case, person),
        "related": [*provider.related(case, person), *(one for other in others for one in other.related)],
        "clocks": clocks,
        "clock": clock_panel.worst(clocks),
        "waiting": [(t, names.get(t.holder) or "待认领", clockwords.view(t.due_at, t.warn_at, moment, t.label)) for t in tasks],
        "trail": trail.covered(trail.lines(events, tasks, names, _answers(session, case.id, events), moment), read),
        "instances": [_instance(session, row, moment) for row in instances],
        "papers": paper_queries.of_case(session, case.id),
        "files": file_queries.of_case(session, case.id) if read is not None else [],
        "file_labels": FILE_LABELS,
        "file_name": read or str,
        "links": [_link(link, person, moment, read) for link in links],
        "followed": services.is_followed(session, person.id, case.id),
        "following": not person.has_role("auditor"),
        "uploading": case.status == "open" and policy.can(person, "file.add", case),
        "when": lambda at: clockwords.moment(at, moment),
        "can_do": lambda task: task.status == "open" and policy.can(person, "task.complete", task),
    }


def _names(session: Session, events: Sequence[Event], tasks: Sequence[Task]) -> dict[str, str]:
    ids, holders = trail.ids_in(events)
    return queries.names_of(session, ids) | inbox_queries.holder_names(session, holders | {t.holder for t in tasks})


def _answers(session: Session, case_id: UUID, events: Sequence[Event]) -> dict[UUID, list[tuple[str, str]]]:
    """What was filled in at each finished step, without personal fields."""
    engine = get_engine()
    wanted = {e.task_id for e in events if e.kind == "done" and e.task_id is not None}
    found = {}
    for task in queries.done_tasks(session, case_id):
        if task.id in wanted and task.answer:
            form = engine.form(session, task)
            words = naming.words(session, form, task.answer, partial(_said, session, task))
            found[task.id] = screen.shown_values(form, task.answer, words=words)
    return found


def _said(session: Session, task: Task, field: Any) -> Mapping[str, str]:
    """What a chosen value is called: the app's area of the procedure knows."""
    said = getattr(get_engine().hooks, "said", None)
    return said(session, task, field) if said is not None else {}


def _instance(session: Session, row: Any, moment: Any) -> dict[str, Any]:
    procedure = get_engine().library.version(session, row.version)
    words = {"running": "进行中", "suspended": "已暂停", "completed": "已结束", "cancelled": "已终止"}
    return {
        "id": row.id,
        "label": procedure.process_label(row.process),
        "status": words.get(row.status, row.status),
        "started": clockwords.moment(row.started_at, moment),
        "ended": clockwords.moment(row.ended_at, moment),
        "main": row.link_id is None,
    }


def _link(link: Link, person: Person, moment: Any, read: Callable[[str], str] | None) -> LinkLine:
    """An open item; what was found is free text, so it is read like the trail."""
    closable = link.status == "open" and policy.can(person, "link.close", link)
    result = (link.result or {}) if read is not None else {}
    said = "，".join(str(result[k]) for k in ("result", "reason") if result.get(k))
    return LinkLine(
        link, clockwords.moment(link.opened_at, moment), closable, read(said) if read is not None else "", _file_url(link, person)
    )


def _file_url(link: Link, person: Person) -> str:
    """The address of the file a request went to; empty for those who do not see it."""
    file = link.detail.get("file")
    case = db.session.get(Case, UUID(str(file))) if file else None
    return url_for("cases.show", case_id=case.id) if case is not None and policy.can(person, "case.see", case) else ""


def _case_name(session: Session, value: str) -> str:
    try:
        case = session.get(Case, UUID(value))
    except ValueError:
        return value
    return f"{case.number or ''} {case.title}".strip() if case else ""


def _optional_url(endpoint: str) -> str:
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
