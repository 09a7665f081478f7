"""The inbox's SQL. Plain rows, one index: each holder's open tasks are read in order of urgency, a page at a time.

The cost is a few index entries per holder, however many tasks are open: ``CROSS JOIN LATERAL … LIMIT n`` on
``ix_wf_task_inbox (holder, coalesce(due_at, 'infinity'), id)``. Counts stop at ``CAP``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.inbox.filters import Filter, Place, conditions, end_of_week

CAP = 1000  # counts are shown as 999+ from here on
PAGE = 25
EXPORT_MOST = 5000

COLUMNS = (
    "t.id, t.case_id, t.case_number, t.title, t.label, t.stage, t.element, t.holder, t.pool, t.org, t.status, t.slot, "
    "t.due_at, t.warn_at, t.opened_at, t.opened_from, t.closed_at, t.facets, t.tags"
)
URGENCY = "coalesce(t.due_at, 'infinity')"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and where its neighbours begin."""

    rows: Sequence[Any]
    before: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class Head:
    """Numbers over a list, exact up to the cap. ``capped``: there are more than were counted."""

    total: int = 0
    red: int = 0
    amber: int = 0
    green: int = 0
    none: int = 0
    pool: int = 0
    week: int = 0
    today: int = 0
    capped: bool = False


def open_page(
    session: Session, holders: Iterable[str], wanted: Filter, now: datetime, *, after: Place | None = None, before: Place | None = None,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """Open tasks of these holders, most urgent first."""
    where, params = conditions(wanted, now)
    back = before is not None
    at = before or after
    if at is not None:
        where.append(f"({URGENCY}, t.id) {'<' if back else '>'} (CAST(:at_due AS timestamptz), CAST(:at_id AS uuid))")
        params |= {"at_due": at.due, "at_id": at.id}
    way = "DESC" if back else "ASC"
    sql = f"""
        SELECT x.* FROM unnest(CAST(:holders AS text[])) AS h(holder) CROSS JOIN LATERAL (
            SELECT {COLUMNS}, {URGENCY} AS urgency FROM wf_task t
             WHERE t.status = 'open' AND t.holder = h.holder {"".join(f" AND {c}" for c in where)}
             ORDER BY {URGENCY} {way}, t.id {way} LIMIT :n) x
         ORDER BY x.urgency {way}, x.id {way} LIMIT :n"""
    sql = _without_infinity(sql)
    rows = session.execute(text(sql), {**params, "holders": _wanted_holders(holders, wanted), "n": limit + 1}).all()
    return _page(list(rows), back, at is not None, limit, lambda r: Place.of(r.due_at, r.id))


def _without_infinity(sql: str) -> str:
    """The driver cannot read ``infinity``: the order column stays inside the database."""
    names = ", ".join(f"x.{c.split('.')[1].strip()}" for c in COLUMNS.split(","))
    return sql.replace("SELECT x.* FROM", f"SELECT {names} FROM", 1)


def _wanted_holders(holders: Iterable[str], wanted: Filter) -> list[str]:
    return sorted(h for h in holders if not wanted.pool or h.startswith("o:"))


def _page(rows: list[Any], back: bool, inside: bool, limit: int, place: Any) -> Page:
    """One row more than the page was asked for: it only says that there is a next page."""
    more = len(rows) > limit
    rows = rows[:limit]
    if back:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    has_before, has_after = (more, True) if back else (inside, more)
    return Page(rows, place(rows[0]) if has_before else None, place(rows[-1]) if has_after else None)


def head(session: Session, holders: Iterable[str], wanted: Filter, now: datetime) -> Head:
    """Numbers over the most urgent tasks of each holder, at most ``CAP`` of each."""
    where, params = conditions(wanted, now)
    day_end = now.replace(hour=23, minute=59, second=59, microsecond=999999)
    sql = f"""
        SELECT count(*) AS total, count(*) FILTER (WHERE due_at < :now) AS red,
               count(*) FILTER (WHERE due_at >= :now AND warn_at <= :now) AS amber,
               count(*) FILTER (WHERE due_at >= :now AND coalesce(warn_at, due_at) > :now) AS green,
               count(*) FILTER (WHERE due_at IS NULL) AS none,
               count(*) FILTER (WHERE holder LIKE 'o:%%') AS pool,
               count(*) FILTER (WHERE due_at <= :week_end) AS week,
               count(*) FILTER (WHERE due_at >= :now AND due_at <= :day_end + interval '1 second') AS today,
               coalesce(max(nth), 0) >= :cap AS capped
          FROM unnest(CAST(:holders AS text[])) AS h(key) CROSS JOIN LATERAL (
            SELECT t.due_at, t.warn_at, t.holder, row_number() OVER (ORDER BY {URGENCY}, t.id) AS nth FROM wf_task t
             WHERE t.status = 'open' AND t.holder = h.key {"".join(f" AND {c}" for c in where)}
             ORDER BY {URGENCY}, t.id LIMIT :cap) x"""
    params |= {"holders": sorted(holders), "cap": CAP, "day_end": day_end, "week_end": end_of_week(now)}
    row = session.execute(text(sql.replace("%%", "%")), params).one()
    return Head(**row._mapping)


def count(session: Session, holders: Iterable[str], wanted: Filter, now: datetime) -> int:
    """How many open tasks fit, up to the cap over all holders together: reading stops there."""
    where, params = conditions(wanted, now)
    sql = f"""
        SELECT count(*) FROM (SELECT 1 FROM unnest(CAST(:holders AS text[])) AS h(key) CROSS JOIN LATERAL (
            SELECT 1 FROM wf_task t WHERE t.status = 'open' AND t.holder = h.key {"".join(f" AND {c}" for c in where)} LIMIT :cap) x
         LIMIT :cap) y"""
    return int(session.execute(text(sql), {**params, "holders": sorted(holders), "cap": CAP}).scalar_one())


def menu_counts(session: Session, holders: Iterable[str], now: datetime) -> tuple[int, int, int]:
    """(待办, 超期, 待阅) for the menu, each counted up to the cap."""
    sql = f"""
        SELECT (SELECT count(*) FROM (SELECT 1 FROM wf_task t WHERE t.status = 'open' AND t.holder = ANY(CAST(:holders AS text[]))
                 LIMIT :cap) a),
               (SELECT count(*) FROM (SELECT 1 FROM wf_task t WHERE t.status = 'open' AND t.holder = ANY(CAST(:holders AS text[]))
                 AND {URGENCY} < :now LIMIT :cap) b),
               (SELECT count(*) FROM (SELECT 1 FROM notice n WHERE n.read_at IS NULL AND n.holder = ANY(CAST(:holders AS text[]))
                 LIMIT :cap) c)"""
    todo, late, notices = session.execute(text(sql), {"holders": sorted(holders), "cap": CAP, "now": now}).one()
    return todo, late, notices


def done_page(
    session: Session, person: UUID, wanted: Filter, now: datetime, *, element: str = "", after: Place | None = None,
    before: Place | None = None, limit: int = PAGE,
) -> Page:  # fmt: skip
    """Steps this person did, latest first; with ``element`` only that step (我登记的). The case's present state comes along."""
    where, params = conditions(wanted, now)
    back, at = before is not None, before or after
    if element:
        where.append("t.element = :element")
        params["element"] = element
    if at is not None:
        where.append(f"(t.closed_at, t.id) {'>' if back else '<'} (CAST(:at_due AS timestamptz), CAST(:at_id AS uuid))")
        params |= {"at_due": at.due, "at_id": at.id}
    way = "ASC" if back else "DESC"
    sql = f"""
        SELECT {COLUMNS}, c.status AS case_status, c.tags AS case_tags, c.title AS case_title, c.number AS number_now,
               c.overdue_at, (SELECT string_agg(DISTINCT o.label, '、') FROM wf_task o
                               WHERE o.case_id = t.case_id AND o.status = 'open') AS waits_for
          FROM wf_task t JOIN wf_case c ON c.id = t.case_id
         WHERE t.status = 'done' AND t.closed_by = :person {"".join(f" AND {c}" for c in where)}
         ORDER BY t.closed_at {way}, t.id {way} LIMIT :n"""
    rows = session.execute(text(sql), {**params, "person": person, "n": limit + 1}).all()
    return _page(list(rows), back, at is not None, limit, lambda r: Place.of(r.closed_at, r.id))


def followed(session: Session, person: UUID) -> Sequence[Any]:
    """Cases the person follows, with their most urgent open step; at most as many as one page holds well."""
    sql = """
        SELECT c.id AS case_id, c.number, c.title, c.tags, c.facets, c.status, f.at, t.id, t.label, t.due_at, t.warn_at, t.holder, t.slot
          FROM follow f JOIN wf_case c ON c.id = f.case_id
          LEFT JOIN LATERAL (SELECT * FROM wf_task t WHERE t.case_id = c.id AND t.status = 'open'
                              ORDER BY coalesce(t.due_at, 'infinity'), t.id LIMIT 1) t ON true
         WHERE f.person_id = :person ORDER BY coalesce(t.due_at, 'infinity'), f.at DESC LIMIT 200"""
    return session.execute(text(sql), {"person": person}).all()


def notice_page(session: Session, holders: Iterable[str], *, unread: bool, after: UUID | None = None, limit: int = PAGE) -> Page:
    """Notices to these holders, newest first. Ids are UUIDv7, so they sort by time."""
    where = " AND n.read_at IS NULL" if unread else ""
    where += " AND n.id < CAST(:after AS uuid)" if after else ""
    sql = f"""
        SELECT x.*, c.number, c.title, c.status AS case_status FROM unnest(CAST(:holders AS text[])) AS h(holder) CROSS JOIN LATERAL (
            SELECT n.* FROM notice n WHERE n.holder = h.holder {where} ORDER BY n.id DESC LIMIT :n) x
          LEFT JOIN wf_case c ON c.id = x.case_id ORDER BY x.id DESC LIMIT :n"""
    params = {"holders": sorted(holders), "n": limit + 1, "after": after}
    rows = list(session.execute(text(sql), params).all())
    more, rows = len(rows) > limit, rows[:limit]
    onward = Place("infinity", rows[-1].id) if more else None
    return Page(sorted(rows, key=lambda r: (r.at, r.id), reverse=True), None, onward)


def clocks_of(session: Session, cases: Sequence[UUID]) -> dict[tuple[UUID, str], Any]:
    """(case, slot) → the most urgent running or paused clock, for the pop-overs of one page."""
    if not cases:
        return {}
    sql = """
        SELECT DISTINCT ON (case_id, slot) case_id, slot, rule, from_at, due_at, status, paused_at FROM wf_clock
         WHERE case_id = ANY(CAST(:cases AS uuid[])) AND status IN ('running', 'paused') ORDER BY case_id, slot, due_at"""
    return {(r.case_id, r.slot): r for r in session.execute(text(sql), {"cases": list(set(cases))})}


def holder_names(session: Session, holders: Iterable[str]) -> dict[str, str]:
    """Holder key → what a person reads: a name, or the organisation whose post it waits at."""
    people = sorted({h[2:] for h in holders if h.startswith("p:")})
    organs = sorted({h.split(":")[1] for h in holders if h.startswith("o:")})
    names: dict[str, str] = {}
    if people:
        found = session.execute(text("SELECT id, name FROM person WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": people})
        names |= {f"p:{r.id}": r.name for r in found}
    if organs:
        found = session.execute(text("SELECT id, short FROM organ WHERE id = ANY(:ids)"), {"ids": organs})
        short = {r.id: r.short for r in found}
        names |= {h: short.get(h.split(":")[1], "") for h in holders if h.startswith("o:")}
    return names


def holders_under(session: Session, organs: Sequence[str], now: datetime) -> list[str]:
    """Every holder key at these organisations: the posts' pools and the people, for a head's view of what is late."""
    sql = """
        SELECT DISTINCT person_id, organ_id, role FROM post
         WHERE organ_id = ANY(:organs) AND since <= :now AND (until IS NULL OR until > :now)"""
    found = session.execute(text(sql), {"organs": list(organs), "now": now}).all()
    return sorted({f"p:{r.person_id}" for r in found} | {f"o:{r.organ_id}:{r.role}" for r in found})
