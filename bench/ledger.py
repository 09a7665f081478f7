"""The ledger of 领导包案 at 2,000 ownerships with 50 changes each: as it stood on a past day, and live, in the function and over HTTP.

Rows are filled by SQL, the same on every run. ``per-cell`` fills 50 changes for every cell of every ownership (1.9 million periods) too.
Prints one JSON line a figure.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app import create_app, db
from app.config import Settings
from app.leadership.ledger_cells import COLUMNS
from app.postgres import Cluster
from bench.inbox import Client, server
from bench.machine import facts

OWNERSHIPS, CHANGES = 2000, 50
BEGAN = datetime.fromisoformat("2026-01-05T09:00:00+08:00")
DAYS = 330  # the changes are spread over this time
RUNS = 15
VIEWERS = {"office": "xinfang", "leader": "fenguan", "auditor": "shenji"}

OF_PETITION = "('00000000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid"
OF_FILE = "('00000000-0000-7000-9000-' || lpad(to_hex(g), 12, '0'))::uuid"
OF_COUNTY = "(ARRAY['360102','360103','360104','360111','360112','360113','360121','360123','360124'])[1 + g % 9]"
OF_KIND = "(ARRAY['water','air','noise','solid','soil'])[1 + g % 5]"
FILL = (
    # petitions, answered or not, and their cases
    f"""INSERT INTO wf_case (id, city, number, title, attrs, facets, tags, status, created_at)
        SELECT {OF_PETITION}, '360100', 'p-' || g, '第 ' || g || ' 个厂区水污染', jsonb_build_object('intake_org', 'nc-petition'),
               jsonb_build_object('county', {OF_COUNTY}), '{{}}', 'open', CAST(:began AS timestamptz) FROM generate_series(1, :files) g""",
    f"""INSERT INTO petition (case_id, number, title, channel, received_at, entered_at, name, phone, phone_digits, address, household,
                              statement, enterprise, county, kind, gravity, klass, asks, about)
        SELECT {OF_PETITION}, 'p-' || g, '第 ' || g || ' 个厂区水污染', 'visit', CAST(:began AS timestamptz), CAST(:began AS timestamptz),
               '万砚' || g, '138' || lpad(g::text, 8, '0'), '138' || lpad(g::text, 8, '0'), '罗家镇 ' || g || ' 号', 'a:' || g,
               '夜里排水。', '第 ' || g || ' 个厂区', {OF_COUNTY}, {OF_KIND}, 'ordinary', 'claim', 'penalise', 'enterprise'
          FROM generate_series(1, :files) g""",
    # ownerships, three quarters of them open
    f"""INSERT INTO wf_case (id, city, number, title, attrs, facets, tags, status, created_at)
        SELECT {OF_FILE}, '360100', '洪环包〔2026〕' || g || '号', '第 ' || g || ' 个厂区水污染',
               jsonb_build_object('intake_org', 'nc-petition', 'bureau', 'nc', 'unit', 'nc-inspect', 'owner', CAST(:owner AS text),
                                  'handler', CAST(:handler AS text)),
               jsonb_build_object('county', {OF_COUNTY}, 'kind', {OF_KIND}), '{{}}', CASE WHEN g % 4 = 0 THEN 'closed' ELSE 'open' END,
               CAST(:began AS timestamptz) FROM generate_series(1, :files) g""",
    f"""INSERT INTO leader_case (case_id, number, title, matter_key, origin, reasons, status, opened_at, opened_by, owner_id, unit,
                                 handler_id, assigned_on, measures, plan_deadline, closed_on, ended_at)
        SELECT {OF_FILE}, '洪环包〔2026〕' || g || '号', '第 ' || g || ' 个厂区水污染', 's:' || g, 'register', '["flagged"]',
               CASE WHEN g % 4 = 0 THEN 'closed' ELSE 'carrying' END, CAST(:began AS timestamptz) + g * interval '1 minute', '测量',
               CAST(:owner AS uuid), 'nc-inspect', CAST(:handler AS uuid), CAST(:began AS timestamptz)::date,
               '[{{"what": "封堵雨水沟暗管并重建雨污分流", "who": "市环境监察支队", "by": "2026-11-10"}}]', '2026-12-31',
               CASE WHEN g % 4 = 0 THEN DATE '2026-11-01' END, CASE WHEN g % 4 = 0 THEN TIMESTAMPTZ '2026-11-01 09:00+08' END
          FROM generate_series(1, :files) g""",
    f"""INSERT INTO leader_case_petition (case_id, petition_id, added_at, why)
        SELECT {OF_FILE}, {OF_PETITION}, CAST(:began AS timestamptz), 'origin' FROM generate_series(1, :files) g""",
    f"""INSERT INTO leader_month (case_id, month, asked_at, text, state, reported_at, reported_by, missed)
        SELECT {OF_FILE}, '2026-' || lpad(m::text, 2, '0'), CAST(:began AS timestamptz), '雨污分流已完成一半，下月全部完工。', 'going',
               CASE WHEN m < 11 OR g % 10 > 0 THEN CAST(:began AS timestamptz) END, '测量', m = 11 AND g % 10 = 0
          FROM generate_series(1, :files) g, generate_series(1, 11) m""",
    f"""INSERT INTO leader_visit (id, case_id, kind, held_at, place, persons, by_owner, recorded_by, recorded_at, logged_at)
        SELECT gen_random_uuid(), {OF_FILE}, CASE WHEN v % 2 = 0 THEN 'receive' ELSE 'go_down' END, CAST(:began AS timestamptz), '局接访室',
               '万砚' || g, true, '测量', CAST(:began AS timestamptz), CAST(:began AS timestamptz)
          FROM generate_series(1, :files) g, generate_series(1, 4) v""",
    f"""INSERT INTO wf_clock (id, case_id, slot, rule, status, from_at, raw_due, due_at, warn_at)
        SELECT gen_random_uuid(), {OF_FILE}, 'plan', 'leader.plan', 'running', CAST(:began AS timestamptz), d.due, d.due,
               d.due - interval '3 days'
          FROM generate_series(1, :files) g, LATERAL (SELECT now() + (g % 90 - 20) * interval '1 day' AS due) d WHERE g % 4 > 0""",
)
# ``each`` periods of every cell, one after the other over the time: from the first moment on some cell is always said
CELLS = f"""
INSERT INTO ledger_cell (id, case_id, field, value, from_at, to_at, event_id)
SELECT gen_random_uuid(), {OF_FILE}, f.field, f.field || ' 的第 ' || n || ' 个值，雨污分流已完成一半',
       CAST(:began AS timestamptz) + (n - 1) * :days * interval '1 day' / f.each + (g % 600) * interval '1 minute',
       CASE WHEN n < f.each THEN CAST(:began AS timestamptz) + n * :days * interval '1 day' / f.each + (g % 600) * interval '1 minute' END,
       g * 100 + n
  FROM generate_series(1, :files) g,
       LATERAL (SELECT field, CASE WHEN :per_cell THEN :changes
                                   ELSE :changes / :columns + 1 + (place <= :changes % :columns)::int END AS each
                  FROM unnest(CAST(:fields AS text[])) WITH ORDINALITY AS c(field, place)) f,
       LATERAL generate_series(1, f.each) n"""


def fill(url: str, people: dict[str, str], *, per_cell: bool = False) -> int:
    """Everything but the people; returns how many periods there are."""
    fields = [column.key for column in COLUMNS]
    known = {"files": OWNERSHIPS, "began": BEGAN, **people}
    cells = {"fields": fields, "columns": len(fields), "changes": CHANGES, "days": DAYS, "per_cell": per_cell}
    engine = create_engine(url)
    with engine.begin() as connection:
        if per_cell:
            connection.execute(text("TRUNCATE ledger_cell"))
        else:
            for statement in FILL:
                connection.execute(text(statement), known)
        connection.execute(text(CELLS), {"files": OWNERSHIPS, "began": BEGAN, **cells})
        periods = int(connection.scalar(text("SELECT count(*) FROM ledger_cell")) or 0)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return periods


def timed(work: Callable[[int], int]) -> dict[str, Any]:
    """Milliseconds of RUNS runs after one that warms up; ``work`` gets the run's number and says how many rows it gave."""
    rows, times = work(0), []
    for run in range(RUNS):
        began = time.perf_counter()
        rows = work(run)
        times.append((time.perf_counter() - began) * 1e3)
    return {"rows": rows, "p50_ms": round(median(times), 1), "p95_ms": round(quantiles(times, n=20)[-1], 1)}


def moment(run: int) -> datetime:
    """Another past moment in every run."""
    return BEGAN + timedelta(days=20 + (run * 97) % (DAYS - 20))


def measure(periods: int) -> None:
    """The functions, by what they are asked and who asks."""
    from app.accounts.models import Person
    from app.leadership import ledger, ledger_history
    from app.leadership.ledger import Filters

    with db.transaction() as session:
        out("past day: history alone", periods, timed(lambda run: len(ledger_history.as_of(session, moment(run)))))
    for part, account in VIEWERS.items():
        with db.transaction() as session:
            viewer, every = session.query(Person).filter_by(account=account).one(), Filters(state="all")

            def rows(at: datetime | None, session: Session = session, viewer: Person = viewer, every: Filters = every) -> int:
                return len(ledger.rows(session, viewer, every, at).rows)

            out(f"past day: rows for {part}", periods, timed(lambda run, rows=rows: rows(moment(run))))  # type: ignore[misc]
            out(f"live: rows for {part}", periods, timed(lambda run, rows=rows: rows(None)))  # type: ignore[misc]


def over_http(settings: Settings, periods: int, password: str) -> None:
    """The page as the petition office opens it."""
    with server(settings) as base:
        client = Client(base, VIEWERS["office"], password)

        def page(path: str) -> int:
            return client.get(path).count("<tr")

        out("page live over HTTP", periods, timed(lambda run: page("/leadership?state=all")))
        out("page of a past day over HTTP", periods, timed(lambda run: page(f"/leadership?state=all&at={moment(run):%Y-%m-%d}")))


def out(work: str, periods: int, figures: dict[str, Any]) -> None:
    print(json.dumps({"work": f"ledger, {work}", "ownerships": OWNERSHIPS, "periods": periods, **figures}, ensure_ascii=False), flush=True)


def main(*, per_cell: bool = False) -> None:
    from app import migrating
    from app.demo.organs import seed_organisation
    from app.demo.people import DEMO_PASSWORD, seed_people
    from app.engine import get_engine

    with tempfile.TemporaryDirectory(prefix="hxt-bench-") as home:
        Path(home).chmod(0o711)
        cluster = Cluster(Path(home))
        cluster.start()
        try:
            settings = Settings(database_url=cluster.url(), instance=Path(home) / "instance", secret_key="b" * 32)
            app = create_app(settings)
            with app.app_context():
                migrating.upgrade(db.engine())
                with db.transaction() as session:
                    seed_organisation(session)
                    seed_people(session)
                    get_engine().deploy(session)
                people = _people()
                print(json.dumps({"machine": facts()}, ensure_ascii=False), flush=True)
                for whole in (False, True) if per_cell else (False,):
                    periods = fill(cluster.url(), people, per_cell=whole)
                    measure(periods)
                over_http(settings, periods, DEMO_PASSWORD)
        finally:
            cluster.stop()


def _people() -> dict[str, str]:
    from app.accounts.models import Person

    with db.transaction() as session:
        ids = dict(session.query(Person.account, Person.id).all())
    return {"owner": str(ids["fenguan"]), "handler": str(ids["zhidui1"])}


if __name__ == "__main__":
    main(per_cell="per-cell" in sys.argv[1:])
