"""Puts 预警函 into the app."""

from __future__ import annotations

from flask import Flask

from app.cases.providers import register
from app.warnings.provider import WarningCase


def init_app(app: Flask) -> None:
    """The case page asks this area about its cases."""
    register(app, "early_warning", WarningCase())
