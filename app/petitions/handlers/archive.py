"""归档: how the item ended, which papers it has, sealing."""

from __future__ import annotations

from sqlalchemy import select

from app.papers import queries as paper_queries
from app.petitions.handlers.common import Data, record
from app.petitions.models import Petition
from workflows.handlers import Ctx, Handlers
from workflows.tables import Task

handlers = Handlers()

CLOSED_AS = {
    "accept": "answered", "not_accept": "refused", "no_longer": "refused", "file_only": "file_only", "merge": "merged",
    "tell_elsewhere": "told_elsewhere", "route": "routed", "discipline": "discipline",
}  # fmt: skip


@handlers.register("archive.collect")
def collect(ctx: Ctx, data: Data) -> Data:
    """How it was closed and which papers there are; what is missing is asked afresh each time."""
    petition = record(ctx)
    petition.closed_as = petition.stopped_as or CLOSED_AS.get(petition.intake_outcome or "", "file_only")
    _keeper(ctx)
    ctx.update_case(facets={"closed_as": petition.closed_as})
    return {"closed_as": petition.closed_as, "have": paper_queries.kinds(ctx.session, ctx.case.id), "missing": []}


def _keeper(ctx: Ctx) -> None:
    """Missing papers are supplied by the handler; where none was named, by whoever of the office screened the item."""
    if ctx.case.attrs.get("handler"):
        return
    done = select(Task.closed_by).where(Task.case_id == ctx.case.id, Task.element.in_(("screen", "register")), Task.closed_by.is_not(None))
    person = ctx.session.scalar(done.order_by(Task.closed_at.desc()).limit(1))
    if person is not None:
        ctx.set_attr("handler", str(person))


@handlers.register("archive.seal")
def seal(ctx: Ctx, data: Data) -> Data:
    """卷宗封存: the record is complete; a clock still running is ended with a note, so that it nags nobody for ever."""
    petition: Petition = record(ctx)
    petition.archived_at = ctx.now
    if ctx.clock.running():
        ctx.clock.cancel_all("归档时终止")
    ctx.update_case(facets={"archived": True})
    ctx.event("立卷归档", {"案卷": petition.volume_title or ""})
    return {}
