"""What every table of 两法衔接 shares: the organs that may see a row, and how columns are written."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Mapped

EMPTY = text("'[]'")
NONE = text("0")
NO = text("false")
YES = text("true")
OBJECT = text("'{}'")


class Confined:
    """A row of a confined case. ``confined``: ids of the organs that may see it (row-level security); empty: not confined."""

    confined: Mapped[list[str] | None]
