"""What a person would look at: who holds which step, when it is due, which papers, clocks and messages the file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.tables import Case, Clock, Event, Instance, Link, Message, Task
from workflows.time import local

QUIET = "petition.link_closed"  # wakes a closing; not one of the messages a scenario names


class Wrong(AssertionError):
    """The file does not hold what the scenario says it must."""


def now(session: Session, case_id: UUID, expected: dict[str, Any]) -> None:
    """Check ``expected`` of the case at this moment."""
    case = session.get_one(Case, case_id, populate_existing=True)
    if "open" in expected:
        _same("open steps", _open(session, case), Counter(_holder(e, h, case) for e, h in expected["open"].items()))
    for slot, day in (expected.get("due") or {}).items():
        running = [c for c in _clocks(session, case_id, slot) if c.status in ("running", "paused")]
        if not running:
            raise Wrong(f"no clock runs in {slot}")
        last = local(min(c.due_at for c in running)) - timedelta(seconds=1)
        _same(f"last day of {slot}", last.date().isoformat(), str(day))
    for slot, statuses in (expected.get("clocks") or {}).items():
        _same(f"clocks of {slot}", [c.status for c in _clocks(session, case_id, slot) if c.status != "superseded"], statuses)
    for kind, status in (expected.get("links") or {}).items():
        found = session.scalars(select(Link.status).where(Link.case_id == case_id, Link.kind == kind)).all()
        _same(f"items {kind}", sorted(found), sorted([status] if isinstance(status, str) else status))
    if "overdue" in expected:
        _same("marked as overdue", case.overdue_at is not None, expected["overdue"])


def closed(session: Session, case_id: UUID, end: dict[str, Any]) -> None:
    """Check that the file is closed as it must be, then what the scenario says of it."""
    ended(session, case_id)
    held(session, case_id, end, thrown_by_itself)


def no_clock_left(session: Session, cases: Iterable[UUID]) -> None:
    """No period runs on a case whose way has ended; an instance beside a closed case (a review of it) may still have its own."""
    running = select(Clock.case_id, Clock.slot).join(Case, Case.id == Clock.case_id).where(Clock.status.in_(("running", "paused")))
    alive = select(Instance.id).where(Instance.case_id == Clock.case_id, Instance.status.in_(("running", "suspended"))).exists()
    left = session.execute(running.where(Clock.case_id.in_(list(cases)), Case.status == "closed", ~alive)).all()
    if left:
        raise Wrong(f"clocks run on ended cases: {[tuple(row) for row in left]}")


def held(session: Session, case_id: UUID, end: dict[str, Any], messages: Callable[[Session, UUID], list[str]] | None = None) -> None:
    """What the scenario says the file holds: papers, messages, clocks."""
    if "papers" in end:
        _same("papers", Counter(papers(session, case_id)), Counter(end["papers"]))
    missing = set(end.get("papers_include", ())) - set(papers(session, case_id))
    if missing:
        raise Wrong(f"papers not made: {sorted(missing)}")
    if "out" in end:
        _same("messages thrown", Counter((messages or thrown)(session, case_id)), Counter(end["out"]))
    for slot, wanted in (end.get("clocks") or {}).items():
        _same(f"clocks of {slot}", [_said(c) for c in _clocks(session, case_id, slot)], wanted)
    if "closed_as" in end:
        _same("closed as", closed_as(session, case_id), end["closed_as"])


def ended(session: Session, case_id: UUID) -> None:
    """True of every file: nothing runs, waits or is owed any more, and each step of the trail has somebody's name."""
    case = session.get_one(Case, case_id, populate_existing=True)
    running = session.execute(
        select(Instance.process, Instance.status).where(Instance.case_id == case_id, Instance.status.notin_(("completed", "cancelled")))
    ).all()
    if running or case.status != "closed":
        raise Wrong(f"not archived: {[tuple(r) for r in running]}, case {case.status}, open {sorted(_open(session, case))}")
    if living := [c.slot for c in _clocks(session, case_id) if c.status in ("running", "paused")]:
        raise Wrong(f"clocks run on a closed case: {living}")
    if left := session.scalars(select(Link.kind).where(Link.case_id == case_id, Link.holds, Link.status == "open")).all():
        raise Wrong(f"a closed case with open items: {list(left)}")
    waiting = select(Message.name).where(Message.case_id == case_id, Message.status.in_(("queued", "failed")))
    if stuck := session.scalars(waiting).all():
        raise Wrong(f"messages not delivered: {list(stuck)}")
    _trail(session, case_id)


def _trail(session: Session, case_id: UUID) -> None:
    """Each completed step has its line, with who and when."""
    done = session.execute(
        select(Task.id, Task.element, Task.closed_by, Task.closed_at).where(Task.case_id == case_id, Task.status == "done")
    ).all()
    lines = session.execute(
        select(Event.task_id, Event.actor_id, Event.at).where(Event.case_id == case_id, Event.kind == "done", Event.task_id.is_not(None))
    ).all()
    told = {row.task_id: row for row in lines}
    for task_id, element, by, at in done:
        line = told.get(task_id)
        if by is None or at is None or line is None or line.actor_id != by or line.at != at:
            raise Wrong(f"the trail does not say who did {element} and when")


def papers(session: Session, case_id: UUID) -> list[str]:
    """Kinds of the papers of the case in the order they were made."""
    from app.papers.models import Paper

    return list(session.scalars(select(Paper.kind).where(Paper.case_id == case_id).order_by(Paper.made_at, Paper.id)))


def thrown(session: Session, case_id: UUID) -> list[str]:
    """Names of the messages the case's own instances threw."""
    query = select(Message.name).where(Message.case_id == case_id, Message.sender_id.is_not(None), Message.name != QUIET)
    return list(session.scalars(query.order_by(Message.seq)))


def thrown_by_itself(session: Session, case_id: UUID) -> list[str]:
    """The same without what other files sent to this one."""
    theirs = Counter(session.scalars(select(Message.name).where(Message.case_id == case_id, Message.from_case.is_not(None))))
    return list((Counter(thrown(session, case_id)) - theirs).elements())


def closed_as(session: Session, case_id: UUID) -> str | None:
    from app.petitions.models import Petition

    found = session.get(Petition, case_id)
    return found.closed_as if found is not None else None


def _open(session: Session, case: Case) -> Counter[tuple[str, str]]:
    rows = session.execute(select(Task.element, Task.holder).where(Task.case_id == case.id, Task.status == "open")).all()
    return Counter((row.element, row.holder) for row in rows)


def _holder(element: str, holder: str, case: Case) -> tuple[str, str]:
    name = holder.removeprefix("p:") if holder.startswith("p:") else ""
    return element.partition(" ")[0], f"p:{case.attrs.get(name)}" if name in ("handler", "leader", "owner") else holder


def _clocks(session: Session, case_id: UUID, slot: str | None = None) -> list[Clock]:
    query = select(Clock).where(Clock.case_id == case_id).order_by(Clock.from_at, Clock.id)
    query = query.where(Clock.slot == slot) if slot else query
    return list(session.scalars(query, execution_options={"populate_existing": True}))


def _said(c: Clock) -> str:
    late = " late" if c.status == "met" and c.overdue_at is not None else ""
    return f"{c.rule} {c.status}{late}"


def _same(what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        if isinstance(found, Counter):
            found, wanted = _difference(found, wanted)
        raise Wrong(f"{what}: found {found}, expected {wanted}")


def _difference(found: Counter[Any], wanted: Counter[Any]) -> tuple[Iterable[Any], Iterable[Any]]:
    return sorted((found - wanted).elements()), sorted((wanted - found).elements())
