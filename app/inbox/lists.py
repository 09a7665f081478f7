"""Rows of the lists as templates show them, and the chips that narrow a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.models import Person
from app.clockwords import ClockView
from app.inbox import clock_views, labels, queries
from app.inbox.filters import LIGHTS, Filter
from app.inbox.queries import CAP, Head, Page

Link = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list of steps."""

    id: UUID | None
    case_id: UUID
    number: str
    title: str
    tags: Sequence[str]
    clock: ClockView
    step: str
    area: str
    channel: str
    kind: str
    day: str
    holder: str
    url: str
    claimable: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    url: str
    here: bool = False
    count: str = ""
    light: str = ""


@dataclass(slots=True)
class Chips:
    """The narrowing of a list as links."""

    lights: list[Choice] = field(default_factory=list)
    menus: list[tuple[str, list[Choice]]] = field(default_factory=list)
    set: list[Choice] = field(default_factory=list)
    clear: str = ""


def capped(count: int) -> str:
    """38, or 999+ beyond the cap."""
    return f"{CAP - 1}+" if count >= CAP else str(count)


def open_lines(session: Session, person: Person, page: Page, now: datetime, task_url: Callable[[UUID], str]) -> list[Line]:
    """Open tasks as rows: two more queries for the whole page, none per row."""
    clocks = queries.clocks_of(session, [r.case_id for r in page.rows])
    mine = f"p:{person.id}"
    names = queries.holder_names(session, {r.holder for r in page.rows if r.holder != mine})
    words = labels.facet_labels(session)
    lines = []
    for r in page.rows:
        waiting = r.holder.startswith("o:")
        who = "我" if r.holder == mine else "待认领" if waiting else names.get(r.holder, "")
        lines.append(
            Line(
                id=r.id, case_id=r.case_id, number=r.case_number or "未编号", title=r.title, tags=r.tags or (),
                clock=clock_views.of_task(r, clocks, now), step=r.label, area=labels.label(words, "county", r.facets.get("county")),
                channel=short_channel(labels.label(words, "channel", r.facets.get("channel"))),
                kind=labels.label(words, "kind", r.facets.get("kind")), day=clockwords.day(r.opened_at, now), holder=who,
                url=task_url(r.id), claimable=waiting,
            )
        )  # fmt: skip
    return lines


def done_lines(session: Session, page: Page, now: datetime, case_url: Callable[[UUID], str]) -> list[Line]:
    """Steps that were done, with where the case is now."""
    words = labels.facet_labels(session)
    lines = []
    for r in page.rows:
        over = r.case_status == "closed"
        lines.append(
            Line(
                id=r.id, case_id=r.case_id, number=r.number_now or "未编号", title=r.case_title, tags=r.case_tags or (),
                clock=ClockView("met" if not r.due_at or r.closed_at < r.due_at else "late", _met_words(r)), step=r.label,
                area=labels.label(words, "county", r.facets.get("county")),
                channel=short_channel(labels.label(words, "channel", r.facets.get("channel"))),
                kind=labels.label(words, "kind", r.facets.get("kind")), day=clockwords.moment(r.closed_at, now),
                holder="已归档" if over else r.waits_for or "自动办理中", url=case_url(r.case_id),
            )
        )  # fmt: skip
    return lines


def _met_words(row: Any) -> str:
    if not row.due_at:
        return "已办"
    if row.closed_at < row.due_at:
        return "按期办理"
    return f"晚 {clockwords.span(row.closed_at - row.due_at)}"


def short_channel(text: str) -> str:
    """来电（12345） → 来电; a long platform name is cut to what a column holds."""
    text = text.split("（")[0]
    return "国家平台" if len(text) > 8 else text


def chips(wanted: Filter, head: Head, session: Session, link: Link, units: Iterable[tuple[str, str]] = ()) -> Chips:
    """The filter row: lights with counts, one menu per facet, and what is set with a link that takes it off."""
    made = Chips(clear=link({}))
    counts = {"red": head.red, "amber": head.amber, "green": head.green, "none": head.none}
    for key, text in LIGHTS.items():
        shown = "" if head.capped and key in ("green", "none") else capped(counts[key])
        here = wanted.light == key
        made.lights.append(Choice(text, link(wanted.having(light="" if here else key)), here, shown, key))
    words = labels.facet_labels(session)
    menus: list[tuple[str, str, Mapping[str, str]]] = [
        ("stage", "阶段", {s: s for s in labels.STAGES}),
        ("kind", "类型", words["kind"]),
        ("county", "属地", words["county"]),
        ("channel", "来源", words["channel"]),
        ("unit", "单位", dict(units)),
    ]
    for name, title, options in menus:
        chosen = getattr(wanted, name)
        if chosen:
            made.set.append(Choice(f"{title}：{options.get(chosen, chosen)}", link(wanted.having(**{name: ""})), True))
        elif options:
            made.menus.append((title, [Choice(text, link(wanted.having(**{name: code}))) for code, text in options.items()]))
    if wanted.q:
        made.set.append(Choice(f"含“{wanted.q}”", link(wanted.having(q="")), True))
    return made


@dataclass(frozen=True, slots=True)
class Pager:
    said: str
    prev_url: str = ""
    next_url: str = ""
    next_note: str = ""


def pager(page: Page, total: str, link: Link, args: Mapping[str, str], now: datetime, *, by_due: bool = True) -> Pager:
    """Keyset links in both directions; the next one says where it begins."""
    here = len(page.rows)
    note = ""
    if by_due and page.after is not None and page.rows:
        due = page.rows[-1].due_at
        note = f"{clockwords.words(due, now)}以后" if due is not None and due > now else ""
    return Pager(
        said=f"本页 {here} 件，共 {total} 件" if total else f"本页 {here} 件",
        prev_url=link({**args, "before": str(page.before)}) if page.before else "",
        next_url=link({**args, "after": str(page.after)}) if page.after else "",
        next_note=note,
    )
