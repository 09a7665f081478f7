"""What the bureau's handlers share: the record, where it stands, settings, the answer of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.transfers import carry
from app.transfers.models import Transfer, TransferLetter
from app.transfers.words import PROCESS
from workflows.handlers import Ctx
from workflows.store import ClockRow
from workflows.tables import Clock
from workflows.time import local

Data = dict[str, Any]
WITHDRAWN_HERE = "该项期限不再适用"


def record(ctx: Ctx) -> Transfer:
    """The bureau's record of the case at work."""
    return ctx.session.get_one(Transfer, ctx.case.id)


def at(ctx: Ctx, state: str) -> None:
    """Where the file stands (words.STATES)."""
    record(ctx).state = state
    ctx.session.flush()


def message(data: Mapping[str, Any]) -> dict[str, Any]:
    """The letter the step before has caught."""
    m = data.get("m")
    return dict(m) if isinstance(m, Mapping) else {}


def letter_of(ctx: Ctx, data: Mapping[str, Any]) -> TransferLetter | None:
    """The same as a row, marked as received on this file."""
    return carry.received(ctx, message(data))


def moment(value: Any, otherwise: datetime) -> datetime:
    """A moment of a message as a moment in China's time."""
    return local(datetime.fromisoformat(str(value))) if value else otherwise


def day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def uuids(values: Iterable[Any] | None) -> list[UUID]:
    return [UUID(str(value)) for value in values or []]


def running(ctx: Ctx, slot: str, letter: str | None = None) -> ClockRow | None:
    """The living clock of a slot on this case, if there is one."""
    return next(iter(ctx.clock.running(slot, letter)), None)


def rounds(ctx: Ctx, slot: str) -> int:
    """How many clocks of a slot this file ever had; the living ones are at hand, the ended ones in the table."""
    known = {clock.id for clock in ctx.clock.rows if clock.slot == slot}
    ended = select(Clock.id).where(Clock.case_id == ctx.case.id, Clock.slot == slot)
    return len(known | set(ctx.session.scalars(ended)))


def lapse(ctx: Ctx, *slots: str, note: str = WITHDRAWN_HERE) -> None:
    """Duties that no longer apply."""
    for slot in slots:
        if ctx.clock.running(slot):
            ctx.clock.lapse(slot, note=note)


def setting(ctx: Ctx, name: str) -> int:
    """A number of settings.yaml."""
    procedure = ctx.step.procedure or ctx.engine.library.current(ctx.session, PROCESS)
    return int(procedure.settings[name]["value"])


def is_main(ctx: Ctx) -> bool:
    """Is the instance at work the main path of its file? Requests and reverse linkages may run beside it."""
    return ctx.step.instance is not None and ctx.step.instance.link_id is None
