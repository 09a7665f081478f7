"""Pages of petitions: the list, registration, imported ones to confirm. Thin: parse, permission, service, template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import queries as accounts
from app.accounts.policy import permission
from app.imports import services as imports
from app.inbox import answers, export
from app.inbox import lists as inbox_lists
from app.inbox.filters import Filter, Place
from app.petitions import action_routes, listing, registration, rows, services
from workflows.errors import FormError, HandlerFailed, WorkflowError
from workflows.library import uuid_or_none
from workflows.time import now

bp = Blueprint("petitions", __name__)
action_routes.add_to(bp)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUGGESTIONS = 8


@bp.get("/petitions")
@permission("petition.list")
def index() -> str | Response:
    """信访事项: all the person may see, most urgent first."""
    session, moment, wanted = db.session, now(), Filter.read(request.args)
    state = request.args.get("state", "open")
    state = state if state in listing.STATES else "open"
    if request.args.get("format") == "xlsx":
        page = listing.page(session, current_user, wanted, state, moment, limit=listing.EXPORT_MOST)
        return _workbook(rows.lines(session, page.rows, moment))
    page = listing.page(session, current_user, wanted, state, moment, after=_place("after"), before=_place("before"))
    head = listing.head(session, current_user, replace(wanted, light=""), state, moment)

    def link(args: Mapping[str, str]) -> str:
        return _address({**args, **({"state": state} if state != "open" else {})})

    total = "999+" if head.capped else str(head.total)
    return render_template(
        "petitions/index.html",
        lines=rows.lines(session, page.rows, moment),
        chips=inbox_lists.chips(wanted, head, session, link, accounts.units(session)),
        wanted=wanted,
        state=state,
        views=[(label, _address({**wanted.having(), "state": key}), key == state) for key, label in listing.STATES.items()],
        pager=inbox_lists.pager(page, "" if wanted.light else total, link, wanted.having(), moment),
        export_url=link({**wanted.having(), "format": "xlsx"}),
        said=clockwords.headline(moment),
    )


@bp.route("/petitions/new", methods=["GET"])
@bp.route("/petitions/register", methods=["GET"])
@permission("petition.register")
def register() -> str:
    """登记: the page, with what was typed last if it was not sent."""
    return _page(None, {})


@bp.post("/petitions/new")
@permission("petition.register")
def register_post() -> Response | BaseResponse | tuple[str, int]:
    """Register, or show what has to be changed with everything that was typed."""
    typed = answers.parse(registration.form(db.session), request.form)
    try:
        done = services.register(db.session, current_user, typed)
    except FormError as error:
        return _again(typed, error.errors, 422)
    except HandlerFailed as error:
        return _again(typed, {"": error.message}, 500)
    except WorkflowError as error:
        return _again(typed, {"": error.message}, 422)
    number = registration.number_of(db.session, done.case_id)
    flash(f"已登记：{number}。", "ok")
    if request.form.get("next"):
        return redirect(url_for("petitions.register"), 303)
    return redirect(url_for("cases.show", case_id=done.case_id), 303)


@bp.post("/petitions/new/draft")
@permission("petition.register")
def register_draft() -> tuple[str, int]:
    """Keep what is being typed; called by the page a moment after typing stops."""
    services.save_draft(db.session, current_user.id, answers.parse(registration.form(db.session), request.form))
    return "", 204


@bp.post("/petitions/new/clear")
@permission("petition.register")
def register_clear() -> BaseResponse:
    """Throw the draft away and begin with an empty page."""
    services.drop_draft(db.session, current_user.id)
    return redirect(url_for("petitions.register"), 303)


@bp.post("/petitions/new/duplicates")
@permission("petition.register")
def duplicates() -> str:
    """The panel beside the form: items that may be the same, and why."""
    typed = answers.parse(registration.form(db.session), request.form)
    return render_template("petitions/_duplicates.html", **registration.duplicates(db.session, current_user, typed, now()))


@bp.get("/petitions/enterprises")
@permission("petition.search")
def enterprises() -> Response:
    """Typeahead over the names of enterprises known so far."""
    typed = request.args.get("q", "").strip()
    found = registration.enterprises(db.session, typed, SUGGESTIONS) if len(typed) > 1 else []
    return jsonify([{"value": e.name, "label": e.name, "note": ""} for e in found])


@bp.get("/petitions/pending")
@permission("petition.register")
def pending() -> str:
    """待确认登记: what an import brought, to be checked by a clerk."""
    found = imports.pending(db.session, sorted(current_user.holder_keys()))
    return render_template("petitions/pending.html", lines=rows.pending(db.session, found, now()))


@bp.post("/petitions/pending")
@permission("petition.register")
def confirm() -> BaseResponse:
    """Confirm the chosen ones as they stand."""
    ids = [found for text in request.form.getlist("ids") if (found := uuid_or_none(text)) is not None]
    if not ids:
        flash("请先选中要确认的登记。", "error")
        return redirect(url_for("petitions.pending"), 303)
    outcome = services.confirm_several(db.session, current_user, ids)
    if outcome.done:
        flash(f"已确认登记 {outcome.done} 件。", "ok")
    for said in outcome.refused[:5]:
        flash(said, "error")
    if len(outcome.refused) > 5:
        flash(f"另有 {len(outcome.refused) - 5} 件没有确认，请逐件核对。", "error")
    return redirect(url_for("petitions.pending"), 303)


def _page(typed: dict[str, Any] | None, errors: dict[str, str]) -> str:
    return render_template("petitions/register.html", **registration.page(db.session, current_user, typed, errors, now()))


def _again(typed: dict[str, Any], errors: dict[str, str], status: int) -> tuple[str, int]:
    """The refusal rolls the request back; what was typed is kept in a transaction of its own."""
    db.session.rollback()
    person: UUID = current_user.id
    with db.transaction() as session:
        services.save_draft(session, person, typed)
    return _page(typed, errors), status


def _workbook(lines: list[inbox_lists.Line]) -> Response:
    response = Response(export.workbook("信访事项", lines), mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=petitions-{now():%Y%m%d-%H%M}.xlsx"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _place(name: str) -> Place | None:
    return Place.read(request.args.get(name, ""))


def _address(args: Mapping[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v})
    return f"{url_for('petitions.index')}{'?' + query if query else ''}"
