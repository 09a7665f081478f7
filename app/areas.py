"""The areas of the app, in one list: what is here is installed, in this order.

Every area is a folder of the same shape (models, services, queries, routes …). An area either installs itself
(``SETUPS``: a function that takes the app and the settings) or only has pages (``BLUEPRINTS``).
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from app.config import Settings

SETUPS = (
    "app.accounts:init_app",  # first: its guard runs before every other area's pages
    "app.files.setup:init_app",
    "app.petitions.setup:init_app",
    "app.supervision.setup:init_app",
    "app.leadership.setup:init_app",
    "app.warnings.setup:init_app",
    "app.transfers.setup:init_app",
    "app.exchange.setup:init_app",
)

BLUEPRINTS = (
    "app.inbox.routes:bp",
    "app.cases.routes:bp",
    "app.petitions.routes:bp",
    "app.papers.routes:bp",
    "app.supervision.routes:bp",
    "app.leadership.routes:bp",
    "app.warnings.routes:bp",
    "app.transfers.routes:bp",
    "app.numbers.routes:bp",
    "app.imports.routes:bp",
    "app.ops.routes:bp",
    "app.ops.health:bp",
    "app.exchange.routes:bp",
    "app.exchange.ops_routes:bp",
)

# group of the command line (created when new; "" = top level) and the command in it
COMMANDS = (
    ("", "app.imports.cli:petitions_cli"),
    ("", "app.walk.cli:walk"),
    ("", "app.exchange.cli:exchange_cli"),
    ("demo", "app.demo.people:accounts"),
    ("demo", "app.demo.cli:load"),
)

MODELS = (
    "app.accounts.models",
    "app.files.models",
    "app.imports.models",
    "app.inbox.models",
    "app.papers.models",
    "app.petitions.models",
    "app.petitions.records",
    "app.supervision.models",
    "app.leadership.models",
    "app.warnings.models",
    "app.transfers.models",
    "app.numbers.models",
    "app.ops.models",
    "app.exchange.models",
    "app.periodic",
)


def install(app: Flask, settings: Settings) -> None:
    """Put every area into the app."""
    for name in SETUPS:
        setup = _find(name)
        setup(*((app, settings) if len(inspect.signature(setup).parameters) > 1 else (app,)))
    for name in BLUEPRINTS:
        app.register_blueprint(_find(name))
    for group, name in COMMANDS:
        _group(app, group).add_command(_find(name))


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for name in MODELS:
        importlib.import_module(name)


def _find(name: str) -> Any:
    """The object ``module:attribute``; an area that cannot be imported stops the app, it is never left out."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _group(app: Flask, name: str) -> click.Group:
    if not name:
        return app.cli
    found = app.cli.commands.get(name)
    if not isinstance(found, click.Group):
        found = AppGroup(name)
        app.cli.add_command(found)
    return found
