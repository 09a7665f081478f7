"""Pages of 预警函."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("warnings", __name__)
