"""What 督办 does by the calendar."""

from __future__ import annotations

from app.periodic import Periodic

PERIODIC: tuple[Periodic, ...] = ()
