"""Who holds a post: the engine's ``Directory``. A role is sought at an organisation, then upward (amendments §11).

At each organ on the way up its own posts come first; for a role that one department fills for the whole organ
(``Role.shared``) its departments come next, in order of id. Answers are kept for the length of one transaction.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select

from app.accounts.models import Organ, Person, Post
from app.accounts.roles import LABELS, SHARED
from workflows.errors import NobodyThere
from workflows.time import now

_KEY = "accounts.directory"


def person_holder(person_id: UUID) -> str:
    """The holder key of one person."""
    return f"p:{person_id}"


def post_holder(organ_id: str, role: str) -> str:
    """The holder key of everybody with that post."""
    return f"o:{organ_id}:{role}"


def forget(session: Session) -> None:
    """Drop what was answered in this transaction: a post was given or ended in it."""
    session.info.pop(_KEY, None)


def _remembered(session: Session) -> dict[Hashable, Any]:
    """The answers of the present transaction."""
    transaction = session.get_transaction() or session.begin()
    kept = session.info.get(_KEY)
    if kept is None or kept[0] is not transaction:
        kept = session.info[_KEY] = (transaction, {})
    return kept[1]


def take_over(session: Session, answers: dict[Hashable, Any]) -> None:
    """Let a transaction begin with the answers of earlier ones and add to them: for work in which no post changes, as the demo months."""
    transaction = session.get_transaction() or session.begin()
    session.info[_KEY] = (transaction, answers)


def _current_post(organ_id: Any, role: Any) -> Any:
    """SQL: somebody active holds that role at that organ now."""
    moment = now()
    return exists().where(
        Post.organ_id == organ_id,
        Post.role == role,
        Post.since <= moment,
        or_(Post.until.is_(None), Post.until > moment),
        Person.id == Post.person_id,
        Person.active,
    )


def _upward(org_id: str) -> Any:
    """SQL: the organ and those above it, with their distance. A ring in the tree ends the walk."""
    up = select(Organ.id, Organ.parent_id, literal(0).label("steps")).where(Organ.id == org_id).cte("up", recursive=True)
    above = aliased(Organ)
    return up.union_all(
        select(above.id, above.parent_id, (up.c.steps + 1).label("steps")).where(above.id == up.c.parent_id, up.c.steps < 8)
    )


def _nearest(org_id: str, role: str) -> Select[Any]:
    """The organ whose post answers for ``role``: nearest first, own posts before those of a department."""
    up = _upward(org_id)
    here = Organ.id == up.c.id
    if role in SHARED:
        here = or_(here, and_(Organ.parent_id == up.c.id, Organ.kind == "department"))
    return (
        select(Organ.id)
        .join(up, here)
        .where(Organ.active, _current_post(Organ.id, role))
        .order_by(up.c.steps, Organ.id != up.c.id, Organ.id)
        .limit(1)
    )


class Directory:
    """Answers the engine's questions from the tables of posts."""

    def resolve(self, session: Session, role: str, org: str) -> str:
        """The holder key of the nearest organ at or above ``org`` with such a post; raises NobodyThere."""
        kept = _remembered(session)
        key = ("resolve", role, org)
        if key not in kept:
            kept[key] = session.scalar(_nearest(org, role))
        if kept[key] is None:
            raise NobodyThere(LABELS.get(role, role), self.name(session, org))
        return post_holder(kept[key], role)

    def person_holder(self, person_id: UUID) -> str:
        return person_holder(person_id)

    def name(self, session: Session, org: str) -> str:
        """An organisation's name, or its id if there is none."""
        return self._once(session, ("name", org), select(Organ.name).where(Organ.id == org)) or org

    def signer_org(self, session: Session, org: str) -> str:
        """The nearest organ at or above that acts in its own name (市局 or 分局)."""
        kept = _remembered(session)
        if ("signer", org) not in kept:  # to build the query costs more than to look
            up = _upward(org)
            query = select(Organ.id).join(up, Organ.id == up.c.id).where(Organ.kind != "department").order_by(up.c.steps).limit(1)
            kept["signer", org] = session.scalar(query)
        return kept["signer", org] or org

    def appeal_org(self, session: Session, org: str) -> str | None:
        """Who reviews (复查) the opinions of that organisation: 分局 → 市局 → 省厅."""
        organ = self.signer_org(session, org)
        reviewer: str | None = self._once(session, ("appeal", organ), select(Organ.appeal_id).where(Organ.id == organ))
        return reviewer

    def below(self, session: Session, orgs: Iterable[str]) -> list[str]:
        """These organisations and all under them."""
        roots = tuple(sorted(set(orgs)))
        kept = _remembered(session)
        key = ("below", roots)
        if key not in kept:
            down = select(Organ.id, literal(0).label("steps")).where(Organ.id.in_(roots)).cte("down", recursive=True)
            under = aliased(Organ)
            step = select(under.id, (down.c.steps + 1).label("steps")).where(under.parent_id == down.c.id, down.c.steps < 8)
            down = down.union_all(step)
            kept[key] = list(session.scalars(select(down.c.id).distinct()))
        found: list[str] = kept[key]
        return found

    def people(self, session: Session, holder: str) -> list[UUID]:
        """The active persons behind a holder key."""
        if holder.startswith("p:"):
            return list(session.scalars(select(Person.id).where(Person.id == UUID(holder[2:]), Person.active)))
        _, organ, role = holder.split(":")
        return self._holding(session, organ, (role,))

    def heads(self, session: Session, holder: str) -> list[UUID]:
        """Who is told beside the holder: the heads of the holder's unit; of an organ without one, its 正职."""
        told: dict[UUID, None] = {}
        for organ in self._organs_of(session, holder):
            for person in self._holding(session, organ, ("unit_head",)) or self._first_head(session, organ):
                told[person] = None
        return list(told)

    def _first_head(self, session: Session, organ: str) -> list[UUID]:
        """The head of the organ above, where the organisation itself has no unit head."""
        try:
            holder = self.resolve(session, "organ_head", organ)
        except NobodyThere:
            return []
        return self.people(session, holder)

    def _organs_of(self, session: Session, holder: str) -> list[str]:
        if holder.startswith("o:"):
            return [holder.split(":")[1]]
        moment = now()
        held = select(Post.organ_id).where(
            Post.person_id == UUID(holder[2:]), Post.since <= moment, or_(Post.until.is_(None), Post.until > moment)
        )
        return list(session.scalars(held.distinct().order_by(Post.organ_id)))

    def _holding(self, session: Session, organ: str, roles: tuple[str, ...]) -> list[UUID]:
        moment = now()
        query = (
            select(Person.id)
            .join(Post, Post.person_id == Person.id)
            .where(Person.active, Post.organ_id == organ, Post.role.in_(roles), Post.since <= moment)
            .where(or_(Post.until.is_(None), Post.until > moment))
            .group_by(Person.id)
            .order_by(func.min(Post.since), Person.id)
        )
        return list(session.scalars(query))

    def _once(self, session: Session, key: Hashable, query: Select[Any]) -> Any:
        kept = _remembered(session)
        if key not in kept:
            kept[key] = session.scalar(query)
        return kept[key]


directory = Directory()
