"""petition_fact from the records, and what that moves in number_month, in one statement: for every petition, or for those named.

``now`` decides what is past its day. A period that ends at 24:00 is stored as 00:00 of the next day, so its day is that of the moment
just before. Clocks that were superseded, cancelled or lapsed are duties nobody owed in the end: they count nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.numbers import lines
from workflows.errors import WorkflowError
from workflows.time import ZONE

COLUMNS = (
    "case_id", "county", "unit", "kind", "channel", "klass", "sealed", "received_on", "finished_on", "archived_on", "closed_as", "sampled",
    "notify_due_on",
    "notify_in_time", "answer_due_on", "answer_in_time", "answered_on", "days", "rating_due_on", "rated", "rated_on", "satisfied", "repeat",
    "settled", "late_on", "overdue", "bounces", "turns_at",
)  # fmt: skip


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE '{ZONE.key}')::date"


def _last_day(due: str) -> str:
    """The last day of a period that ends at this moment."""
    return _day(f"({due} - interval '1 second')")


FILL = f"""
WITH wanted AS MATERIALIZED (
       SELECT p.*, c.attrs, c.closed_at FROM petition p JOIN wf_case c ON c.id = p.case_id WHERE {{wanted}}),
     clock AS MATERIALIZED (
       SELECT k.*, CASE WHEN k.status = 'met' THEN k.ended_at >= k.due_at
                        WHEN k.status = 'running' AND k.due_at <= :now THEN true END AS late
         FROM wf_clock k JOIN wanted w ON w.case_id = k.case_id
        WHERE k.slot = ANY(:slots) AND k.status IN ('running', 'paused', 'met', 'lapsed')),
     duty AS (SELECT * FROM clock WHERE slot = ANY(:duties) AND status <> 'lapsed'),
     told AS (
       SELECT case_id, coalesce(min(due_at) FILTER (WHERE late), max(due_at)) AS due_at,
              CASE WHEN bool_or(late) THEN false WHEN bool_and(late IS FALSE) THEN true END AS in_time
         FROM duty WHERE slot IN ('notify', 'notify_forwarded') GROUP BY case_id),
     answer AS (
       SELECT DISTINCT ON (case_id) case_id, due_at, NOT late AS in_time, CASE WHEN status = 'met' THEN ended_at END AS at
         FROM duty WHERE slot = 'answer' AND round = 1 ORDER BY case_id, from_at DESC, id),
     asked AS (
       SELECT DISTINCT ON (case_id) case_id, round, due_at,
              CASE WHEN status = 'met' THEN true WHEN status = 'lapsed' OR due_at <= :now THEN false END AS took_part
         FROM clock WHERE slot = 'rating' ORDER BY case_id, round, id),
     rating AS (
       SELECT DISTINCT ON (r.case_id) r.case_id, r.rated_at,
              r.receiving IS DISTINCT FROM '不满意' AND r.handling IS DISTINCT FROM '不满意' AS satisfied
         FROM petition_rating r JOIN asked ON asked.case_id = r.case_id AND asked.round = r.round_no
        WHERE r.rated_at IS NOT NULL ORDER BY r.case_id, r.rated_at, r.id),
     due AS (
       SELECT case_id, min(due_at) FILTER (WHERE late) AS late_at, bool_or(late AND status = 'running') AS overdue
         FROM duty GROUP BY case_id),
     turn AS (SELECT case_id, min(due_at) AS at FROM clock WHERE status = 'running' AND due_at > :now GROUP BY case_id),
     bounce AS (
       SELECT t.case_id, count(*) AS n FROM petition_transfer t JOIN wanted w ON w.case_id = t.case_id
        WHERE t.objection IS NOT NULL AND t.decision IN ('agree', 'arbitrated') GROUP BY t.case_id),
     fresh AS (
INSERT INTO petition_fact ({", ".join(COLUMNS)})
SELECT w.case_id, w.county, coalesce(w.attrs ->> 'unit', w.attrs ->> 'intake_org', ''), w.kind, w.channel, w.klass, w.sealed,
       {_day("w.received_at")}, {_day("coalesce(answer.at, w.closed_at)")}, {_day("w.archived_at")}, w.closed_as,
       EXISTS (SELECT FROM review_sample s WHERE s.case_id = w.case_id),
       {_last_day("told.due_at")}, told.in_time,
       {_last_day("answer.due_at")}, answer.in_time, {_day("answer.at")}, {_day("answer.at")} - {_day("w.received_at")},
       {_last_day("asked.due_at")}, asked.took_part, {_day("rating.rated_at")}, rating.satisfied, w.repeats > 1,
       CASE WHEN answer.at IS NOT NULL AND w.repeats <= 1 THEN rating.satisfied IS NOT FALSE
         AND NOT EXISTS (SELECT FROM petition_appeal a WHERE a.case_id = w.case_id)
         AND NOT EXISTS (SELECT FROM petition n WHERE n.phone_digits = w.phone_digits AND {{again}})
         AND NOT EXISTS (SELECT FROM petition n WHERE n.household = w.household AND n.name = w.name AND n.household LIKE 'a:%'
                           AND {{again}})
       END,
       {_last_day("due.late_at")}, coalesce(due.overdue, false), coalesce(bounce.n, 0), turn.at
  FROM wanted w LEFT JOIN told USING (case_id) LEFT JOIN answer USING (case_id) LEFT JOIN asked USING (case_id)
  LEFT JOIN rating USING (case_id) LEFT JOIN due USING (case_id) LEFT JOIN turn USING (case_id) LEFT JOIN bounce USING (case_id)
ON CONFLICT (case_id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in COLUMNS[1:])}
RETURNING petition_fact.*)
"""

# Within the statement petition_fact still shows the rows as they were: their lines are taken out, the lines of the fresh ones put in.
MOVE = """
SELECT key, day, county, unit, kind, -num AS num, -den AS den FROM ({old}) o
 UNION ALL SELECT key, day, county, unit, kind, num, den FROM ({new}) n
"""

# the same person came again with the same matter after the answer; what is the same matter is said by the later item (petitions.counting)
AGAIN = """n.case_id <> w.case_id AND n.received_at > answer.at AND CASE
    WHEN n.enterprise_id IS NOT NULL THEN w.enterprise_id = n.enterprise_id
    WHEN n.place_key IS NOT NULL THEN w.place_key = n.place_key AND w.enterprise_id IS NULL
    ELSE w.county = n.county AND w.kind = n.kind END"""

# items of the same people: a new one may unsettle an old one
RELATED = """
SELECT e.case_id FROM petition p JOIN petition e ON e.phone_digits = p.phone_digits WHERE p.case_id = ANY(:ids)
 UNION
SELECT e.case_id FROM petition p JOIN petition e ON e.household = p.household AND e.name = p.name
 WHERE p.case_id = ANY(:ids) AND p.household LIKE 'a:%'
"""


def fill(session: Session, now: datetime, ids: Sequence[UUID] | None = None) -> None:
    """Write the facts of these petitions, or of all, and move the sums by what changed."""
    wanted = "true" if ids is None else "p.case_id = ANY(:ids)"
    mine = () if ids is None else ("f.case_id = ANY(:ids)",)
    moved = MOVE.format(old=lines.union(lines.PER_PETITION, *mine), new=lines.union(lines.PER_PETITION, source="fresh f"))
    duties = _duties(session)
    params = {"now": now, "duties": duties, "slots": [*duties, "rating"], **({} if ids is None else {"ids": list(ids)})}
    session.execute(text(FILL.format(wanted=wanted, again=AGAIN) + lines.ADD.format(lines=moved)), params)


def with_related(session: Session, ids: set[UUID]) -> set[UUID]:
    """These petitions and the others of the same people."""
    return ids | set(session.scalars(text(RELATED), {"ids": list(ids)})) if ids else ids


def _duties(session: Session) -> list[str]:
    """Slots of a petition in which somebody of ours has to act; before the procedure is deployed there are none."""
    try:
        slots = get_engine().library.current(session, "petition").slots
    except WorkflowError:
        return []
    return [name for name, slot in slots.items() if not slot.right]
