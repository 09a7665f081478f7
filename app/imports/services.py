"""Rows of a file become pending registrations, or closed records of the past; each row once, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts import policy
from app.accounts.models import Person
from app.accounts.registrar import city_of, intake_org
from app.engine import get_engine
from app.imports.columns import Columns, Row
from app.imports.models import Imported
from app.imports.suggest import suggest
from workflows.errors import Conflict
from workflows.tables import Task
from workflows.time import now

TO_CONFIRM = "导入待核"  # tag of a registration whose fields were suggested
SUGGESTED = ("county", "kind", "gravity", "asks", "klass")
DEFAULTS = {"kind": "other", "gravity": "ordinary", "asks": "protect", "klass": "claim"}
TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row, as the report says it."""

    row: int
    outside_no: str
    status: str  # added | historic | known | refused | would_add
    note: str = ""
    case_id: UUID | None = None


STATUS = {"added": "已登记待核", "historic": "已存为历史记录", "known": "以前导入过", "refused": "未导入", "would_add": "可以导入"}


def take_row(session: Session, person: Person, row: Row, columns: Columns, file_name: str, *, historic: bool = False) -> Outcome:
    """One row into the database, unless its number came before from the same source."""
    proposed = suggestions(row)
    record_id = _reserve(session, person, row, columns, file_name, proposed, historic=historic and bool(row.reply))
    if record_id is None:
        return Outcome(row.number, row.outside_no, "known", f"来源“{columns.source}”已有这个编号。")
    if historic and row.reply:
        return Outcome(row.number, row.outside_no, "historic")
    case_id = _start_registration(session, person, row, columns, proposed)
    session.get_one(Imported, record_id).case_id = case_id
    return Outcome(row.number, row.outside_no, "added", _missing(proposed), case_id)


def try_row(session: Session, row: Row, columns: Columns) -> Outcome:
    """What ``take_row`` would do, without doing it."""
    known = select(Imported.id).where(Imported.source == columns.source, Imported.outside_no == row.outside_no)
    if session.scalar(known) is not None:
        return Outcome(row.number, row.outside_no, "known", f"来源“{columns.source}”已有这个编号。")
    return Outcome(row.number, row.outside_no, "would_add", _missing(suggestions(row)))


def suggestions(row: Row) -> dict[str, str]:
    """What the row says itself, then what its words suggest, then the plain default: all to be checked by a clerk."""
    words = suggest(f"{row.subject} {row.statement} {row.given.get('place', '')} {row.given.get('county', '')}")
    return {name: value for name in SUGGESTED if (value := words.get(name) or DEFAULTS.get(name))}


def draft(row: Row, columns: Columns, proposed: dict[str, str]) -> dict[str, Any]:
    """The registration form as the clerk will find it: received on the import day, whenever the petitioner wrote."""
    told = {name: row.given[name] for name in ("phone", "enterprise", "place") if row.given.get(name)}
    who = {"name": row.given["name"], "address": row.given.get("address")} if row.given.get("name") else {"anonymous": True}
    return {
        "channel": columns.channel,
        "received_at": now().isoformat(timespec="minutes"),
        "outside_no": row.outside_no,
        "statement": row.statement,
        "about": "enterprise",
        **{name: value for name, value in who.items() if value is not None},
        **told,
        **proposed,
    }


def confirm(session: Session, person: Person, task_id: UUID) -> None:
    """Complete one pending registration with its draft as it stands; raises what the form says."""
    task = session.get(Task, task_id)
    if task is None or task.element != "register" or task.draft is None:
        raise Conflict("这一步不是导入的待核登记。")
    if not policy.can(person, "task.complete", task):
        raise Conflict("这件登记不在您的岗位。")
    engine, actor = get_engine(), person.actor()
    engine.complete(session, task_id, actor, dict(task.draft))
    tags = [tag for tag in task.tags if tag != TO_CONFIRM]
    engine.update_case(session, task.case_id, actor, tags=tags)


def pending(session: Session, holders: Sequence[str], most: int = 200) -> list[tuple[Task, Imported]]:
    """Imported registrations that wait for a clerk with these holders, the oldest complaint first."""
    query = (
        select(Task, Imported)
        .join(Imported, Imported.case_id == Task.case_id)
        .where(Task.status == "open", Task.element == "register", Task.holder.in_(sorted(holders)))
        .order_by(Imported.submitted_at, Imported.id)
        .limit(most)
    )
    return [(task, imported) for task, imported in session.execute(query)]


def _reserve(
    session: Session, person: Person, row: Row, columns: Columns, file_name: str, proposed: dict[str, str], *, historic: bool
) -> UUID | None:
    """Take the external number; None if it is taken. Two imports at once agree on one."""
    values = {
        "id": uuid7(),
        "source": columns.source,
        "outside_no": row.outside_no,
        "subject": row.subject,
        "submitted_at": row.submitted_at,
        "suggested": proposed,
        "historic": _record(row) if historic else None,
        "file_name": file_name,
        "row_no": row.number,
        "imported_at": now(),
        "imported_by": person.id,
    }
    taken = insert(Imported).values(**values).on_conflict_do_nothing(index_elements=["source", "outside_no"])
    return session.scalar(taken.returning(Imported.id))


def _record(row: Row) -> dict[str, Any]:
    """The closed record of the past."""
    replied = row.replied_at.isoformat() if row.replied_at else None
    return {**row.given, "statement": row.statement, "reply": row.reply, "replied_at": replied}


def _start_registration(session: Session, person: Person, row: Row, columns: Columns, proposed: dict[str, str]) -> UUID:
    engine, actor = get_engine(), person.actor()
    started = engine.start(
        session,
        "petition",
        actor,
        title=row.subject[:TITLE_LENGTH],
        city=city_of(person),
        attrs={"intake_org": intake_org(person)},
        facets={"channel": columns.channel, **{name: proposed[name] for name in ("county", "kind") if name in proposed}},
        tags=[TO_CONFIRM],
    )
    engine.save_draft(session, started.task_ids[0], actor, draft(row, columns, proposed))
    return started.case_id


def _missing(proposed: dict[str, str]) -> str:
    return "" if "county" in proposed else "属地认不出，须人工选择。"
