"""Case actions and the reveal of an identity: each a small page and one POST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import db
from app.accounts import policy
from app.accounts.policy import permission
from app.inbox import answers, screen
from app.inbox.screen import Sources
from app.petitions import actions, masking, options
from app.petitions.models import Petition
from workflows.errors import FormError, WorkflowError
from workflows.forms import Field
from workflows.tables import Case

REASON_LEAST = 4  # characters: a reason somebody can understand later


def add_to(bp: Blueprint) -> None:
    """Put these pages on the petitions' blueprint."""
    bp.add_url_rule("/cases/<uuid:case_id>/actions/<name>", "act", show, methods=["GET"])
    bp.add_url_rule("/cases/<uuid:case_id>/actions/<name>", "act_post", perform, methods=["POST"])
    bp.add_url_rule("/cases/<uuid:case_id>/identity", "reveal", reveal, methods=["POST"])


@permission("case.see")
def show(case_id: UUID, name: str) -> str | BaseResponse:
    """The small form of an action."""
    case, action = _may(case_id, name)
    if (reason := actions.why_not(db.session, case, name)) is not None:
        flash(reason, "error")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    known = actions.context(db.session, case)
    return _page(case, action, action.form.defaults(known), {})


@permission("case.see")
def perform(case_id: UUID, name: str) -> BaseResponse | tuple[str, int]:
    """Do it; a refusal comes back with what was typed."""
    case, action = _may(case_id, name)
    typed = answers.parse(action.form, request.form)
    try:
        outcome = actions.perform(db.session, current_user, case_id, name, typed)
    except FormError as error:
        db.session.rollback()
        return _page(case, action, typed, error.errors), 422
    except WorkflowError as error:
        db.session.rollback()
        return _page(case, action, typed, {"": error.message}), 409
    flash(action.done, "ok")
    if outcome.task_id is not None:
        return redirect(url_for("inbox.task", task_id=outcome.task_id), 303)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@permission("identity.reveal")
def reveal(case_id: UUID) -> Response | BaseResponse:
    """Show the identity once, after the reason is in the audit, committed by itself."""
    case = db.session.get(Case, case_id)
    policy.require("identity.reveal", case)
    assert case is not None
    petition = db.session.get(Petition, case_id)
    if petition is None:
        abort(404)
    if masking.visible(db.session, current_user, petition, case) == "sealed":
        abort(403)
    reason = request.form.get("reason", "").strip()
    if len(reason) < REASON_LEAST:
        flash("请写明查看身份的理由。", "error")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    masking.log_reveal(case_id, petition.number, current_user.actor(), reason)
    body = render_template(
        "petitions/identity.html", case=case, petition=petition, shown=masking.identity(petition, "full"), reason=reason,
        representatives=masking.representatives(petition, "full"),
    )  # fmt: skip
    return Response(body, headers={"Cache-Control": "private, no-store"})


def _may(case_id: UUID, name: str) -> tuple[Case, actions.Action]:
    """The case and the action, or 404 and 403 for those who may not."""
    action = actions.all_actions().get(name)
    case = db.session.get(Case, case_id)
    if action is None or case is None:
        abort(404)
    policy.require(action.permission, case)
    return case, action


def _page(case: Case, action: actions.Action, values: dict[str, Any], errors: dict[str, str]) -> str:
    def choose(field: Field) -> list[tuple[str, str]]:
        return list((options.allowed(db.session, case.id, case.attrs, field, values) or {}).items())

    known = actions.context(db.session, case)
    drawn = screen.draw(action.form, values, known, {k: v for k, v in errors.items() if k}, Sources(choose=choose))
    return render_template("petitions/action.html", case=case, action=action, screen=drawn, error=errors.get("", ""))
