"""The cases behind a number as rows. What a person may not open is counted and stands in the list without number, title and link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.numbers import queries
from app.numbers.asked import Asked
from app.numbers.definitions import BASES, BY_KEY, Side
from app.numbers.export import Workbook
from app.numbers.figures import names

HIDDEN = "不在您的查看范围"
COLUMNS = (("编号", 22), ("事项", 60), ("属地", 12), ("单位", 16), ("类型", 18), ("计作", 18))


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line behind the number. Without ``url`` the person may not open it."""

    day: str
    number: str
    title: str
    county: str
    unit: str
    kind: str
    counts_as: str
    url: str


def label(key: str) -> str:
    """The name of a number."""
    return BY_KEY[key].label if key in BY_KEY else next(b.label for b in BASES if b.key == key)


def counted_on(key: str) -> str:
    return BY_KEY[key].counted_on if key in BY_KEY else next(b.counted_on for b in BASES if b.key == key)


def sides(key: str, num: int, den: int) -> list[tuple[Side, str, int]]:
    """What can be looked at behind a number: (side, words, how many)."""
    if key not in BY_KEY:
        return [("num", label(key), num)]
    i = BY_KEY[key]
    if i.unit == "天":
        return [("den", i.denominator, den)]
    found: list[tuple[Side, str, int]] = [("num", i.numerator, num), ("den", i.denominator, den)]
    return [*found, ("miss", i.miss, den - num)] if i.miss else found


def lines(session: Session, person: Person, key: str, rows: Sequence[Any]) -> list[CaseLine]:
    """Rows as they are shown; two queries for the page, none a row."""
    open_to = queries.seen(session, person, {r.case_id for r in rows})
    words = names(session)
    return [_line(key, r, words, r.case_id in open_to) for r in rows]


def _line(key: str, r: Any, words: dict[str, dict[str, str]], may: bool) -> CaseLine:
    case_id: UUID = r.case_id
    return CaseLine(
        r.day.isoformat(), (r.number or "未编号") if may else "", r.title if may else HIDDEN,
        words["county"].get(r.county, r.county), words["unit"].get(r.unit, r.unit), words["kind"].get(r.kind, r.kind),
        _counts_as(key, r), url_for("cases.show", case_id=case_id) if may else "",
    )  # fmt: skip


def _counts_as(key: str, r: Any) -> str:
    """What the line adds, in the words of the number."""
    if key not in BY_KEY:
        return label(key)
    i = BY_KEY[key]
    if i.unit == "天":
        return f"{r.num} 天"
    if i.counts:
        return i.denominator if r.den else i.numerator
    return i.numerator if r.num else i.miss


def workbook(asked: Asked, key: str, words: str, found: Sequence[CaseLine], total: int) -> bytes:
    """The list as an Excel workbook."""
    hidden = sum(1 for line in found if not line.url)
    note = f"{label(key)}：{words}　{asked.period.label}　共 {total} 件次"
    if hidden:
        note += f"，其中 {hidden} 件{HIDDEN}"
    if len(found) < total:
        note += f"；导出前 {len(found)} 件次"
    book = Workbook()
    rows = [(x.day, x.number, x.title, x.county, x.unit, x.kind, x.counts_as) for x in found]
    book.sheet("明细", ((counted_on(key).split("：")[0].split("（")[0], 14), *COLUMNS), rows, note)
    return book.done()
