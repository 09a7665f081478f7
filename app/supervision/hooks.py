"""What the app adds to every step of 督办."""

from __future__ import annotations

from app.hooks_base import AreaHooks


class SupervisionHooks(AreaHooks):
    """The engine calls these inside its own transaction; nothing here commits."""
