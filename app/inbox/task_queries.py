"""What the task page reads besides the inbox: one task, and who it may be handed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.roles import CASEWORK, LABELS
from workflows.tables import Task
from workflows.time import now


def find(session: Session, task_id: UUID) -> Task | None:
    return session.get(Task, task_id)


def colleagues(session: Session, organs: Sequence[str], besides: UUID | None = None) -> list[tuple[str, str]]:
    """Whom a step of these organisations may be handed to: (holder key, words), people first, then the pools of posts."""
    sql = """
        SELECT p.id, p.name, o.id AS organ, o.short, x.role, x.title FROM post x
          JOIN person p ON p.id = x.person_id AND p.active JOIN organ o ON o.id = x.organ_id AND o.active
         WHERE x.organ_id = ANY(:organs) AND x.since <= :now AND (x.until IS NULL OR x.until > :now) AND x.role = ANY(:roles)
         ORDER BY o.id, p.name, x.role"""
    rows: Sequence[Any] = session.execute(text(sql), {"organs": list(organs), "now": now(), "roles": sorted(CASEWORK)}).all()
    people: dict[str, str] = {}
    pools: dict[str, str] = {}
    for r in rows:
        if r.id != besides:
            people.setdefault(f"p:{r.id}", f"{r.name}（{r.short} {r.title or LABELS.get(r.role, r.role)}）")
        pools.setdefault(f"o:{r.organ}:{r.role}", f"{r.short} {LABELS.get(r.role, r.role)}（岗位，谁有空谁认领）")
    return [*people.items(), *pools.items()]


def home_organs(person: Person) -> list[str]:
    """The organisations a person holds a casework post at."""
    return list(dict.fromkeys(post.organ_id for post in person.posts if post.role in CASEWORK))
