"""Who people are: organisations, people, posts, login, permissions, administration, the audit view."""

from __future__ import annotations

from typing import Any

from flask import Flask

from workflows.time import local


def init_app(app: Flask) -> None:
    """Login, the guard before every route, and the pages."""
    from flask_login import current_user

    from app.accounts import audit_routes, devices, login, policy, routes

    login.init_app(app)
    app.register_blueprint(routes.bp)
    app.register_blueprint(audit_routes.bp)  # administration and audit: one blueprint, two modules

    def can(action: str, obj: Any = policy.NO_OBJECT) -> bool:
        return policy.can(current_user, action, obj)

    app.jinja_env.globals["can"] = can
    app.jinja_env.filters["device"] = devices.device
    app.jinja_env.filters["stamp"] = lambda moment: f"{local(moment):%Y-%m-%d %H:%M}"
    app.jinja_env.filters["day"] = lambda moment: f"{local(moment):%Y-%m-%d}"
