"""What the pages of reception days show: the month, one day with its line, the form for writing down a visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts import policy
from app.accounts.models import Person
from app.engine import get_engine
from app.inbox import screen
from app.inbox.screen import FieldView, Screen, Sources
from app.leadership import queries, reception, reception_lines, reception_month, services
from app.leadership.models import ReceptionDay, ReceptionVisitor
from app.leadership.reception_lines import VisitorLine
from workflows.forms import Field, Form
from workflows.tables import Case
from workflows.time import local

PLACES = {"starts": "time", "ends": "time"}
SUGGEST_MOST = 12


@dataclass(frozen=True, slots=True)
class DayLine:
    """One reception in the calendar."""

    id: UUID
    day: date
    title: str  # 11月25日 周三
    time: str  # 09:00–11:30
    leader: str
    place: str
    url: str
    visitors: int
    left: int  # still waiting
    cancelled: bool
    past: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that could be put in the line, and why."""

    case_id: UUID
    number: str
    title: str
    why: str


def month(session: Session, person: Person, wanted: str, leader: str, now: datetime) -> dict[str, Any]:
    """The calendar of one month for the leaders whose days this person keeps."""
    leaders = reception.leaders_of(session, person)
    shown = [one for one in leaders if str(one.id) == leader] or leaders
    today = local(now).date()
    first = reception_month.read(wanted, today)
    start, end = reception_month.bounds(first)
    lines = day_lines(session, queries.days_between(session, [one.id for one in shown], start, end), today)
    by_day: dict[date, list[DayLine]] = {}
    for line in lines:
        by_day.setdefault(line.day, []).append(line)
    return {
        "label": reception_month.label(first),
        "weeks": reception_month.weeks(first, today, get_engine().calendar.is_workday, by_day),
        "listed": [line for line in lines if line.day.month == first.month],
        "leaders": leaders,
        "leader": leader if len(shown) < len(leaders) else "",
        "before": f"{reception_month.moved(first, -1):%Y-%m}",
        "after": f"{reception_month.moved(first, 1):%Y-%m}",
        "here": f"{first:%Y-%m}",
        "this": first == today.replace(day=1),
    }


def day_lines(session: Session, days: Sequence[ReceptionDay], today: date) -> list[DayLine]:
    """Reception days as lines; two queries for all of them."""
    visitors = queries.visitors_of(session, [day.id for day in days])
    names = {id: one.name for id in {day.leader_id for day in days} if (one := session.get(Person, id)) is not None}
    return [_day_line(day, visitors.get(day.id, []), names.get(day.leader_id, ""), today) for day in days]


def _day_line(day: ReceptionDay, visitors: Sequence[ReceptionVisitor], leader: str, today: date) -> DayLine:
    return DayLine(
        day.id, day.day, day_title(day.day), f"{day.starts:%H:%M}–{day.ends:%H:%M}", leader, day.place,
        url_for("leadership.reception", day_id=day.id), len(visitors), sum(row.status == "waiting" for row in visitors),
        day.cancelled_at is not None, day.day < today,
    )  # fmt: skip


def day_title(day: date) -> str:
    """11月25日 周三."""
    return f"{day.month}月{day.day}日 周{clockwords.WEEKDAYS[day.weekday()]}"


def one_day(session: Session, person: Person, day: ReceptionDay, now: datetime) -> dict[str, Any]:
    """One reception day with its line and what could still be put in it."""
    today = local(now).date()
    visitors = queries.visitors_of(session, [day.id]).get(day.id, [])
    living = day.cancelled_at is None
    return {
        "day": day,
        "head": _day_line(day, visitors, _name(session, day.leader_id), today),
        "lines": reception_lines.of(session, day, visitors, person, now),
        "suggestions": suggestions(session, person, day, {row.case_id for row in visitors}) if living and day.day >= today else [],
        "adding": living and day.day >= today,
        "recording": living and day.day <= today,
        "changing": living and not any(row.status == "received" for row in visitors),
    }


def _name(session: Session, person_id: UUID) -> str:
    one = session.get(Person, person_id)
    return one.name if one is not None else ""


def suggestions(session: Session, person: Person, day: ReceptionDay, there: set[UUID | None]) -> list[Suggestion]:
    """Petitions with an arranged 领导接访 of this leader, then the leader's open files; none that is in the line already."""
    tasks = queries.arranged(session, f"p:{day.leader_id}")
    made = queries.arrangements(session, {task.instance_id for task in tasks})
    found = [Suggestion(t.case_id, t.case_number or "未编号", t.title, _arranged(made.get(t.instance_id))) for t in tasks]
    for file in queries.living_of(session, day.leader_id):
        found.append(Suggestion(file.case_id, file.number or "未编号", file.title, "包案"))
    seen = queries.seen_among(session, person, [one.case_id for one in found if one.case_id not in there])
    return [one for one in found if one.case_id in seen][:SUGGEST_MOST]


def _arranged(answer: Mapping[str, Any] | None) -> str:
    if not answer or not answer.get("arranged_at"):
        return "已约领导接访"
    when = datetime.fromisoformat(str(answer["arranged_at"]))
    return f"已约 {local(when):%m-%d %H:%M} {answer.get('place', '')}".strip()


# --- forms ------------------------------------------------------------------------------------------------------------


def draw(form: Form, values: Mapping[str, Any], errors: Mapping[str, str], sources: Sources, context: Mapping[str, Any]) -> Screen:
    """A small form; times of day get the browser's box for them."""
    drawn = screen.draw(form, values, context, {k: v for k, v in errors.items() if k}, sources)
    for view in drawn.fields:
        view.input_type = PLACES.get(view.name, view.input_type)
    return drawn


def day_form(session: Session, person: Person, values: Mapping[str, Any] | None, errors: Mapping[str, str], now: datetime) -> Screen:
    """The form of a reception day with what was typed, else its defaults."""
    form, leaders = reception.forms()["day"], reception.leaders_of(session, person)
    known = {"today": local(now).date().isoformat()}
    if values is None:
        values = {**form.defaults(known), **({"leader": str(leaders[0].id)} if len(leaders) == 1 else {})}

    def choose(_field: Field) -> list[tuple[str, str]]:
        return [(str(one.id), one.name) for one in leaders]

    return draw(form, values, errors, Sources(choose=choose), known)


def values_of(day: ReceptionDay) -> dict[str, Any]:
    """A day as its form holds it."""
    return {
        "leader": str(day.leader_id), "day": day.day.isoformat(), "starts": f"{day.starts:%H:%M}", "ends": f"{day.ends:%H:%M}",
        "place": day.place, "note": day.note,
    }  # fmt: skip


def visitor_form(session: Session, values: Mapping[str, Any], errors: Mapping[str, str]) -> Screen:
    """The form that puts somebody in the line."""

    def name(value: str) -> str:
        case = session.get(Case, UUID(value))
        return f"{case.number or ''} {case.title}".strip() if case is not None else ""

    sources = Sources(lookups={"case": url_for("cases.lookup")}, case_name=name)
    return draw(reception.forms()["visitor"], values, errors, sources, {})


@dataclass(frozen=True, slots=True)
class Spot:
    """How a visit is written down: as the 接访 of an ownership, or plainly; and why not the first."""

    form: Form
    file_id: UUID | None
    note: str = ""


def spot(session: Session, person: Person, visitor: ReceptionVisitor) -> Spot:
    """An ownership's own form where the person may record its visits and the file is open for them, else the plain one."""
    plain = reception.forms()["record"]
    if visitor.case_id is None:
        return Spot(plain, None)
    files = queries.leader_cases_among(session, [visitor.case_id])
    owned = services.ownership_of(session, visitor.case_id) if not files else None
    file_id = visitor.case_id if files else owned.case_id if owned is not None and not owned.closed else None
    if file_id is None:
        return Spot(plain, None)
    case = session.get_one(Case, file_id)
    if not policy.can(person, "leadership.visit", case):
        return Spot(plain, None, "这一件的包案接访由包案领导或其秘书登记；这里只留接访日的记录。")
    if (why := services.why_no_visit(session, case)) is not None:
        return Spot(plain, None, f"{why}这里只留接访日的记录。")
    return Spot(get_engine().library.current(session, "leader_case").form("record_visit"), file_id)


def spot_form(
    session: Session, day: ReceptionDay, spot: Spot, values: Mapping[str, Any] | None, errors: Mapping[str, str], now: datetime
) -> Screen:
    """The form of a visit with what was typed, else with the day's place and the present time."""
    known = {"now": now.isoformat(), "today": local(now).date().isoformat()}
    if values is None:
        values = {**spot.form.defaults(known), **({"place": day.place} if spot.file_id is not None else {})}
    upload = url_for("files.add_to_case", case_id=spot.file_id) if spot.file_id is not None else ""
    return draw(spot.form, values, errors, Sources(upload=upload), known)


def first_field(drawn: Screen, name: str) -> FieldView | None:
    """A field of a drawn form by its name."""
    return next((one for one in drawn.fields if one.name == name), None)


def line_of(session: Session, person: Person, day: ReceptionDay, visitor: ReceptionVisitor, now: datetime) -> VisitorLine:
    """One visitor of a day."""
    return reception_lines.of(session, day, [visitor], person, now)[0]
