"""Numbers as templates and workbooks show them: value, fraction, what stands behind each, how it moved since the period before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.inbox import labels
from app.numbers import queries
from app.numbers.asked import Asked
from app.numbers.definitions import BASE_KEYS, BASES, GROUPS, INDICATORS, KEYS, Indicator, change, shown, value
from app.numbers.period import Period, later
from app.numbers.queries import Sums

ALL_KEYS = (*BASE_KEYS, *KEYS)
TREND_MONTHS = 12
Way = Callable[[str, str], str]  # number, side → address of the cases behind it


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator in one place: what is shown, and the addresses of the cases behind each side of it."""

    indicator: Indicator
    num: int
    den: int
    urls: Mapping[str, str]
    before: str = ""
    moved: str = ""
    mood: str = "none"  # good | bad | same | none

    @property
    def value(self) -> float | None:
        return value(self.indicator, self.num, self.den)

    @property
    def shown(self) -> str:
        return shown(self.indicator, self.value)

    @property
    def unit(self) -> str:
        return "" if self.value is None else self.indicator.unit

    @property
    def missed(self) -> int:
        return 0 if self.indicator.counts or not self.indicator.miss else self.den - self.num


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain number of petitions."""

    label: str
    counted_on: str
    number: int
    url: str
    moved: str


@dataclass(frozen=True, slots=True)
class Row:
    """One county, unit, kind or month with all its numbers."""

    code: str
    label: str
    url: str
    received: Plain
    figures: Sequence[Figure]


def figure(way: Way, indicator: Indicator, now: tuple[int, int], before: tuple[int, int] | None = None) -> Figure:
    """One indicator from its sums; sides without a case carry no address."""
    num, den = now
    sides = {"num": num, "den": den, "miss": 0 if indicator.counts or not indicator.miss else den - num}
    if indicator.unit == "天":
        sides["num"] = den  # days are added up; the cases are the same
    urls = {side: way(indicator.key, side) for side, count in sides.items() if count}
    if before is None:
        return Figure(indicator, num, den, urls)
    was = value(indicator, *before)
    return Figure(indicator, num, den, urls, shown(indicator, was), *change(indicator, value(indicator, num, den), was))


def totals(session: Session, asked: Asked, now: Sums | None = None) -> tuple[list[Plain], list[Figure]]:
    """The base numbers and every indicator of the period, beside the period before. ``now``: sums of any cut of it."""
    now = whole(now if now is not None else queries.sums(session, ALL_KEYS, asked.period, "all", asked.narrow))
    before = queries.sums(session, ALL_KEYS, asked.period.moved(-1), "all", asked.narrow)
    way = asked.ways()
    figures = [figure(way, i, now.get((i.key, ""), (0, 0)), before.get((i.key, ""), (0, 0))) for i in INDICATORS]
    return [_plain(way, b.key, now, before) for b in BASES], figures


def _plain(way: Way, key: str, now: Sums, before: Sums | None = None, part: str = "") -> Plain:
    base = next(b for b in BASES if b.key == key)
    number = now.get((key, part), (0, 0))[0]
    moved = "" if before is None else signed(number - before.get((key, ""), (0, 0))[0])
    return Plain(base.label, base.counted_on, number, way(key, "num") if number else "", moved)


def signed(number: int) -> str:
    """+3, −3, 持平."""
    return f"{number:+d}".replace("-", "−") if number else "持平"


def whole(sums: Sums) -> Sums:
    """The parts of every number added up."""
    made: dict[tuple[str, str], tuple[int, int]] = {}
    for (key, _), (num, den) in sums.items():
        so_far = made.get((key, ""), (0, 0))
        made[key, ""] = so_far[0] + num, so_far[1] + den
    return made


def rows(session: Session, asked: Asked, sums: Sums) -> list[Row]:
    """The period cut up: one row a part, in the order a reader expects."""
    there = {part for _, part in sums}
    made = []
    for code, label in parts(session, asked, there):
        inner = _of_part(asked, code)
        way = inner.ways()
        figures = [figure(way, i, sums.get((i.key, code), (0, 0))) for i in INDICATORS]
        made.append(Row(code, label, inner.page(), _plain(way, "received", sums, part=code), figures))
    return made


def _of_part(asked: Asked, code: str) -> Asked:
    """The question of one row: the facet set, or the part of the period in that month."""
    if asked.cut != "month":
        return asked.narrowed(**{asked.cut: code})
    month = Period.of(code)
    if month is None or (month.since >= asked.period.since and month.until <= asked.period.until):
        return asked.having(period=month or asked.period, cut="county")
    since, until = max(month.since, asked.period.since), min(month.until, asked.period.until)
    return asked.having(period=Period("range", since, until), cut="county")


def parts(session: Session, asked: Asked, there: set[str]) -> list[tuple[str, str]]:
    """(code, label) of the rows: all months of the period and all counties in sight, units and kinds that occur."""
    if asked.cut == "month":
        return [(f"{m:%Y-%m}", f"{m.year}年{m.month}月") for m in asked.period.months()]
    words = names(session)[asked.cut]
    if asked.cut == "county":
        scope, only = asked.narrow.scope, asked.narrow.county
        known = [c for c in words if scope.allows(c) and only in ("", c)]
    else:
        known = [c for c in words if c in there]
    return [(c, words[c]) for c in known] + [(c, c or "未注明") for c in sorted(there - set(words))]


def names(session: Session) -> dict[str, dict[str, str]]:
    """facet → code → word."""
    words = labels.facet_labels(session)
    return {"county": dict(words["county"]), "unit": queries.organs(session), "kind": dict(words["kind"])}


def by_group(figures: Sequence[Figure]) -> list[tuple[str, list[Figure]]]:
    return [(group, [f for f in figures if f.indicator.group == group]) for group in GROUPS]


def trend(session: Session, asked: Asked, keys: Sequence[str]) -> tuple[list[date], Sums]:
    """The twelve months up to the end of the period, month by month."""
    end = later(asked.period.last.replace(day=1), 1)
    span = Period("range", later(end, -TREND_MONTHS), end)
    return span.months(), queries.sums(session, keys, span, "month", asked.narrow)


def charts(asked: Asked, shown_rows: Sequence[Row], months: Sequence[date], sums: Sums) -> list[dict[str, Any]]:
    """What the page draws: petitions by month, the chosen indicator by month, the chosen indicator by part."""
    indicator = next(i for i in INDICATORS if i.key == asked.show)
    labels_of = [f"{m:%Y-%m}" for m in months]

    def base(key: str) -> list[int]:
        return [sums.get((key, label), (0, 0))[0] for label in labels_of]

    values = [value(indicator, *sums.get((indicator.key, label), (0, 0))) for label in labels_of]
    flow = {"id": "flow", "kind": "line", "title": "近 12 个月收件与办结", "unit": "件", "labels": labels_of,
            "series": [{"name": b.label, "values": base(b.key)} for b in BASES]}  # fmt: skip
    course = {"id": "course", "kind": "line", "title": f"近 12 个月{indicator.label}", "unit": indicator.unit, "labels": labels_of,
              "series": [{"name": indicator.label, "values": [rounded(v) for v in values]}]}  # fmt: skip
    position = KEYS.index(indicator.key)
    cells = [row.figures[position] for row in shown_rows]
    spread = {"id": "spread", "kind": "bar", "title": f"{indicator.label}　{asked.period.label}", "unit": indicator.unit,
              "labels": [row.label for row in shown_rows], "urls": [c.urls.get("den") or c.urls.get("num", "") for c in cells],
              "series": [{"name": indicator.label, "values": [rounded(c.value) for c in cells]}]}  # fmt: skip
    return [with_words(chart) for chart in (flow, course, spread)]


def rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def with_words(chart: dict[str, Any]) -> dict[str, Any]:
    """A chart with its content in a sentence for those who do not see it, and whether there is anything to draw."""
    unit, said = chart["unit"], []
    for series in chart["series"]:
        pairs = [f"{label} {v:g}{unit}" for label, v in zip(chart["labels"], series["values"], strict=True) if v is not None]
        said.append(f"{series['name']}：{'，'.join(pairs) or '没有数据'}")
    empty = not any(v for series in chart["series"] for v in series["values"])
    return {**chart, "said": f"{chart['title']}。{'；'.join(said)}。", "empty": empty}
