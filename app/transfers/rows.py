"""Lines of the bureau's pages as templates and workbooks show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.clockwords import ClockView
from app.inbox.queries import holder_names
from app.petitions.rows import clock
from app.transfers import listing, materials, package
from app.transfers.listing import GROUPS, Wanted
from app.transfers.materials import Kind, Missing
from app.transfers.models import TransferLetter, TransferPackage, TransferPackageItem
from app.transfers.words import CLOSED_AS, SOURCES, STATES
from workflows.tables import Case

Address = Callable[[dict[str, str]], str]
OVER = ClockView("met", "已办结")


@dataclass(frozen=True, slots=True)
class Line:
    """One file in the list."""

    url: str
    number: str
    title: str
    tags: Sequence[str]
    clock: ClockView
    step: str
    holder: str
    source: str
    unit: str
    police: str
    crime: str
    opened: str


def lines(session: Session, found: Sequence[listing.Line], moment: datetime) -> list[Line]:
    names = holder_names(session, {one.holder for one in found if one.holder})
    wanted = {organ for one in found for organ in (one.transfer.unit, one.transfer.police) if organ}
    short = {row.id: row.short for row in session.execute(select(Organ.id, Organ.short).where(Organ.id.in_(sorted(wanted))))}
    return [_line(one, names, short, moment) for one in found]


def _line(one: listing.Line, names: Mapping[str, str], short: Mapping[str, str], moment: datetime) -> Line:
    t, over = one.transfer, one.transfer.closed_at is not None
    step = CLOSED_AS.get(t.closed_as or "", "已办结") if over else one.step or STATES.get(t.state, "")
    return Line(
        url=url_for("cases.show", case_id=t.case_id), number=one.case.number or t.transfer_no, title=t.title,
        tags=list(one.case.tags or ()), clock=OVER if over else clock(one.clock, moment), step=step,
        holder=names.get(one.holder) or ("待认领" if one.holder.startswith("o:") else ""),
        source=SOURCES.get(t.source, t.source), unit=short.get(t.unit, t.unit),
        police=short.get(t.police or "", ""), crime=(t.crime_name or "").partition("（")[0],
        opened=clockwords.day(t.opened_at, moment),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    here: bool
    count: int
    light: str = ""


def chips(wanted: Wanted, counted: Mapping[str, int], address: Address) -> list[Chip]:
    """The filter row: lights, then what the file waits for, each with its count; a chip that is set leads back."""
    found = []
    for light, label in (("red", "超期"), ("amber", "临期")):
        here = wanted.light == light
        found.append(Chip(label, address(wanted.having(light="" if here else light)), here, counted[light], light))
    for name, (label, _) in GROUPS.items():
        here = wanted.group == name
        found.append(Chip(label, address(wanted.having(group="" if here else name)), here, counted[name]))
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of material with its pieces and what is still to do."""

    kind: Kind
    items: list[TransferPackageItem]
    missing: list[Missing]


def groups(session: Session, made: TransferPackage | None, kind: str, *, penalised: bool) -> list[Group]:
    """17号6 item by item. What the system writes itself is not missed before it is written."""
    rows = package.items(session, made.id) if made is not None else []
    problems = (
        package.problems(session, made, penalised=penalised) if made is not None else materials.missing(kind, [], penalised=penalised)
    )
    found = []
    for one in materials.kinds(kind):
        mine = [p for p in problems if p.kind == one.id and not (one.id in ("letter", "report") and not p.item_id)]
        if one.when_penalised and not penalised and not any(row.kind == one.id for row in rows):
            continue
        found.append(Group(one, [row for row in rows if row.kind == one.id], mine))
    return found


def letters_of(session: Session, person: Person, made: TransferPackage) -> list[tuple[TransferLetter, str]]:
    """The letters a package travelled with, as far as this person may read them."""
    query = select(TransferLetter).where(TransferLetter.package_id == made.id).order_by(TransferLetter.sent_at)
    return [(one, directory.name(session, one.to_organ)) for one in session.scalars(query) if policy.can(person, "transfers.letter", one)]


def case_of(session: Session, person: Person, letter: TransferLetter) -> UUID | None:
    """The file of this letter the person may open: where a page of it leads back to."""
    for case_id in (letter.to_case, letter.from_case):
        case = session.get(Case, case_id) if case_id is not None else None
        if case is not None and policy.can(person, "case.see", case):
            return case.id
    return None
