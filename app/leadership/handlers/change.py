"""更换包案领导: the open steps go to the new owner, the history stays."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import case, select, update

from app.accounts.directory import person_holder
from app.leadership.handlers.common import Data, record, registrar
from app.leadership.models import LeaderOwnerChange
from workflows.errors import WorkflowError
from workflows.handlers import Ctx, Handlers
from workflows.tables import Task

handlers = Handlers()
step = registrar(handlers)


@step("leader.apply_change")
def apply_change(ctx: Ctx, data: Data) -> Data:
    """The new owner takes over what waits for the old one; a step the old owner handed to somebody stays with them."""
    change = ctx.session.scalar(select(LeaderOwnerChange).where(LeaderOwnerChange.instance_id == ctx.instance_id))
    if change is None:
        raise WorkflowError("没有找到更换的决定。")
    lc = record(ctx)
    lc.owner_id = change.to_id
    ctx.set_attr("owner", str(change.to_id))
    moved = _hand_over(ctx, change.from_id, change.to_id)
    ctx.event("更换包案领导", {"reason": change.reason, **({"count": len(moved)} if moved else {})})
    return {}


def _hand_over(ctx: Ctx, old: UUID, new: UUID) -> list[UUID]:
    """The owner's open steps of this case: addressed to the new owner, and in their inbox where the old one held them."""
    before, after = person_holder(old), person_holder(new)
    mine = (Task.case_id == ctx.case.id, Task.role == "leader", Task.pool == before, Task.status.in_(("open", "held")))
    holder = case((Task.holder == before, after), else_=Task.holder)
    return list(ctx.session.scalars(update(Task).where(*mine).values(pool=after, holder=holder).returning(Task.id)))
