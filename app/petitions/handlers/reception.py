"""接待: how often the petitioner did not come."""

from __future__ import annotations

from app.petitions.handlers.common import Data
from app.petitions.record_rows import newest
from app.petitions.records import Reception
from workflows.handlers import Ctx, Handlers

handlers = Handlers()


@handlers.register("petition.log_reception")
def log_reception(ctx: Ctx, data: Data) -> Data:
    """条例31(6), 18(2): hearing is owed; a petitioner who stays away is asked again, up to the house's limit."""
    row = newest(ctx, Reception)
    if row.promises:
        ctx.event("接访时答应的事", {"内容": row.promises})
    return {"absent_times": int(data.get("absent_times") or 0) + (row.result == "absent")}
