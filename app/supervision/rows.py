"""Rows of the list as the template and the workbook show them, and the chips that narrow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.clockwords import ClockView
from app.inbox.filters import LIGHTS
from app.inbox.lists import Chips, Choice, Link, capped
from app.inbox.queries import Head, holder_names
from app.petitions import listing as petition_listing
from app.petitions.rows import clock
from app.supervision.board import age_words
from app.supervision.listing import Wanted
from app.supervision.models import Matter
from app.supervision.words import STEPS, TRIGGERS, WAYS

OVER = ClockView("met", "已销号")


@dataclass(frozen=True, slots=True)
class Line:
    """One matter in the list."""

    case_id: UUID
    number: str
    title: str
    tags: Sequence[str]
    clock: ClockView
    rung: str
    step: str
    unit: str
    trigger: str
    opened: str
    days: int
    holder: str
    url: str


def lines(session: Session, found: Sequence[Any], now: datetime, units: Mapping[str, str]) -> list[Line]:
    """Matters as rows; a fixed number of queries for the page, none per row."""
    cases = [row.Case.id for row in found]
    clocks, steps = petition_listing.clocks_of(session, cases), petition_listing.steps_of(session, cases)
    names = holder_names(session, {holder for _, holder in steps.values()})
    made = []
    for row in found:
        matter, case = row.Matter, row.Case
        step, holder = steps.get(case.id, ("", ""))
        over = matter.closed_at is not None
        made.append(
            Line(
                case_id=case.id, number=matter.number, title=case.title,
                tags=[t for t in case.tags or () if t not in STEPS.values() and t not in TRIGGERS.values()],
                clock=OVER if over else clock(clocks.get(case.id), now), rung=STEPS.get(matter.step or "", "待定"),
                step=WAYS.get(matter.way or "", "已销号") if over else step or "自动办理中",
                unit=units.get(matter.unit, matter.unit), trigger=TRIGGERS[matter.trigger], opened=clockwords.day(matter.opened_at, now),
                days=days(matter, now), holder=names.get(holder) or ("待认领" if holder.startswith("o:") else ""),
                url=url_for("cases.show", case_id=case.id),
            )
        )  # fmt: skip
    return made


def days(matter: Matter, now: datetime) -> int:
    """Whole days from opening to closing, or to now."""
    return ((matter.closed_at or now) - matter.opened_at).days


def chips(wanted: Wanted, head: Head, ages: list[int], units: Iterable[tuple[str, str]], link: Link) -> Chips:
    """The filter row: lights with counts, one menu per facet, and what is set with a link that takes it off."""
    made = Chips(clear=link({}))
    counts = {"red": head.red, "amber": head.amber, "green": head.green, "none": head.none}
    for key, text in LIGHTS.items():
        shown = "" if head.capped and key in ("green", "none") else capped(counts[key])
        here = wanted.light == key
        made.lights.append(Choice(text, link(wanted.having(light="" if here else key)), here, shown, key))
    groups = {str(number): age_words(ages, number) for number in range(len(ages) + 1)}
    menus = (("unit", "单位", dict(units)), ("step", "层级", STEPS), ("trigger", "事由", TRIGGERS), ("age", "已办", groups))
    for name, title, options in menus:
        chosen = getattr(wanted, name)
        if chosen:
            made.set.append(Choice(f"{title}：{options.get(chosen, chosen)}", link(wanted.having(**{name: ""})), True))
        else:
            made.menus.append((title, [Choice(text, link(wanted.having(**{name: code}))) for code, text in options.items()]))
    if wanted.q:
        made.set.append(Choice(f"含“{wanted.q}”", link(wanted.having(q="")), True))
    return made
