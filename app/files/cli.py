"""Housekeeping of stored files."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app import db
from app.files import services

files_cli = AppGroup("files", help="材料存储的维护")


@files_cli.command("sweep")
def sweep() -> None:
    """Forget uploads that never got a case, and stored bytes without a row (a week old or more)."""
    with db.transaction() as session:
        rows, stored = services.sweep(session)
    click.echo(f"清理：未归属的上传 {rows} 个，无主的文件 {stored} 个。")
