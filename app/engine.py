"""The engine as the app runs it: which procedures, who holds posts, which handlers and hooks."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flask import Flask, current_app

from app.accounts.directory import Directory
from app.accounts.roles import LABELS
from workflows import Engine, Handlers, Library
from workflows.calendar import Calendar
from workflows.deadlines import Rules

PROCEDURES = Path(__file__).resolve().parent.parent / "bpmn"
DEADLINES = PROCEDURES / "deadlines.yaml"
WORKING_DAYS = PROCEDURES / "calendar.yaml"


def build_engine(warn_days: int) -> Engine:
    """One engine per process: caches the parsed diagrams of every version it meets."""
    from app import hooks
    from app.leadership.handlers import handlers as of_leadership
    from app.petitions.handlers import handlers as of_petitions
    from app.supervision.handlers import handlers as of_supervision
    from app.transfers.handlers import handlers as of_transfers
    from app.warnings.handlers import handlers as of_warnings

    handlers = Handlers()
    for area in (of_petitions, of_supervision, of_leadership, of_warnings, of_transfers):
        handlers.update(area)
    rules, calendar = Rules.load(DEADLINES), Calendar.load(WORKING_DAYS)
    return Engine(Library(PROCEDURES), Directory(), rules, calendar, handlers, hooks.AppHooks(hooks.areas()), warn_days, roles=set(LABELS))


def init_app(app: Flask, warn_days: int = 3) -> None:
    app.extensions["engine"] = build_engine(warn_days)


def get_engine() -> Engine:
    """The engine of the present app."""
    return cast(Engine, current_app.extensions["engine"])
