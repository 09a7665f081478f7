"""The inbox (待办): tasks that wait, were done, are overdue; notices; the task page and what can be done from it."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """The pages, and what every page needs around it: the menu."""
    from app.inbox.routes import bp
    from app.navigation import shell_view

    app.register_blueprint(bp)
    app.jinja_env.globals["shell_view"] = shell_view
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
