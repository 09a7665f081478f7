"""What 领导包案 does by the calendar."""

from __future__ import annotations

from app.periodic import Periodic

PERIODIC: tuple[Periodic, ...] = ()
