"""What the handlers share: the record, the ledger kept after each of them, marks set once, the process data of the step."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from app.leadership import ledger_history
from app.leadership.models import LeaderCase
from workflows.handlers import Ctx, Handler, Handlers

Data = dict[str, Any]


def record(ctx: Ctx) -> LeaderCase:
    """The ownership the step works on."""
    return ctx.session.get_one(LeaderCase, ctx.case.id)


def registrar(handlers: Handlers) -> Callable[[str], Callable[[Handler], Handler]]:
    """As ``handlers.register``, and the ledger's history is brought up to date after the handler, in the same transaction."""

    def step(name: str) -> Callable[[Handler], Handler]:
        def add(fn: Handler) -> Handler:
            @wraps(fn)
            def kept(ctx: Ctx, data: Data) -> Data | None:
                out = fn(ctx, data)
                ledger_history.keep(ctx)
                return out

            handlers.register(name)(kept)
            return fn

        return add

    return step


def mark_late(ctx: Ctx, mark: str, said: str) -> None:
    """The overdue entry of a drawn clock, once: a step that is opened again after its period must not say it twice."""
    if mark in ctx.case.tags:
        return
    ctx.tag(mark)
    ctx.event(said)


def process_data(ctx: Ctx) -> Data:
    """The process data of the task being completed."""
    if not ctx.step.row:
        return {}
    data: Data = ctx.step.walker.task(ctx.step.row["node"]).data
    return data
