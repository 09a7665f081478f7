"""What the app adds to every step of 预警函."""

from __future__ import annotations

from app.hooks_base import AreaHooks


class WarningHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""
