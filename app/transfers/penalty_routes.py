"""Pages of the penalty register (行政处罚登记): list, entry, decision, progress, import. Thin."""

from __future__ import annotations

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
from app.transfers import (
    export,
    facts,
    forms,
    hold,
    items,
    paging,
    penalties,
    penalty_import,
    penalty_listing,
    penalty_question,
    screening_form,
    words,
)
from app.transfers.models import PenaltyCase
from app.transfers.penalty_listing import PAGE, Wanted
from workflows.errors import FormError, WorkflowError
from workflows.time import local, now


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    bp.add_url_rule("/penalties", "penalties", index, methods=["GET"])
    bp.add_url_rule("/penalties/new", "penalty_new", new, methods=["GET", "POST"])
    bp.add_url_rule("/penalties/import", "penalty_import", take, methods=["GET", "POST"])
    bp.add_url_rule("/penalties/<uuid:penalty_id>", "penalty", show, methods=["GET"])
    bp.add_url_rule("/penalties/<uuid:penalty_id>/screening", "penalty_screening", screen, methods=["GET", "POST"])
    bp.add_url_rule("/penalties/<uuid:penalty_id>/decision", "penalty_decide", decide, methods=["GET", "POST"])
    bp.add_url_rule("/penalties/<uuid:penalty_id>/progress", "penalty_progress", progress, methods=["GET", "POST"])


@permission("penalties.view")
def index() -> str | Response:
    session, today, wanted = db.session, local(now()).date(), Wanted.read(request.args)
    if request.args.get("format") == "xlsx":
        found, _ = penalty_listing.page(session, current_user, wanted, today, limit=penalty_listing.EXPORT_MOST)
        return export.penalties(found)
    start = request.args.get("from", "0")
    offset = int(start) if start.isdecimal() and len(start) < 7 else 0
    found, total = penalty_listing.page(session, current_user, wanted, today, offset=offset)
    views = [(label, _address(wanted.having(state=key)), key == wanted.state) for key, label in penalty_listing.STATES.items()]
    return render_template(
        "transfers/penalties.html", found=found, wanted=wanted, total=total, words=words, today=today,
        held={p.id for p in found if hold.held(session, p.id)}, views=views,
        next_url=_address({**wanted.having(), "from": str(offset + PAGE)}) if offset + PAGE < total else "",
        prev_url=_address({**wanted.having(), "from": str(max(offset - PAGE, 0))}) if offset else "",
        export_url=_address({**wanted.having(), "format": "xlsx"}), said=clockwords.headline(now()),
    )  # fmt: skip


def _address(args: dict[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v})
    return f"{url_for('transfers.penalties')}{'?' + query if query else ''}"


@permission("penalties.edit")
def new() -> str | BaseResponse | tuple[str, int]:
    """登记立案."""
    typed, errors = _typed("penalty"), {}
    if request.method == "POST":
        try:
            made = penalties.register(db.session, current_user, forms.check("penalty", typed, {}))
        except FormError as error:
            db.session.rollback()
            errors = error.errors
        else:
            flash("已登记。", "ok")
            return redirect(url_for("transfers.penalty", penalty_id=made.id), 303)
    page = paging.form_page("penalty", typed, errors, url_for("transfers.penalty_new"), paging.REGISTER)
    return (page, 422) if errors else page


@permission("penalties.view")
def show(penalty_id: UUID) -> str:
    penalty = _penalty(penalty_id)
    return render_template(
        "transfers/penalty.html", p=penalty, words=words, held=hold.held(db.session, penalty.id), moment=now(),
        holds=penalties.holds_of(db.session, penalty), hits=penalty_question.screened(db.session, penalty),
        facts=facts.lines(penalty.screening) if penalty.screening else None, items=items,
        answered=penalty_question.was_answered(db.session, penalty),
    )  # fmt: skip


@permission("penalties.edit")
def screen(penalty_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """涉罪筛查 of a penalty case; again whenever its facts change."""
    penalty, form, errors = _penalty(penalty_id), screening_form.of_penalty(db.session), dict[str, str]()
    typed = answers.parse(form, request.form) if request.method == "POST" else penalties.known_facts(penalty)
    if request.method == "POST":
        said, errors = paging.tried(lambda: penalties.screen(db.session, current_user, penalty, screening_form.check(form, typed)))
        if said is not None:
            flash(said, "ok")
            return redirect(url_for("transfers.penalty", penalty_id=penalty_id), 303)
    action, back = url_for("transfers.penalty_screening", penalty_id=penalty_id), _back(_penalty(penalty_id))
    page = paging.drawn_page(form, screening_form.draw(form, typed, errors), errors, action, back, title="涉罪筛查")
    return (page, 422) if errors else page


@permission("penalties.edit")
def decide(penalty_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """作出决定: refused while the transfer question is open or fines are held; what the attempt opens stays."""
    penalty, typed, errors = _penalty(penalty_id), _typed("penalty_decision"), {}
    if request.method == "POST":
        try:
            refusal = penalties.decide(db.session, current_user, penalty, forms.check("penalty_decision", typed, {}))
        except FormError as error:
            db.session.rollback()
            errors = error.errors
        else:
            if refusal is None:
                flash("决定已登记。", "ok")
                return redirect(url_for("transfers.penalty", penalty_id=penalty_id), 303)
            flash(refusal.reason, "error")  # answered below 400, so that a file it opened is kept
            return redirect(url_for("transfers.penalty", penalty_id=penalty_id), 303)
    action, back = url_for("transfers.penalty_decide", penalty_id=penalty_id), _back(penalty)
    page = paging.form_page("penalty_decision", typed or forms.defaults("penalty_decision"), errors, action, back)
    return (page, 422) if errors else page


@permission("penalties.edit")
def progress(penalty_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """送达、缴纳、改正、复查、结案."""
    penalty, typed, errors = _penalty(penalty_id), _typed("penalty_progress"), {}
    if request.method == "POST":
        errors = paging.tried(lambda: _progressed(penalty, typed))[1]
        if not errors:
            flash("已保存。", "ok")
            return redirect(url_for("transfers.penalty", penalty_id=penalty_id), 303)
    penalty = _penalty(penalty_id)
    values = typed or {name: _plain(getattr(penalty, name)) for name in forms.form("penalty_progress").fields}
    page = paging.form_page(
        "penalty_progress", values, errors, url_for("transfers.penalty_progress", penalty_id=penalty_id), _back(penalty)
    )
    return (page, 422) if errors else page


def _progressed(penalty: PenaltyCase, typed: dict[str, Any]) -> None:
    clean = forms.check("penalty_progress", typed, {})
    penalties.change(db.session, current_user, penalty, {f: clean.get(f) for f in forms.form("penalty_progress").fields})


@permission("penalties.edit")
def take() -> str | tuple[str, int]:
    """导入: each row is taken or refused on its own."""
    done, error = None, ""
    if request.method == "POST":
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            error = "请先选择文件。"
        else:
            try:
                done = penalty_import.run(db.session, current_user, sent.stream, sent.filename)
            except FormError as refused:
                db.session.rollback()
                error = "；".join(refused.errors.values())
            except WorkflowError as refused:
                db.session.rollback()
                error = refused.message
    page = render_template("transfers/penalty_import.html", done=done, error=error, headings=list(penalty_import.HEADINGS))
    return (page, 422) if error else page


def _typed(name: str) -> dict[str, Any]:
    return answers.parse(forms.form(name), request.form) if request.method == "POST" else {}


def _penalty(penalty_id: UUID) -> PenaltyCase:
    penalty = penalties.find(db.session, penalty_id)
    if penalty is None or not policy.can(current_user, "penalties.view", penalty):
        abort(404)
    return penalty


def _back(penalty: PenaltyCase) -> paging.Back:
    return url_for("transfers.penalty", penalty_id=penalty.id), penalty.number


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else f"{value:f}" if hasattr(value, "as_tuple") else value
