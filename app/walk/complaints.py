"""The complaints a walk registers: a file as people import it, or the invented ones of the demo month."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.demo import month
from app.demo.organs import COUNTIES
from app.imports import columns as columns_of
from app.imports import readers, services


@dataclass(frozen=True)
class Complaint:
    """What a clerk would type for it."""

    key: str
    form: dict[str, Any]

    @property
    def dice(self) -> int:
        """A number that is always the same for this complaint: where a rule has to choose, it chooses by this."""
        return int.from_bytes(sha256(self.key.encode()).digest()[:6])

    @property
    def text(self) -> dict[str, Any]:
        """What happened, without who says so."""
        return {name: self.form.get(name) for name in ("statement", "enterprise", "place")}


def read(file: Path | None) -> list[Complaint]:
    """The complaints of ``file``; rows that cannot be registered are left to the import's report."""
    if file is None:
        keys = [f"demo-{index:03d}" for index in range(len(month.petitions()))]
        return [Complaint(key, month.registration(petition, key)) for key, petition in zip(keys, month.petitions(), strict=True)]
    table = readers.read(file)
    columns = columns_of.detect(table.headers)
    return [found for number, cells in table.rows if (found := _complaint(number, cells, columns)) is not None]


def _complaint(number: int, cells: dict[str, str], columns: columns_of.Columns) -> Complaint | None:
    """A row with what its words suggest; a county that cannot be read from it is drawn, always the same one for the same number."""
    try:
        row = columns_of.row_of(number, cells, columns)
    except columns_of.BadRow:
        return None
    found = Complaint(row.outside_no, services.draft(row, columns, services.suggestions(row)))
    if "county" not in found.form:
        found.form["county"] = list(COUNTIES)[found.dice % len(COUNTIES)]
    found.form.pop("received_at")
    return found
