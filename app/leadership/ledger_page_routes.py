"""Pages of the ledger (动态管理台账): the table, the history of a cell, saved views, Excel, print."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.leadership import ledger_history, ledger_page, ledger_page_xlsx, queries, services
from app.leadership.ledger import BY_KEY
from app.leadership.ledger_page import Look
from workflows.tables import Case
from workflows.time import local, now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "领导包案动态管理台账"


def add_to(bp: Blueprint) -> None:
    """Put these pages on the blueprint of the area."""
    bp.add_url_rule("/leadership", "ledger", ledger, methods=["GET"])
    bp.add_url_rule("/leadership/print", "ledger_print", print_page, methods=["GET"])
    bp.add_url_rule("/leadership/ledger.xlsx", "ledger_xlsx", xlsx, methods=["GET"])
    bp.add_url_rule("/leadership/views", "save_view", save_view, methods=["POST"])
    bp.add_url_rule("/leadership/views/drop", "drop_view", drop_view, methods=["POST"])
    bp.add_url_rule("/leadership/<uuid:case_id>/cells/<key>", "cell", cell, methods=["GET"])


def _look() -> Look:
    return ledger_page.read(db.session, current_user, request.args, now())


@permission("leadership.view")
def ledger() -> str:
    """The ledger, live or as it stood on a past day."""
    look = _look()
    shown = ledger_page.context(db.session, current_user, look, now())
    if request.args.get("at") and look.at is None:
        flash("历史日期要早于今天，现在显示的是当前台账。", "info")
    exporting, opening = policy.can(current_user, "leadership.export"), policy.can(current_user, "leadership.open")
    saving = not current_user.has_role("auditor")
    return render_template(
        "leadership/ledger.html", said=_said(look), exporting=exporting, opening=opening, saving=saving, usual=ledger_page.DEFAULT, **shown
    )


def _said(look: Look) -> str:
    if look.at is not None:
        return f"{look.at:%Y-%m-%d} 24:00 的台账，按轨迹还原"
    return f"{clockwords.headline(now())} 的台账，随办理实时变动"


@permission("leadership.view")
def cell(case_id: UUID, key: str) -> str:
    """The history of one cell: what it said from when to when, who made it so, at which step."""
    case = db.session.get(Case, case_id)
    policy.require("case.see", case)
    if key not in BY_KEY or case is None:
        abort(404)
    moment = now()
    periods = ledger_history.history(db.session, case_id, key)
    steps = queries.steps_behind(db.session, [period.event_id for period in periods])
    return render_template(
        "leadership/_history.html", case=case, column=BY_KEY[key], periods=periods, steps=steps,
        when=lambda at: clockwords.moment(at, moment),
    )  # fmt: skip


@permission("leadership.export")
def print_page() -> str:
    """Every row on paper: A3 landscape, the header on each page."""
    look = _look()
    found, total = ledger_page.rows(db.session, current_user, look, every=True)
    return render_template(
        "leadership/ledger_print.html", look=look, rows=found, total=total, title=TITLE, said=_said(look),
        columns=[BY_KEY[key] for key in look.columns], light_words=ledger_page.LIGHT_WORDS, back=ledger_page.link(look),
        by=f"{current_user.name}　{local(now()):%Y-%m-%d %H:%M}",
    )  # fmt: skip


@permission("leadership.export")
def xlsx() -> Response:
    """The same rows as a workbook."""
    look = _look()
    found, total = ledger_page.rows(db.session, current_user, look, every=True)
    said = f"{_said(look)}　共 {total} 件　制表 {current_user.name} {local(now()):%Y-%m-%d %H:%M}"
    response = Response(ledger_page_xlsx.workbook(TITLE, said, look.columns, found, lights=look.at is None), mimetype=XLSX)
    day = f"{look.at:%Y%m%d}" if look.at is not None else f"{local(now()):%Y%m%d-%H%M}"
    response.headers.set("Content-Disposition", "attachment", filename=f"leader-ledger-{day}.xlsx")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@permission("leadership.view")
def save_view() -> BaseResponse:
    """Keep the columns and the filters of now under a name; without one they become the usual columns."""
    columns = [key for key in request.form.getlist("col") if key in BY_KEY]
    name = request.form.get("name", "").strip()[: ledger_page.NAME_MOST] or ledger_page.DEFAULT
    look = ledger_page.read(db.session, current_user, request.form, now())
    if not columns:
        flash("请至少选一列。", "error")
        return redirect(ledger_page.link(look), 303)
    usual = name == ledger_page.DEFAULT
    services.save_view(db.session, current_user.id, name, columns, {} if usual else look.filters.as_args())
    flash("以后打开台账就用这些列。" if usual else f"已保存为“{name}”。", "ok")
    kept = ledger_page.read(db.session, current_user, request.form, now())
    return redirect(ledger_page.link(kept, view="" if usual else name), 303)


@permission("leadership.view")
def drop_view() -> BaseResponse:
    """Forget a saved view; the ledger itself is not touched."""
    name = request.form.get("name", "")
    services.drop_view(db.session, current_user.id, name)
    flash("已恢复显示全部列。" if name == ledger_page.DEFAULT else f"已删去“{name}”。", "ok")
    return redirect(url_for("leadership.ledger"), 303)
