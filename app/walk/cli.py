"""``flask walk``: complaints driven from registration to the archive, by the app's own means, in a database of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click

from app import config, db, migrating
from app.engine import get_engine
from app.postgres import Cluster
from app.walk import complaints as complaints_of
from app.walk import flows, report
from app.walk.complaints import Complaint
from app.walk.driver import Drive
from app.walk.finish import Finish
from app.walk.play import Play
from app.walk.scenarios import names, scenario
from app.walk.starts import PROCEDURES
from app.walk.starts import names as names_of
from app.walk.starts import scenario as scenario_of
from workflows import Engine
from workflows import time as clock_time

PROCEDURE = "petition"
ROOM = timedelta(hours=7)  # between the registrations of two complaints


@dataclass
class Walk:
    """What was driven so far."""

    engine: Engine
    taken: Counter[str] = field(default_factory=Counter)
    cases: dict[str, UUID] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def drive(self, name: str, drive: Play) -> None:
        """One case to its end; a failure is told and the walk goes on."""
        try:
            self.cases[name] = drive.run()
        except Exception as error:
            notes = " | ".join(getattr(error, "__notes__", ()))
            self.failed.append(f"{name}: {type(error).__name__}: {error} {notes}")
            click.echo(f"✗ {self.failed[-1]}", err=True)
        else:
            with db.transaction() as session:
                click.echo(report.trail(self.engine, session, name, self.cases[name]))
        finally:
            clock_time.freeze(None)


@click.command("walk")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--most", default=100, show_default=True, help="最多办理多少件（场景之外的来件）")
def walk(file: Path | None, most: int) -> None:
    """Register the complaints of FILE (default: the demo's), drive them and every scenario to the archive, and count."""
    began = time.perf_counter()
    found = complaints_of.read(file)
    if not found:
        raise click.ClickException("文件里没有可以登记的事项。")
    with own_app() as engine:
        done = Walk(engine)
        engine.observer = lambda process, flow: done.taken.update((flow,))
        rest = walk_scenarios(done, found)
        walk_procedures(done)
        walk_complaints(done, rest[:most])
        waiting = register_only(done, rest[most:])
        missed = summary(done)
    click.echo(f"共办结 {len(done.cases)} 件，另登记 {waiting} 件，{time.perf_counter() - began:.0f} 秒。")
    if missed or done.failed:
        sys.exit(1)


def walk_scenarios(done: Walk, found: list[Complaint]) -> list[Complaint]:
    """Every scenario with the text of a complaint; returns the complaints that are left."""
    for number, name in enumerate(names()):
        plan = scenario(name)
        text = found[number % len(found)].text
        if plan.before:  # the same matter again: place and enterprise are those of the case before
            text = {"statement": text["statement"]}
        plan = replace(plan, register={**text, **plan.register})
        done.drive(name, Drive(done.engine, db.transaction, plan))
    return found[len(names()) :]


def walk_procedures(done: Walk) -> None:
    """Every scenario of the other procedures, with the files they open and answer."""
    for procedure in PROCEDURES:
        for name in names_of(procedure):
            done.drive(name, Play(done.engine, db.transaction, scenario_of(procedure, name)))


def walk_complaints(done: Walk, found: list[Complaint]) -> None:
    """The other complaints, one after the other, by the rule of finish.py."""
    at = clock_time.now().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=400)
    for complaint in found:
        done.drive(f"来件 {complaint.key}", Finish(done.engine, db.transaction, complaint, at))
        at += ROOM


def register_only(done: Walk, found: list[Complaint]) -> int:
    """Complaints beyond those that are driven: registered, and left to the petition office."""
    moment = clock_time.now()
    for complaint in found:
        with clock_time.frozen(moment):
            Finish(done.engine, db.transaction, complaint, moment)._register()
    return len(found)


def summary(done: Walk) -> list[flows.Flow]:
    """Counts per outcome, branch and clock; then the flows nobody took, which it returns."""
    drawn = [flow for name in (PROCEDURE, *PROCEDURES) for flow in flows.drawn(done.engine.library.root / name)]
    with db.transaction() as session:
        click.echo("\n结果 outcomes")
        for outcome, count in report.outcomes(session, done.cases.values()).most_common():
            click.echo(f"  {outcome:<16} {count}")
        click.echo("\n期限 clocks")
        for line in report.clocks(session):
            click.echo(line)
    click.echo("\n分支 branches")
    for line in report.branches(drawn, done.taken):
        click.echo(line)
    missed = flows.not_taken(drawn, done.taken)
    click.echo(f"\n流程线 flows: {len(drawn)} 条，走过 {len(drawn) - len(missed)} 条")
    for flow in missed:
        click.echo(f"  没有走过 not taken: {flow}")
    for line in done.failed:
        click.echo(f"  没有办成 failed: {line}")
    return missed


@contextmanager
def own_app() -> Iterator[Engine]:
    """An app on a throw-away database with the demo's organisation and people; nothing of the user's is touched."""
    from app import create_app
    from app.demo.people import seed_organisation, seed_people

    home = Path(tempfile.mkdtemp(prefix="hxt-walk-"))
    home.chmod(0o711)  # the server's account has to walk through
    cluster = Cluster(home, durable=False)
    try:
        cluster.start()
        app = create_app(config.load(instance=home, **cluster.urls(), demo=False))
        with app.app_context():
            migrating.upgrade(db.engine())
            with db.transaction() as session:
                seed_organisation(session)
                seed_people(session)
                get_engine().deploy(session)
            yield get_engine()
            db.dispose()
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
