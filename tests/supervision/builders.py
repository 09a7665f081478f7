"""Small builders: a matter opened by hand, its steps done by whoever holds them, the worker run between."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.supervision import services
from app.supervision.models import Matter
from app.walk.answers import fill
from app.walk.starts import read
from app.worker import work_off
from tests.petitions.builders import holder, person
from workflows.tables import Task

GROUNDS = "整改问题没有按要求完成，需要督办。"
LIABLE = {"persons": [{"name": "贺兰溪", "post": "执法员"}], "clue": "伪造整改照片，经与卫星影像比对属实，证据材料附后。"}


def opened(bureau: Flask, **changes: Any) -> UUID:
    """A matter without a subject, against 青山湖分局, beginning as the ladder says."""
    answer = {"unit": "br-360111", "trigger": "by_hand", "asked": "", "grounds": GROUNDS, **changes}
    with bureau.app_context():
        with db.transaction() as session:
            case_id = services.open_by_hand(session, person(session, "xinfangkezhang"), answer).case_id
        work_off()
    assert case_id is not None
    return case_id


def asked(bureau: Flask, subject: UUID, **changes: Any) -> UUID:
    """A matter about a case, asked for by hand; the matter that is open then."""
    answer = {"subject": str(subject), "trigger": "period_past", "asked": "", "grounds": GROUNDS, **changes}
    with bureau.app_context():
        with db.transaction() as session:
            services.open_by_hand(session, person(session, "xinfangkezhang"), answer)
        work_off()
        with db.transaction() as session:
            return session.scalars(select(Matter.case_id).where(Matter.subject_case == subject, Matter.closed_at.is_(None))).one()


def does(bureau: Flask, case_id: UUID, element: str, *, deliver: bool = True, **given: Any) -> None:
    """The holder of an open step answers it, with what is usual where nothing is given."""
    with bureau.app_context():
        with db.transaction() as session:
            task = step(session, case_id, element)
            engine = get_engine()
            usual = read("supervision")["usual"].get(element, {})
            form, context = engine.form(session, task), engine.task_data(session, task)
            answer = fill(form, context, {**usual, **given}, lambda field, values: None)
            engine.complete(session, task.id, holder(session, task).actor(), answer)
        if deliver:
            work_off()


def step(session: Session, case_id: UUID, element: str) -> Task:
    """The open step of that name."""
    query = select(Task).where(Task.case_id == case_id, Task.element == element, Task.status == "open")
    return session.scalars(query.order_by(Task.opened_at)).first() or _missing(session, case_id, element)


def _missing(session: Session, case_id: UUID, element: str) -> Task:
    there = session.scalars(select(Task.element).where(Task.case_id == case_id, Task.status == "open")).all()
    raise AssertionError(f"{element} is not open; open: {list(there)}")


def open_steps(session: Session, case_id: UUID) -> dict[str, str]:
    """element → holder of what waits."""
    query = select(Task.element, Task.holder).where(Task.case_id == case_id, Task.status == "open")
    return {row.element: row.holder for row in session.execute(query)}
