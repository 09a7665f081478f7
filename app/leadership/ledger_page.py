"""The ledger as a page: how somebody looks at it (filters, columns, order, a past day), the chips, the rows of one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.inbox import labels
from app.inbox.lists import Chips, Choice, Pager
from app.leadership import ledger, services
from app.leadership.ledger import BY_KEY, COLUMNS, Column, Filters, Row
from app.leadership.models import LeaderCase, LedgerView
from app.leadership.options import REASONS
from workflows.time import end_of_day, local

PAGE = 30
DEFAULT = "默认"  # the saved columns that are taken without a wish
NAME_MOST = 20
EVERY = tuple(column.key for column in COLUMNS)
LIGHTS = {"red": "超期或缺报", "amber": "临近", "green": "正常", "grey": "无时限"}
LIGHT_WORDS = {**LIGHTS, "met": "已结案"}
LIGHT_ORDER = ("red", "amber", "green", "grey", "met")
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at the ledger; everything in it comes from and goes back to the address."""

    filters: Filters
    columns: tuple[str, ...] = EVERY
    usual: tuple[str, ...] = EVERY  # the columns taken without a wish
    at: date | None = None  # as the ledger stood at the end of that day
    sort: str = ""  # key of a column, or "light"
    desc: bool = False
    page: int = 1
    view: str = ""

    def args(self, **changes: Any) -> dict[str, str]:
        """The address arguments of this look with some changed; a change of filters begins on page 1."""
        look = replace(self, **{"page": 1, **changes})
        found = {k: v for k, v in look.filters.as_args().items() if (k, v) != ("state", "open")}
        if look.columns != look.usual:
            found["cols"] = ",".join(look.columns)
        if look.at is not None:
            found["at"] = look.at.isoformat()
        if look.sort:
            found["sort"] = f"-{look.sort}" if look.desc else look.sort
        if look.page > 1:
            found["page"] = str(look.page)
        if look.view:
            found["view"] = look.view
        return found

    def moment(self) -> datetime | None:
        """The moment the ledger is shown of; None: now."""
        return end_of_day(self.at) if self.at is not None else None


def read(session: Session, person: Person, args: MultiDict[str, str], now: datetime) -> Look:
    """The look an address asks for, over the person's saved one."""
    usual = usual_columns(session, person)
    asked = args.getlist("col") or args.get("cols", "").split(",")
    sort = args.get("sort", "")
    return Look(
        Filters.parse(args), _known(asked) if any(asked) else usual, usual, _past_day(args.get("at", ""), now),
        sort.lstrip("-") if sort.lstrip("-") in (*BY_KEY, "light") else "", sort.startswith("-"), _page(args.get("page", "")),
        args.get("view", "")[:NAME_MOST],
    )  # fmt: skip


def usual_columns(session: Session, person: Person) -> tuple[str, ...]:
    """The columns this person takes without a wish: the saved ones, else all."""
    saved = next((view for view in services.views(session, person.id) if view.name == DEFAULT), None)
    return _known(saved.columns) if saved is not None else EVERY


def _known(keys: Iterable[Any]) -> tuple[str, ...]:
    """Columns that exist, in the ledger's own order; the number always stays, it leads to the file."""
    wanted = {str(key) for key in keys} | {"number"}
    return tuple(key for key in EVERY if key in wanted)


def _past_day(text: str, now: datetime) -> date | None:
    """A day before today; today and the future are the live ledger."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day < local(now).date() else None


def _page(text: str) -> int:
    return int(text) if text.isdigit() and 0 < int(text) < 10_000 else 1


# --- rows -------------------------------------------------------------------------------------------------------------


def rows(session: Session, person: Person, look: Look, *, every: bool = False) -> tuple[Sequence[Row], int]:
    """The rows of the page (or all of them) and how many there are."""
    start = 0 if every else (look.page - 1) * PAGE
    if look.sort:
        found = ledger.rows(session, person, look.filters, look.moment())
        ordered = in_order(found.rows, look)
        return ordered if every else ordered[start : start + PAGE], found.total
    limit = None if every else PAGE
    shown = ledger.rows(session, person, look.filters, look.moment(), limit=limit, offset=start)
    return shown.rows, shown.total


def in_order(found: Sequence[Row], look: Look) -> list[Row]:
    """Sorted by one column; what is empty stands last both ways."""
    key = look.sort
    if key == "light":
        return sorted(found, key=lambda row: LIGHT_ORDER.index(row.light), reverse=look.desc)
    filled = [row for row in found if row.cells.get(key)]
    empty = [row for row in found if not row.cells.get(key)]
    return [*sorted(filled, key=lambda row: _natural(row.cells[key]), reverse=look.desc), *empty]


def _natural(text: str) -> str:
    """Numbers inside a text count as numbers: 2号 before 10号."""
    return DIGITS.sub(lambda found: found.group().zfill(12), text)


# --- the page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column: its link sorts by it."""

    column: Column
    url: str
    sorted: str  # "", "ascending", "descending"


def link(look: Look, **changes: Any) -> str:
    """The ledger with something changed."""
    query = urlencode(look.args(**changes))
    return f"{url_for('leadership.ledger')}{'?' + query if query else ''}"


def context(session: Session, person: Person, look: Look, now: datetime) -> dict[str, Any]:
    """Everything the template of the ledger needs."""
    found, total = rows(session, person, look)
    return {
        "look": look,
        "rows": found,
        "total": total,
        "heads": [_head(look, key) for key in look.columns],
        "light_head": _light_head(look),
        "chips": chips(session, look),
        "states": [
            Choice(label, link(look, filters=replace(look.filters, state=key)), key == look.filters.state) for key, label in _states(look)
        ],
        "views": _views(session, person, look),
        "columns": [(column, column.key in look.columns) for column in COLUMNS],
        "hidden": {k: v for k, v in look.args().items() if k not in ("cols", "page")},
        "live_url": link(look, at=None),
        "pager": _pager(look, len(found), total),
        "today": local(now).date().isoformat(),
        "light_words": LIGHT_WORDS,
    }


def _states(look: Look) -> list[tuple[str, str]]:
    """待确定 is not in the kept history: a file is in the ledger from its assignment on."""
    return [(key, label) for key, label in ledger.STATES.items() if look.at is None or key != "proposed"]


def _head(look: Look, key: str) -> Head:
    here = look.sort == key
    said = ("descending" if look.desc else "ascending") if here else ""
    return Head(BY_KEY[key], link(look, sort=key, desc=here and not look.desc), said)


def _light_head(look: Look) -> Head:
    here = look.sort == "light"
    said = ("descending" if look.desc else "ascending") if here else ""
    return Head(Column("light", "灯"), link(look, sort="light", desc=here and not look.desc), said)


def _views(session: Session, person: Person, look: Look) -> list[tuple[LedgerView, str, bool]]:
    """Saved views with their address; one is here as long as nothing in it was changed."""
    made = []
    for view in services.views(session, person.id):
        if view.name != DEFAULT:
            kept = replace(look, filters=Filters.parse(view.filters), columns=_known(view.columns), sort="", desc=False, view=view.name)
            here = look.view == view.name and (look.filters, look.columns) == (kept.filters, kept.columns)
            made.append((view, link(kept), here))
    return made


def _pager(look: Look, shown: int, total: int) -> Pager:
    first = (look.page - 1) * PAGE
    said = f"第 {first + 1}–{first + shown} 件，共 {total} 件" if shown else f"共 {total} 件"
    return Pager(
        said=said,
        prev_url=link(look, page=look.page - 1) if look.page > 1 else "",
        next_url=link(look, page=look.page + 1) if first + shown < total else "",
    )


# --- chips ------------------------------------------------------------------------------------------------------------


def chips(session: Session, look: Look) -> Chips:
    """One menu for each field to narrow by, and what is set with a link that takes it off."""
    wanted = look.filters
    made = Chips(clear=link(look, filters=Filters(state=wanted.state)))

    def to(**changes: Any) -> str:
        return link(look, filters=replace(wanted, **changes))

    if look.at is None:
        for key, text in LIGHTS.items():
            made.lights.append(Choice(text, to(light="" if wanted.light == key else key), wanted.light == key, "", key))
    for name, title, options in _menus(session, look):
        chosen = getattr(wanted, name)
        if chosen:
            made.set.append(Choice(f"{title}：{options.get(chosen, chosen)}", to(**{name: ""}), True))
        elif options:
            made.menus.append((title, [Choice(text, to(**{name: key})) for key, text in options.items()]))
    if wanted.since or wanted.until:
        span = f"{wanted.since or ''} 至 {wanted.until or ''}".strip()
        made.set.append(Choice(f"包案日期：{span}", to(since=None, until=None), True))
    if wanted.q:
        made.set.append(Choice(f"含“{wanted.q}”", to(q=""), True))
    return made


def _menus(session: Session, look: Look) -> list[tuple[str, str, Mapping[str, str]]]:
    words = labels.facet_labels(session)
    found: list[tuple[str, str, Mapping[str, str]]] = [
        ("owner", "包案领导", _owners(session)),
        ("unit", "责任单位", dict(accounts.units(session))),
        ("county", "属地", words["county"]),
        ("kind", "问题类型", words["kind"]),
    ]
    return found if look.at is not None else [*found, ("reason", "入库原因", REASONS)]


def _owners(session: Session) -> dict[str, str]:
    """Who owns or owned something."""
    query = select(Person.id, Person.name).where(Person.id.in_(select(LeaderCase.owner_id).distinct())).order_by(Person.name)
    return {str(row.id): row.name for row in session.execute(query)}
