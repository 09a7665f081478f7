"""The screening page: each round with its facts, hits and law; the table as deployed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.engine import get_engine
from app.transfers import facts, items, law, screening
from app.transfers.models import TransferScreening


@dataclass(frozen=True, slots=True)
class Round:
    """One screening as the page shows it. ``current``: the table was not changed since."""

    row: TransferScreening
    facts: list[tuple[str, str]]
    measured: list[dict[str, object]]
    hits: list[tuple[str, str]]
    added: list[tuple[str, str]]
    label: str
    crosses: bool
    current: bool


def rounds(session: Session, case_id: UUID) -> list[Round]:
    """Every screening of a file, the newest first."""
    version = screening.version(get_engine().library.current(session, screening.PROCESS))
    return [_round(row, version) for row in screening.all_of(session, case_id)]


def _round(row: TransferScreening, version: str) -> Round:
    entered = facts.lines({**row.facts, "measured": []})
    return Round(
        row, entered, list(row.measured), [(one, items.label(one)) for one in row.hits], [(one, items.label(one)) for one in row.added],
        law.LAWS[row.law].label, law.crosses(row.act_from, row.act_to), row.table_version == version,
    )  # fmt: skip


def table(session: Session) -> str:
    """The deployed decision table, as DMN."""
    return get_engine().library.current(session, screening.PROCESS).files[screening.TABLE]
