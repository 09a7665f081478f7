"""Pages of the numbers."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("numbers", __name__)
