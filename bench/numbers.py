"""Pages of the numbers, the cases behind them and the list of petitions over HTTP, at 100,000 petitions of three years.

Rows are filled by SQL: cases, records, clocks, transfers, ratings and the steps people did, spread over counties, units, kinds and days as
hashes of their number fall, so every run is the same. The server is gunicorn as ``make run`` starts it. Prints one JSON line a figure.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import create_engine, text

from app import create_app, db
from app.config import Settings
from app.postgres import Cluster
from bench.inbox import PAUSE_SECONDS, PEOPLE, Client, server
from bench.machine import facts, own_cpu, tree_cpu
from workflows.time import now

DAYS = 3 * 365
ROUNDS = 25
# who looks at numbers: the bureau, its office, the heads of branches; who sees few petitions and many
READERS = (
    "juzhang",
    "fenguan",
    "xinfang",
    "xinfangkezhang",
    "zhiduizhang",
    "shenji",
    "donghu-juzhang",
    "qingshanhu-juzhang",
    "jinxian-juzhang",
)
LISTERS = ("juzhang", "xinfang", "shenji", "zhidui1", "jiance", "donghu-jingban", "qingshanhu-guzhang", "wanli-chuangkou")

CASES = """
CREATE TEMP TABLE made AS
SELECT gen_random_uuid() AS id, g, now() - g * CAST(:days AS int) * interval '1 day' / CAST(:count AS int) AS received,
       (ARRAY['360102','360103','360104','360111','360112','360113','360121','360123','360124','jkq','gxq','wl'])[1 + h % 12] AS county,
       (ARRAY['water','air','noise','social_noise','solid','hazardous','soil','radiation','ecology','monitoring_data','other'])
         [1 + h / 12 % 11] AS kind,
       (ARRAY['web','phone','letter','visit','platform','superior'])[1 + h / 132 % 6] AS channel,
       h % 100 AS c, h / 100 % 100 AS d, h / 10000 % 100 AS e
  FROM (SELECT g, ('x' || substr(md5(g::text), 1, 7))::bit(28)::int AS h FROM generate_series(1, CAST(:count AS int)) g) x;
ALTER TABLE made ADD unit text, ADD handler uuid, ADD open boolean;
UPDATE made SET unit = CASE WHEN c < 15 THEN 'nc-inspect' ELSE 'br-' || county END, open = received > now() - interval '75 days' AND d < 80;
UPDATE made SET handler = p.id FROM post o JOIN person p ON p.id = o.person_id WHERE o.role = 'handler' AND o.organ_id = made.unit;
INSERT INTO wf_case (id, city, number, title, attrs, facets, tags, status, created_at, closed_at)
SELECT id, '360100', 'bench-' || g, '测量用的事项，第 ' || g || ' 件',
       jsonb_build_object('unit', unit, 'intake_org', 'nc-petition', 'sender_org', 'nc-petition', 'signer_org',
         CASE WHEN unit LIKE 'nc%' THEN 'nc' ELSE unit END, 'execute_org', unit,
         'appeal_org', CASE WHEN unit LIKE 'nc%' THEN 'jx' ELSE 'nc' END,
         'handler', handler, 'bureau', 'nc'),
       jsonb_build_object('county', county, 'kind', kind, 'channel', channel, 'unit', unit), '{}',
       CASE WHEN open THEN 'open' ELSE 'closed' END, received,
       CASE WHEN open THEN NULL ELSE least(now(), received + interval '70 days') END FROM made;
INSERT INTO petition (case_id, number, title, channel, received_at, entered_at, statement, county, kind, gravity, klass, asks, about, name,
                      phone_digits, household, track, intake_outcome, accepted_at, repeats, contactable, closed_as)
SELECT id, 'bench-' || g, '测量用的事项，第 ' || g || ' 件', channel, received, received, '测量', county, kind, 'ordinary', 'claim',
       'penalise', 'enterprise', '测量' || g % 20000, (13000000000 + g % 20000)::text, 'a:' || g % 20000, '5', 'accept',
       received + interval '2 days',
       CASE WHEN e < 8 THEN 2 ELSE 1 END, true, CASE WHEN open THEN NULL ELSE 'answered' END FROM made;
"""
CLOCKS = """
INSERT INTO wf_clock (id, case_id, slot, rule, round, status, from_at, raw_due, due_at, warn_at, ended_at)
SELECT gen_random_uuid(), id, k.slot, k.rule, 1,
       CASE WHEN open AND k.slot <> 'notify' THEN 'running' WHEN k.slot = 'rating' AND e < 40 THEN 'lapsed' ELSE 'met' END,
       received, due, due, due - interval '3 days',
       CASE WHEN open AND k.slot <> 'notify' THEN NULL WHEN d < 4 AND k.slot <> 'rating' THEN due + interval '2 days'
            ELSE due - interval '5 days' END
  FROM made CROSS JOIN (VALUES ('notify', 'petition.notify', 16), ('answer', 'petition.handle_enforcement', 61),
                               ('rating', 'petition.rating', 95)) AS k(slot, rule, after),
       LATERAL (SELECT date_trunc('day', received) + k.after * interval '1 day' AS due) x
 WHERE k.slot <> 'rating' OR NOT open;
INSERT INTO petition_rating (id, case_id, round_no, asked_at, receiving, handling, rated_at)
SELECT gen_random_uuid(), id, 1, received + interval '58 days', '满意', CASE WHEN d % 12 = 0 THEN '不满意' ELSE '基本满意' END,
       received + interval '80 days' FROM made WHERE NOT open AND e >= 40;
INSERT INTO petition_transfer (id, case_id, unit, sender_org, sent_at, signed_at, objection, decision)
SELECT gen_random_uuid(), id, unit, 'nc-petition', received + interval '3 days', received + interval '4 days',
       CASE WHEN e < 2 THEN '不属本单位职权' END, CASE WHEN e < 2 THEN 'agree' END FROM made;
"""
TASKS = """
INSERT INTO wf_instance (id, case_id, process, version, status, state, waits, visited, started_at)
SELECT id, id, 'petition', (SELECT version FROM wf_definition WHERE current AND name = 'petition'),
       CASE WHEN open THEN 'running' ELSE 'completed' END, '', '{}', '{}', received FROM made;
INSERT INTO wf_task (id, case_id, instance_id, node, process, element, label, stage, role, org, holder, pool, status, slot, due_at, warn_at,
                     opened_at, closed_at, closed_by, closed_name, case_number, title, facets)
SELECT gen_random_uuid(), m.id, m.id, 1, 'petition', s.element, s.label, s.stage, s.role, o.org,
       coalesce('p:' || p.id, 'o:' || o.org || ':' || s.role), 'o:' || o.org || ':' || s.role,
       CASE WHEN m.open AND s.last THEN 'open' ELSE 'done' END, 'answer', m.received + interval '61 days',
       m.received + interval '58 days', m.received + s.after * interval '1 day',
       CASE WHEN m.open AND s.last THEN NULL ELSE m.received END, p.id, p.name, 'bench-' || m.g, '测量', '{}'
  FROM made m CROSS JOIN (VALUES ('screen', '审查决定', '受理', 'office', 1, false),
    ('unit_intake', '签收', '受理', 'unit_clerk', 3, false), ('plan', '调查方案', '办理', 'handler', 5, true))
    AS s(element, label, stage, role, after, last)
  CROSS JOIN LATERAL (SELECT CASE WHEN s.role = 'office' THEN 'nc-petition' ELSE m.unit END AS org) o
  LEFT JOIN LATERAL (
    SELECT q.id, q.name FROM post t JOIN person q ON q.id = t.person_id WHERE t.organ_id = o.org AND t.role = s.role LIMIT 1) p ON true;
INSERT INTO wf_event (case_id, at, actor, kind, label) SELECT id, received, '测量', 'task.completed', '登记' FROM made;
"""


def fill(url: str, count: int) -> None:
    """So many petitions of three years, the newest first."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (CASES + CLOCKS + TASKS).split(";\n"):
            if statement.strip():
                connection.execute(text(statement), {"count": count, "days": DAYS} if ":count" in statement else {})
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    engine.dispose()


@dataclass(frozen=True)
class Work:
    """Who asks for what in turn, and how many of them at once."""

    name: str
    who: tuple[str, ...]
    paths: tuple[str, ...]
    people: int = PEOPLE


def works(today: date) -> tuple[Work, ...]:
    """The pages measured, at today's month and year."""
    year, month = today.year, f"{today.year}-{today.month:02d}"
    six_weeks = f"from={today - timedelta(days=42)}&to={today}"
    return (
        Work(
            "numbers page over HTTP",
            READERS,
            (
                "/numbers", f"/numbers?period={year}", f"/numbers?period={year}Q3&by=unit", f"/numbers?period={year - 1}&by=month",
                f"/numbers?period={month}&by=kind&county=360111", f"/numbers?period={year}&by=kind&unit=nc-inspect",
                f"/numbers?{six_weeks}&by=unit",
            ),
        ),
        Work(
            "cases behind a number over HTTP",
            READERS,
            (
                f"/numbers/cases?number=received&side=num&period={year}", f"/numbers/cases?number=notify&side=miss&period={year}",
                f"/numbers/cases?number=answer&side=den&period={month}", f"/numbers/cases?number=bounce&side=num&period={year}",
                f"/numbers/cases?number=settled&side=miss&period={year - 1}&county=360111",
                f"/numbers/cases?number=late&side=num&{six_weeks}",
            ),
        ),
        Work(
            "list of petitions over HTTP", LISTERS, ("/petitions", "/petitions?state=all", "/petitions?state=all&county=360111&kind=water"),
        ),
        Work("report over HTTP", READERS, (f"/numbers/report?period={month}", f"/numbers/report?period={year}"), people=2),
    )  # fmt: skip


def measure(base: str, work: Work, size: int, password: str) -> dict[str, Any]:
    """So many browsers, one request each two seconds. CPU is that of web server and database together."""
    clients = [Client(base, work.who[n % len(work.who)], password) for n in range(work.people)]
    times: list[tuple[float, str]] = []
    lock = threading.Lock()

    def look(number: int, client: Client) -> None:
        time.sleep(random.Random(number).random() * PAUSE_SECONDS)
        for turn in range(ROUNDS):
            path = work.paths[(number + turn) % len(work.paths)]
            began = time.perf_counter()
            client.get(path)
            with lock:
                times.append((time.perf_counter() - began, path))
            time.sleep(max(0.0, PAUSE_SECONDS - (time.perf_counter() - began)))

    load, used = os.getloadavg()[0], tree_cpu(os.getpid()) - own_cpu()
    threads = [threading.Thread(target=look, args=(n, c)) for n, c in enumerate(clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    p = quantiles([t for t, _ in times], n=100)
    cpu = (tree_cpu(os.getpid()) - own_cpu() - used) / len(times)
    middle = {path: round(median(t for t, q in times if q == path) * 1e3, 1) for path in work.paths}
    return {
        "work": work.name, "petitions": size, "people": len(clients), "requests": len(times), "p50_ms": round(p[49] * 1e3, 1),
        "p95_ms": round(p[94] * 1e3, 1), "p99_ms": round(p[98] * 1e3, 1),
        "cpu_ms": round(cpu * 1e3, 1), "load_before": round(load, 1), "p50_ms_of": middle,
    }  # fmt: skip


TOUCH = "INSERT INTO wf_event (case_id, at, actor, kind, label) SELECT case_id, now(), 'x', 'x', 'x' FROM petition LIMIT 100"


def counted(size: int) -> dict[str, Any]:
    """How long the counting itself takes: everything anew, and what a hundred steps changed."""
    from app.numbers import services

    began = time.perf_counter()
    with db.transaction() as session:
        services.rebuild(session)
    anew = time.perf_counter() - began
    with db.transaction() as session:
        session.execute(text(TOUCH))
    began = time.perf_counter()
    with db.transaction() as session:
        services.refresh(session)
    return {"work": "counting", "petitions": size, "rebuild_s": round(anew, 1), "refresh_ms": round((time.perf_counter() - began) * 1e3)}


def main(sizes: tuple[int, ...] = (100_000,)) -> None:
    from app import migrating
    from app.demo.organs import seed_organisation
    from app.demo.people import DEMO_PASSWORD, seed_people
    from app.engine import get_engine

    print(json.dumps({"machine": facts()}, ensure_ascii=False), flush=True)
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="hxt-bench-") as home:
            Path(home).chmod(0o711)
            cluster = Cluster(Path(home))
            cluster.start()
            try:
                settings = Settings(database_url=cluster.url(), instance=Path(home) / "instance", secret_key="b" * 32)
                with create_app(settings).app_context():
                    migrating.upgrade(db.engine())
                    with db.transaction() as session:
                        seed_organisation(session)
                        seed_people(session)
                        get_engine().deploy(session, "petition")
                    fill(cluster.url(), size)
                    print(json.dumps(counted(size), ensure_ascii=False), flush=True)
                with server(settings) as base:
                    for work in works(now().date()):
                        print(json.dumps(measure(base, work, size, DEMO_PASSWORD), ensure_ascii=False), flush=True)
            finally:
                cluster.stop()


if __name__ == "__main__":
    main(tuple(int(a) for a in sys.argv[1:]) or (100_000,))
