"""数据交换 for operators: who is there, what waits, what is stuck and why, what the daily comparison found."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clockwords, db
from app.accounts.policy import permission
from app.engine import get_engine
from app.exchange import inbox, outbox, queries
from app.exchange.models import Incoming, Outgoing
from workflows.errors import Conflict, WorkflowError
from workflows.time import now

bp = Blueprint("exchange_ops", __name__, url_prefix="/ops/exchange")

STATES = {"written": "待编号", "ready": "待送达", "refused": "对方不接受", "failed": "入卷失败"}


@bp.get("")
@permission("ops.see")
def index() -> str:
    settings = current_app.extensions["settings"]
    return render_template(
        "exchange/index.html", exchange_id=settings.exchange_id, lines=queries.lines(db.session), outgoing=queries.outgoing(db.session),
        stuck=queries.stuck(db.session), compared=queries.compared(db.session), states=STATES, moment=now(), clockwords=clockwords,
    )  # fmt: skip


@bp.post("/out/<uuid:row_id>")
@permission("ops.incidents")
def bring_again(row_id: UUID) -> Response:
    """Bring a refused letter again, after its reason was seen to."""
    row = db.session.get(Outgoing, row_id) or abort(404)
    if row.status != outbox.REFUSED or row.seq is None:
        raise Conflict("这一份不在“对方不接受”的状态。")
    outbox.again(db.session, row.partner_id, row.transfer_no, row.seq)
    detail = {"partner": row.partner_id, "transfer_no": row.transfer_no, "seq": row.seq}
    get_engine().note(db.session, None, current_user.actor(), "exchange.again", "数据交换：重新发送", detail)
    flash("已放回待送达。", "ok")
    return redirect(url_for("exchange_ops.index"), 303)


@bp.post("/in/<uuid:row_id>")
@permission("ops.incidents")
def file_again(row_id: UUID) -> Response:
    """Try at once to put a letter on file."""
    row = db.session.get(Incoming, row_id) or abort(404)
    try:
        inbox.try_now(db.session, row.id)
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
    else:
        detail = {"partner": row.partner_id, "transfer_no": row.transfer_no, "seq": row.seq}
        get_engine().note(db.session, None, current_user.actor(), "exchange.again", "数据交换：重新入卷", detail)
        flash("马上重试入卷。", "ok")
    return redirect(url_for("exchange_ops.index"), 303)
