"""信息共享 of one file (17号34): what its organ had to tell the others, by when, how it did; told on paper, it is typed in (代录)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.transfers import platform
from app.transfers.words import ENTRIES
from workflows.errors import Conflict, FormError
from workflows.tables import Case
from workflows.time import now

HOW = {platform.HERE: "在本平台作出即已录入", platform.RECEIPT: "对方平台签收", platform.LIAISON: "纸质告知，代录"}


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    bp.add_url_rule("/transfers/<uuid:case_id>/entries", "entries", entries, methods=["GET"])
    bp.add_url_rule("/transfers/<uuid:case_id>/entries/<uuid:entry_id>", "enter", enter, methods=["POST"])


@permission("transfers.letter")
def entries(case_id: UUID) -> str:
    """Every decision of this file that the others have to know, the open ones first."""
    return _page(case_id, {}, {})


@permission("transfers.enter")
def enter(case_id: UUID, entry_id: UUID) -> Response | tuple[str, int]:
    """代录: the paper that told it, and that it is entered now."""
    policy.require("transfers.enter", db.session.get(Case, case_id))
    note = request.form.get("note", "").strip()
    try:
        platform.by_liaison(db.session, current_user, case_id, entry_id, note)
    except FormError as error:
        db.session.rollback()
        return _page(case_id, {str(entry_id): note}, {str(entry_id): error.errors["note"]}), 422
    except Conflict as error:  # somebody was quicker, or the receipt came
        db.session.rollback()
        flash(error.message, "error")
        return redirect(url_for("transfers.entries", case_id=case_id), 303)
    flash("已代录。", "ok")
    return redirect(url_for("transfers.entries", case_id=case_id), 303)


def _page(case_id: UUID, typed: dict[str, str], errors: dict[str, str]) -> str:
    case = db.session.get(Case, case_id)
    policy.require("transfers.letter", case)
    rows = platform.of_case(db.session, case_id)
    if case is None or not rows:
        abort(404)
    return render_template(
        "transfers/entries.html", case=case, rows=rows, entries=ENTRIES, how=HOW, typed=typed, errors=errors, moment=now(),
        may=policy.can(current_user, "transfers.enter", case), clockwords=clockwords,
    )  # fmt: skip
