"""What a walk prints: the trail of each case, then counts per outcome, branch and clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.walk.checks import closed_as
from app.walk.flows import Flow
from workflows import Engine
from workflows.tables import Case, Clock

MARKS = {"done": "", "timer": "⏰", "message": "✉", "clock.overdue": "超期:", "clock.lapsed": "期满:", "link.closed": "✓"}


def trail(engine: Engine, session: Session, name: str, case_id: UUID) -> str:
    """One line: the scenario, the number, how it ended, and its steps in order."""
    case = session.get_one(Case, case_id)
    steps = [MARKS[event.kind] + event.label for event in engine.trail(session, case_id) if event.kind in MARKS]
    return f"{name} {case.number or ''} [{closed_as(session, case_id) or case.status}] {len(steps)} 步\n    {' > '.join(steps)}"


def outcomes(session: Session, case_ids: Iterable[UUID]) -> Counter[str]:
    return Counter(closed_as(session, case_id) or "open" for case_id in case_ids)


def clocks(session: Session) -> Iterator[str]:
    """Each rule with how often its clocks ended which way."""
    query = select(Clock.rule, Clock.status, Clock.overdue_at.is_not(None), func.count()).group_by(
        Clock.rule, Clock.status, Clock.overdue_at.is_not(None)
    )
    table: dict[str, list[str]] = {}
    for rule, status, late, count in session.execute(query.order_by(Clock.rule, Clock.status)):
        table.setdefault(rule, []).append(f"{status}{'（超期）' if late else ''} {count}")
    for rule, ends in table.items():
        yield f"  {rule:<28} {'  '.join(ends)}"


def branches(flows: Iterable[Flow], taken: Counter[str]) -> Iterator[str]:
    """Every way out of a gateway with how often it was taken."""
    for flow in flows:
        if flow.branch:
            yield f"  {taken[flow.id]:>5}  {flow}"
