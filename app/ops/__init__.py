"""Running the system (运维): incidents, what was typed, and the retry."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from app.ops.routes import bp

    app.register_blueprint(bp)
