"""Is it alive, and how is it: for a load balancer and a monitor."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, abort, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import db, metrics
from app.accounts.policy import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> tuple[str, int]:
    """200 while pages can be served: the process answers and so does the database."""
    try:
        db.session.execute(text("select 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return "database unavailable\n", 503
    return "ok\n", 200


@bp.get("/metrics")
@public
def show_metrics() -> Response:
    """Only for this machine: figures about people's work are nobody else's business."""
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:
        abort(404)
    return Response(metrics.exposition(db.session), mimetype="text/plain; version=0.0.4")
