"""Petitions with known facts, written straight into the tables: what a test says of a case is what the numbers must find."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.numbers import lines, queries, services
from app.numbers.figures import whole
from app.numbers.period import Period
from app.numbers.queries import Narrow, Sums
from app.petitions.models import Petition
from app.petitions.records import Appeal, Rating, Transfer
from workflows.tables import Case, Clock, Event
from workflows.time import ZONE, end_of_day, start_of_day

_numbers = count(1)
HANDLER_UNIT = "br-360111"


def at(day: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZONE) + timedelta(hours=hour)


def item(session: Session, received: str = "2026-03-02", **facts: Any) -> UUID:
    """A petition received on a day. ``unit``, ``closed`` (a day) are the case's; everything else is the record's."""
    number, case_id = f"洪环信〔2026〕9{next(_numbers):04d}", uuid4()
    unit, closed = facts.pop("unit", HANDLER_UNIT), facts.pop("closed", None)
    attrs = {"intake_org": "nc-petition", "sender_org": "nc-petition", **({"unit": unit} if unit else {})}
    county, kind = facts.setdefault("county", "360111"), facts.setdefault("kind", "water")
    session.add(
        Case(
            id=case_id, city="360100", number=number, title="罗家镇水渠水污染", attrs=attrs, tags=[],
            facets={"county": county, "kind": kind}, status="closed" if closed else "open", created_at=at(received),
            closed_at=at(closed) if closed else None,
        )
    )  # fmt: skip
    session.flush()
    plain = {
        "channel": "web",
        "statement": "渠水发黄。",
        "gravity": "ordinary",
        "klass": "claim",
        "asks": "penalise",
        "about": "enterprise",
    }
    session.add(Petition(case_id=case_id, number=number, received_at=at(received), entered_at=at(received), **{**plain, **facts}))
    event(session, case_id, received)
    session.flush()
    return case_id


def event(session: Session, case_id: UUID, day: str = "2026-03-02") -> None:
    """Something happened on the case: the incremental count looks at it again."""
    session.add(Event(case_id=case_id, at=at(day), actor="测试", kind="task.completed", label="登记"))
    session.flush()


def clock(session: Session, case_id: UUID, slot: str, last: str, met: str | None = None, status: str = "", round: int = 1) -> Clock:
    """A period whose last day is ``last``; met on the day ``met``, else running, or as ``status`` says."""
    due = end_of_day(date.fromisoformat(last))
    ended = start_of_day(date.fromisoformat(met)) if met else due if status == "lapsed" else None
    row = Clock(
        id=uuid4(), case_id=case_id, slot=slot, rule=f"petition.{slot}", round=round, status=status or ("met" if met else "running"),
        from_at=due - timedelta(days=15), raw_due=due, due_at=due, ended_at=ended,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def answered(session: Session, received: str, sent: str, last: str, **facts: Any) -> UUID:
    """A petition with its answer period."""
    case_id = item(session, received, **facts)
    clock(session, case_id, "answer", last, met=sent)
    return case_id


def asked(
    session: Session, case_id: UUID, last: str, rated: str | None = None, status: str = "", scores: tuple[str, str] = ("满意", "满意")
) -> None:
    """Asked to rate until ``last``; rated on the day ``rated`` with the scores of receiving and handling organ."""
    clock(session, case_id, "rating", last, met=rated, status=status)
    if rated:
        row = Rating(case_id=case_id, round_no=1, asked_at=at(last), receiving=scores[0], handling=scores[1], rated_at=at(rated))
        session.add(row)
        session.flush()


def transfer(session: Session, case_id: UUID, unit: str, sent: str, objected: str | None = None, decision: str | None = None) -> None:
    """A letter to a unit, and what came of its objection."""
    row = Transfer(case_id=case_id, unit=unit, sender_org="nc-petition", sent_at=at(sent))
    if objected:
        row.signed_at, row.objection, row.decision = at(objected), "不属于本单位职权范围，应由他单位办理。", decision
    session.add(row)
    session.flush()


def appeal(session: Session, case_id: UUID, day: str) -> None:
    on = date.fromisoformat(day)
    session.add(Appeal(case_id=case_id, round_no=1, stage="review", internal=True, requested_on=on, received_on=on))
    session.flush()


def sums(session: Session, period: str = "2026-03", cut: str = "all", narrow: Narrow | None = None) -> Sums:
    """All numbers of a period after tally what changed."""
    services.refresh(session)
    found = Period.of(period)
    assert found is not None
    return queries.sums(session, tuple(lines.LINES), found, cut, narrow or Narrow())


def figure(session: Session, key: str, period: str = "2026-03", narrow: Narrow | None = None) -> tuple[int, int]:
    """(numerator, denominator) of one number."""
    return whole(sums(session, period, narrow=narrow)).get((key, ""), (0, 0))


def behind(session: Session, key: str, side: Any = "num", period: str = "2026-03", narrow: Narrow | None = None) -> list[UUID]:
    """The cases behind a number."""
    found = Period.of(period)
    assert found is not None
    return [row.case_id for row in queries.cases(session, key, side, found, narrow or Narrow()).rows]
