"""Pages of one's own account: logging in and out, password, posts, where one is logged in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import db
from app.accounts import login as logins
from app.accounts import services, sessions
from app.accounts.passwords import RULE
from app.accounts.policy import permission, public
from app.accounts.roles import ROLES
from workflows.errors import FormError

bp = Blueprint("accounts", __name__)


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(logins.safe_next(request.args.get("next")) or logins.first_page())
    return render_template("accounts/login.html", account="", error="", next=logins.safe_next(request.args.get("next")) or "")


@bp.post("/login")
@public
def log_in() -> ResponseReturnValue:
    account, target = request.form.get("account", "")[:64], logins.safe_next(request.form.get("next"))
    try:
        person = logins.log_in(account, request.form.get("password", ""))
    except logins.Refused as refused:
        page = render_template("accounts/login.html", account=account, error=refused.message, next=target or "")
        return page, 429 if refused.until else 422
    if person.must_change:
        return redirect(url_for("accounts.change_password", next=target))
    return redirect(target or logins.first_page())


@bp.post("/logout")
@permission("account.self")
def logout() -> ResponseReturnValue:
    logins.leave()
    flash("已退出登录。")
    return redirect(url_for("accounts.login"))


@bp.get("/account")
@permission("account.self")
def me() -> ResponseReturnValue:
    return render_template("accounts/me.html", person=current_user, roles=ROLES)


@bp.get("/account/password")
@permission("account.self")
def change_password() -> ResponseReturnValue:
    return _password_page({}, logins.safe_next(request.args.get("next")))


@bp.post("/account/password")
@permission("account.self")
def save_password() -> ResponseReturnValue:
    form, target = request.form, logins.safe_next(request.form.get("next"))
    try:
        services.change_password(
            db.session, current_user._get_current_object(), form.get("old", ""), form.get("new", ""), form.get("again", "")
        )
    except FormError as error:
        return _password_page(error.errors, target), 422
    flash("密码已修改，其他设备上的登录已退出。")
    return redirect(target or url_for("accounts.me"))


def _password_page(errors: dict[str, str], target: str | None) -> str:
    return render_template("accounts/password.html", errors=errors, rule=RULE, next=target or "", first=current_user.must_change)


@bp.get("/account/sessions", endpoint="sessions")
@permission("account.self")
def list_sessions() -> ResponseReturnValue:
    rows = sessions.living(db.session, current_user.id, logins.idle_time())
    here = {row.id for row in rows if sessions.is_token_of(row, current_user.login_token)}
    return render_template("accounts/sessions.html", rows=rows, here=here, minutes=logins.idle_minutes())


@bp.post("/account/sessions/<session_id>/revoke")
@permission("account.self")
def revoke_session(session_id: str) -> ResponseReturnValue:
    services.revoke_session(db.session, current_user, session_id, current_user.actor(), "self")
    flash("已退出那一处登录。")
    return redirect(url_for("accounts.sessions"))


@bp.post("/account/sessions/revoke-others")
@permission("account.self")
def revoke_others() -> ResponseReturnValue:
    ended = services.revoke_others(db.session, current_user)
    flash(f"已退出其他 {ended} 处登录。" if ended else "没有其他登录。")
    return redirect(url_for("accounts.sessions"))
