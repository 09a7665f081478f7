"""Pages of administration: organisations, people, posts. Read by the administrator only, each change leaves an audit line."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import db
from app.accounts import login as logins
from app.accounts import organs as organ_services
from app.accounts import queries, secretaries, services, sessions, throttle
from app.accounts.models import KINDS, Organ, Person, Post
from app.accounts.paging import pager
from app.accounts.policy import permission
from app.accounts.roles import LABELS
from workflows.errors import Conflict, FormError
from workflows.library import uuid_or_none
from workflows.time import end_of_day

bp = Blueprint("admin", __name__)

# --- organisations ----------------------------------------------------------------------------------------------------


@bp.get("/admin/organs")
@permission("admin.organs")
def organs() -> ResponseReturnValue:
    text = request.args.get("q", "").strip()
    lines = queries.organ_tree(db.session)
    if text:
        lines = [line for line in lines if text in line.organ.name or text in line.organ.short or text in line.organ.id]
    return render_template("accounts/organs.html", lines=lines, kinds=KINDS, q=text)


@bp.get("/admin/organs/new")
@permission("admin.organs")
def new_organ() -> ResponseReturnValue:
    return _organ_page(None, {"parent_id": request.args.get("parent", "")}, {})


@bp.post("/admin/organs/new")
@permission("admin.organs")
def add_organ() -> ResponseReturnValue:
    try:
        organ = organ_services.add_organ(db.session, request.form, current_user.actor())
    except FormError as error:
        return _organ_page(None, request.form.to_dict(), error.errors), 422
    flash(f"已新增{organ.name}。")
    return redirect(url_for("admin.organ", organ_id=organ.id))


@bp.get("/admin/organs/<organ_id>")
@permission("admin.organs")
def organ(organ_id: str) -> ResponseReturnValue:
    found = _organ(organ_id)
    return _organ_page(found, {field: getattr(found, field) or "" for field in organ_services.FIELDS}, {})


@bp.post("/admin/organs/<organ_id>")
@permission("admin.organs")
def edit_organ(organ_id: str) -> ResponseReturnValue:
    found = _organ(organ_id)
    try:
        organ_services.edit_organ(db.session, found, request.form, current_user.actor())
    except FormError as error:
        return _organ_page(found, request.form.to_dict(), error.errors), 422
    flash(f"已保存{found.name}。")
    return redirect(url_for("admin.organ", organ_id=found.id))


@bp.post("/admin/organs/<organ_id>/active")
@permission("admin.organs")
def organ_active(organ_id: str) -> ResponseReturnValue:
    found, active = _organ(organ_id), request.form.get("active") == "true"
    try:
        organ_services.set_organ_active(db.session, found, active, current_user.actor())
    except Conflict as conflict:
        flash(conflict.message, "bad")
    else:
        flash(f"已{'启用' if active else '停用'}{found.name}。")
    return redirect(url_for("admin.organ", organ_id=found.id))


def _organ(organ_id: str) -> Organ:
    return db.session.get(Organ, organ_id) or abort(404)


def _organ_page(found: Organ | None, values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "accounts/organ.html",
        organ=found,
        values=values,
        errors=errors,
        kinds=list(KINDS.items()),
        choices=[choice for choice in queries.organ_choices(db.session) if found is None or choice[0] != found.id],
        posts=queries.posts_at(db.session, found.id) if found else [],
        labels=LABELS,
    )


# --- people -----------------------------------------------------------------------------------------------------------


@bp.get("/admin/people")
@permission("admin.people")
def people() -> ResponseReturnValue:
    args = request.args
    chosen = queries.PeopleFilter(args.get("q", "").strip(), args.get("organ", ""), args.get("role", ""), args.get("state", "active"))
    page = queries.people_page(db.session, chosen, args.get("after", ""), args.get("before", ""))
    said = f"共 {queries.count_people(db.session, chosen)} 人，本页 {len(page.rows)} 人"
    return render_template(
        "accounts/people.html",
        people=page.rows,
        chosen=chosen,
        labels=LABELS,
        organs=queries.organ_choices(db.session, ours=True),
        blocked=throttle.blocked_until(db.session, [person.account for person in page.rows]),
        pager=pager("admin.people", args, page, ("before", "after"), "account", said),
    )


@bp.get("/admin/people/new")
@permission("admin.people")
def new_person() -> ResponseReturnValue:
    return render_template("accounts/person_new.html", values={}, errors={})


@bp.post("/admin/people/new")
@permission("admin.people")
def add_person() -> ResponseReturnValue:
    try:
        person, first = services.add_person(db.session, request.form, current_user.actor())
    except FormError as error:
        return render_template("accounts/person_new.html", values=request.form, errors=error.errors), 422
    return render_template("accounts/first_password.html", person=person, password=first, reset=False)


@bp.get("/admin/people/<uuid:person_id>")
@permission("admin.people")
def person(person_id: UUID) -> ResponseReturnValue:
    found = _person(person_id)
    return _person_page(found, {field: getattr(found, field) or "" for field in services.PERSON_FIELDS}, {})


@bp.post("/admin/people/<uuid:person_id>")
@permission("admin.people")
def edit_person(person_id: UUID) -> ResponseReturnValue:
    found = _person(person_id)
    try:
        services.edit_person(db.session, found, request.form, current_user.actor())
    except FormError as error:
        return _person_page(found, request.form.to_dict(), error.errors), 422
    flash(f"已保存{found.name}。")
    return _to_person(found)


@bp.post("/admin/people/<uuid:person_id>/active")
@permission("admin.people")
def person_active(person_id: UUID) -> ResponseReturnValue:
    found, active = _person(person_id), request.form.get("active") == "true"
    try:
        services.set_person_active(db.session, found, active, current_user.actor())
    except Conflict as conflict:
        flash(conflict.message, "bad")
    else:
        flash(f"已{'启用' if active else '停用'}{found.name}的账户。")
    return _to_person(found)


@bp.post("/admin/people/<uuid:person_id>/reset")
@permission("admin.people")
def reset_password(person_id: UUID) -> ResponseReturnValue:
    found = _person(person_id)
    first = services.reset_password(db.session, found, current_user.actor())
    return render_template("accounts/first_password.html", person=found, password=first, reset=True)


@bp.post("/admin/people/<uuid:person_id>/unlock")
@permission("admin.people")
def unlock(person_id: UUID) -> ResponseReturnValue:
    found = _person(person_id)
    done = services.unlock(db.session, found, current_user.actor())
    flash(f"已解除{found.name}的登录锁定。" if done else f"{found.name}没有被锁定。")
    return _to_person(found)


@bp.post("/admin/people/<uuid:person_id>/sessions/<session_id>/revoke")
@permission("admin.people")
def revoke_session(person_id: UUID, session_id: str) -> ResponseReturnValue:
    found = _person(person_id)
    services.revoke_session(db.session, found, session_id, current_user.actor(), "admin")
    flash(f"已结束{found.name}的一处登录。")
    return _to_person(found)


# --- posts ------------------------------------------------------------------------------------------------------------


@bp.post("/admin/people/<uuid:person_id>/posts")
@permission("admin.posts")
def give_post(person_id: UUID) -> ResponseReturnValue:
    found, form = _person(person_id), request.form
    try:
        until = _end_of(form.get("until", ""))
        services.give_post(
            db.session, found, form.get("organ_id", ""), form.get("role", ""), current_user.actor(), title=form.get("title"), until=until
        )
    except FormError as error:
        values = {field: getattr(found, field) or "" for field in services.PERSON_FIELDS}
        return _person_page(found, {**values, **form.to_dict()}, error.errors), 422
    flash(f"已给{found.name}设置岗位。")
    return _to_person(found)


@bp.post("/admin/people/<uuid:person_id>/leaders")
@permission("admin.posts")
def appoint_secretary(person_id: UUID) -> ResponseReturnValue:
    """This person prepares for a leader from now on, or no longer."""
    found = _person(person_id)
    chosen = uuid_or_none(request.form.get("leader", ""))
    leader = db.session.get(Person, chosen) if chosen else None
    if leader is None:
        flash("请选择所服务的领导。", "error")
        return _to_person(found)
    act = secretaries.dismiss if request.form.get("off") else secretaries.appoint
    try:
        act(db.session, leader, found, current_user.actor())
    except Conflict as conflict:
        flash(conflict.message, "error")
        return _to_person(found)
    flash(f"已记录：{found.name}{'不再是' if request.form.get('off') else '是'}{leader.name}的秘书。")
    return _to_person(found)


@bp.post("/admin/people/<uuid:person_id>/posts/<uuid:post_id>/end")
@permission("admin.posts")
def end_post(person_id: UUID, post_id: UUID) -> ResponseReturnValue:
    post = db.session.get(Post, post_id)
    if post is None or post.person_id != person_id:
        abort(404)
    try:
        services.end_post(db.session, post, current_user.actor())
    except Conflict as conflict:
        flash(conflict.message, "bad")
    else:
        flash("岗位已结束，待办留在岗位上，由继任者办理。")
    return _to_person(post.person)


def _end_of(typed: str) -> datetime | None:
    """The end of the day typed, for a post given for a time."""
    if not typed.strip():
        return None
    try:
        last = date.fromisoformat(typed.strip())
    except ValueError:
        raise FormError({"until": "截止日期写成 2026-12-31 这样。"}) from None
    return end_of_day(last)


def _person(person_id: UUID) -> Person:
    return db.session.get(Person, person_id) or abort(404)


def _to_person(found: Person) -> ResponseReturnValue:
    return redirect(url_for("admin.person", person_id=found.id))


def _person_page(found: Person, values: dict[str, str], errors: dict[str, str]) -> str:
    current = found.posts
    return render_template(
        "accounts/person.html",
        person=found,
        values=values,
        errors=errors,
        labels=LABELS,
        organs=queries.organ_choices(db.session),  # partners' liaison officers have posts at their own organs
        ended=[post for post in found.all_posts if post not in current],
        prepares_for=secretaries.leaders_of(db.session, found),
        leaders=[(str(one.id), one.name) for one in queries.leaders(db.session) if one.id != found.id],
        logins=sessions.living(db.session, found.id, logins.idle_time()),
        blocked=throttle.blocked_until(db.session, [found.account]).get(found.account),
    )
