"""Pages of the bureau's side: the list, 案源, screening, material, letters, sealed packages, consultation. Thin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts.policy import permission
from app.inbox import answers
from app.transfers import (
    board_routes,
    consulting,
    detention_routes,
    export,
    forms,
    listing,
    opening,
    package_routes,
    paging,
    penalty_routes,
    police_routes,
    procuratorate_routes,
    rescreening,
    rows,
    screening_form,
    screening_page,
    sharing_routes,
)
from app.transfers.listing import Mark, Wanted
from app.transfers.models import Transfer
from workflows.errors import FormError, WorkflowError
from workflows.time import now

bp = Blueprint("transfers", __name__)
for _pages in (package_routes, penalty_routes, detention_routes, police_routes, procuratorate_routes, board_routes, sharing_routes):
    _pages.add_to(bp)


# --- the list -----------------------------------------------------------------------------------------------------------


@bp.get("/transfers")
@permission("transfers.view")
def index() -> str | Response:
    """移送案件: those the person may see, the most urgent first."""
    session, moment, wanted = db.session, now(), Wanted.read(request.args)
    if request.args.get("format") == "xlsx":
        found, _ = listing.page(session, current_user, wanted, moment, limit=listing.EXPORT_MOST)
        return export.transfers(rows.lines(session, found, moment))
    found, mark = listing.page(session, current_user, wanted, moment, after=Mark.read(request.args.get("after", "")))
    counted = listing.counts(session, current_user, wanted, moment)
    return render_template(
        "transfers/index.html", lines=rows.lines(session, found, moment), wanted=wanted, chips=rows.chips(wanted, counted, _address),
        views=[(label, _address(wanted.having(state=key)), key == wanted.state) for key, label in listing.STATES.items()],
        next_url=_address({**wanted.having(), "after": str(mark)}) if mark else "", total=counted["total"],
        export_url=_address({**wanted.having(), "format": "xlsx"}), said=clockwords.headline(moment), clear=_address({}),
    )  # fmt: skip


def _address(args: dict[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v})
    return f"{url_for('transfers.index')}{'?' + query if query else ''}"


# --- 案源 ---------------------------------------------------------------------------------------------------------------


@bp.get("/transfers/new")
@permission("transfers.open")
def new() -> str:
    """案源立件."""
    return _new({**forms.defaults("open_source"), "penalty": request.args.get("penalty")}, {})


@bp.post("/transfers/new")
@permission("transfers.open")
def new_post() -> BaseResponse | tuple[str, int]:
    """Open the file; the facts are its first step."""
    typed = answers.parse(forms.form("open_source"), request.form)
    try:
        clean = forms.check("open_source", typed, _offered(typed))
        case_id = opening.by_hand(db.session, current_user, clean)
    except FormError as error:
        db.session.rollback()
        return _new(typed, error.errors), 422
    except WorkflowError as error:
        db.session.rollback()
        return _new(typed, {"": error.message}), paging.status(error)
    flash("已建档，请填写筛查的事实。", "ok")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _offered(typed: dict[str, Any]) -> forms.Choices:
    return forms.opening_choices(db.session, current_user, str(typed.get("unit") or ""))


def _new(typed: dict[str, Any], errors: dict[str, str]) -> str:
    return paging.form_page("open_source", typed, errors, url_for("transfers.new"), paging.LIST, offered=_offered(typed))


# --- screening ----------------------------------------------------------------------------------------------------------


@bp.get("/transfers/<uuid:case_id>/screening", endpoint="screening_page")
@permission("transfers.view")
def screening_rounds(case_id: UUID) -> str:
    """Every screening of a file: facts, measured and standard, hits, law, version; the table itself beside it."""
    transfer = paging.transfer(case_id, "case.see")
    return render_template("transfers/screening.html", transfer=transfer, rounds=screening_page.rounds(db.session, case_id), now=now())


@bp.get("/transfers/table.dmn")
@permission("transfers.view")
def table() -> Response:
    """The decision table as it is deployed, for the viewer."""
    response = Response(screening_page.table(db.session), content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/transfers/<uuid:case_id>/rescreen")
@permission("transfers.material")
def rescreen(case_id: UUID) -> str:
    """Facts changed: the form of the first step again, with what was entered."""
    transfer = paging.transfer(case_id, "transfers.material")
    return _rescreen(transfer, rescreening.before(db.session, case_id), {})


@bp.post("/transfers/<uuid:case_id>/rescreen")
@permission("transfers.material")
def rescreen_post(case_id: UUID) -> BaseResponse | tuple[str, int]:
    transfer = paging.transfer(case_id, "transfers.material")
    form = screening_form.form(db.session)
    typed = answers.parse(form, request.form)
    try:
        said = rescreening.again(db.session, current_user, transfer, screening_form.check(form, typed))
    except FormError as error:
        db.session.rollback()
        return _rescreen(transfer, typed, error.errors), 422
    flash(said, "ok")
    return redirect(url_for("transfers.screening_page", case_id=case_id), 303)


def _rescreen(transfer: Transfer, typed: dict[str, Any], errors: dict[str, str]) -> str:
    form = screening_form.form(db.session)
    drawn = screening_form.draw(form, typed, errors, url_for("files.add_to_case", case_id=transfer.case_id))
    return paging.drawn_page(
        form, drawn, errors, url_for("transfers.rescreen", case_id=transfer.case_id),
        paging.to_case(transfer.case_id), title="事实有变化，重新筛查", submit="重新筛查",
    )  # fmt: skip


# --- 会商 ---------------------------------------------------------------------------------------------------------------


@bp.route("/transfers/<uuid:case_id>/consult", methods=["GET", "POST"])
@permission("transfers.consult")
def consult(case_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """Begin a consultation or an invitation; its question is its first step, at the head of the unit."""
    transfer = paging.transfer(case_id, "transfers.consult")
    typed = answers.parse(forms.form("consult"), request.form) if request.method == "POST" else {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        made, errors = paging.tried(lambda: _consulted(transfer, typed))
        if made is not None:
            flash("已建档，由单位负责人写明内容后发出。", "ok")
            return redirect(url_for("cases.show", case_id=made), 303)
    action, back = url_for("transfers.consult", case_id=case_id), paging.to_case(case_id)
    page = paging.form_page("consult", typed, errors, action, back)
    return (page, 422) if errors else page


def _consulted(transfer: Transfer, typed: dict[str, Any]) -> UUID:
    clean = forms.check("consult", typed, {})
    return consulting.begin(db.session, current_user, transfer, clean["kind"], clean["asked"])
