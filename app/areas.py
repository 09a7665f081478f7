"""The areas of the app, in one list: what is here is installed, in this order.

Every area is a folder of the same shape (models, services, queries, routes …). An area either installs itself
(``SETUPS``: a function that takes the app and the settings) or only has pages (``BLUEPRINTS``).
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from app.config import Settings

SETUPS = (
    "app.accounts:init_app",  # first: its guard runs before every other area's pages
    "app.files.setup:init_app",
    "app.petitions.setup:init_app",
)

BLUEPRINTS = (
    "app.inbox.routes:bp",
    "app.cases.routes:bp",
    "app.petitions.routes:bp",
    "app.papers.routes:bp",
    "app.imports.routes:bp",
    "app.ops.routes:bp",
    "app.ops.health:bp",
)

# group of the command line (created when new; "" = top level) and the command in it
COMMANDS = (
    ("", "app.imports.cli:petitions_cli"),
    ("", "app.walk.cli:walk"),
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
    "app.ops.models",
)


def install(app: Flask, settings: Settings) -> None:
    """Put every area into the app."""
    for name in SETUPS:
        if (setup := find(name)) is not None:
            setup(*((app, settings) if len(inspect.signature(setup).parameters) > 1 else (app,)))
    for name in BLUEPRINTS:
        if (blueprint := find(name)) is not None and blueprint.name not in app.blueprints:
            app.register_blueprint(blueprint)
    for group, name in COMMANDS:
        if (command := find(name)) is not None:
            _group(app, group).add_command(command)


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for name in MODELS:
        if _there(name):
            importlib.import_module(name)


def find(name: str) -> Any:
    """The object ``module:attribute``; None where the module does not exist (an area that is not installed)."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute, None) if _there(module) else None
    except ImportError as error:  # while areas are being written side by side
        logging.getLogger(__name__).warning("area left out: %s: %s", name, error)
        return None


def _there(module: str) -> bool:
    parent = module.rpartition(".")[0]
    if parent and not _there(parent):
        return False
    return importlib.util.find_spec(module) is not None


def _group(app: Flask, name: str) -> click.Group:
    if not name:
        return app.cli
    found = app.cli.commands.get(name)
    if not isinstance(found, click.Group):
        found = AppGroup(name)
        app.cli.add_command(found)
    return found
