"""What 预警函 does by the calendar."""

from __future__ import annotations

from app.periodic import Periodic

PERIODIC: tuple[Periodic, ...] = ()
