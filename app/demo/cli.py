"""``flask demo load``: organisation, people and the demo months."""

from __future__ import annotations

import time

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from app import db
from app.demo import loading, month, penalties, transfers
from app.demo.people import seed_organisation, seed_people
from app.engine import get_engine
from workflows.time import now


@click.command("load")
@with_appcontext
def load() -> None:
    """Fill in the demo: what is there already stays, what is missing is made."""
    began, today = time.perf_counter(), now()
    with db.transaction() as session:
        seed_organisation(session)
        seed_people(session)
    with db.transaction() as session:
        get_engine().deploy(session)
    days, last = tqdm(total=loading.days(today), desc="  演示数据", unit="天"), None
    for moment in loading.load(today):
        days.update((moment.date() - last).days if last is not None else 0)
        last = moment.date()
    days.close()
    made = (
        f"信访事项 {len(month.cases())} 件及其督办、包案、预警，两法衔接 {len(transfers.files())} 件，处罚案件 {len(penalties.lines())} 件"
    )
    click.echo(f"  演示：{made}，{time.perf_counter() - began:.0f} 秒。")
