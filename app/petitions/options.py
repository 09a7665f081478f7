"""What the choices of a form come from (``options_from``): counties, units, people of a role, cases, missing papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.inbox.labels import COUNTIES
from app.petitions.records import Appeal
from workflows.errors import NobodyThere
from workflows.forms import Field
from workflows.library import uuid_or_none
from workflows.tables import Case, Task

Values = Mapping[str, Any]
Choices = dict[str, str]
Source = Callable[[Session, UUID | None, Mapping[str, Any], Values], Choices]


def allowed(session: Session, case_id: UUID | None, attrs: Mapping[str, Any], field: Field, values: Values) -> Choices | None:
    """The values a field may take; None when any is taken. Cases are looked up one by one, not listed."""
    source = field.options_from or ""
    if source in ("cases", "open_cases"):
        return _chosen_case(session, case_id, values.get(field.name), only_open=source == "open_cases")
    if source.startswith("people:"):
        return people(session, source.removeprefix("people:"), attrs)
    return SOURCES[source](session, case_id, attrs, values) if source in SOURCES else None


def choices(session: Session, task: Task, field: Field, values: Values) -> Sequence[tuple[str, str]]:
    """For a page: (value, label) in the order shown; a case is found by typing, not from a list."""
    case = session.get_one(Case, task.case_id)
    if field.options_from in ("cases", "open_cases"):
        return ()
    return list((allowed(session, case.id, case.attrs, field, values) or {}).items())


def said(field: Field) -> Choices:
    """What chosen values are called that are no people and no organs."""
    return counties() if field.options_from == "counties" else {}


def counties(*_: Any) -> Choices:
    """The counties and zones of the city."""
    return dict(COUNTIES)


def units(session: Session, _case: UUID | None, attrs: Mapping[str, Any], values: Values) -> Choices:
    """Departments and branches of the bureau where the item was registered; the form refuses the unit complained of."""
    bureau = directory.signer_org(session, str(attrs.get("intake_org") or "")) if attrs.get("intake_org") else None
    below = Organ.id.in_(directory.below(session, [bureau])) if bureau else Organ.kind.in_(("department", "branch"))
    query = select(Organ.id, Organ.name).where(Organ.active, below, Organ.kind.in_(("department", "branch")))
    return {row.id: row.name for row in session.execute(query.order_by(Organ.kind.desc(), Organ.id))}


def co_units(session: Session, case_id: UUID | None, attrs: Mapping[str, Any], values: Values) -> Choices:
    """Units that may help or sign along: all but the one that handles the item."""
    found = units(session, case_id, attrs, values)
    found.pop(str(attrs.get("unit")), None)
    return found


def people(session: Session, role: str, attrs: Mapping[str, Any]) -> Choices:
    """The persons holding a role: handlers at the unit, leaders above the registering organisation."""
    place = attrs.get("unit") if role == "handler" else attrs.get("intake_org")
    if not place:
        return {}
    try:
        holder = directory.resolve(session, role, str(place))
    except NobodyThere:
        return {}
    ids = directory.people(session, holder)
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
    return {str(one): names[one] for one in ids if one in names}


def appeal_organs(session: Session, case_id: UUID | None, attrs: Mapping[str, Any], _values: Values) -> Choices:
    """Who may be asked for 复查 or 复核: the organ above the one that decided last; above the bureau also the city's government."""
    newest = select(Appeal).where(Appeal.case_id == case_id).order_by(Appeal.id.desc()).limit(1)
    last = session.scalars(newest).first()
    reviewed = last is not None and last.stage == "review" and last.outcome in ("uphold", "change")
    below = last.organ_id if last is not None and reviewed else str(attrs.get("unit") or "")
    if not below:
        return {}
    organ = session.get(Organ, directory.signer_org(session, below))
    above = directory.appeal_org(session, below)
    asked = [Organ.id == above] if above else []
    if organ is not None and organ.kind == "bureau":
        asked.append(and_(Organ.kind == "government", Organ.city == organ.city, Organ.county.is_(None)))
    query = select(Organ.id, Organ.name).where(Organ.active, or_(false(), *asked)).order_by(Organ.kind.desc(), Organ.id)
    return {row.id: row.name for row in session.execute(query)}


def missing_kinds(_session: Session, _case: UUID | None, _attrs: Mapping[str, Any], values: Values) -> Choices:
    """The papers the completeness rule asks for."""
    return {kind: kind for kind in values.get("missing") or [] if kind}


def _chosen_case(session: Session, own: UUID | None, value: Any, *, only_open: bool) -> Choices:
    """The chosen case, if it may be chosen: another one, still open where that is asked."""
    chosen = uuid_or_none(str(value)) if value else None
    if chosen is None or chosen == own:
        return {}
    case = session.get(Case, chosen)
    if case is None or (only_open and case.status != "open"):
        return {}
    return {str(case.id): case.number or case.title}


SOURCES: dict[str, Source] = {
    "counties": counties,
    "units": units,
    "co_units": co_units,
    "missing_kinds": missing_kinds,
    "appeal_organs": appeal_organs,
}
