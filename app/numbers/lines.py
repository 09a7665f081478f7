"""The indicators in SQL: which rows stand behind each number, on which day, and what each adds to numerator and denominator.

A line is (ref, case_id, day, county, unit, kind, num, den). The sum over months, the edges of a period and the list of cases all read
these same lines, so a number and the cases behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.time import ZONE


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a number's lines come from. The day of those per petition is an indexed column."""

    source: str
    day: str
    num: str
    den: str
    ref: str = "f.case_id"
    case_id: str = "f.case_id"
    county: str = "f.county"
    unit: str = "f.unit"
    kind: str = "f.kind"
    where: str = ""
    per_petition: bool = False  # follows from petition_fact alone, so it can be kept up petition by petition

    def select(self, key: str, *narrowed: str, source: str = "") -> str:
        """SELECT of the lines that also fit the conditions ``narrowed``; of other rows of the same shape where ``source`` names them."""
        columns = (
            f"'{key}' AS key, {self.ref} AS ref, {self.case_id} AS case_id, {self.day} AS day, {self.county} AS county, "
            f"{self.unit} AS unit, {self.kind} AS kind, ({self.num})::int AS num, ({self.den})::int AS den"
        )
        conditions = " AND ".join(c for c in (f"{self.day} IS NOT NULL", self.where, *narrowed) if c)
        return f"SELECT {columns} FROM {source or self.source} WHERE {conditions}"

    def between(self, key: str, since: str = "since", until: str = "until") -> str:
        """SELECT of the lines from one day up to but not including another; both are names of parameters."""
        return self.select(key, f"{self.day} >= :{since}", f"{self.day} < :{until}")


def _petition(day: str, num: str, den: str, where: str = "") -> Lines:
    return Lines("petition_fact f", f"f.{day}", num, den, where=where, per_petition=True)


def _date(moment: str) -> str:
    return f"({moment} AT TIME ZONE '{ZONE.key}')::date"


AS_OF = "(SELECT as_of FROM number_state)"  # the moment all numbers stand at

LINES: dict[str, Lines] = {
    "received": _petition("received_on", "1", "1"),
    "finished": _petition("finished_on", "1", "1"),
    "notify": _petition("notify_due_on", "f.notify_in_time", "1", "f.notify_in_time IS NOT NULL"),
    "answer": _petition("answer_due_on", "f.answer_in_time", "1", "f.answer_in_time IS NOT NULL"),
    "days": _petition("answered_on", "f.days", "1"),
    "late": _petition("late_on", "1", "f.overdue"),
    "bounce": Lines(
        "petition_transfer t JOIN petition_fact f ON f.case_id = t.case_id", _date("t.signed_at"), "1", "t.decision = 'arbitrated'",
        ref="t.id", unit="t.unit", where="f.bounces > 0 AND t.objection IS NOT NULL AND t.decision IN ('agree', 'arbitrated')",
    ),
    "satisfied": _petition("rated_on", "f.satisfied", "1", "f.satisfied IS NOT NULL"),
    "rated": _petition("rating_due_on", "f.rated", "1", "f.rated IS NOT NULL"),
    "repeat": _petition("received_on", "f.repeat", "1"),
    "settled": _petition("answered_on", "f.settled", "1", "f.settled IS NOT NULL"),
    "led": Lines(
        "leader_case f JOIN wf_case k ON k.id = f.case_id", "f.assigned_on", "f.closed_on IS NOT NULL", "1",
        county="coalesce(k.facets ->> 'county', '')", unit="coalesce(f.unit, '')", kind="coalesce(k.facets ->> 'kind', '')",
    ),
    "replied": Lines(
        "matter_letter x JOIN matter f ON f.case_id = x.case_id", _date("(x.reply_by - interval '1 second')"),
        "x.replied_at IS NOT NULL AND x.replied_at < x.reply_by", "1", ref="x.id", county="coalesce(f.county, '')",
        kind="coalesce(f.kind, '')", where=f"(x.replied_at IS NOT NULL OR x.reply_by <= {AS_OF})",
    ),
    "sampled": _petition("archived_on", "f.sampled", "1", "NOT f.sealed"),
    "passed": Lines(
        "review_sample s JOIN review_draw d ON d.id = s.draw_id JOIN petition_fact f ON f.case_id = s.case_id", _date("s.scored_at"),
        "s.passed", "1", ref="s.id", unit="d.unit", where="s.passed IS NOT NULL",
    ),
}  # fmt: skip


def union(keys: Iterable[str], *narrowed: str, source: str = "") -> str:
    """The lines of several numbers, one after the other."""
    return "\nUNION ALL ".join(LINES[key].select(key, *narrowed, source=source) for key in keys)


def union_between(keys: Iterable[str], since: str, until: str) -> str:
    """The same between two days."""
    return "\nUNION ALL ".join(LINES[key].between(key, since, until) for key in keys)


PER_PETITION = tuple(key for key, lines in LINES.items() if lines.per_petition)
WHOLE = tuple(key for key, lines in LINES.items() if not lines.per_petition)

# Lines into number_month: first what they come to where all is told apart, then that again for every level above it.
ADD = """
INSERT INTO number_month (level, month, key, county, unit, kind, num, den)
SELECT 7 - grouping(kind, unit, county), month, key, coalesce(county, '*'), coalesce(unit, '*'), coalesce(kind, '*'), sum(num), sum(den)
  FROM (SELECT date_trunc('month', day)::date AS month, key, county, unit, kind, sum(num)::int AS num, sum(den)::int AS den
          FROM ({lines}) l GROUP BY 1, 2, 3, 4, 5 HAVING sum(num) <> 0 OR sum(den) <> 0) s
 GROUP BY month, key, CUBE (county, unit, kind)
    ON CONFLICT (level, month, key, county, unit, kind)
    DO UPDATE SET num = number_month.num + excluded.num, den = number_month.den + excluded.den
"""
