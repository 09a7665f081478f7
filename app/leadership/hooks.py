"""What the app adds to every step of 领导包案."""

from __future__ import annotations

from app.hooks_base import AreaHooks


class LeadershipHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""
