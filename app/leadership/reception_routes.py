"""Pages of reception days (领导接访日): the month, a day, its line, writing down a visit. Thin: parse, ask for permission, act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.inbox import answers, task_queries
from app.leadership import reception, reception_page
from app.leadership.models import ReceptionDay, ReceptionVisitor
from workflows.errors import FormError, HandlerFailed, WorkflowError
from workflows.tables import Case
from workflows.time import now

Page = str | tuple[str, int] | BaseResponse


def add_to(bp: Blueprint) -> None:
    """Put these pages on the blueprint of the area."""
    for rule, name, view, methods in (
        ("/receptions", "receptions", month, ["GET"]),
        ("/receptions/new", "reception_new", new, ["GET"]),
        ("/receptions/new", "reception_add", add, ["POST"]),
        ("/receptions/<uuid:day_id>", "reception", show, ["GET"]),
        ("/receptions/<uuid:day_id>/edit", "reception_edit", edit, ["GET"]),
        ("/receptions/<uuid:day_id>/edit", "reception_change", change, ["POST"]),
        ("/receptions/<uuid:day_id>/cancel", "reception_cancel", cancel, ["POST"]),
        ("/receptions/<uuid:day_id>/visitors", "visitor_add", add_visitor, ["POST"]),
        ("/receptions/<uuid:day_id>/visitors/<uuid:visitor_id>", "visitor", visitor, ["GET"]),
        ("/receptions/<uuid:day_id>/visitors/<uuid:visitor_id>", "visitor_record", record, ["POST"]),
        ("/receptions/<uuid:day_id>/visitors/<uuid:visitor_id>/<any(up, down, absent, drop):act>", "visitor_act", act, ["POST"]),
    ):
        bp.add_url_rule(rule, name, view, methods=methods)


@permission("leadership.reception")
def month() -> str:
    """The calendar of a month; on a phone its days as a list."""
    shown = reception_page.month(db.session, current_user, request.args.get("month", ""), request.args.get("leader", ""), now())
    return render_template("leadership/receptions.html", weekdays=clockwords.WEEKDAYS, **shown)


@permission("leadership.reception")
def new() -> str:
    day = request.args.get("day", "")
    drawn = reception_page.day_form(db.session, current_user, None, {}, now())
    if day and (field := reception_page.first_field(drawn, "day")) is not None:
        field.value = day[:10]
    return render_template("leadership/reception_form.html", day=None, screen=drawn, form=reception.forms()["day"], error="")


@permission("leadership.reception")
def add() -> Page:
    return _save(None)


@permission("leadership.reception")
def edit(day_id: UUID) -> str:
    day = _day(day_id)
    drawn = reception_page.day_form(db.session, current_user, reception_page.values_of(day), {}, now())
    return render_template("leadership/reception_form.html", day=day, screen=drawn, form=reception.forms()["day"], error="")


@permission("leadership.reception")
def change(day_id: UUID) -> Page:
    return _save(_day(day_id))


def _save(day: ReceptionDay | None) -> Page:
    """Save a new or a changed day; a refusal comes back with what was typed."""
    form = reception.forms()["day"]
    typed = answers.parse(form, request.form)
    day_id = day.id if day is not None else None
    try:
        saved = reception.set_day(db.session, current_user, typed, day)
    except FormError as error:
        problems, status = error.errors, 422
    except WorkflowError as error:
        problems, status = {"": error.message}, 409
    else:
        flash("接访日已保存。", "ok")
        return redirect(url_for("leadership.reception", day_id=saved.id), 303)
    db.session.rollback()
    drawn = reception_page.day_form(db.session, current_user, typed, problems, now())
    again = db.session.get(ReceptionDay, day_id) if day_id is not None else None
    return render_template("leadership/reception_form.html", day=again, screen=drawn, form=form, error=problems.get("", "")), status


@permission("leadership.reception")
def show(day_id: UUID) -> str:
    """One day: who comes, in which order, and what became of it."""
    return _show(_day(day_id), {}, {})


def _show(day: ReceptionDay, typed: dict[str, Any], errors: dict[str, str]) -> str:
    shown = reception_page.one_day(db.session, current_user, day, now())
    drawn = reception_page.visitor_form(db.session, typed, errors)
    general = errors.get("", "")
    return render_template("leadership/reception.html", screen=drawn, error=general, can_complete=_can_complete, **shown)


def _can_complete(line: Any) -> bool:
    """May the viewer fill in the petition's own step 领导接访? A secretary only prepares it."""
    task = task_queries.find(db.session, UUID(line.task_url.rpartition("/")[2]))
    return task is not None and policy.can(current_user, "task.complete", task)


@permission("leadership.reception")
def cancel(day_id: UUID) -> BaseResponse:
    day = _day(day_id)
    form = reception.forms()["cancel"]
    return _done(day_id, lambda: reception.cancel(db.session, day, answers.parse(form, request.form)), "接访日已取消，请通知已约的来访人。")


@permission("leadership.reception")
def add_visitor(day_id: UUID) -> Page:
    day = _day(day_id)
    typed = answers.parse(reception.forms()["visitor"], request.form)
    try:
        if typed.get("case"):
            _seen(str(typed["case"]))
        row = reception.add_visitor(db.session, day, typed)
    except FormError as error:
        problems, status = error.errors, 422
    except WorkflowError as error:
        problems, status = {"": error.message}, 409
    else:
        flash(f"已排在第 {row.place_in_line} 位。", "ok")
        return redirect(url_for("leadership.reception", day_id=day_id), 303)
    db.session.rollback()
    return _show(_day(day_id), typed, problems), status


def _seen(text: str) -> None:
    """Only a case the person may see can be put in the line."""
    try:
        case = db.session.get(Case, UUID(text))
    except ValueError:
        case = None
    if case is None or not policy.can(current_user, "case.see", case):
        raise FormError({"case": "信访事项或包案：没有这一件，请重新选择"})


@permission("leadership.reception")
def visitor(day_id: UUID, visitor_id: UUID) -> Page:
    """The form for writing down a visit."""
    day, row = _visitor(day_id, visitor_id)
    if (why := reception.not_yet(day, row)) is not None:
        flash(why, "error")
        return redirect(url_for("leadership.reception", day_id=day_id), 303)
    return _spot(day, row, None, {})


def _spot(day: ReceptionDay, row: ReceptionVisitor, typed: dict[str, Any] | None, errors: dict[str, str]) -> str:
    spot = reception_page.spot(db.session, current_user, row)
    drawn = reception_page.spot_form(db.session, day, spot, typed, errors, now())
    line = reception_page.line_of(db.session, current_user, day, row, now())
    title = reception_page.day_title(day.day)
    return render_template(
        "leadership/visitor.html", day=day, day_title=title, line=line, spot=spot, screen=drawn, error=errors.get("", "")
    )  # fmt: skip


@permission("leadership.reception")
def record(day_id: UUID, visitor_id: UUID) -> Page:
    """Write down that somebody was received."""
    day, row = _visitor(day_id, visitor_id)
    spot = reception_page.spot(db.session, current_user, row)
    typed = answers.parse(spot.form, request.form)
    actor = reception.acting(db.session, current_user, day.leader_id)
    try:
        reception.record(db.session, day, row, actor, typed, spot.file_id)
    except FormError as error:
        problems, status = error.errors, 422
    except HandlerFailed as error:
        problems, status = {"": error.message}, 500
    except WorkflowError as error:
        problems, status = {"": error.message}, 409
    else:
        flash("接访已登记。" + ("答应的事已按日期计时。" if typed.get("promises") else ""), "ok")
        return redirect(url_for("leadership.reception", day_id=day_id), 303)
    db.session.rollback()
    return _spot(*_visitor(day_id, visitor_id), typed, problems), status


@permission("leadership.reception")
def act(day_id: UUID, visitor_id: UUID, act: str) -> BaseResponse:
    """Move one place, mark absent, take out of the line."""
    day, row = _visitor(day_id, visitor_id)
    session = db.session
    if act == "absent":
        actor = reception.acting(session, current_user, day.leader_id)
        return _done(day_id, lambda: reception.absent(session, day, row, actor), "已登记未到。")
    if act == "drop":
        return _done(day_id, lambda: reception.drop(session, day, row), "已从接访日去掉。")
    return _done(day_id, lambda: reception.move(session, day, row, act == "up"), "")


def _done(day_id: UUID, do: Callable[[], None], said: str) -> BaseResponse:
    """Do it and go back to the day; a refusal is said there."""
    try:
        do()
    except FormError as error:
        db.session.rollback()
        flash("；".join(error.errors.values()), "error")
    except WorkflowError as error:
        db.session.rollback()
        flash(error.message, "error")
    else:
        if said:
            flash(said, "ok")
    return redirect(url_for("leadership.reception", day_id=day_id), 303)


def _day(day_id: UUID) -> ReceptionDay:
    """A day the person keeps; for everybody else it is not there."""
    day = db.session.get(ReceptionDay, day_id)
    if day is None or all(one.id != day.leader_id for one in reception.leaders_of(db.session, current_user)):
        abort(404)
    return day


def _visitor(day_id: UUID, visitor_id: UUID) -> tuple[ReceptionDay, ReceptionVisitor]:
    day = _day(day_id)
    row = db.session.get(ReceptionVisitor, visitor_id)
    if row is None or row.reception_day_id != day.id:
        abort(404)
    return day, row
