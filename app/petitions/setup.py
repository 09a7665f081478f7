"""Puts the petition area into the app."""

from __future__ import annotations

from flask import Flask

from app.cases.providers import register
from app.petitions.provider import PetitionCase


def init_app(app: Flask) -> None:
    """The case page asks this area about its cases."""
    register(app, "petition", PetitionCase())
