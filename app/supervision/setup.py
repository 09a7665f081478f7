"""Puts 督办 into the app."""

from __future__ import annotations

from flask import Flask

from app.cases.providers import register
from app.supervision.provider import SupervisionCase


def init_app(app: Flask) -> None:
    """The case page asks this area about its cases."""
    register(app, "supervision", SupervisionCase())
