"""One task: the page with its form, completing it, its draft, and whose it is. Thin: parse, ask for permission, call the engine."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import db
from app.accounts import policy
from app.accounts.policy import permission
from app.cases import page
from app.engine import get_engine
from app.inbox import answers, queries, screen, task_queries
from app.ops import services as ops
from workflows.errors import Conflict, FormError, HandlerFailed, TaskClosed, WorkflowError
from workflows.forms import Form
from workflows.tables import Task
from workflows.time import local

REASON_LEAST = 4  # characters: a reason somebody can understand later


def add_to(bp: Blueprint) -> None:
    """Put these pages on the inbox's blueprint."""
    bp.add_url_rule("/tasks/<uuid:task_id>", "task", show, methods=["GET"])
    bp.add_url_rule("/tasks/<uuid:task_id>", "complete", complete, methods=["POST"])
    bp.add_url_rule("/tasks/<uuid:task_id>/draft", "draft", draft, methods=["POST"])
    bp.add_url_rule("/tasks/<uuid:task_id>/form", "form", redraw, methods=["POST"])
    for name, view in (("claim", claim), ("release", release), ("delegate", delegate)):
        bp.add_url_rule(f"/tasks/<uuid:task_id>/{name}", name, view, methods=["POST"])


@permission("task.see")
def show(task_id: UUID) -> Response | BaseResponse:
    """The case page with this step first; one that is done leads to the case and says who did it."""
    task = task_queries.find(db.session, task_id)
    policy.require("task.see", task)
    assert task is not None
    if task.status in ("done", "cancelled"):
        at = local(task.closed_at) if task.closed_at else None
        flash(TaskClosed(task.closed_name, at, task.status == "cancelled").message, "info")
        return redirect(url_for("cases.show", case_id=task.case_id), 303)
    return page.render(task.case_id, current_user, task=task)


@permission("task.complete")
def complete(task_id: UUID) -> Response | BaseResponse:
    """Complete the step with what was posted; on any refusal the person gets back what they typed."""
    task, form, typed = _posted(task_id, "task.complete")
    try:
        step = get_engine().complete(db.session, task_id, policy.acting(current_user, task), typed)
    except FormError as error:
        db.session.rollback()
        _keep(task_id, typed)
        return page.render(task.case_id, current_user, task=task, typed=typed, errors=error.errors, status=422)
    except TaskClosed as error:
        db.session.rollback()
        return _closed(task, form, typed, error)
    except HandlerFailed as error:
        return _failed(task, typed, error)
    except WorkflowError as error:
        db.session.rollback()
        _keep(task_id, typed)
        return page.render(task.case_id, current_user, task=task, typed=typed, errors={"": error.message}, status=_status(error))
    return redirect(_onward(task, step), 303)


@permission("task.draft")
def draft(task_id: UUID) -> tuple[str, int]:
    """Keep what was typed so far; called by the page a moment after typing stops."""
    _, _, typed = _posted(task_id, "task.draft")
    try:
        get_engine().save_draft(db.session, task_id, current_user.actor(), typed)
    except WorkflowError:
        return "", 409
    return "", 204


@permission("task.draft")
def redraw(task_id: UUID) -> str:
    """The fields again, with what depends on the values just chosen."""
    task, _, typed = _posted(task_id, "task.draft")
    drawn = page.draw_form(db.session, current_user, task, typed=typed)
    return render_template("inbox/_fields.html", screen=drawn.screen)


@permission("task.claim")
def claim(task_id: UUID) -> BaseResponse:
    """认领: take the step out of its pool."""
    return _moved(task_id, "task.claim", "已认领，由您办理。")


@permission("task.release")
def release(task_id: UUID) -> BaseResponse:
    """退回待认领: give it back to the pool."""
    return _moved(task_id, "task.release", "已退回，等待同岗位的人认领。")


@permission("task.delegate")
def delegate(task_id: UUID) -> BaseResponse:
    """转办 inside the unit, with a reason."""
    task = task_queries.find(db.session, task_id)
    policy.require("task.delegate", task)
    assert task is not None
    to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()
    allowed = dict(page.delegates(db.session, current_user, task))
    if to not in allowed or len(reason) < REASON_LEAST:
        flash("请选择转给本单位的谁。" if to not in allowed else "请写明转办理由。", "error")
        return redirect(url_for("inbox.task", task_id=task_id), 303)
    try:
        get_engine().delegate(db.session, task_id, current_user.actor(), to, reason)
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
        return redirect(url_for("inbox.task", task_id=task_id), 303)
    flash(f"已转给 {allowed[to]}。", "ok")
    return redirect(url_for("inbox.todo"), 303)


def _posted(task_id: UUID, action: str) -> tuple[Task, Form, dict[str, Any]]:
    """The task, its form and the typed answer in the request; 404 or 403 for those who may not."""
    task = task_queries.find(db.session, task_id)
    policy.require(action, task)
    assert task is not None
    form = get_engine().form(db.session, task)
    return task, form, answers.parse(form, request.form)


def _moved(task_id: UUID, action: str, said: str) -> BaseResponse:
    task = task_queries.find(db.session, task_id)
    policy.require(action, task)
    act = getattr(get_engine(), action.removeprefix("task."))
    try:
        act(db.session, task_id, current_user.actor())
        flash(said, "ok")
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
    return redirect(url_for("inbox.task", task_id=task_id), 303)


def _keep(task_id: UUID, typed: dict[str, Any]) -> None:
    """Save what was typed in a transaction of its own: the request's is rolled back with the refusal."""
    with db.transaction() as session:
        get_engine().save_draft(session, task_id, current_user.actor(), typed)


def _closed(task: Task, form: Form, typed: dict[str, Any], error: TaskClosed) -> Response:
    """Somebody was quicker: who, when, and the typed text to copy from."""
    lines = screen.shown_values(form, typed, personal=True)
    return Response(render_template("inbox/closed.html", task=task, said=error.message, lines=lines), 409)


def _failed(task: Task, typed: dict[str, Any], error: HandlerFailed) -> Response:
    """The step is rolled back; the operator has an incident, the person has what they typed."""
    db.session.rollback()
    number = ops.record(error, current_user.actor(), task=task, typed=typed)
    with suppress(WorkflowError):  # the incident holds the typed values as well
        _keep(task.id, typed)
    said = f"{error.message}错误编号 {str(number)[-12:]}。"
    return page.render(task.case_id, current_user, task=task, typed=typed, errors={"": said}, status=500)


def _status(error: WorkflowError) -> int:
    return 409 if isinstance(error, Conflict) else 422


def _onward(task: Task, step: Any) -> str:
    """Where to go now: the next step of the same case if it is mine, else the inbox; with a word on what comes next."""
    mine = current_user.holder_keys()
    names = queries.holder_names(db.session, {opened.holder for opened in step.opened})
    for opened in step.opened:
        if opened.holder in mine:
            flash(f"“{task.label}”已提交，接着办理：{opened.label}。", "ok")
            return url_for("inbox.task", task_id=opened.id)
    following = "；".join(f"{opened.label}（{names.get(opened.holder) or '待认领'}）" for opened in step.opened)
    flash(f"“{task.label}”已提交。" + (f"下一步：{following}。" if following else ""), "ok")
    return url_for("inbox.todo")
