"""What every template may use: the shell around the page, clocks in words, the page of first arrival."""

from __future__ import annotations

from flask import Flask, redirect, url_for
from werkzeug.wrappers import Response

from app import clockwords, navigation
from app.accounts.policy import public


def init_app(app: Flask) -> None:
    app.jinja_env.globals["shell_view"] = navigation.shell_view
    app.jinja_env.globals["clockwords"] = clockwords
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/", "home", home)


@public
def home() -> Response:
    """The inbox; whoever is not logged in is led on from there."""
    return redirect(url_for("inbox.todo"))
