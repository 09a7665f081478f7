"""The part of 预警函 on the case page."""

from __future__ import annotations

from app.cases.providers import PlainCase


class WarningCase(PlainCase):
    """A case of 预警函."""
