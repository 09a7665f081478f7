"""What 督办 does by the calendar: the monthly draw of finished petitions, one unit of work for each organisation and month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.engine import get_engine
from app.periodic import Periodic
from app.supervision import drawing


def units(session: Session, now: datetime) -> Iterable[str]:
    """Keys like 2026-09:br-360111 from the draw day on; none while the procedure is not deployed."""
    if get_engine().library.find(session, drawing.PROCESS) is None:
        return []
    return [f"{month}:{unit}" for month in drawing.months_due(session, now) for unit in drawing.units(session)]


def run(session: Session, key: str, now: datetime) -> None:
    """Draw once for that organisation and month."""
    month, unit = key.split(":", 1)
    drawing.draw(session, month, unit, now)


PERIODIC: tuple[Periodic, ...] = (Periodic("review.draw", units, run),)
