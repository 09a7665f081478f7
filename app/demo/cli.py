"""``flask demo load``: organisation, people and the demo month."""

from __future__ import annotations

import time

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from app import db
from app.demo import month
from app.demo.people import seed_organisation, seed_people
from app.engine import get_engine
from workflows.time import now


@click.command("load")
@with_appcontext
def load() -> None:
    """Fill in the demo: what is there already stays, what is missing is made."""
    began = time.perf_counter()
    with db.transaction() as session:
        seed_organisation(session)
        seed_people(session)
    with db.transaction() as session:
        get_engine().deploy(session)
    total = len(month.cases())
    for _ in tqdm(month.load(now()), total=total, desc="  演示事项", unit="件"):
        pass
    click.echo(f"  演示事项 {total} 件，{time.perf_counter() - began:.0f} 秒。")
