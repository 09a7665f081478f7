"""The registration page: the procedure's own form in a clerk's order, possible duplicates beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts import policy
from app.accounts.models import Person
from app.engine import get_engine
from app.files import queries as files
from app.inbox import screen
from app.inbox.labels import facet_labels, label
from app.inbox.screen import FieldView, Screen, Sources
from app.petitions import counting, identity, numbering, options, queries, services
from app.petitions.models import Enterprise, Petition
from app.petitions.record import as_moment
from workflows.forms import Field, Form
from workflows.library import uuid_or_none
from workflows.time import local

# what a minute is enough for; the rest has defaults and waits behind one click
FIRST = (
    "channel", "received_at", "outside_no", "superior_due", "visitors", "levels_up", "designated_place", "name", "phone", "address",
    "anonymous", "secrecy", "representatives", "statement", "enterprise", "place", "county", "kind", "klass", "gravity", "files",
)  # fmt: skip
WIDTHS = {
    "received_at": 2, "outside_no": 2, "superior_due": 2, "visitors": 2, "levels_up": 2, "designated_place": 2, "anonymous": 3,
    "secrecy": 3, "county": 2, "kind": 2, "klass": 2, "gravity": 6,
}  # fmt: skip
SHOWN = 6  # possible duplicates in the panel


def form(session: Session) -> Form:
    """The form of the first step, of the version new petitions start on."""
    return get_engine().library.current(session, services.PROCEDURE).form("register")


def context(session: Session, now: datetime) -> dict[str, Any]:
    """What conditions and defaults of the form may name before there is a case."""
    data = get_engine().library.current(session, services.PROCEDURE).initial_data
    moment = local(now)
    return {**data, "now": moment.strftime("%Y-%m-%dT%H:%M"), "today": moment.date().isoformat()}


def page(session: Session, person: Person, typed: dict[str, Any] | None, errors: dict[str, str], now: datetime) -> dict[str, Any]:
    """Everything the template needs."""
    wanted, known = form(session), context(session, now)
    kept = services.draft(session, person.id) if typed is None else None
    # a default is what an untouched page holds; an emptied field stays empty
    values = typed if typed is not None else dict(kept.values) if kept else wanted.defaults(known)
    drawn = _draw(session, wanted, values, known, errors)
    first, more = _parts(drawn)
    return {
        "first": first,
        "more": more,
        "more_open": any(f.error for f in more),
        "problems": drawn.problems,
        "error": errors.get("", ""),
        "kept": clockwords.moment(kept.saved_at, now) if kept else "",
        "upcoming": numbering.upcoming(session, local(now).year),
        "submit": wanted.submit,
        "help": wanted.help,
    }


def _draw(session: Session, wanted: Form, values: dict[str, Any], known: dict[str, Any], errors: dict[str, str]) -> Screen:
    def choose(field: Field) -> list[tuple[str, str]]:
        return list((options.allowed(session, None, {}, field, values) or {}).items())

    picked = [found for one in values.get("files") or [] if (found := uuid_or_none(str(one)))]
    sources = Sources(
        choose=choose,
        files={str(key): file.name for key, file in files.by_ids(session, picked).items()},
        upload=url_for("files.add_loose"),
        lookups={"enterprise": url_for("petitions.enterprises")},
    )
    return screen.draw(wanted, values, known, {name: text for name, text in errors.items() if name}, sources)


def _parts(drawn: Screen) -> tuple[list[FieldView], list[FieldView]]:
    """The fields of the first view in the clerk's order, and the rest."""
    by_name = {field.name: field for field in drawn.fields}
    for name, width in WIDTHS.items():
        if name in by_name:
            by_name[name].width = width
    first = [by_name[name] for name in FIRST if name in by_name]
    return first, [field for field in drawn.fields if field.name not in FIRST]


def facts(typed: dict[str, Any], now: datetime) -> counting.Facts:
    """What was typed so far, as it is compared with earlier items."""
    hidden = bool(typed.get("anonymous"))
    try:
        received = as_moment(typed.get("received_at"))
    except ValueError:
        received = None
    return counting.Facts(
        name=None if hidden else typed.get("name"), phone=typed.get("phone"), address=None if hidden else typed.get("address"),
        enterprise=typed.get("enterprise"), place=typed.get("place"), county=typed.get("county"), kind=typed.get("kind"),
        received_at=received or now,
    )  # fmt: skip


def duplicates(session: Session, person: Person, typed: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Items that may be the same, with reasons; only those the clerk may see, accusations never."""
    known = facts(typed, now)
    words = facet_labels(session)
    lines = []
    for found in counting.alike(session, known):
        if found.petition.sealed or not policy.can(person, "case.see", found.case):
            continue
        lines.append(
            {
                "url": url_for("cases.show", case_id=found.case.id),
                "number": found.petition.number,
                "title": found.case.title,
                "state": queries.state(session, found.case, found.petition),
                "over": found.case.status == "closed",
                "reasons": found.reasons,
                "note": _advice(found, label(words, "channel", found.petition.channel), now),
            }
        )
        if len(lines) == SHOWN:
            break
    settings = get_engine().library.current(session, services.PROCEDURE).settings
    days = int(settings["households_days"]["value"])
    near = counting.households(session, known, days, UUID(int=0)) if counting.same_source(known) is not None else 0
    limit = int(settings["households_limit"]["value"])
    return {"lines": lines, "households": near, "limit": limit, "days": days}


def _advice(found: counting.Alike, channel: str, now: datetime) -> str:
    """What a clerk may do about it: register in any case; the office merges."""
    when = f"{clockwords.day(found.petition.received_at, now)} {channel}"
    over = found.case.status == "closed"
    if found.same_person and found.same_source and not over:
        return f"{when}　同一人，未办结：照常登记，审查时并入"
    if found.same_person:
        return f"{when}　同一人{'，已办结' if over else ''}"
    return f"{when}　不同的人反映同一来源" if found.same_source else f"{when}　可能有关"


def enterprises(session: Session, typed: str, most: int) -> list[Enterprise]:
    """Names that contain what was typed; those that begin with it first."""
    key = identity.key(typed)
    if not key:
        return []
    pattern = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    query = select(Enterprise).where(Enterprise.key.like(f"%{pattern}%"))
    return list(session.scalars(query.order_by(~Enterprise.key.like(f"{pattern}%"), Enterprise.key).limit(most)))


def number_of(session: Session, case_id: UUID) -> str:
    return session.scalar(select(Petition.number).where(Petition.case_id == case_id)) or ""
