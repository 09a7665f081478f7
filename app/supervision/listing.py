"""The list of matters: those the person may see, most urgent first, page by page from where the last one ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.inbox.filters import LIGHTS, SEARCH_MOST, Place
from app.inbox.queries import CAP, Head, Page
from app.supervision.models import Matter
from app.supervision.words import STEPS, TRIGGERS
from workflows.tables import Case, Clock

PAGE = 30
EXPORT_MOST = 5000
STATES = {"open": "在办", "closed": "已销号", "all": "全部"}
MOMENT = TIMESTAMP(timezone=True)
NEVER: ColumnElement[datetime] = literal_column("'infinity'::timestamptz", MOMENT)  # matters without a running period come last


@dataclass(frozen=True, slots=True)
class Wanted:
    """One narrowing of the list, read from the address. An empty string means: all; unknown values are dropped."""

    light: str = ""
    unit: str = ""
    step: str = ""
    trigger: str = ""
    age: str = ""  # number of the age group of the board, from 0
    q: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Wanted:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        for name, known in (("light", LIGHTS), ("step", STEPS), ("trigger", TRIGGERS)):
            if given[name] not in known:
                given[name] = ""
        if not given["age"].isdecimal():
            given["age"] = ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        """The address arguments of this narrowing with some changed."""
        changed = replace(self, **changes)
        return {f.name: value for f in fields(self) if (value := getattr(changed, f.name))}

    def __bool__(self) -> bool:
        return bool(self.having())


def page(
    session: Session, person: Person, wanted: Wanted, state: str, now: datetime, ages: list[int], *, after: Place | None = None,
    before: Place | None = None, limit: int = PAGE,
) -> Page:  # fmt: skip
    """One page: open matters by due moment, then id; of the others the newest first."""
    query = _narrowed(person, wanted, state, now, ages)
    if state != "open":
        return _newest(session, query.add_columns(literal(None, MOMENT).label("due_at")), after, before, limit)
    due = _due()
    order = func.coalesce(due, NEVER)
    query = query.add_columns(due.label("due_at"))
    if after is not None:
        query = query.where(tuple_(order, Matter.case_id) > tuple_(cast(after.due, MOMENT), after.id))
    if before is not None:
        query = query.where(tuple_(order, Matter.case_id) < tuple_(cast(before.due, MOMENT), before.id))
        return _page(list(session.execute(query.order_by(order.desc(), Matter.case_id.desc()).limit(limit + 1))), limit, back=True)
    return _page(list(session.execute(query.order_by(order, Matter.case_id).limit(limit + 1))), limit, inside=after is not None)


def _newest(session: Session, query: Any, after: Place | None, before: Place | None, limit: int) -> Page:
    """By id, which is by the moment of opening: reading stops after a page."""
    if after is not None:
        query = query.where(Matter.case_id < after.id)
    if before is not None:
        query = query.where(Matter.case_id > before.id).order_by(Matter.case_id)
        return _page(list(session.execute(query.limit(limit + 1))), limit, back=True)
    return _page(list(session.execute(query.order_by(Matter.case_id.desc()).limit(limit + 1))), limit, inside=after is not None)


def _page(found: list[Any], limit: int, *, back: bool = False, inside: bool = False) -> Page:
    """One row more than asked for says that there is another page; read backwards, the rows are turned round."""
    more, rows = len(found) > limit, found[:limit]
    if back:
        rows.reverse()
    before, after = (more, True) if back else (inside, more)
    if not rows:
        return Page([], None, None)
    return Page(rows, _place(rows[0]) if before else None, _place(rows[-1]) if after else None)


def head(session: Session, person: Person, wanted: Wanted, state: str, now: datetime, ages: list[int]) -> Head:
    """How many there are, by light; counted up to the cap."""
    inner = _narrowed(person, wanted, state, now, ages).with_only_columns(_due().label("due"), _warn().label("warn"))
    rows = inner.limit(CAP).subquery()
    red = func.count().filter(rows.c.due < now)
    amber = func.count().filter(and_(rows.c.due >= now, rows.c.warn <= now))
    none = func.count().filter(rows.c.due.is_(None))
    total, reds, ambers, nones = session.execute(select(func.count(), red, amber, none)).one()
    return Head(total=total, red=reds, amber=ambers, green=total - reds - ambers - nones, none=nones, capped=total >= CAP)


def _running() -> ColumnElement[bool]:
    return and_(Clock.case_id == Matter.case_id, Clock.status == "running")


def _due() -> Any:
    """SQL: the first due moment of the matter's running duties."""
    return select(func.min(Clock.due_at)).where(_running()).correlate(Matter).scalar_subquery()


def _warn() -> Any:
    return select(func.min(Clock.warn_at)).where(_running()).correlate(Matter).scalar_subquery()


def _narrowed(person: Person, wanted: Wanted, state: str, now: datetime, ages: list[int]) -> Any:
    """Matters this person may see, narrowed."""
    query: Any = select(Matter, Case).join(Case, Case.id == Matter.case_id).where(visible_cases(person))
    if state == "open":
        query = query.where(Matter.closed_at.is_(None))
    elif state == "closed":
        query = query.where(Matter.closed_at.is_not(None))
    for name in ("unit", "step", "trigger"):
        if value := getattr(wanted, name):
            query = query.where(getattr(Matter, name) == value)
    if wanted.age:
        query = query.where(*aged(int(wanted.age), now, ages))
    if wanted.light:
        query = query.where(_light(wanted.light, now))
    if wanted.q:
        like = f"%{_plain(wanted.q)}%"
        query = query.where(or_(Case.title.ilike(like), Matter.number.ilike(like)))
    return query


def aged(group: int, now: datetime, ages: list[int]) -> list[ColumnElement[bool]]:
    """SQL: matters whose whole days since opening fall into that group; ``ages`` are the last days of the groups but the last."""
    found: list[ColumnElement[bool]] = []
    if group > 0:
        found.append(Matter.opened_at <= now - timedelta(days=ages[min(group, len(ages)) - 1] + 1))
    if group < len(ages):
        found.append(Matter.opened_at > now - timedelta(days=ages[group] + 1))
    return found


def _light(light: str, now: datetime) -> Any:
    due = _due()
    if light == "red":
        return due < now
    if light == "none":
        return due.is_(None)
    warned = _warn() <= now
    return and_(due >= now, warned if light == "amber" else ~func.coalesce(warned, False))


def _plain(text: str) -> str:
    """% and _ are letters here, not patterns."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _place(row: Any) -> Place:
    return Place.of(row.due_at, row.Matter.case_id)
