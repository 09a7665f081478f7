"""Numbers of documents without gaps or doubles: one counter row per series and year, locked by whoever takes the next."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_NEXT = text("""
    INSERT INTO number_counter (series, year, last) VALUES (:series, :year, 1)
    ON CONFLICT (series, year) DO UPDATE SET last = number_counter.last + 1
    RETURNING last""")


def next_in(session: Session, series: str, year: int) -> int:
    """The next number of a series in a year."""
    return int(session.execute(_NEXT, {"series": series, "year": year}).scalar_one())


def document_number(session: Session, prefix: str, year: int, series: str | None = None) -> str:
    """发文字号 or file number as official papers write it: 洪环督〔2026〕3号. Each prefix counts by itself."""
    return f"{prefix}〔{year}〕{next_in(session, series or prefix, year)}号"
