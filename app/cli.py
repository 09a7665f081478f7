"""The command line: ``flask …``. Each area adds its own commands (app/areas.py)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from app import db
from app.engine import get_engine
from workflows import Actor
from workflows.errors import WorkflowError
from workflows.lint import Finding
from workflows.lint.drawing import lint_drawing
from workflows.tables import Definition

clocks_cli = AppGroup("clocks", help="时限：换了工作日历以后重新计算")
procedures_cli = AppGroup("procedures", help="办理流程：检查、列出、部署")


def init_app(app: Flask) -> None:
    app.cli.add_command(procedures_cli)
    app.cli.add_command(clocks_cli)
    app.cli.add_command(worker)
    app.cli.add_command(setup)
    app.cli.add_command(prepare)
    app.cli.add_command(migrate)
    app.cli.add_command(migration)


@procedures_cli.command("check")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folders: tuple[Path, ...]) -> None:
    """Say what the engine would refuse and what is badly drawn, with file, line and element."""
    engine, bad = get_engine(), 0
    for folder in folders or engine.library.folders():
        findings = [*engine.check(folder), *_drawn_badly(folder)]
        for finding in findings:
            click.echo(f"{folder.name}/{finding}")
        click.echo(f"{folder.name}：" + (f"{len(findings)} 处有问题" if findings else "没有问题"))
        bad += len(findings)
    if bad:
        raise SystemExit(1)


def _drawn_badly(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.glob("*.bpmn")):
        yield from lint_drawing(path.read_bytes(), path.name)


@procedures_cli.command("list")
def list_procedures() -> None:
    """Every deployed version and whether new cases start on it."""
    with db.transaction() as session:
        columns = (Definition.name, Definition.version, Definition.deployed_at, Definition.current)
        for name, version, at, current in session.execute(select(*columns).order_by(Definition.name, Definition.deployed_at)):
            click.echo(f"{name:<16} {version[:12]} {at:%Y-%m-%d %H:%M} {'现行' if current else '旧版'}")


@procedures_cli.command("deploy")
@click.argument("name", required=False)
def deploy(name: str | None) -> None:
    """Take over the folders as they are now; running cases stay on their version."""
    for line in deployed(name):
        click.echo(line)


@clocks_cli.command("recompute")
@click.argument("reason")
def recompute(reason: str) -> None:
    """Count every running clock again after bpmn/calendar.yaml changed; each move stands in its case's trail, old → new, with REASON."""
    engine = get_engine()
    with db.transaction() as session:
        moved = engine.clocks.recompute_all(session, reason, Actor.system("时限"))
    click.echo(f"重新计算完毕，{moved} 个时限的到期时间有变化。")


def deployed(name: str | None = None) -> list[str]:
    try:
        with db.transaction() as session:
            return [f"{n} {v[:12]} {'新版本' if new else '没有变化'}" for n, v, new in get_engine().deploy(session, name)]
    except WorkflowError as error:
        raise click.ClickException(error.message) from error


@click.command()
@with_appcontext
def worker() -> None:
    """Deliver messages and watch clocks until told to stop."""
    from app import worker as work

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work.run(stop, current_app._get_current_object())  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the tables to the newest version."""
    from app import migrating

    migrating.upgrade(db.engine())


@click.command()
@click.argument("message")
@with_appcontext
def migration(message: str) -> None:
    """Write a new migration from the difference between models and tables; read it before you commit it."""
    from app import migrating

    migrating.upgrade(db.engine())
    migrating.write_revision(db.engine(), message)


@click.command()
@with_appcontext
def setup() -> None:
    """Organisations and procedures; what is there already stays."""
    from app import installation

    installation.organisations()
    for line in deployed():
        click.echo(line)


@click.command()
@with_appcontext
def prepare() -> None:
    """Everything before the first page: tables, organisations, procedures and, in an empty database, the demo."""
    from app import installation

    installation.prepare(click.echo)
