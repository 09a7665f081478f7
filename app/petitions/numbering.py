"""Numbers without gaps or doubles: one counter row per series and year, locked by whoever takes the next."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.papers.numbering import document_number, next_in

PREFIX = "洪环信"


def petition_number(session: Session, year: int) -> str:
    """The number of a registered petition: 洪环信〔2026〕00001."""
    return f"{PREFIX}〔{year}〕{next_in(session, 'petition', year):05d}"


def letter_number(session: Session, year: int) -> str:
    """The number of a letter (发文字号), as official letters write it: 洪环信〔2026〕12号."""
    return document_number(session, PREFIX, year, series="letter")


def upcoming(session: Session, year: int) -> str:
    """What the next petition will probably be called: for showing only."""
    last = session.scalar(text("SELECT last FROM number_counter WHERE series = 'petition' AND year = :year"), {"year": year})
    return f"{PREFIX}〔{year}〕{(last or 0) + 1:05d}"
