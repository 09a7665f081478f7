"""What the pages of administration and the audit show. Pages go by key, not by number, so page 1000 is as quick as page 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from app.accounts.models import Organ, Person, Post
from app.accounts.paging import Page
from workflows.tables import Case, Event
from workflows.time import end_of_day, now, start_of_day

PAGE = 30


# --- organisations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Branch:
    """One line of the tree: how deep, the organisation, and how many people work there."""

    depth: int
    organ: Organ
    people: int


def organ_tree(session: Session) -> list[Branch]:
    """All organisations, each below the one it belongs to."""
    everyone = list(session.scalars(select(Organ).order_by(Organ.id)))
    counts = _people_by_organ(session)
    known = {organ.id for organ in everyone}
    below: dict[str | None, list[Organ]] = {}
    for organ in everyone:
        below.setdefault(organ.parent_id if organ.parent_id in known else None, []).append(organ)
    lines: list[Branch] = []

    def walk(parent: str | None, depth: int) -> None:
        for organ in sorted(below.get(parent, []), key=_order):
            lines.append(Branch(depth, organ, counts.get(organ.id, 0)))
            walk(organ.id, depth + 1)

    walk(None, 0)
    return lines


def _order(organ: Organ) -> tuple[int, str]:
    """Ours first: bureau, departments, branches; then those we work with."""
    kinds = ("bureau", "department", "branch", "superior", "government", "police", "procuratorate")
    return (kinds.index(organ.kind) if organ.kind in kinds else len(kinds), organ.id)


def _current() -> ColumnElement[bool]:
    moment = now()
    return (Post.since <= moment) & or_(Post.until.is_(None), Post.until > moment)


def _people_by_organ(session: Session) -> dict[str, int]:
    rows = session.execute(select(Post.organ_id, func.count(Post.person_id.distinct())).where(_current()).group_by(Post.organ_id))
    return {row[0]: row[1] for row in rows}


def organ_choices(session: Session, ours: bool = False) -> list[tuple[str, str]]:
    """(id, name) of the organisations in use, as a tree in words; ``ours``: only those of the environment line."""
    lines = [line for line in organ_tree(session) if line.organ.active]
    if ours:
        lines = [line for line in lines if line.organ.kind in ("bureau", "department", "branch", "superior")]
    return [(line.organ.id, "　" * line.depth + line.organ.name) for line in lines]


def posts_at(session: Session, organ_id: str) -> Sequence[Post]:
    """Who holds what there now."""
    query = select(Post).join(Person).where(Post.organ_id == organ_id, _current(), Person.active)
    return session.scalars(query.options(selectinload(Post.person)).order_by(Post.role, Person.name)).all()


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PeopleFilter:
    text: str = ""
    organ: str = ""
    role: str = ""
    state: str = "active"  # active | inactive | all


def people_page(session: Session, chosen: PeopleFilter, after: str = "", before: str = "") -> Page[Person]:
    """One page of people by account: those after a key, or those before one."""
    query = select(Person).where(*_people_conditions(chosen)).options(selectinload(Person.all_posts).selectinload(Post.organ))
    if before:
        query = query.where(Person.account < before).order_by(Person.account.desc())
    else:
        query = query.where(Person.account > after).order_by(Person.account)
    found = list(session.scalars(query.limit(PAGE + 1)))
    return Page.of(found, PAGE, backwards=bool(before), moved=bool(after))


def count_people(session: Session, chosen: PeopleFilter) -> int:
    return session.scalar(select(func.count()).select_from(Person).where(*_people_conditions(chosen))) or 0


def _people_conditions(chosen: PeopleFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.state in ("active", "inactive"):
        conditions.append(Person.active.is_(chosen.state == "active"))
    if chosen.text:
        like = f"%{_escape(chosen.text)}%"
        conditions.append(or_(Person.name.ilike(like), Person.account.ilike(like), Person.certificate_no.ilike(like)))
    held = [_current(), Post.person_id == Person.id]
    if chosen.organ:
        held.append(Post.organ_id == chosen.organ)
    if chosen.role:
        held.append(Post.role == chosen.role)
    if chosen.organ or chosen.role:
        conditions.append(exists().where(*held))
    return conditions


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def colleagues(session: Session, organ_id: str) -> Sequence[Person]:
    """Active people with any post at the organisation, for 转办."""
    held = exists().where(_current(), Post.person_id == Person.id, Post.organ_id == organ_id)
    query = select(Person).where(Person.active, held).options(selectinload(Person.all_posts).selectinload(Post.organ))
    return session.scalars(query.order_by(Person.name, Person.id)).all()


# --- audit ------------------------------------------------------------------------------------------------------------

GROUPS = {"login": "登录", "admin": "机构、人员、岗位", "identity": "查看身份", "case": "案件办理"}
_LOGIN = ("account.login", "account.login_failed", "account.logout", "account.session")


@dataclass(frozen=True)
class AuditFilter:
    person: str = ""
    group: str = ""
    since: date | None = None
    until: date | None = None
    number: str = ""


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit as it is shown: nothing in it names a petitioner."""

    id: int
    at: datetime
    actor: str
    kind: str
    label: str
    number: str | None
    case_id: UUID | None
    facts: list[tuple[str, str]]


def audit_page(session: Session, chosen: AuditFilter, before: int | None = None, after: int | None = None) -> Page[AuditLine]:
    """One page, latest first: lines older than ``before``, or those just newer than ``after``."""
    query = select(Event, Case.number).outerjoin(Case, Case.id == Event.case_id).where(*_audit_conditions(chosen))
    if after is not None:
        query = query.where(Event.id > after).order_by(Event.id)
    else:
        query = query.where(Event.id < before if before is not None else true()).order_by(Event.id.desc())
    lines = [_line(event, number) for event, number in session.execute(query.limit(PAGE + 1))]
    return Page.of(lines, PAGE, backwards=after is not None, moved=before is not None)


def _audit_conditions(chosen: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.person:
        like = f"%{_escape(chosen.person)}%"
        people = select(Person.id).where(or_(Person.account.ilike(like), Person.name.ilike(like)))
        conditions.append(Event.actor_id.in_(people))
    if chosen.number:
        conditions.append(Event.case_id.in_(select(Case.id).where(Case.number == chosen.number)))
    if chosen.since:
        conditions.append(Event.at >= start_of_day(chosen.since))
    if chosen.until:
        conditions.append(Event.at < end_of_day(chosen.until))
    conditions.extend(_group(chosen.group))
    return conditions


def _group(group: str) -> list[ColumnElement[bool]]:
    identity = Event.kind.like("identity.%")
    if group == "login":
        return [Event.case_id.is_(None), Event.kind.in_(_LOGIN)]
    if group == "admin":
        return [Event.case_id.is_(None), Event.kind.like("account.%"), Event.kind.not_in(_LOGIN)]
    if group == "identity":
        return [identity]
    return [Event.case_id.is_not(None), ~identity] if group == "case" else []


def _line(event: Event, number: str | None) -> AuditLine:
    return AuditLine(event.id, event.at, event.actor, event.kind, masked(event.label), number, event.case_id, _facts(event.detail))


FACT_LABELS = {
    "account": "账户",
    "active": "启用",
    "appeal_id": "复查机关",
    "certificate_no": "执法证号",
    "county": "属地",
    "ip": "地址",
    "kind": "类别",
    "name": "名称",
    "organ": "机构",
    "parent_id": "上级",
    "person": "人员编号",
    "phone": "电话",
    "reason": "理由",
    "role": "角色",
    "short": "简称",
    "title": "职务",
    "until": "截止",
    "why": "原因",
}


def _facts(detail: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Detail in words: plain facts, then changes as before → after. Nested data of the engine is left to the case page."""
    facts: list[tuple[str, str]] = []
    for name, value in (detail or {}).items():
        if name == "changes" and isinstance(value, dict):
            facts.extend(_change(field, change) for field, change in value.items() if isinstance(change, dict))
        elif name in FACT_LABELS and name != "person" and isinstance(value, str | int | bool):
            facts.append((FACT_LABELS[name], _word(value)))
    return facts


def _change(field: str, change: dict[str, Any]) -> tuple[str, str]:
    return FACT_LABELS.get(field, field), f"{_word(change.get('before'))} → {_word(change.get('after'))}"


def _word(value: Any) -> str:
    if value is None or value == "":
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    return masked(str(value))


_DIGITS = re.compile(r"(?<!\d)(\d{3})\d{4,11}(\d{3}[\dXx])(?!\d)")


def masked(text: str) -> str:
    """Telephone and identity numbers lose their middle, wherever they stand: 138****1234."""
    return _DIGITS.sub(r"\1****\2", text)


def leaders(session: Session) -> Sequence[Person]:
    """Everybody who holds a leader's post now: whom a secretary may prepare for."""
    held = exists().where(Post.person_id == Person.id, Post.role.in_(("leader", "organ_head")), _current())
    return session.scalars(select(Person).where(Person.active, held).order_by(Person.name, Person.id)).all()


def units(session: Session) -> list[tuple[str, str]]:
    """The units a list may be narrowed to: (id, short name), branches after departments."""
    query = select(Organ.id, Organ.short).where(Organ.active, Organ.kind.in_(("department", "branch")))
    return [(row.id, row.short) for row in session.execute(query.order_by(Organ.kind.desc(), Organ.id))]
