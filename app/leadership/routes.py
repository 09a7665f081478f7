"""Pages of 领导包案."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("leadership", __name__)
