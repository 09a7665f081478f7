"""Numbers without gaps or doubles: one counter row per series and year, locked by whoever takes the next."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

PREFIX = "洪环信"
_NEXT = text("""
    INSERT INTO number_counter (series, year, last) VALUES (:series, :year, 1)
    ON CONFLICT (series, year) DO UPDATE SET last = number_counter.last + 1
    RETURNING last""")


def petition_number(session: Session, year: int) -> str:
    """The number of a registered petition: 洪环信〔2026〕00001."""
    return f"{PREFIX}〔{year}〕{_next(session, 'petition', year):05d}"


def letter_number(session: Session, year: int) -> str:
    """The number of a letter (发文字号), as official letters write it: 洪环信〔2026〕12号."""
    return f"{PREFIX}〔{year}〕{_next(session, 'letter', year)}号"


def upcoming(session: Session, year: int) -> str:
    """What the next petition will probably be called: for showing only."""
    last = session.scalar(text("SELECT last FROM number_counter WHERE series = 'petition' AND year = :year"), {"year": year})
    return f"{PREFIX}〔{year}〕{(last or 0) + 1:05d}"


def _next(session: Session, series: str, year: int) -> int:
    return int(session.execute(_NEXT, {"series": series, "year": year}).scalar_one())
