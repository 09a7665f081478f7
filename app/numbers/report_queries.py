"""What the report counts beyond the indicators: sources, senders and units complained of, letters, 督办, advice, 预警函. Plain SQL.

Accusations (检举控告) appear in the totals only: nothing here lists whom they name (条例30).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.numbers.period import Period
from app.numbers.queries import Narrow
from workflows.time import start_of_day

MOST = 10  # lines of a list of the most

SOURCES = """
SELECT e.name, count(*) AS n, count(DISTINCT p.household) AS households, count(*) FILTER (WHERE f.repeat) AS repeats,
       count(*) FILTER (WHERE f.finished_on IS NULL) AS open
  FROM petition_fact f JOIN petition p ON p.case_id = f.case_id JOIN enterprise e ON e.id = p.enterprise_id
 WHERE f.received_on >= :since AND f.received_on < :until AND NOT f.sealed AND {where}
 GROUP BY e.id, e.name HAVING count(*) > 1 ORDER BY n DESC, households DESC, e.name LIMIT :most
"""
ORGANS = """
SELECT o.short AS name, count(*) AS n, count(*) FILTER (WHERE f.finished_on IS NULL) AS open
  FROM petition_fact f JOIN petition p ON p.case_id = f.case_id JOIN organ o ON o.id = p.complained_unit
 WHERE f.received_on >= :since AND f.received_on < :until AND NOT f.sealed AND {where}
 GROUP BY o.id, o.short ORDER BY n DESC, o.id LIMIT :most
"""
WAYS = """
SELECT {column} AS code, count(*) AS n FROM petition_fact f
 WHERE f.received_on >= :since AND f.received_on < :until AND {where} GROUP BY 1 ORDER BY n DESC, code
"""
OPEN_AT = """
SELECT count(*) FROM petition_fact f WHERE f.received_on < :until AND (f.finished_on IS NULL OR f.finished_on >= :until) AND {where}
"""
TRANSFERS = """
SELECT t.unit, count(*) AS sent, count(*) FILTER (WHERE t.signed_at IS NOT NULL AND t.objection IS NULL) AS taken,
       count(*) FILTER (WHERE t.objection IS NOT NULL) AS objected,
       count(*) FILTER (WHERE t.objection IS NOT NULL AND t.decision IN ('agree', 'arbitrated')) AS bounced
  FROM petition_transfer t JOIN petition_fact f ON f.case_id = t.case_id
 WHERE t.sent_at >= :from_at AND t.sent_at < :to_at AND {where} GROUP BY t.unit ORDER BY sent DESC, t.unit
"""
MATTERS = """
SELECT f.unit, count(*) FILTER (WHERE f.opened_at >= :from_at AND f.opened_at < :to_at) AS opened,
       count(*) FILTER (WHERE f.closed_at >= :from_at AND f.closed_at < :to_at) AS closed,
       count(*) FILTER (WHERE f.opened_at < :to_at AND (f.closed_at IS NULL OR f.closed_at >= :to_at)) AS open
  FROM matter f WHERE f.opened_at < :to_at AND (f.closed_at IS NULL OR f.closed_at >= :from_at) AND {where}
 GROUP BY f.unit ORDER BY opened DESC, f.unit
"""
TRIGGERS = """
SELECT f.trigger AS code, count(*) AS n FROM matter f
 WHERE f.opened_at >= :from_at AND f.opened_at < :to_at AND {where} GROUP BY 1 ORDER BY n DESC, code
"""
LETTERS = """
SELECT x.step, count(*) AS sent, count(*) FILTER (WHERE x.replied_at IS NOT NULL) AS replied, count(*) FILTER (WHERE x.adopt) AS adopted,
       count(*) FILTER (WHERE NOT x.adopt) AS refused
  FROM matter_letter x JOIN matter f ON f.case_id = x.case_id
 WHERE x.sent_at >= :from_at AND x.sent_at < :to_at AND {where} GROUP BY x.step
"""
LED = """
SELECT count(*) FILTER (WHERE f.assigned_on >= :since AND f.assigned_on < :until) AS opened,
       count(*) FILTER (WHERE f.closed_on >= :since AND f.closed_on < :until) AS closed,
       count(*) FILTER (WHERE f.assigned_on < :until AND (f.closed_on IS NULL OR f.closed_on >= :until)) AS open
  FROM {owned} f WHERE {where}
"""
VISITS = """
SELECT count(*) AS held, count(*) FILTER (WHERE v.by_owner) AS by_owner FROM leader_visit v JOIN {owned} f ON f.case_id = v.case_id
 WHERE v.held_at >= :from_at AND v.held_at < :to_at AND {where}
"""
OWNED = "(SELECT l.*, k.facets ->> 'county' AS county, k.facets ->> 'kind' AS kind FROM leader_case l JOIN wf_case k ON k.id = l.case_id)"
WARNED = """
SELECT count(*) FILTER (WHERE f.sent_at >= :from_at AND f.sent_at < :to_at) AS letters,
       count(*) FILTER (WHERE f.response_at >= :from_at AND f.response_at < :to_at) AS answered
  FROM warning f WHERE {where}
"""


def _params(period: Period, narrow: Narrow, facets: tuple[str, ...] = ("county", "unit", "kind")) -> tuple[str, dict[str, Any]]:
    """Conditions on ``f`` and every moment a statement may ask for."""
    where, params = narrow.where("f.", facets)
    moments: dict[str, date | datetime] = {
        "since": period.since, "until": period.until, "from_at": start_of_day(period.since), "to_at": start_of_day(period.until),
    }  # fmt: skip
    return where, {**params, **moments, "most": MOST}


def rows(session: Session, sql: str, period: Period, narrow: Narrow, **parts: str) -> list[Any]:
    """The rows of one of the statements above."""
    where, params = _params(period, narrow)
    return list(session.execute(text(sql.format(where=where, **parts)), params))


def open_at_end(session: Session, period: Period, narrow: Narrow) -> int:
    """Petitions in hand when the period ended."""
    where, params = _params(period, narrow)
    return session.scalar(text(OPEN_AT.format(where=where)), params) or 0


def warned(session: Session, period: Period, narrow: Narrow) -> Any:
    """Letters of early warning; they know a county, no unit or kind."""
    where, params = _params(period, narrow, ("county",))
    return session.execute(text(WARNED.format(where=where)), params).one()
