"""What row-level security costs: the inbox over HTTP and the completions of W1, with the policies and without them, in turn.

The same server process, the same rows; only ``alter table … enable|disable row level security`` between the rounds. Some of the tasks
are confined to organs, a part of them to those of the people who look. Prints one JSON line for each figure.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app import create_app, db, migrating
from app.config import Settings
from app.postgres import Cluster
from bench import inbox
from bench.engine import ACTOR, ANSWER, START, make_engine
from bench.machine import facts, own_cpu, tree_cpu
from migrations import confinement_sql

SIZE = 100_000
ROUNDS = 3
CASES = 60
CONFINED = f"select c.oid::regclass::text from pg_class c join pg_policy p on p.polrelid = c.oid where p.polname = '{confinement_sql.ROWS}'"
# one task in fifty belongs to a confined case: half of those to an organ whose people look at it
SOME = """
update wf_task set confined = case when id::text < '8' then array['nc'] else array['ps-360111', 'pp-360111'] end
 where right(case_number, 2) in ('00', '50')"""


def switch(owner: Database, on: bool) -> None:
    with owner.begin() as connection:
        for table in connection.scalars(text(CONFINED)).all():
            connection.execute(text(f"alter table {table} {'enable' if on else 'disable'} row level security"))


@contextmanager
def installation() -> Iterator[tuple[Flask, Cluster, Settings]]:
    """A throw-away database with three roles, tables and people."""
    from app.demo.organs import seed_organisation
    from app.demo.people import seed_people
    from app.engine import get_engine

    with tempfile.TemporaryDirectory(prefix="hxt-bench-") as home:
        Path(home).chmod(0o711)
        cluster = Cluster(Path(home))
        cluster.start()
        try:
            settings = Settings(**cluster.urls(), instance=Path(home) / "instance", secret_key="b" * 32)
            app = create_app(settings)
            with app.app_context():
                migrating.upgrade(db.engine())
                with db.transaction() as session:
                    seed_organisation(session)
                    seed_people(session)
                    get_engine().deploy(session)
            yield app, cluster, settings
        finally:
            cluster.stop()


def steps(app: Flask, cluster: Cluster, on: bool) -> dict[str, Any]:
    """W1 as the role web, one commit a completion."""
    pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
    engine = make_engine()
    databases: db.Databases = app.extensions["database"]
    with databases.session("owner") as session:
        engine.library.deploy(session)
        session.commit()
    queue: list[Any] = []
    with databases.session("web") as session:
        for i in range(CASES):
            data = {**START, "amount": 500 if i % 2 else 5000}
            queue.extend(engine.start(session, "w1", ACTOR, title=f"第 {i} 件", attrs={"unit": "u"}, data=data).task_ids)
        session.commit()
    done, cpu, server, began = 0, own_cpu(), tree_cpu(pid), time.perf_counter()
    while queue:
        with databases.session("web") as session:
            _scope(session)
            queue.extend(engine.complete(session, queue.pop(0), ACTOR, ANSWER).task_ids)
            session.commit()
        done += 1
    return {
        "work": "W1 engine as web", "policies": on, "per_second": round(done / (time.perf_counter() - began), 1),
        "cpu_ms": round((own_cpu() - cpu) / done * 1e3, 2), "postgres_cpu_ms": round((tree_cpu(pid) - server) / done * 1e3, 2),
    }  # fmt: skip


def _scope(session: Session) -> None:
    session.execute(text("select set_config('hxt.organs', 'nc,nc-petition', true)"))


def main(size: int = SIZE, rounds: int = ROUNDS) -> None:
    from app.demo.people import DEMO_PASSWORD

    with installation() as (app, cluster, settings):
        print(json.dumps({"machine": facts()}, ensure_ascii=False), flush=True)
        owner = create_engine(settings.url("owner"))
        with app.app_context():
            for on in (True, False) * rounds:
                switch(owner, on)
                print(json.dumps(steps(app, cluster, on), ensure_ascii=False), flush=True)
            people = inbox.accounts_at_work()
        inbox.fill(settings.url("owner"), sorted({k for _, keys in people for k in keys}), size, size)
        with owner.begin() as connection:
            connection.execute(text(SOME))
        with owner.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE wf_task"))
        found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        with inbox.server(settings) as base:
            for on in (True, False) * rounds:
                switch(owner, on)
                with app.app_context():
                    inbox.real_petitions(inbox.PETITIONS)
                figures = inbox.measure(base, people, size, DEMO_PASSWORD)
                found[on].append(figures)
                print(json.dumps({**figures, "policies": on}, ensure_ascii=False), flush=True)
        for on, each in found.items():
            shown = {name: median(f[name] for f in each) for name in ("p50_ms", "p95_ms", "p99_ms")}
            print(json.dumps({"work": "inbox, median of the rounds", "policies": on, "open_tasks": size, **shown}), flush=True)
        owner.dispose()


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
