"""What a completed form leaves on the petition's record: one small table, step → {field: column}. Rows of their own: record_rows.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.petitions.models import Petition
from workflows.handlers import Ctx
from workflows.time import local

COLUMNS: dict[str, dict[str, str]] = {
    "screen": {
        name: name
        for name in (
            "klass", "track", "intake_outcome", "grounds", "prior_case", "tell_where", "route_procedure", "route_organ", "heard_record",
            "simple",
        )
    },
    "draft_refusal": {"opinion": "refusal_opinion"},
    "forward_sealed": {"sealed_to": "sealed_to", "sealed_no": "sealed_no"},
    "send_notice": {"served_at": "notified_on", "way": "notified_way"},
    "sent_down_notice": {"served_at": "notified_on", "way": "notified_way"},
    "simple_answer": {"answer": "opinion", "result": "result"},
    "plan": {"steps": "plan"},
    "site_inspection": {"found": "site_found"},
    "findings": {
        "facts": "findings", "violation": "violation", "measurements": "measurements", "penalty_case": "penalty_case",
        "screening": "screening", "way": "way",
    },
    "mediate": {"agreement": "agreement"},
    "draft_answer": {name: name for name in ("requests", "facts", "opinion", "basis", "result", "execute_by")},
    "deliver": {"sent_at": "sent_on", "received_at": "delivered_on", "way": "delivered_way"},
    "report_up": {"report_to": "report_to"},
    "file_volume": {name: name for name in ("volume_title", "retention", "volume_secrecy", "pages")},
}  # fmt: skip
EMPTY: dict[str, Any] = {"measurements": [], "screening": [], "simple": False}


def petition_of(session: Session, case_id: UUID) -> Petition:
    """The record of a case; every case of this procedure has one from its registration on."""
    return session.get_one(Petition, case_id)


def store(ctx: Ctx, element: str, answer: dict[str, Any]) -> None:
    """Put the answer's fields on the record; a field left out empties its column."""
    columns = COLUMNS.get(element)
    if columns is None:
        return
    petition = petition_of(ctx.session, ctx.case.id)
    for name, column in columns.items():
        setattr(petition, column, typed(column, answer.get(name)))
    ctx.session.flush()


def typed(column: str, value: Any) -> Any:
    """A form's value as the column wants it."""
    if value is None:
        return EMPTY.get(column)
    kind = Petition.__table__.c[column].type.python_type
    if kind is date:
        return as_date(value)
    if kind is datetime:
        return as_moment(value)
    return UUID(str(value)) if kind is UUID else value


def as_date(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def as_moment(value: Any) -> datetime | None:
    """A form's moment in China's time."""
    return local(datetime.fromisoformat(str(value))) if value else None


def event_moment(day: date | None, now: datetime) -> datetime:
    """When something happened on a day of which no hour is known: now, if that day is today."""
    if day is None or day == local(now).date():
        return now
    return local(datetime.combine(day, datetime.min.time()))
