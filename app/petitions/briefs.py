"""Petitions as other procedures speak of them: many at once, in a fixed number of queries, already masked for whoever looks.

The levels are those of ``masking.visible``; here they are worked out for a whole list (a test holds the two together).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.petitions import counting, identity, masking, titles
from app.petitions.masking import Level
from app.petitions.models import Petition
from workflows.errors import NobodyThere
from workflows.tables import Case, Task

SAME_PERSON_MOST = 200  # items of one person that are looked through for a living file
SEALED = "密封"

_COLUMNS = (
    Petition.case_id, Petition.number, Petition.title, Petition.channel, Petition.kind, Petition.county, Petition.enterprise,
    Petition.source,
    Petition.received_at, Petition.sent_on, Petition.sealed, Petition.registrar_id, Petition.sealed_person, Petition.anonymous,
    Petition.name, Petition.phone, Petition.phone_digits, Petition.address, Petition.representatives,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brief:
    """One petition for one viewer. ``who`` is the petitioner's name as far as ``level`` goes."""

    case_id: UUID
    number: str
    title: str
    channel: str
    kind: str
    county: str
    enterprise: str
    source: str
    received_at: datetime
    open: bool
    answered: bool  # an answer was sent, or the item ended in another lawful way
    sealed: bool
    level: Level
    who: str
    intake_org: str
    record: Any = field(repr=False)  # the columns words may have to be covered by

    def cover(self, text: str) -> str:
        """A text with this petitioner's name, phone and address taken out, unless the viewer may read them."""
        if self.level == "full":
            return text
        for word in self.secrets:
            text = text.replace(word, "＊＊")
        return text

    @property
    def secrets(self) -> list[str]:
        """The petitioner's name, phone and address, and those of representatives: they may stand in no text shown."""
        return titles.secrets(self.record)


def of(session: Session, ids: Iterable[UUID], person: Person | None) -> dict[UUID, Brief]:
    """The petitions by id; without a person everything is masked. Three queries and one a registering organisation, however many."""
    attrs = (Case.status, Case.attrs["handler"].astext.label("handler"), Case.attrs["intake_org"].astext.label("intake_org"))
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    query = select(*_COLUMNS, *attrs).join(Case, Case.id == Petition.case_id)
    query = query.where(Petition.case_id == any_(cast(wanted, ARRAY(PgUUID(as_uuid=True)))))  # one array, however many
    rows = session.execute(query.order_by(Petition.received_at, Petition.case_id)).all()
    level = _levels(session, person, rows)
    return {row.case_id: _brief(row, level(row)) for row in rows}


def _brief(row: Any, level: Level) -> Brief:
    return Brief(
        case_id=row.case_id, number=row.number or "未编号", title=row.title, channel=row.channel, kind=row.kind, county=row.county,
        enterprise="" if row.sealed else row.enterprise or "", source=row.source, received_at=row.received_at, open=row.status == "open",
        answered=row.sent_on is not None or row.status == "closed", sealed=row.sealed, level=level, who=_who(row, level),
        intake_org=row.intake_org or "", record=row,
    )  # fmt: skip


def _who(row: Any, level: Level) -> str:
    if level == "sealed":
        return SEALED
    if row.anonymous or not row.name:
        return "匿名" if row.anonymous else "未留姓名"
    return row.name if level == "full" else masking.mask_name(row.name)


def _levels(session: Session, person: Person | None, rows: Sequence[Any]) -> Callable[[Any], Level]:
    """How much of each petitioner the person sees."""
    if person is None:
        return lambda row: "sealed" if row.sealed else "masked"
    keys, mine = person.holder_keys(), str(person.id)
    registering = {org for org in {row.intake_org or "" for row in rows} if _registers(session, keys, org)}
    serving = (Task.status == "open", Task.element.in_(masking.SERVING), Task.holder.in_(sorted(keys)))
    serves = set(session.scalars(select(Task.case_id).where(*serving)))

    def level(row: Any) -> Level:
        if row.sealed:
            return "full" if person.id in (row.registrar_id, row.sealed_person) else "sealed"
        full = row.handler == mine or (row.intake_org or "") in registering or row.case_id in serves
        return "full" if full else "masked"

    return level


def _registers(session: Session, keys: frozenset[str], org: str) -> bool:
    """Is one of these the desk or the office that serves the registering organisation?"""
    for role in ("desk", "office"):
        try:
            if directory.resolve(session, role, org) in keys:
                return True
        except NobodyThere:
            continue
    return False


def reader(briefs: Iterable[Brief]) -> Callable[[str], str] | None:
    """How text about all these petitions is read: names covered; None where one of them is sealed from the viewer."""
    found = [brief for brief in briefs if brief.level != "full"]
    if any(brief.level == "sealed" for brief in found):
        return None

    def read(text: str) -> str:
        for brief in found:
            text = brief.cover(text)
        return text

    return read


def source_key(session: Session, case_id: UUID) -> str | None:
    """What tells one source of pollution from another: the enterprise, without one the place; None where neither may be named."""
    row = session.execute(select(Petition.enterprise, Petition.place).where(Petition.case_id == case_id, ~Petition.sealed)).first()
    if row is None:
        return None
    if key := identity.enterprise_key(row.enterprise):
        return f"s:{key}"
    return f"p:{place}" if (place := identity.place_key(row.place)) else None


def same_person(session: Session, case_id: UUID) -> list[UUID]:
    """Other items of the same petitioner, the newest first."""
    petition = session.get(Petition, case_id)
    condition = counting.same_person(counting.of(petition)) if petition is not None and not petition.sealed else None
    if condition is None:
        return []
    query = select(Petition.case_id).where(condition, Petition.case_id != case_id, ~Petition.sealed)
    return list(session.scalars(query.order_by(Petition.received_at.desc()).limit(SAME_PERSON_MOST)))
