"""Who comes to a reception day, one line each: what about, how it stands, what was promised before, what can be done now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.models import Person
from app.cases.providers import CaseProvider, provider_for
from app.engine import get_engine
from app.leadership import queries
from app.leadership.models import LeaderCase, ReceptionDay, ReceptionVisitor
from app.leadership.services import ownerships_of
from workflows.tables import Case, Task

STATUS = {"waiting": "待接访", "received": "已接访", "absent": "未到"}
ICONS = {"waiting": "bi-hourglass-split", "received": "bi-check-circle-fill", "absent": "bi-person-x"}
RESULTS = {"held": "received", "absent": "absent", "waived": "absent"}  # of the petition's own step 领导接访
TOPIC_ONLY = "来访"


@dataclass(frozen=True, slots=True)
class VisitorLine:
    """One visitor as this viewer may read it."""

    id: UUID
    place: int
    topic: str
    who: str  # masked name; empty for a topic without a case
    number: str
    url: str
    sub: str  # 第 3 次接访；答应的 2 件中 1 件未兑现
    status: str
    said: str
    icon: str
    kind: str  # ownership | petition | topic
    task_url: str = ""  # the petition's own step 领导接访, where it waits
    record: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What all lines of a page need, read once."""

    cases: dict[UUID, Case]
    files: dict[UUID, LeaderCase]
    owned: dict[UUID, Any]  # petition → its ownership
    steps: dict[UUID, Task]
    visits: dict[UUID, Any]
    promises: dict[UUID, Any]
    seen: set[UUID]


def of(session: Session, day: ReceptionDay, visitors: Iterable[ReceptionVisitor], viewer: Person, now: datetime) -> list[VisitorLine]:
    """The line, in order."""
    found = list(visitors)
    known = _known(session, found, viewer)
    return [_line(session, day, row, known, viewer, now) for row in found]


def _known(session: Session, visitors: Sequence[ReceptionVisitor], viewer: Person) -> _Known:
    ids = {row.case_id for row in visitors if row.case_id is not None}
    files = queries.leader_cases_among(session, ids)
    owned = ownerships_of(session, sorted(ids - files.keys()))
    in_files = {*files, *(one.case_id for one in owned.values())}
    seen = queries.seen_among(session, viewer, ids)
    return _Known(
        queries.cases_of(session, ids), files, owned, queries.receptions_of(session, ids - files.keys()),
        queries.last_visits(session, in_files), queries.open_promises(session, in_files), seen,
    )  # fmt: skip


def _line(session: Session, day: ReceptionDay, row: ReceptionVisitor, known: _Known, viewer: Person, now: datetime) -> VisitorLine:
    case = known.cases.get(row.case_id) if row.case_id else None
    file_id = file_of(row.case_id, known)
    step = known.steps.get(row.case_id) if row.case_id else None
    status = _status(row, day, step)
    seen = case is not None and case.id in known.seen
    return VisitorLine(
        id=row.id, place=row.place_in_line, topic=row.topic, who=_who(session, case, viewer) if seen and case is not None else "",
        number=(case.number or "未编号") if case is not None else "", url=url_for("cases.show", case_id=case.id) if seen and case else "",
        sub=_sub(file_id, known), status=status, said=_said(row, status, now), icon=ICONS[status],
        kind="ownership" if file_id is not None else "petition" if case is not None else "topic",
        task_url=url_for("inbox.task", task_id=step.id) if step is not None and step.status == "open" and seen else "",
        record=_record(session, row, case, viewer) if seen or case is None else "", by=row.recorded_by or "",
    )  # fmt: skip


def file_of(case_id: UUID | None, known: Any) -> UUID | None:
    """The ownership a visitor's case is, or is in."""
    if case_id is None:
        return None
    if case_id in known.files:
        return case_id
    found = known.owned.get(case_id)
    return found.case_id if found is not None and not found.closed else None


def _status(row: ReceptionVisitor, day: ReceptionDay, step: Task | None) -> str:
    """What was recorded here, else what the petition's own step says since the day was set."""
    if row.status != "waiting" or step is None or step.status != "done" or step.closed_at is None or step.closed_at < day.created_at:
        return row.status
    return RESULTS.get(str((step.answer or {}).get("reception_result")), row.status)


def _said(row: ReceptionVisitor, status: str, now: datetime) -> str:
    when = f" {clockwords.moment(row.received_at, now)}" if row.received_at else ""
    return f"{STATUS[status]}{when}"


def _who(session: Session, case: Case, viewer: Person) -> str:
    """The petitioner's name as far as the viewer may see it."""
    identity = provider(session, case).identity(case, viewer)
    return identity.shown.split("　")[0] if identity is not None and identity.level != "sealed" else ""


def _record(session: Session, row: ReceptionVisitor, case: Case | None, viewer: Person) -> str:
    """What was written down on the spot; names covered where the case covers them, nothing of a sealed one."""
    if not row.record or case is None:
        return row.record or ""
    read = provider(session, case).reader(case, viewer)
    return read(row.record) if read is not None else ""


def provider(session: Session, case: Case) -> CaseProvider:
    """The area that knows the case."""
    procedures = get_engine().library.of_case(session, case.id)
    return provider_for(procedures[0].name if procedures else None)


def _sub(file_id: UUID | None, known: _Known) -> str:
    """What came before: visits and promises of the file."""
    if file_id is None:
        return ""
    visits, promises = known.visits.get(file_id), known.promises.get(file_id)
    said = f"第 {visits.times + 1} 次接访" if visits is not None else "首次接访"
    if promises is None:
        return said
    return f"{said}；答应的 {promises.made} 件" + (f"，{promises.still} 件未兑现" if promises.still else "都已兑现")
