"""Which column is what: known files by their headers, others by ``--map``; and a row read through such a map."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from workflows.errors import WorkflowError
from workflows.time import ZONE

PROFILES = Path(__file__).with_name("profiles.yaml")
OURS = (
    "outside_no", "name", "phone", "address", "subject", "statement", "submitted_at", "reply", "replied_at",
    "channel", "enterprise", "place", "county", "kind",
)  # fmt: skip
_MOMENT = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(?:\D+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")


class NoColumns(WorkflowError):
    """The file's columns are not known and were not named."""


class BadRow(WorkflowError):
    """A row that cannot become a registration; ``message`` says why."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Header → our name, where external numbers of this file are unique, and the channel its complaints came by."""

    source: str
    channel: str
    names: dict[str, str]


@dataclass(slots=True)
class Row:
    """One complaint as the file gives it."""

    number: int
    outside_no: str
    subject: str
    statement: str
    submitted_at: datetime | None = None
    reply: str = ""
    replied_at: datetime | None = None
    given: dict[str, str] = field(default_factory=dict)  # name, phone, address, enterprise, place, county, kind, channel


@lru_cache(maxsize=1)
def profiles() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(PROFILES.read_text(encoding="utf-8")))


def detect(headers: Sequence[str], named: Mapping[str, str] | None = None, source: str | None = None) -> Columns:
    """The columns of a file: a known profile, changed by what was named; raises NoColumns when the text is still unknown."""
    found = next((p for p in profiles().values() if set(p["needs"]) <= set(headers)), None)
    names = {header: ours for header, ours in (found["columns"] if found else {}).items() if header in headers}
    for header, ours in (named or {}).items():
        if header not in headers:
            raise NoColumns(f"文件里没有“{header}”这一列。现有列：{'、'.join(headers)}。")
        if ours not in OURS:
            raise NoColumns(f"不认识“{ours}”。可用的：{'、'.join(OURS)}。")
        names = {h: o for h, o in names.items() if o != ours} | {header: ours}
    missing = {"outside_no", "statement"} - set(names.values())
    if missing:
        raise NoColumns(f"认不出哪一列是{'、'.join(sorted(missing))}，请用 --map 列名=名称 指明。现有列：{'、'.join(headers)}。")
    return Columns(source or (found["source"] if found else "批量导入"), found["channel"] if found else "web", names)


def row_of(number: int, cells: Mapping[str, str], columns: Columns) -> Row:
    """A row through the map; raises BadRow with what is wrong."""
    values: dict[str, str] = {}
    for header, ours in columns.names.items():
        if (value := cells.get(header, "").strip()) and ours not in values:
            values[ours] = value
    outside_no = values.pop("outside_no", "")
    if not outside_no:
        raise BadRow("没有编号，无法防止重复导入。")
    statement, subject = values.pop("statement", ""), values.pop("subject", "")
    if subject and subject not in statement:
        statement = f"{subject}\n{statement}".strip()
    if len(statement) < 10:
        raise BadRow("反映内容不足 10 个字。")
    if len(statement) > 5000:
        raise BadRow("反映内容超过 5000 字，请拆分后再导入。")
    row = Row(number, outside_no[:60], subject or statement[:40], statement)
    row.submitted_at, row.replied_at = moment(values.pop("submitted_at", "")), moment(values.pop("replied_at", ""))
    row.reply = values.pop("reply", "")
    row.given = values
    return row


def moment(text: str) -> datetime | None:
    """A date as people write it: 2019/7/3 6:23:25, 2019-07-21, 2019年7月3日 06:23."""
    if not text:
        return None
    found = _MOMENT.search(text)
    if found is None:
        raise BadRow(f"时间“{text[:30]}”认不出来。")
    parts = [int(part or 0) for part in found.groups()]
    try:
        year, month, day, hour, minute, second = parts
        return datetime(year, month, day, hour, minute, second, tzinfo=ZONE)
    except ValueError as error:
        raise BadRow(f"没有“{text[:30]}”这个时间。") from error
