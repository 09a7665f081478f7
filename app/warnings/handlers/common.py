"""What several handlers need: the record, the rule of a slot, who is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.inbox.notices import posts
from app.inbox.services import tell
from app.petitions.handlers.common import Data, rule_of
from app.warnings.record import problem_of, warning_of
from workflows.handlers import Ctx
from workflows.tables import Case

__all__ = ["Data", "attrs_of", "inform", "problem_of", "start", "warning_of"]

OURS = ("intake_org", "bureau")  # what the files of one warning share: who writes, at which bureau


def start(ctx: Ctx, slot: str, data: Data, letter: str | None = None, at: datetime | None = None) -> None:
    """Start the clock of a slot, now or from ``at``, by the rule clocks.yaml chooses; ``letter``: the letter it is about."""
    ctx.clock.start(slot, rule_of(ctx, slot, data), at or ctx.now, letter=letter)


def inform(ctx: Ctx, wanted: Iterable[tuple[str, str]], kind: str, said: str) -> None:
    """A notice before the holders of roles at organisations the case names."""
    tell(ctx.session, posts(ctx, wanted), kind, f"{ctx.case.number or ctx.case.title}：{said}", case_id=ctx.case.id)


def attrs_of(ctx: Ctx, warning: UUID) -> dict[str, str]:
    """The organisations of the warning's case, for a file that comes of it."""
    case = ctx.session.get_one(Case, warning)
    return {name: str(case.attrs[name]) for name in OURS if case.attrs.get(name)}
