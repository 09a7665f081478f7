"""Pages of the leader's desk: the desk itself, and a leader's step prepared by the secretary. Decisions go to the inbox's task address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.models import Person
from app.accounts.policy import permission
from app.cases import page
from app.inbox import task_queries
from app.inbox.filters import Place
from app.leadership import desk, desk_asks
from app.leadership.desk_asks import Asks
from workflows.time import now


def add_to(bp: Blueprint) -> None:
    """Put these pages on the blueprint of the area."""
    bp.add_url_rule("/desk", "desk", show, methods=["GET"])
    bp.add_url_rule("/desk/steps/<uuid:task_id>", "prepare", prepare, methods=["GET"])


@permission("leadership.desk")
def show() -> str:
    """工作台: what waits for the leader's decision, what the leader owns, who comes next."""
    session, moment = db.session, now()
    leaders = desk.leaders_for(session, current_user)
    leader = desk.chosen(leaders, request.args.get("of", ""))
    if leader is None and leaders:
        abort(404)
    if leader is None:
        return render_template("leadership/desk_none.html")
    asks = desk_asks.of(session, leader, current_user, moment, after=_place("after"), before=_place("before"))
    owned, total = desk.own(session, leader, current_user, moment)
    mine = leader.id == current_user.id
    return render_template(
        "leadership/desk.html", leader=leader, leaders=leaders, mine=mine, asks=asks, said=_said(asks, mine, leader), own=owned,
        own_total=total, days=desk.days(session, leader, current_user, moment), numbers_url=desk.numbers_url(),
        here=request.full_path if request.args else request.path, link=lambda **args: _link(leader, mine, **args),
    )  # fmt: skip


def _link(leader: Person, mine: bool, **args: str) -> str:
    values: dict[str, Any] = args if mine else {"of": leader.id, **args}
    return url_for("leadership.desk", **values)


def _said(asks: Asks, mine: bool, leader: Person) -> str:
    """11月23日 周一　4 件等您决定，1 件今天到期."""
    day = clockwords.headline(now()).rsplit(" ", 1)[0]
    total = f"{asks.total}+" if asks.capped else str(asks.total)
    who = "您" if mine else leader.name
    if not asks.total:
        return f"{day}　没有等{who}办的事"
    late = f"，超期 {asks.late} 件" if asks.late else ""
    today = f"，{asks.today} 件今天到期" if asks.today else ""
    return f"{day}　{total} 件等{who}办{late}{today}"


@permission("leadership.desk")
def prepare(task_id: UUID) -> str | BaseResponse:
    """A secretary's page of a leader's step: the form can be filled in and kept as a draft; there is nothing to send it with."""
    task = task_queries.find(db.session, task_id)
    policy.require("task.draft", task)
    if task is None or task.status != "open":
        abort(404)
    if policy.can(current_user, "task.complete", task):
        return redirect(url_for("inbox.task", task_id=task_id), 303)
    leader = next((one for one in desk.leaders_for(db.session, current_user) if task.holder in one.holder_keys()), None)
    drawn = page.draw_form(db.session, current_user, task)
    return render_template("leadership/prepare.html", drawn=drawn, task=task, leader=leader)


def _place(name: str) -> Place | None:
    return Place.read(request.args.get(name, ""))
