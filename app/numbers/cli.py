"""``flask numbers …``: count everything anew, write the page of definitions."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Blueprint

from app import db
from app.config import ROOT
from app.numbers import docs, services

PAGE = ROOT / "docs" / "numbers.md"


def add_to(bp: Blueprint) -> None:
    bp.cli.help = "统计指标：重新统计、生成口径说明"
    bp.cli.command("rebuild")(rebuild)
    bp.cli.command("docs")(write_docs)


def rebuild() -> None:
    """Count all numbers anew from the records."""
    with db.transaction() as session:
        moment = services.rebuild(session)
    click.echo(f"已重新统计，统计截至 {moment:%Y-%m-%d %H:%M}。")


@click.option("--to", type=click.Path(path_type=Path), default=PAGE)
def write_docs(to: Path) -> None:
    """Write docs/numbers.md from the definitions."""
    to.write_text(docs.page(), encoding="utf-8")
    click.echo(f"已写入 {to}")
