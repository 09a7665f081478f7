"""The part of 督办 on the case page."""

from __future__ import annotations

from app.cases.providers import PlainCase


class SupervisionCase(PlainCase):
    """A case of 督办."""
