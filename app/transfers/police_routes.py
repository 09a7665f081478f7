"""Pages of the police: the desk, the list with its export, the material of a file, the check of its hashes. Thin.

police_routes.add_to(bp)      puts them on the blueprint of the area
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.transfers import police_export, police_file, police_listing, police_rows, police_services
from app.transfers.police_listing import Line, Mark, Wanted
from app.transfers.police_rows import Row
from workflows.tables import Case
from workflows.time import now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    bp.add_url_rule("/police", "police_desk", desk, methods=["GET"])
    bp.add_url_rule("/police/files", "police_files", files, methods=["GET"])
    bp.add_url_rule("/police/files/<uuid:case_id>/material", "police_material", material, methods=["GET"])
    bp.add_url_rule("/police/files/<uuid:case_id>/check", "police_check", check, methods=["POST"])


@permission("police.view")
def desk() -> str:
    """移送到案: one row a transfer with its six steps; beside it the material of the one that is open."""
    session, moment, wanted = db.session, now(), Wanted.read(request.args, desk=True)
    found, mark = police_listing.page(session, current_user, wanted, moment, after=Mark.read(request.args.get("after", "")))
    counted = police_listing.counts(session, current_user, wanted, moment)
    rows, shown = police_rows.rows(session, current_user, found, moment), _open(found)
    return render_template(
        "transfers/police/desk.html", rows=rows, chips=police_rows.chips(wanted, counted, _desk), wanted=wanted,
        shown=next((row for row in rows if shown is not None and row.id == shown.row.case_id), None),
        packets=police_rows.packets(session, shown, moment) if shown is not None else [], address=_desk, counted=counted,
        next_url=_desk({**wanted.having(), "after": str(mark)}) if mark else "", said=_said(counted),
    )  # fmt: skip


def _open(found: list[Line]) -> Line | None:
    """The file whose material is shown: the one asked for, else the first."""
    asked = request.args.get("open", "")
    return next((line for line in found if str(line.row.case_id) == asked), found[0] if found else None)


def _said(counted: dict[str, int]) -> str:
    waiting, late = counted["sign"], counted["own_late"]
    parts = [f"待签收 {waiting} 件" if waiting else "", f"本机关超期 {late} 件" if late else "没有超期"]
    return f"{clockwords.headline(now())}　{'，'.join(part for part in parts if part)}"


@permission("police.view")
def files() -> str | Response:
    """移送案件: all files of the organ, the most urgent first; the same as a workbook."""
    session, moment, wanted = db.session, now(), Wanted.read(request.args)
    if request.args.get("format") == "xlsx":
        found, _ = police_listing.page(session, current_user, wanted, moment, limit=police_listing.EXPORT_MOST)
        return _workbook(police_rows.rows(session, current_user, found, moment))
    found, mark = police_listing.page(session, current_user, wanted, moment, after=Mark.read(request.args.get("after", "")))
    counted = police_listing.counts(session, current_user, wanted, moment)
    views = [(label, _files(wanted.having(view=key)), key == wanted.view) for key, label in police_listing.VIEWS.items()]
    return render_template(
        "transfers/police/files.html", rows=police_rows.rows(session, current_user, found, moment), wanted=wanted, views=views,
        chips=police_rows.chips(wanted, counted, _files), next_url=_files({**wanted.having(), "after": str(mark)}) if mark else "",
        export_url=_files({**wanted.having(), "format": "xlsx"}), said=clockwords.headline(moment), clear=_files({}),
    )  # fmt: skip


@permission("police.view")
def material(case_id: UUID) -> str:
    """移送材料: what was sent to this file and nothing else, each file with its hash."""
    line, moment = _line(case_id), now()
    row: Row = police_rows.rows(db.session, current_user, [line], moment)[0]
    return render_template(
        "transfers/police/material.html", row=row, packets=police_rows.packets(db.session, line, moment), record=line.row,
        requests=line.requests, checked=clockwords.moment(line.row.hashes_at, moment), moment=moment, clockwords=clockwords,
    )  # fmt: skip


@permission("police.check")
def check(case_id: UUID) -> BaseResponse:
    """Read every file of the package again; the result stays on the file."""
    policy.require("police.check", db.session.get(Case, case_id))
    line = _line(case_id)
    police_services.check_again(db.session, current_user, line.row)
    words = police_file.check_words(line.row)
    flash(f"已重新校验：{words}。", "ok" if line.row.hashes_ok is not False else "error")
    return redirect(url_for("transfers.police_material", case_id=case_id), 303)


def _line(case_id: UUID) -> Line:
    """A file of the person's own organ; 404 for everybody else."""
    found = police_listing.of_case(db.session, current_user, case_id)
    if found is None:
        abort(404)
    return found


def _workbook(rows: list[Row]) -> Response:
    response = Response(police_export.workbook(rows), mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=police-{now():%Y%m%d-%H%M}.xlsx"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _desk(args: dict[str, str]) -> str:
    return _address("transfers.police_desk", args)


def _files(args: dict[str, str]) -> str:
    return _address("transfers.police_files", args)


def _address(endpoint: str, args: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in args.items() if value})
    return f"{url_for(endpoint)}{'?' + query if query else ''}"
