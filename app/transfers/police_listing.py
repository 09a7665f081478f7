"""The police's files: those this person's organ keeps, the most urgent first. Policy narrows to the organ; the database does once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, cast, exists, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.transfers.models import TransferLetter, TransferPolice, TransferRequest
from workflows.tables import Case, Clock, Task

PAGE = 20
EXPORT_MOST = 5000
SEARCH_MOST = 60
DESK = ("arrived", "jurisdiction", "examine", "term", "decide", "notify", "challenge")
VIEWS = {"open": "在办", "closed": "已结", "all": "全部"}
# chip → (words, states); "asked" and "late" ask more than the state
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sign": ("待签收", ("arrived",)),
    "juris": ("查管辖", ("jurisdiction",)),
    "asked": ("补正、补查中", ()),
    "examine": ("立案审查", ("examine", "term", "decide")),
    "notify": ("待通知", ("notify",)),
    "challenge": ("复议、监督", ("challenge",)),
    "filed": ("侦查中", ("investigate",)),
    "refused": ("不予立案、撤案", ("refused",)),
}
# duties of the police; what may be done and what belongs to one entry is not shown as the file's clock
DUTIES = ("receipt", "misroute", "decide", "notify", "reconsider_decide", "explain", "file")
MOMENT = TIMESTAMP(timezone=True)
NEVER: Any = literal_column("'infinity'::timestamptz", MOMENT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One narrowing, read from the address; unknown values are dropped. ``desk``: what waits for this organ's own acts."""

    view: str = "open"
    group: str = ""
    late: str = ""
    q: str = ""
    desk: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str], *, desk: bool = False) -> Wanted:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        given["view"] = given["view"] if given["view"] in VIEWS and not desk else "open"
        given["group"] = given["group"] if given["group"] in GROUPS else ""
        given["late"] = "1" if given["late"] == "1" else ""
        given["desk"] = "1" if desk else ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        changed = replace(self, **changes)
        kept = {f.name: getattr(changed, f.name) for f in fields(self) if f.name != "desk"}
        return {name: value for name, value in kept.items() if value and (name, value) != ("view", "open")}


@dataclass(slots=True)
class Line:
    """One file with everything a row shows of it."""

    row: TransferPolice
    case: Case
    clocks: list[Clock] = field(default_factory=list)
    letter: TransferLetter | None = None
    copied: TransferLetter | None = None
    requests: list[TransferRequest] = field(default_factory=list)
    task: Task | None = None

    def running(self, *slots: str) -> Clock | None:
        """The duty due first."""
        found = [c for c in self.clocks if c.slot in (slots or DUTIES) and c.status == "running"]
        return min(found, key=lambda c: c.due_at, default=None)

    def newest(self, slot: str) -> Clock | None:
        found = [c for c in self.clocks if c.slot == slot]
        return max(found, key=lambda c: c.from_at, default=None)

    @property
    def unanswered(self) -> TransferRequest | None:
        return next((one for one in self.requests if one.answered_at is None), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended."""

    due: str
    id: UUID

    @classmethod
    def read(cls, text: str) -> Mark | None:
        due, _, one = text.partition("~")
        try:
            if due != "infinity":
                datetime.fromisoformat(due)
            return cls(due, UUID(one)) if due else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.due}~{self.id}"


def page(
    session: Session, person: Person, wanted: Wanted, moment: datetime, *, after: Mark | None = None, limit: int = PAGE
) -> tuple[list[Line], Mark | None]:
    """One page and where it ended, if there is more."""
    due = _due()
    order = func.coalesce(due, NEVER)
    query = _narrowed(person, wanted, moment).add_columns(due.label("due_at"))
    if after is not None:
        query = query.where(tuple_(order, TransferPolice.case_id) > tuple_(cast(literal(after.due), MOMENT), after.id))
    rows = session.execute(query.order_by(order, TransferPolice.case_id).limit(limit + 1)).all()
    more = rows[limit - 1] if len(rows) > limit else None
    mark = Mark(more.due_at.isoformat() if more.due_at else "infinity", more.TransferPolice.case_id) if more is not None else None
    return _filled(session, [Line(row.TransferPolice, row.Case) for row in rows[:limit]]), mark


def counts(session: Session, person: Person, wanted: Wanted, moment: datetime) -> dict[str, int]:
    """What the chips say: files in each group, those somebody is late with, all of them."""
    base = _narrowed(person, replace(wanted, group="", late=""), moment)
    inner = base.with_only_columns(
        TransferPolice.state.label("state"), _is_late(moment).label("late"), _asked().label("asked"), _own_late(moment).label("own_late")
    ).subquery()
    columns = [
        func.count().filter(inner.c.asked if name == "asked" else inner.c.state.in_(states)).label(name)
        for name, (_, states) in GROUPS.items()
    ]
    late, own = func.count().filter(inner.c.late).label("late"), func.count().filter(inner.c.own_late).label("own_late")
    row = session.execute(select(func.count().label("total"), late, own, *columns).select_from(inner)).one()
    return {name: int(value) for name, value in row._mapping.items()}


def of_case(session: Session, person: Person, case_id: UUID) -> Line | None:
    """One file as a row shows it, if this person may see it."""
    query = select(TransferPolice, Case).join(Case, Case.id == TransferPolice.case_id)
    found = session.execute(query.where(TransferPolice.case_id == case_id, visible_cases(person))).first()
    return _filled(session, [Line(found.TransferPolice, found.Case)])[0] if found is not None else None


# --- conditions ---------------------------------------------------------------------------------------------------------


def _duty() -> Any:
    return and_(Clock.case_id == TransferPolice.case_id, Clock.status == "running", Clock.slot.in_(DUTIES))


def _due() -> Any:
    return select(func.min(Clock.due_at)).where(_duty()).correlate(TransferPolice).scalar_subquery()


def _own_late(moment: datetime) -> Any:
    return exists().where(_duty(), Clock.due_at <= moment).correlate(TransferPolice)


def _request_open() -> Any:
    return and_(TransferRequest.case_id == TransferPolice.case_id, TransferRequest.answered_at.is_(None))


def _asked() -> Any:
    return exists().where(_request_open()).correlate(TransferPolice)


def _is_late(moment: datetime) -> Any:
    """Either side: a duty of ours that has passed, or material asked for that has not come."""
    return or_(_own_late(moment), exists().where(_request_open(), TransferRequest.due_at <= moment).correlate(TransferPolice))


def _narrowed(person: Person, wanted: Wanted, moment: datetime) -> Any:
    query: Any = select(TransferPolice, Case).join(Case, Case.id == TransferPolice.case_id).where(visible_cases(person))
    if wanted.view != "all":
        query = query.where(Case.status == "open" if wanted.view == "open" else Case.status == "closed")
    if wanted.desk and not wanted.group:
        query = query.where(TransferPolice.state.in_(DESK))
    if wanted.group == "asked":
        query = query.where(_asked())
    elif wanted.group:
        query = query.where(TransferPolice.state.in_(GROUPS[wanted.group][1]))
    if wanted.late:
        query = query.where(_is_late(moment))
    for word in wanted.q.split():
        like = f"%{_escaped(word)}%"
        columns = (TransferPolice.transfer_no, TransferPolice.title, TransferPolice.party, TransferPolice.crime, TransferPolice.police_no)
        query = query.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
    return query


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# --- what rows show besides ---------------------------------------------------------------------------------------------


def _filled(session: Session, lines: list[Line]) -> list[Line]:
    """Clocks, letters, requests and open steps of the page: one query each."""
    by_id = {line.row.case_id: line for line in lines}
    ids = list(by_id)
    for clock in session.scalars(select(Clock).where(Clock.case_id.in_(ids), Clock.slot.in_((*DUTIES, "complete_notice")))):
        by_id[clock.case_id].clocks.append(clock)
    for request in session.scalars(select(TransferRequest).where(TransferRequest.case_id.in_(ids)).order_by(TransferRequest.asked_at)):
        by_id[request.case_id].requests.append(request)
    for task in session.scalars(select(Task).where(Task.case_id.in_(ids), Task.status == "open").order_by(Task.opened_at)):
        by_id[task.case_id].task = task
    _letters(session, by_id, ids)
    return lines


def _letters(session: Session, by_id: dict[UUID, Line], ids: Sequence[UUID]) -> None:
    """移送书 that brought the file, and the copy of the decision that left it."""
    first = case((TransferLetter.name == "transfer_sent", TransferLetter.to_case), else_=TransferLetter.from_case)
    query = select(TransferLetter, first.label("of")).where(
        or_(
            and_(TransferLetter.name == "transfer_sent", TransferLetter.to_case.in_(ids)),
            and_(TransferLetter.name == "decision_copied", TransferLetter.from_case.in_(ids)),
        )
    )
    for letter, of in session.execute(query.order_by(TransferLetter.sent_at)):
        if letter.name == "transfer_sent":
            by_id[of].letter = by_id[of].letter or letter
        else:
            by_id[of].copied = letter
