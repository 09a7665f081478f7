"""Logging in and out, and the guard before every route: who is there, and may they.

A login is three short transactions of its own: count the attempt, look at the password, keep the result. They are committed
whatever becomes of the request, so a failure is never forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import select

from app import db
from app.accounts import passwords, policy, scope, sessions, throttle
from app.accounts.audit import record
from app.accounts.models import Person
from workflows.handlers import Actor
from workflows.time import local, now

log = structlog.get_logger()

WRONG = "账户或密码不对，请核对后再试。"
FIRST_PASSWORD_PAGES = frozenset({"accounts.change_password", "accounts.save_password", "accounts.logout"})


class Refused(Exception):
    """The login was refused; ``message`` says what to do and not whether the account exists."""

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.message, self.until = message, until


# --- login and logout -------------------------------------------------------------------------------------------------


def log_in(account: str, password: str) -> Person:
    """Let a person in, or raise Refused. The person returned belongs to the request's session."""
    account = account.strip().lower()
    ip = request.remote_addr
    with db.transaction() as own:
        until = throttle.take(own, account, ip)
    if until is not None:
        raise Refused(_wait_words(until), until)
    person: Person | None = db.session.scalar(select(Person).where(Person.account == account))
    right = passwords.matches(person.password if person else None, password)
    if person is None or not right or not person.active:
        _keep_failure(account, person, ip)
        raise Refused(WRONG)
    with db.transaction() as own:
        throttle.forgive(own, account, ip)
    if passwords.is_outdated(person.password):
        person.password = passwords.hash_password(password)
    enter(person)
    person.last_login_at = now()
    record(db.session, "account.login", "登录", person.actor(), {"ip": ip})
    return person


def _wait_words(until: datetime) -> str:
    """When to try again. Rounded up to the minute, so that the moment shown is never too early."""
    again = local(until + timedelta(seconds=59))
    seconds = max(1, round((until - now()).total_seconds()))
    if seconds < 60:
        return f"登录失败次数过多，请等 {seconds} 秒再试。"
    return f"登录失败次数过多，请在 {again:%H:%M} 以后再试，或请系统管理员解除锁定。"


def _keep_failure(account: str, person: Person | None, ip: str | None) -> None:
    """One line in the audit, committed on its own. What was typed for an unknown account is not kept: it may be a password."""
    if person is None:
        why, who = "账户不存在", Actor(None, "未知账户")
    else:
        why, who = ("密码不对" if person.active else "账户已停用"), Actor(person.id, person.name)
    with db.transaction() as own:
        record(own, "account.login_failed", "登录失败", who, {"ip": ip, "why": why, **({"account": account} if person else {})})


def enter(person: Person) -> None:
    """Give this browser a new login session; nothing of the old cookie is kept."""
    session.clear()
    person.login_token = sessions.open_session(db.session, person, request.remote_addr, request.user_agent.string)
    login_user(person)


def leave() -> None:
    """End this browser's login session."""
    if current_user.is_authenticated:
        record(db.session, "account.logout", "退出登录", current_user.actor(), {"ip": request.remote_addr})
        sessions.end(db.session, current_user.login_token, "logout")
    logout_user()
    session.clear()


def idle_time() -> timedelta:
    """After how long without a click a login ends (setting)."""
    return timedelta(minutes=idle_minutes())


def idle_minutes() -> int:
    return int(current_app.config.get("IDLE_MINUTES", 30))


def safe_next(target: str | None) -> str | None:
    """A path of this site to go on to after login, else None: no other host, no scheme, no tricks with slashes."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(c) < 0x20 for c in target) or "\\" in target:
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path in (url_for("accounts.login"), url_for("accounts.logout")):
        return None
    return target


# Where a login leads when nothing was asked for: the first of these the person may open.
_FIRST_PAGES = (
    ("leadership.desk", "leadership.desk"),
    ("police.view", "transfers.police_desk"),
    ("transfers.found", "transfers.procuratorate"),
    ("warnings.county", "warnings.county"),
    ("task.complete", "inbox.todo"),
    ("audit.view", "admin.audit"),
    ("admin.people", "admin.people"),
    ("ops.incidents", "ops.incidents"),
)


def first_page() -> str:
    """The page to begin with, by what the person does."""
    for action, endpoint in _FIRST_PAGES:
        if endpoint in current_app.view_functions and policy.can(current_user, action):
            return url_for(endpoint)
    return url_for("accounts.me")


# --- every request ----------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Flask-Login over our own session rows, and the guard."""
    manager = LoginManager()
    manager.session_protection = None  # the cookie is bound to a row we can end; an address may change in a moving network
    manager.user_loader(_load)
    manager.unauthorized_handler(_ask_to_log_in)
    manager.init_app(app)
    app.before_request(guard)
    app.after_request(_private)


def _load(token: str) -> Person | None:
    """The person behind the cookie, unless the login was ended, has idled out, or the person has left."""
    row = sessions.find(db.session, token)
    if row is None or not row.person.active:
        return None
    if sessions.is_idle(row, idle_time()):
        with db.transaction() as own:
            sessions.end(own, token, "idle")
        g.idled_out = True
        return None
    row.person.login_token = token
    scope.enter(db.session, row.person.id)
    if not _is_passive() and sessions.is_stale(row):
        with db.transaction() as own:  # not in the request's: two clicks must not wait for each other
            sessions.touch(own, row)
    return row.person


def _action() -> str | None:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "permission", None)


def _is_passive() -> bool:
    """A page that polls by itself must not keep a login alive."""
    rule = policy.RULES.get(_action() or "")
    return rule is not None and rule.passive


def guard() -> ResponseReturnValue | None:
    """Before every route: public, or logged in with a permitted action. A route that says nothing is refused."""
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static" or endpoint.endswith(".static"):
        return None
    view: Any = current_app.view_functions[endpoint]
    if getattr(view, "public", False):
        return None
    action = _action()
    if action is None:
        log.error("route without permission", endpoint=endpoint)
        abort(403)
    if not current_user.is_authenticated:
        return _ask_to_log_in()
    if current_user.must_change and endpoint not in FIRST_PASSWORD_PAGES:
        return _go(url_for("accounts.change_password", next=_wanted()))
    if not policy.may_send(current_user, action, request.method):
        abort(403)
    return None


def _ask_to_log_in() -> ResponseReturnValue:
    """To the login page, and from there back here."""
    if g.get("idled_out"):
        flash(f"超过 {idle_minutes()} 分钟没有操作，已自动退出，请重新登录。", "info")
    return _go(url_for("accounts.login", next=_wanted()))


def _wanted() -> str | None:
    """The page to come back to: what was asked for, or the page a form or a fragment was on."""
    if request.headers.get("HX-Request") or request.method not in ("GET", "HEAD"):
        came = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
        if came.netloc and came.netloc != request.host:
            return None
        return safe_next(came.path + (f"?{came.query}" if came.query else ""))
    return safe_next(request.full_path.rstrip("?"))


def _go(url: str) -> ResponseReturnValue:
    """A redirect; for a fragment asked for by htmx, the whole page goes there."""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url)


def _private(response: Response) -> Response:
    """What a person saw is not shown by the back button after logging out."""
    if "_login_user" in g and current_user.is_authenticated and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
