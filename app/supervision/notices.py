"""Who is told what in 督办: the unit's head and the leader in charge of a reminder, the desk of what joined, all heads of a circular."""

from __future__ import annotations

from uuid import UUID

from app.accounts.directory import directory, person_holder
from app.inbox.notices import posts
from app.inbox.services import tell
from app.supervision.models import Matter
from workflows.errors import NobodyThere
from workflows.handlers import Ctx
from workflows.library import uuid_or_none

DESK = (("supervisor", "desk_org"),)


def to_desk(ctx: Ctx, said: str, kind: str = "note") -> None:
    """A notice before the 督办岗."""
    tell(ctx.session, posts(ctx, DESK), kind, said, case_id=ctx.case.id)


def of_reminder(ctx: Ctx, matter: Matter, said: str) -> None:
    """A 催办通知书 goes to the unit's head and is copied to the leader in charge (RULES §2)."""
    heads = posts(ctx, (("unit_head", "unit"),))
    tell(ctx.session, [*heads, *_leader(ctx)], "note", said, case_id=ctx.case.id)


def to_head(ctx: Ctx, said: str) -> None:
    """The head of the supervised unit is told of every letter; the letter itself waits at its 收件岗."""
    tell(ctx.session, posts(ctx, (("unit_head", "unit"),)), "note", said, case_id=ctx.case.id)


def of_circular(ctx: Ctx, matter: Matter, units: list[str], said: str) -> None:
    """A circular is read by the heads of all units; the case itself is not theirs to open."""
    heads: dict[UUID, None] = {}
    for unit in units:
        try:
            holder = directory.resolve(ctx.session, "unit_head", unit)
        except NobodyThere:
            continue
        heads.update(dict.fromkeys(directory.people(ctx.session, holder)))
    tell(ctx.session, [person_holder(one) for one in heads], "note", said)


def _leader(ctx: Ctx) -> list[str]:
    """分管领导 of the subject, else whoever is leader at the bureau."""
    named = uuid_or_none(ctx.case.attrs.get("leader"))
    return [person_holder(named)] if named is not None else posts(ctx, (("leader", "bureau"),))
