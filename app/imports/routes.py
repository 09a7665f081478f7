"""历史记录: closed records of the past that were imported with their answers. They have no instance and no steps."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for

from app.accounts.policy import permission
from app.db import session
from app.imports import queries

bp = Blueprint("imports", __name__)


@bp.get("/imports/history")
@permission("petition.import")
def history() -> str:
    """The records, the newest first, narrowed by words in subject or text."""
    words = request.args.get("q", "").strip()[:60]
    records = queries.historic(session, words, _place(request.args.get("after", "")))
    shown, more = records[: queries.PAGE], len(records) > queries.PAGE
    following = url_for("imports.history", q=words or None, after=str(shown[-1].id)) if more else ""
    return render_template("imports/history.html", records=shown, words=words, following=following)


@bp.get("/imports/history/<uuid:record_id>")
@permission("petition.import")
def record(record_id: UUID) -> str:
    found = queries.historic_record(session, record_id)
    if found is None:
        abort(404)
    return render_template("imports/record.html", record=found)


def _place(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
