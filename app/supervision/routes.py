"""Pages of 督办: the board, the list, opening by hand, unit scores, the sample review. Thin: parse, permission, service, template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.inbox import answers
from app.inbox import lists as inbox_lists
from app.inbox.filters import Place
from app.supervision import board as boards
from app.supervision import export, listing, opening, queries, rows, services
from app.supervision import reviews as sample_reviews
from app.supervision import scores as unit_scores
from app.supervision.listing import Wanted
from app.supervision.models import Matter, MatterReferral
from app.supervision.words import REFER_TO
from workflows.errors import FormError, HandlerFailed, WorkflowError
from workflows.time import local, now

bp = Blueprint("supervision", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/supervision")
@permission("supervision.view")
def board() -> str:
    """督办看板: open matters by unit and age, and the trend."""
    moment = now()
    found = boards.board(db.session, current_user, moment, queries.unit_names(db.session))
    return render_template("supervision/board.html", board=found, said=clockwords.headline(moment))


@bp.get("/supervision/matters")
@permission("supervision.view")
def index() -> str | Response:
    """督办件: all the person may see, most urgent first."""
    session, moment, wanted = db.session, now(), Wanted.read(request.args)
    state = request.args.get("state", "open")
    state = state if state in listing.STATES else "open"
    ages, _ = boards.settings(session)
    units = queries.unit_names(session)
    if request.args.get("format") == "xlsx":
        page = listing.page(session, current_user, wanted, state, moment, ages, limit=listing.EXPORT_MOST)
        return _workbook(rows.lines(session, page.rows, moment, units))
    page = listing.page(session, current_user, wanted, state, moment, ages, after=_place("after"), before=_place("before"))
    head = listing.head(session, current_user, replace(wanted, light=""), state, moment, ages)

    def link(args: Mapping[str, str]) -> str:
        return _address({**args, **({"state": state} if state != "open" else {})})

    total = "999+" if head.capped else str(head.total)
    return render_template(
        "supervision/index.html",
        lines=rows.lines(session, page.rows, moment, units),
        chips=rows.chips(wanted, head, ages, units.items(), link),
        wanted=wanted,
        state=state,
        views=[(label, _address({**wanted.having(), "state": key}), key == state) for key, label in listing.STATES.items()],
        pager=inbox_lists.pager(page, "" if wanted.light else total, link, wanted.having(), moment, by_due=state == "open"),
        export_url=link({**wanted.having(), "format": "xlsx"}),
        said=clockwords.headline(moment),
    )


@bp.get("/supervision/new")
@permission("supervision.open")
def new() -> str:
    """督办立项 by hand."""
    return _new({**opening.form().defaults({}), "subject": request.args.get("subject")}, {})


@bp.post("/supervision/new")
@permission("supervision.open")
def new_post() -> BaseResponse | tuple[str, int]:
    """Open the matter, or show what has to be changed with everything that was typed."""
    typed = answers.parse(opening.form(), request.form)
    try:
        opened = services.open_by_hand(db.session, current_user, opening.check(db.session, current_user, typed))
    except FormError as error:
        db.session.rollback()
        return _new(typed, error.errors), 422
    except WorkflowError as error:
        db.session.rollback()
        return _new(typed, {"": error.message}), 500 if isinstance(error, HandlerFailed) else 409
    if opened.case_id is not None:
        flash("督办已立项。", "ok")
        return redirect(url_for("cases.show", case_id=opened.case_id), 303)
    flash(f"已并入正在办理的 {opened.joined}。" if opened.joined else "已提请督办，督办件稍后出现在列表里。", "ok")
    return redirect(url_for("supervision.index"), 303)


@bp.get("/supervision/scores")
@permission("supervision.view")
def scores() -> str:
    """单位得分: the four shares with the formula beside them."""
    session, moment = db.session, now()
    days, weights = unit_scores.settings(session)
    found = unit_scores.scores(session, list(queries.unit_names(session).items()), moment)
    return render_template(
        "supervision/scores.html", lines=found, parts=unit_scores.PARTS, days=days, formula=unit_scores.formula(weights),
        until=f"{local(moment):%Y-%m-%d}",
    )  # fmt: skip


@bp.get("/supervision/scores/<unit>/<part>")
@permission("supervision.view")
def score_cases(unit: str, part: str) -> str:
    """The cases behind one number of the scores."""
    names = queries.unit_names(db.session)
    if unit not in names or part not in unit_scores.PARTS:
        abort(404)
    found = unit_scores.cases(db.session, current_user, unit, part, now())
    return render_template(
        "supervision/score_cases.html", cases=found, unit=names[unit], part=unit_scores.PARTS[part], most=unit_scores.MOST
    )


@bp.get("/supervision/reviews")
@permission("review.view")
def reviews() -> str:
    """案卷抽查: the draws of a month, their seeds, samples and results."""
    session = db.session
    months = sample_reviews.months(session)
    month = request.args.get("month", "")
    month = month if month in months else next(iter(months), "")
    lines = sample_reviews.draws(session, current_user, month, queries.unit_names(session)) if month else []
    shares = sample_reviews.shares(session, month, month) if month else {}
    total = sample_reviews.total(list(shares.values()))
    return render_template("supervision/reviews.html", lines=lines, months=months, month=month, total=total)


@bp.get("/supervision/matters/<uuid:case_id>/referrals/<uuid:referral_id>")
@permission("supervision.view")
def referral(case_id: UUID, referral_id: UUID) -> Response:
    """A proposal of liability as a paper, for those it may be shown to (条例30)."""
    matter = db.session.get(Matter, case_id)
    policy.require("case.see", case_id if matter is not None else None)
    found = db.session.get(MatterReferral, referral_id)
    if matter is None or found is None or found.case_id != case_id or not queries.is_inside(db.session, current_user, matter):
        abort(404)
    codes = services.code_labels(db.session, found.codes)
    body = render_template("supervision/referral.html", matter=matter, referral=found, codes=codes, to=REFER_TO[found.refer_to])
    return Response(body, headers={"Cache-Control": "private, no-store"})


def _new(typed: dict[str, Any], errors: dict[str, str]) -> str:
    drawn = opening.draw(db.session, current_user, typed, errors)
    return render_template("supervision/new.html", form=opening.form(), screen=drawn, error=errors.get("", ""))


def _workbook(lines: list[rows.Line]) -> Response:
    response = Response(export.workbook(lines), mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=supervision-{now():%Y%m%d-%H%M}.xlsx"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _place(name: str) -> Place | None:
    return Place.read(request.args.get(name, ""))


def _address(args: Mapping[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v})
    return f"{url_for('supervision.index')}{'?' + query if query else ''}"
