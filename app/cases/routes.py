"""Pages of a case: the case itself, its diagram, closing an open item; and the table of legal periods."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import db
from app.accounts import policy
from app.accounts.policy import permission
from app.cases import diagram, page, queries, rules
from app.engine import get_engine
from workflows.errors import WorkflowError
from workflows.tables import Case, Link
from workflows.time import now

bp = Blueprint("cases", __name__)

REASON_LEAST = 10  # characters: closing an open item is a decision and says why


@bp.get("/cases/<uuid:case_id>")
@permission("case.see")
def show(case_id: UUID) -> Response:
    """The case: my step first if there is one."""
    policy.require("case.see", db.session.get(Case, case_id))
    return page.render(case_id, current_user)


@bp.get("/cases/<uuid:case_id>/diagram.json")
@permission("case.see")
def diagram_json(case_id: UUID) -> Response:
    """Where the run stands on its drawing; ``instance`` picks one of the case's instances."""
    policy.require("case.see", db.session.get(Case, case_id))
    known = {str(row.id): row.id for row in queries.instances(db.session, case_id)}
    wanted = request.args.get("instance", "")
    if not known or (wanted and wanted not in known):
        abort(404)
    return jsonify(diagram.as_json(db.session, known[wanted] if wanted else next(iter(known.values())), now()))


@bp.get("/procedures/<version>/<file>")
@permission("procedure.see")
def diagram_file(version: str, file: str) -> Response:
    """A .bpmn of a deployed version, as the viewer reads it. A version never changes, so the browser may keep it."""
    xml = queries.file_of_version(db.session, version, file) if file.endswith(".bpmn") else None
    if xml is None:
        abort(404)
    response = Response(xml, mimetype="application/xml")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@bp.get("/cases/lookup")
@permission("petition.search")
def lookup() -> Response:
    """Cases for a typeahead: only those the person may see."""
    typed = request.args.get("q", "").strip()[:60]
    found = queries.lookup(db.session, current_user, typed) if len(typed) >= 2 else []
    return jsonify([{"value": str(c.id), "label": f"{c.number or ''} {c.title}".strip(), "note": _state(c)} for c in found])


def _state(case: Case) -> str:
    return "已归档" if case.status == "closed" else "在办"


@bp.post("/links/<uuid:link_id>/close")
@permission("link.close")
def close_link(link_id: UUID) -> BaseResponse:
    """Close an open item with its result and the reason."""
    link = db.session.get(Link, link_id)
    policy.require("link.close", link)
    assert link is not None
    result, reason = request.form.get("result", "").strip(), request.form.get("reason", "").strip()
    back = redirect(url_for("cases.show", case_id=link.case_id, tab="links"), 303)
    if not result or len(reason) < REASON_LEAST:
        flash("请写明结果。" if not result else f"请用至少 {REASON_LEAST} 个字写明理由。", "error")
        return back
    try:
        get_engine().close_link(db.session, link_id, current_user.actor(), {"result": result, "reason": reason})
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
        return back
    flash(f"“{link.label}”已办结。", "ok")
    return back


@bp.get("/clocks")
@permission("clocks.view")
def rules_page() -> str:
    """时限依据: every legal period with its article; what is not verified says so."""
    return render_template("cases/rules.html", groups=rules.groups(get_engine().rules, now()))
