"""Puts 领导包案 into the app."""

from __future__ import annotations

from flask import Flask

from app.cases.providers import contribute, register
from app.leadership.provider import LeadershipCase, owner_of_petition


def init_app(app: Flask) -> None:
    """The case page asks this area about its cases."""
    register(app, "leader_case", LeadershipCase())
    contribute(app, "petition", owner_of_petition)
