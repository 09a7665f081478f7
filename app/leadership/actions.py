"""Case actions of 领导包案 as pages: opening a file by hand, writing down a 接访 or 下访, changing the owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.wrappers import Response
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app import db
from app.accounts import policy
from app.accounts.models import Person
from app.accounts.policy import permission
from app.cases import queries as case_queries
from app.inbox import task_queries
from app.leadership import queries, reception, services
from workflows.errors import FormError, HandlerFailed, WorkflowError
from workflows.library import uuid_or_none
from workflows.tables import Case

FOUND_MOST = 10
PICKED_MOST = 30


def add_to(bp: Blueprint) -> None:
    """Put these pages on the blueprint of the area."""
    bp.add_url_rule("/leadership/new", "new", new, methods=["GET"])
    bp.add_url_rule("/leadership/new", "open_by_hand", open_by_hand, methods=["POST"])
    bp.add_url_rule("/leadership/petitions", "petitions", petitions, methods=["GET"])
    bp.add_url_rule("/cases/<uuid:case_id>/visit", "visit", visit, methods=["POST"])
    bp.add_url_rule("/cases/<uuid:case_id>/owner", "change", change, methods=["POST"])


# --- opened by hand ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picked:
    """A petition chosen for the file."""

    id: UUID
    label: str


@permission("leadership.open")
def new() -> str:
    """Pick petitions, say why; below, what fits the entry table and waits."""
    return _new(_chosen(db.session, current_user, request.args.getlist("petitions")), "", {})


@permission("leadership.open")
def open_by_hand() -> BaseResponse | tuple[str, int]:
    """Open a file for the chosen petitions, or join the one that is open for the same matter."""
    picked, reason = _chosen(db.session, current_user, request.form.getlist("petitions")), request.form.get("reason", "").strip()
    try:
        opened = services.open_by_hand(db.session, current_user, [one.id for one in picked], reason)
    except FormError as error:
        problems, status = error.errors, 422
    except HandlerFailed as error:
        problems, status = {"": error.message}, 500
    except WorkflowError as error:
        problems, status = {"": error.message}, 409
    else:
        flash("已并入同一事项的包案。" if opened.joined else "已提请包案，请拟定包案领导。", "ok")
        return redirect(_onward(opened.case_id, opened.task_ids), 303)
    db.session.rollback()
    again = _chosen(db.session, current_user, request.form.getlist("petitions"))
    return _new(again, reason, problems), status


def _new(picked: Sequence[Picked], reason: str, errors: Mapping[str, str]) -> str:
    there = {one.id for one in picked}
    waiting = services.candidates(db.session, current_user)
    return render_template("leadership/new.html", picked=picked, reason=reason, errors=errors, candidates=waiting, there=there)


def _chosen(session: Session, person: Person, given: Sequence[str]) -> list[Picked]:
    """The petitions among what was posted that the person may see, each once."""
    ids = list(dict.fromkeys(one for text in given if (one := uuid_or_none(text)) is not None))[:PICKED_MOST]
    cases, known = queries.cases_of(session, ids), queries.petitions_among(session, ids)
    seen = queries.seen_among(session, person, ids)
    chosen = [cases[id] for id in ids if id in known and id in seen]
    return [Picked(case.id, f"{case.number or '未编号'} {case.title}") for case in chosen]


@permission("leadership.open")
def petitions() -> Response:
    """Petitions for the typeahead: those the person may see, with the file they are in already."""
    typed = request.args.get("q", "").strip()[:60]
    found = case_queries.lookup(db.session, current_user, typed, limit=FOUND_MOST * 2) if len(typed) > 1 else []
    known = queries.petitions_among(db.session, [case.id for case in found])
    shown = [case for case in found if case.id in known][:FOUND_MOST]
    owned = services.ownerships_of(db.session, [case.id for case in shown])
    return jsonify([{"value": str(c.id), "label": f"{c.number or ''} {c.title}".strip(), "note": _note(owned.get(c.id))} for c in shown])


def _note(owned: Any) -> str:
    return f"已在包案 {owned.number or '未编号'}（{owned.status_label}）" if owned is not None else ""


# --- buttons of a file ------------------------------------------------------------------------------------------------


@permission("leadership.visit")
def visit(case_id: UUID) -> BaseResponse:
    """接访下访登记: opens the step at the owner; whoever may fill it in goes there at once."""
    case = _case(case_id, "leadership.visit")
    owner = uuid_or_none(str(case.attrs.get("owner") or ""))
    actor = reception.acting(db.session, current_user, owner) if owner is not None else current_user.actor()
    return _begin(case, services.why_no_visit, lambda: services.start_visit(db.session, actor, case.id), "接访下访登记已转包案领导。")


@permission("leadership.change")
def change(case_id: UUID) -> BaseResponse:
    """更换包案领导: opens the step at the head of the bureau."""
    case = _case(case_id, "leadership.change")
    return _begin(case, services.why_no_change, lambda: services.start_change(db.session, current_user.actor(), case.id), "已报局长决定。")


def _begin(case: Case, why_not: Callable[[Session, Case], str | None], start: Callable[[], Any], said: str) -> BaseResponse:
    back = redirect(url_for("cases.show", case_id=case.id), 303)
    if (why := why_not(db.session, case)) is not None:
        flash(why, "error")
        return back
    try:
        started = start()
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
        return back
    onward = _onward(case.id, started.task_ids)
    if onward == back.location:
        flash(said, "ok")
    return redirect(onward, 303)


def _onward(case_id: UUID, task_ids: Sequence[UUID]) -> str:
    """The opened step where it is this person's to do, else the case."""
    for task_id in task_ids:
        task = task_queries.find(db.session, task_id)
        if task is not None and policy.can(current_user, "task.complete", task):
            return url_for("inbox.task", task_id=task_id)
    return url_for("cases.show", case_id=case_id)


def _case(case_id: UUID, action: str) -> Case:
    case = db.session.get(Case, case_id)
    policy.require(action, case)
    if case is None or case.id not in queries.leader_cases_among(db.session, [case.id]):
        abort(404)
    return case
