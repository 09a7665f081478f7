"""Pages of the boards of refusals and of the monthly joint-meeting statistics. Thin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user

from app import clockwords, db
from app.accounts.policy import permission
from app.transfers import boards, boards_export, boards_rows, statistics, statistics_export
from app.transfers.boards import BOARDS
from workflows.time import now


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    bp.add_url_rule("/boards", "boards", index, methods=["GET"])
    bp.add_url_rule("/boards/<board>", "board", show, methods=["GET"])
    bp.add_url_rule("/statistics", "statistics", month, methods=["GET"])
    bp.add_url_rule("/statistics/cases", "statistics_cases", cases, methods=["GET"])


@permission("transfers.boards")
def index() -> str | Response:
    """六个看板: each rule in words with its count; zero is shown as zero."""
    session, moment = db.session, now()
    found = boards_rows.boards(session, boards.look(session, moment, current_user))
    if request.args.get("format") == "xlsx":
        return boards_export.workbook("两法衔接看板", [(one.label, boards_rows.COLUMNS, boards_rows.cells(one)) for one in found])
    return render_template("transfers/boards/index.html", boards=found, said=clockwords.headline(moment))


@permission("transfers.boards")
def show(board: str) -> str | Response:
    """One board: its rules, the cases of each, who must act."""
    if board not in BOARDS:
        abort(404)
    session, moment = db.session, now()
    (found,) = boards_rows.boards(session, boards.look(session, moment, current_user), board)
    if request.args.get("format") == "xlsx":
        return boards_export.workbook(found.label, [(found.label, boards_rows.COLUMNS, boards_rows.cells(found))])
    others = [(label, url_for("transfers.board", board=key), key == board) for key, label in BOARDS.items()]
    return render_template("transfers/boards/board.html", board=found, others=others, most=boards.MOST, said=clockwords.headline(moment))


# --- 联席会议统计 -------------------------------------------------------------------------------------------------------


@permission("transfers.statistics")
def month() -> str | Response:
    """The six numbers of a month, a row for each organ that transfers."""
    session, moment = db.session, now()
    wanted, reach = _month(), statistics.organs(db.session, current_user)
    found = statistics.sent_in(session, wanted, reach)
    rows = statistics.table(found, reach)
    if request.args.get("format") == "xlsx":
        return boards_export.download(statistics_export.workbook(wanted, rows, found, reach), f"联席会议统计-{wanted}")
    return render_template(
        "transfers/boards/statistics.html", rows=rows, measures=statistics.MEASURES, month=wanted, months=statistics.months(moment),
        export_url=_address(month=wanted, format="xlsx"), said=clockwords.headline(moment),
    )  # fmt: skip


@permission("transfers.statistics")
def cases() -> str:
    """The cases behind one number."""
    session, moment = db.session, now()
    wanted, reach = _month(), statistics.organs(db.session, current_user)
    measure = next((one for one in statistics.MEASURES if one.id == request.args.get("measure")), None)
    organ = request.args.get("organ", "")
    if measure is None or (organ and organ not in reach):
        abort(404)
    found = [
        one
        for one in statistics.sent_in(session, wanted, [organ] if organ else reach)
        if one.counts(measure.id) and (not organ or one.organ == organ)
    ]
    return render_template(
        "transfers/boards/statistics_cases.html", found=found, measure=measure, month=wanted, organ=reach.get(organ, "合计"), names=reach,
        opens=boards_rows.opens(session, current_user, [one.case_id for one in found]),
        moment=lambda at: clockwords.moment(at, moment), back=_address(month=wanted),
    )  # fmt: skip


def _month() -> str:
    """The month asked for; this one when none or nonsense is."""
    known = statistics.months(now())
    asked = request.args.get("month", "")
    return asked if asked in known else known[0]


def _address(**args: Any) -> str:
    return f"{url_for('transfers.statistics')}?{urlencode(args)}"
