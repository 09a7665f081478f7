"""A paper as a plain page that prints on A4. Its official layout comes with the letters; who is named follows the masking rules."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template
from flask_login import current_user

from app import db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.policy import permission
from app.papers import queries, reading
from workflows.time import local

bp = Blueprint("papers", __name__)


@bp.get("/papers/<uuid:paper_id>")
@permission("paper.see")
def show(paper_id: UUID) -> Response:
    """One paper."""
    paper = queries.find(db.session, paper_id)
    policy.require("paper.see", paper)
    assert paper is not None
    organ = directory.name(db.session, paper.organ_id) if paper.organ_id else ""
    made_on = f"{local(paper.made_at):%Y年%-m月%-d日}"
    lines = reading.lines(db.session, current_user, paper)
    body = render_template("papers/show.html", paper=paper, lines=lines, organ=organ, made_on=made_on)
    return Response(body, headers={"Cache-Control": "private, no-store"})
