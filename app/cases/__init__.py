"""The case page (案卷): the step to do now, clocks, diagram, trail, papers, files and links of any case."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """The pages. Areas of procedures register what they add in ``app.cases.providers``."""
    from app.cases.routes import bp

    app.register_blueprint(bp)
