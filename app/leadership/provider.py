"""The part of 领导包案 on the case page."""

from __future__ import annotations

from app.cases.providers import PlainCase


class LeadershipCase(PlainCase):
    """A case of 领导包案."""
