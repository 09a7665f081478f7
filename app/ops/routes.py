"""Incidents: the list, one with its error and the retry. What was typed may hold personal data, so operators see field names only."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clockwords, db
from app.accounts.policy import permission
from app.engine import get_engine
from app.ops import services
from workflows import incidents as engine_incidents
from workflows.errors import WorkflowError
from workflows.tables import Case, Incident
from workflows.time import now

bp = Blueprint("ops", __name__, url_prefix="/ops")

ACTIONS = {"complete": "办理一步", "message": "传递消息", "clock": "时限到点"}


@bp.get("/incidents")
@permission("ops.see")
def incidents() -> str:
    resolved = request.args.get("resolved") == "1"
    rows = services.listed(db.session, resolved=resolved)
    moment = now()
    when = {r.id: clockwords.moment(r.at, moment) for r in rows}
    return render_template("ops/incidents.html", rows=rows, resolved=resolved, when=when, actions=ACTIONS)


@bp.get("/incidents/<uuid:incident_id>")
@permission("ops.see")
def incident(incident_id: UUID) -> str:
    row = db.session.get(Incident, incident_id)
    if row is None:
        abort(404)
    case = db.session.get(Case, row.case_id) if row.case_id else None
    moment = now()
    return render_template(
        "ops/incident.html", row=row, number=case.number if case else "", action=ACTIONS.get(row.action, row.action),
        when=clockwords.moment(row.at, moment), ended=clockwords.moment(row.resolved_at, moment),
    )  # fmt: skip


@bp.post("/incidents/<uuid:incident_id>/retry")
@permission("ops.incidents")
def retry(incident_id: UUID) -> Response:
    """Repeat the attempt as the person who made it."""
    try:
        services.retry(get_engine(), db.session, incident_id, current_user.actor())
        flash("已重做，故障已解除。", "ok")
    except WorkflowError as error:
        db.session.rollback()
        flash(f"重做没有成功：{error.message}", "error")
    return redirect(url_for("ops.incident", incident_id=incident_id), 303)


@bp.post("/incidents/<uuid:incident_id>/dismiss")
@permission("ops.incidents")
def dismiss(incident_id: UUID) -> Response:
    """Dealt with in another way: the person did the step again."""
    try:
        engine_incidents.dismiss(db.session, incident_id, current_user.actor())
        flash("已标为处理完毕。", "ok")
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
    return redirect(url_for("ops.incidents"), 303)
