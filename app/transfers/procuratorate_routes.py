"""Pages of the procuratorate: its desk, and a matter it found by itself. Thin. Case page and steps are everybody's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts.policy import permission
from app.inbox import answers
from app.transfers import (
    boards_export,
    paging,
    procuratorate_opening,
    procuratorate_rows,
)
from app.transfers import procuratorate_listing as listing
from app.transfers.procuratorate_listing import PAGE, Wanted
from workflows.errors import FormError, WorkflowError
from workflows.time import now


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    bp.add_url_rule("/procuratorate", "procuratorate", desk, methods=["GET"])
    bp.add_url_rule("/procuratorate/found", "procuratorate_found", found, methods=["GET", "POST"])


@permission("transfers.procuratorate")
def desk() -> str | Response:
    """移送监督: every transfer of this procuratorate's level with its clocks and who is late."""
    session, moment, wanted = db.session, now(), Wanted.read(request.args)
    keys = current_user.holder_keys()
    if request.args.get("format") == "xlsx":
        rows, _ = listing.page(session, current_user, wanted, moment, limit=listing.EXPORT_MOST)
        lines = [procuratorate_rows.cells(view) for view in procuratorate_rows.views(session, rows, keys, moment)]
        return boards_export.workbook("移送监督", [("移送监督", procuratorate_rows.COLUMNS, lines)])
    start = request.args.get("from", "0")
    offset = int(start) if start.isdecimal() and len(start) < 7 else 0
    rows, total = listing.page(session, current_user, wanted, moment, offset=offset)
    counted = listing.counts(session, current_user, wanted, moment)
    return render_template(
        "transfers/procuratorate/desk.html", views=procuratorate_rows.views(session, rows, keys, moment), wanted=wanted, total=total,
        chips=procuratorate_rows.chips(wanted, counted, _address), mine=counted["mine"], late=counted["late"],
        states=[(label, _address(wanted.having(state=key)), key == wanted.state) for key, label in listing.STATES.items()],
        next_url=_address({**wanted.having(), "from": str(offset + PAGE)}) if offset + PAGE < total else "",
        prev_url=_address({**wanted.having(), "from": str(max(offset - PAGE, 0))}) if offset else "",
        export_url=_address({**wanted.having(), "format": "xlsx"}), said=clockwords.headline(moment),
    )  # fmt: skip


def _address(args: dict[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v})
    return f"{url_for('transfers.procuratorate')}{'?' + query if query else ''}"


@permission("transfers.found")
def found() -> str | BaseResponse | tuple[str, int]:
    """登记应当移送而不移送的案件."""
    typed: dict[str, Any] = {}
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        typed = answers.parse(procuratorate_opening.form(), request.form)
        try:
            case_id = procuratorate_opening.open_found(db.session, current_user, typed)
        except FormError as error:
            db.session.rollback()
            errors, status = error.errors, 422
        except WorkflowError as error:
            db.session.rollback()
            errors, status = {"": error.message}, paging.status(error)
        else:
            flash("已登记，请查询、调阅后提出审查结论。", "ok")
            return redirect(url_for("cases.show", case_id=case_id), 303)
    drawn = procuratorate_opening.draw(db.session, current_user, typed, errors)
    page = render_template(
        "transfers/procuratorate/found.html", form=procuratorate_opening.form(), screen=drawn, error=errors.get("", ""),
        action=url_for("transfers.procuratorate_found"),
    )  # fmt: skip
    return page if status == 200 else (page, status)
