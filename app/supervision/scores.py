"""How units do: lateness, repeats, bounces and the quality of their replies, each with numerator, denominator and the cases behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.engine import get_engine
from app.supervision.words import PROCEDURE
from workflows.tables import Case

FULL = 100.0
MOST = 200  # cases shown behind one number
# the duties of a handling unit: what the petition office owes (告知, 上级交办) is not among them
DUTIES = ("answer", "notify_forwarded", "execution", "feedback", "instruction", "consult")

# part → (label, what the numerator is, what the denominator is, setting of its weight)
PARTS = {
    "late": ("超期", "超期的办理期限", "到期的办理期限", "score_late"),
    "repeat": ("重复信访", "重复的信访事项", "收到的信访事项", "score_repeat"),
    "bounce": ("退单", "提出异议的转送", "收到的转送", "score_bounce"),
    "reply": ("督办回复不合格", "审核不合格或逾期未回复的督办文书", "收到的督办文书", "score_reply"),
}
_LATE = """
    wf_clock x JOIN petition p ON p.case_id = x.case_id JOIN wf_case c ON c.id = x.case_id
     WHERE x.due_at >= :since AND x.due_at < :now AND x.slot = ANY(:duties) AND x.status IN ('running', 'met')"""
_REPEAT = """
    petition x JOIN wf_case c ON c.id = x.case_id WHERE x.received_at >= :since AND x.received_at < :now"""
_BOUNCE = """
    petition_transfer x WHERE x.sent_at >= :since AND x.sent_at < :now"""
_REPLY = """
    matter_letter x JOIN matter m ON m.case_id = x.case_id WHERE x.sent_at >= :since AND x.sent_at < :now"""
# part → (rows and their window, the unit, what counts against it)
SQL = {
    "late": (_LATE, "c.attrs ->> 'unit'", "x.overdue_at IS NOT NULL"),
    "repeat": (_REPEAT, "c.attrs ->> 'unit'", "x.repeats > 1"),
    "bounce": (_BOUNCE, "x.unit", "x.objection IS NOT NULL"),
    "reply": (_REPLY, "m.unit", "(x.verdict = 'poor' OR (x.replied_at IS NULL AND x.reply_by <= :now))"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A share of what counts against a unit."""

    bad: int = 0
    total: int = 0
    weight: float = 0.0

    @property
    def percent(self) -> float | None:
        return self.bad / self.total * 100 if self.total else None

    @property
    def lost(self) -> float:
        """Points taken off: weight for each per cent."""
        return (self.percent or 0.0) * self.weight


@dataclass(slots=True)
class UnitScore:
    unit: str
    name: str
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return max(0.0, FULL - sum(part.lost for part in self.parts.values()))

    @property
    def counted(self) -> bool:
        return any(part.total for part in self.parts.values())


def settings(session: Session) -> tuple[int, dict[str, float]]:
    """(days counted, part → points for one per cent)."""
    found = get_engine().library.current(session, PROCEDURE).settings
    return int(found["score_days"]["value"]), {part: float(found[weight]["value"]) for part, (_, _, _, weight) in PARTS.items()}


def formula(weights: dict[str, float]) -> str:
    """The formula as the page shows it."""
    return (
        "得分 = 100 − " + " − ".join(f"{PARTS[part][0]}率 × {weight:g}" for part, weight in weights.items()) + "（率以百分点计，最低 0 分）"
    )


def scores(session: Session, units: Sequence[tuple[str, str]], now: datetime) -> list[UnitScore]:
    """Every unit with something to count, the lowest score first."""
    days, weights = settings(session)
    made = {unit: UnitScore(unit, name) for unit, name in units}
    for part, (rows, unit, bad) in SQL.items():
        sql = text(f"SELECT {unit} AS unit, count(*) AS total, count(*) FILTER (WHERE {bad}) AS bad FROM {rows} GROUP BY 1")
        for row in session.execute(sql, _params(now, days)):
            if row.unit in made:
                made[row.unit].parts[part] = Part(row.bad, row.total, weights[part])
    for score in made.values():
        score.parts = {part: score.parts.get(part, Part(weight=weights[part])) for part in PARTS}
    return sorted((s for s in made.values() if s.counted), key=lambda s: (s.points, s.unit))


def cases(session: Session, person: Person, unit: str, part: str, now: datetime) -> list[Case]:
    """The cases that count against a unit and that the person may see, the newest first."""
    days, _ = settings(session)
    rows, of, bad = SQL[part]
    sql = text(f"SELECT DISTINCT x.case_id FROM {rows} AND {of} = :unit AND {bad} ORDER BY 1 DESC LIMIT :most")
    ids = list(session.scalars(sql, {**_params(now, days), "unit": unit, "most": MOST}))
    query = select(Case).where(Case.id.in_(ids), visible_cases(person))
    return list(session.scalars(query.order_by(Case.created_at.desc(), Case.id)))


def _params(now: datetime, days: int) -> dict[str, Any]:
    return {"since": now - timedelta(days=days), "now": now, "duties": list(DUTIES)}
