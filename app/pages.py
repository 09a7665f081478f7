"""What every template may use: the shell around the page, clocks in words, the page of first arrival."""

from __future__ import annotations

from flask import Flask, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clockwords, navigation
from app.accounts.login import first_page
from app.accounts.policy import public


def init_app(app: Flask) -> None:
    app.jinja_env.globals["shell_view"] = navigation.shell_view
    app.jinja_env.globals["clockwords"] = clockwords
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/", "home", home)


@public
def home() -> Response:
    """The page each begins with: the inbox for casework, their own pages for auditor, administrator and operator."""
    return redirect(first_page() if current_user.is_authenticated else url_for("accounts.login"))
