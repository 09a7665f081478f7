"""What completing a form does before the flow goes on: check, attributes, clocks, the app's hook, the form's own handler, data."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.exceptions import TaskNotFoundException
from SpiffWorkflow.task import Task as SpiffTask
from sqlalchemy.orm import Session

from . import codec, store
from .errors import FormError, WorkflowError
from .forms import Field, Form
from .step import Step
from .time import end_of_day, local, now

if TYPE_CHECKING:
    from .runtime import Engine
    from .tables import Task

_ABSENT: dict[str, Any] = {"boolean": False, "bool": False, "array": [], "list": []}


def apply(step: Step, task: SpiffTask, answer: dict[str, Any]) -> None:
    """Check ``answer`` and carry out everything its form says; raises FormError when it does not fit."""
    assert step.procedure is not None
    element = step.row["element"]
    form = step.procedure.form(element)
    names = context(step, task)
    clean = form.check(answer, names)
    _check_options(step, form, clean)
    _check_people(step, form, clean)
    for attr, name in form.sets.items():
        if name in clean:
            step.update_case(attrs={attr: str(clean[name])})
    _clocks(step, form, clean, {**names, **dict.fromkeys(form.fields), **clean})
    step.close_opened_clocks(element, step.now)
    for name in form.data:
        task.data[name] = clean[name] if name in clean else _absent(step, form, name)
    ctx = step.ctx(element)
    step.engine.hooks.task_completed(ctx, form, clean)
    if form.on_complete:
        task.data.update(step.run_handler(form.on_complete, {**task.data, "answer": clean}, element))
    step.tell("done", form.label, _trail_detail(form, clean))
    params = (step.now, step.actor.id, step.actor.shown, store.jsonb(clean) if clean else None, step.task_id)
    step.writes.append((store.CLOSE_TASK, params))


def context(step: Step, task: SpiffTask) -> dict[str, Any]:
    """Names a form's expressions may use besides its own fields: process data, the case's attributes, the item."""
    return {**step.case.attrs, **task.data, "item": step.row.get("item"), **moments(step.now)}


def moments(now: datetime) -> dict[str, str]:
    """``now`` (to the minute) and ``today`` of the moment the form is opened or answered, as a form writes them."""
    return {"now": now.strftime("%Y-%m-%dT%H:%M"), "today": now.date().isoformat()}


def read_data(engine: Engine, session: Session, task: Task) -> dict[str, Any]:
    """The same for showing an open task, without lock and without change."""
    row = (
        store.raw(session)
        .execute(
            "SELECT i.version, i.process, i.state, c.attrs FROM wf_instance i JOIN wf_case c ON c.id = i.case_id WHERE i.id = %s",
            (task.instance_id,),
        )
        .fetchone()
    )
    if row is None or row[2] is None:
        return moments(now())
    version, process, state, attrs = row
    spec, subspecs = engine.library.version(session, version).specs(process)
    workflow = codec.load(codec.unpack(state), spec, subspecs, None)
    try:
        found = workflow.get_task_from_id(task.node)
    except TaskNotFoundException:  # somebody was quicker: whoever answers is told so then
        found = None
    return {**attrs, **(found.data if found else {}), "item": task.item, **moments(now())}


def _check_options(step: Step, form: Form, clean: dict[str, Any]) -> None:
    """Values of fields whose options the app resolves: a unit or a person that is not offered is refused."""
    errors = {}
    for f in form.fields.values():
        if f.options_from is None or f.name not in clean:
            continue
        allowed = step.engine.hooks.options(step.ctx(form.element), f, clean)
        given = clean[f.name] if isinstance(clean[f.name], list) else [clean[f.name]]
        if allowed is not None and any(str(v) not in allowed for v in given):
            errors[f.name] = f"{f.label}：请从列出的选项中选择"
    if errors:
        raise FormError(errors)


def _check_people(step: Step, form: Form, clean: dict[str, Any]) -> None:
    """A unit nobody works at is refused where it is chosen, not where its first task would open."""
    errors = {}
    for name, role in (form.spec.get("needs_posts") or {}).items():
        for org in clean.get(name, []) if isinstance(clean.get(name), list) else [clean.get(name)]:
            if not org:
                continue
            try:
                step.engine.directory.resolve(step.session, role, str(org))
            except WorkflowError as error:
                errors[name] = error.message
    if errors:
        raise FormError(errors)


def _clocks(step: Step, form: Form, clean: dict[str, Any], values: dict[str, Any]) -> None:
    for slot, act in form.meets.items():
        if act.applies(values):
            step.clocks.meet(slot, _at(step, clean, act.at))
    for slot, act in form.starts.items():
        if not act.applies(values) or act.rule is None:
            continue
        days = clean.get(act.days) if isinstance(act.days, str) else act.days
        until = end_of_day(date.fromisoformat(str(clean[act.until])[:10])) if act.until and clean.get(act.until) else None
        if act.until and until is None and not days:
            continue
        step.clocks.start(slot, act.rule, _at(step, clean, act.at), days=days, until=until)


def _at(step: Step, clean: dict[str, Any], name: str) -> datetime:
    """The moment in a field; a bare date of today is now, so that what is done today is not before its own start."""
    value = clean.get(name)
    if not value:
        return step.now
    moment = _moment(value)
    return step.now if len(str(value)) <= 10 and moment.date() == step.now.date() else moment


def _moment(value: Any) -> datetime:
    """A date or a moment of a form as a moment in China's time."""
    return local(datetime.fromisoformat(str(value)))


def _absent(step: Step, form: Form, name: str) -> Any:
    """What process data holds for a field left out: the variable's first value, or the empty one of its type."""
    assert step.procedure is not None
    variable = step.procedure.variables.get(name, {})
    if "initial" in variable:
        return deepcopy(variable["initial"])  # process data is merged in place; the procedure's own value must stay as it is
    field: Field | None = form.fields.get(name)
    kind = str(variable.get("type") or (field.schema.get("type") if field else ""))
    value = _ABSENT.get(kind)
    return list(value) if isinstance(value, list) else value


def _trail_detail(form: Form, clean: dict[str, Any]) -> dict[str, Any] | None:
    """What the trail shows of an answer: decisions and short facts, never personal data or long texts."""
    shown = {}
    for f in form.fields.values():
        if f.name not in clean or f.personal:
            continue
        if f.options or f.schema.get("type") == "boolean" or f.spec.get("trail") or f.name in ("reason", "grounds"):
            shown[f.label] = f.label_of(clean[f.name])
    return shown or None
