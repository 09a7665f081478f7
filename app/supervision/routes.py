"""Pages of 督办."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("supervision", __name__)
