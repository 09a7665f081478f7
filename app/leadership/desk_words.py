"""The essence of a decision in words: what is proposed and by whom, and what others said to it since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.models import Person
from app.engine import get_engine
from app.inbox import labels
from workflows.forms import Field, Form
from workflows.library import uuid_or_none
from workflows.tables import Case, Task

Reader = Callable[[str], str] | None
PROPOSES = ("draft", "plan", "propose", "request", "carry", "verify", "register_", "write", "collect")
LINES_MOST = 5  # of the proposal; the whole of it is on the case
OPINIONS_MOST = 3
SHORT = 160  # characters of one value on a card
FILES = ("uuid",)


@dataclass(frozen=True, slots=True)
class Said:
    """What one person put down at one step: label and text of each thing, as the viewer may read it."""

    who: str
    step: str
    when: str
    lines: Sequence[tuple[str, str]]


def said(session: Session, case: Case, done: Sequence[Task], read: Reader, now: datetime) -> list[Said]:
    """The proposal first, then the latest opinions on it, in the order they were given."""
    if not done or read is None:
        return []
    at = max((i for i, t in enumerate(done) if t.element.startswith(PROPOSES)), default=len(done) - 1)
    chosen = [done[at], *done[at + 1 :][-OPINIONS_MOST:]]
    return [_said(session, case, task, read, now) for task in chosen]


def people_in(session: Session, tasks: Iterable[Task]) -> list[Person]:
    """Everybody whose id stands in these answers, read at once."""
    values = (value for task in tasks for value in (task.answer or {}).values() if isinstance(value, str))
    ids = {found for value in values if (found := uuid_or_none(value)) is not None}
    return list(session.scalars(select(Person).where(Person.id.in_(ids)))) if ids else []


def _said(session: Session, case: Case, task: Task, read: Callable[[str], str], now: datetime) -> Said:
    form = get_engine().form(session, task)
    lines = [(label, clip(read(text))) for label, text in shown(session, case, form, task.answer or {})]
    return Said(task.closed_name or "", task.label, clockwords.moment(task.closed_at, now), lines[:LINES_MOST])


def shown(session: Session, case: Case, form: Form, answer: dict[str, Any]) -> list[tuple[str, str]]:
    """A finished answer as (label, text): ids in words, no personal fields, no lists of files."""
    lines = []
    ticked = {rule.field for rule in form.rules}  # a yes without which the step cannot be done says nothing
    for one in form.fields.values():
        value = answer.get(one.name)
        if value in (None, "", []) or one.personal or (one.schema.get("items") or {}).get("format") in FILES:
            continue
        if value is True and one.name in ticked:
            continue
        lines.append((one.label, _text(session, case, one, value)))
    return lines


def _text(session: Session, case: Case, field: Field, value: Any) -> str:
    if field.schema.get("format") == "date-time":
        return str(value)[:16].replace("T", " ")
    if isinstance(value, list):
        return "；".join(_text(session, case, field, one) for one in value)
    return labels.named(session, str(value)) if field.options_from else field.label_of(value)


def clip(text: str, most: int = SHORT) -> str:
    """A long text cut at a length one screen holds."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
