"""Puts the area into the app: its storage, its limit, its routes, its command."""

from __future__ import annotations

from flask import Flask

from app.config import Settings
from app.files.cli import files_cli
from app.files.routes import bp
from app.files.storage import LocalStorage


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["files"] = LocalStorage(settings.files)
    app.config["FILE_MB"] = settings.file_mb
    app.register_blueprint(bp)
    app.cli.add_command(files_cli)
