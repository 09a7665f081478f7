"""The inbox over HTTP: first page with 20 people at work, at 100,000 and then 1,000,000 open tasks.

One request each 2 s and person, a tenth of them completions of real petitions.

The server is gunicorn as ``make run`` starts it, in its own process; rows are filled by SQL. Prints one JSON line for each size.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import create_engine, text

from app import create_app, db
from app.config import Settings
from app.postgres import Cluster
from bench.machine import facts

PEOPLE = 20
PAUSE_SECONDS = 2.0
ROUNDS = 40
PETITIONS = 120
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TASK = re.compile(r'href="/tasks/([0-9a-f-]{36})"')
SCREEN = {
    "klass": "claim",
    "track": "5",
    "intake_outcome": "tell_elsewhere",
    "grounds": "属于城管部门的职责，告知向城管局提出。",
    "tell_where": "市城市管理和综合执法局",
}

FILL = """
WITH holder AS (SELECT key, n FROM unnest(CAST(:holders AS text[])) WITH ORDINALITY AS h(key, n)),
     made AS (
       INSERT INTO wf_case (id, city, number, title, attrs, facets, tags, status, created_at)
       SELECT gen_random_uuid(), '360100', 'bench-' || :size || '-' || g, '测量用的事项：夜间施工噪声扰民，第 ' || g || ' 件', '{}',
              jsonb_build_object('county', '360102', 'kind', 'noise', 'channel', 'web'), '{}', 'open', now()
         FROM generate_series(1, :count) g RETURNING id, number, title, facets),
     run AS (
       INSERT INTO wf_instance (id, case_id, process, version, status, state, waits, visited, started_at)
       SELECT gen_random_uuid(), id, 'petition', (SELECT version FROM wf_definition WHERE current LIMIT 1), 'running', '', '{}', '{}', now()
         FROM made RETURNING id, case_id)
INSERT INTO wf_task (id, case_id, instance_id, node, process, element, label, stage, role, org, holder, pool, status, slot, due_at, warn_at,
                     opened_at, case_number, title, facets)
SELECT gen_random_uuid(), m.id, r.id, 1, 'petition_intake', 'screen', '审查决定', '受理', 'office', 'nc-petition', h.key, h.key, 'open',
       'notify',
       now() + (random() * 60 - 10) * interval '1 day', now() + (random() * 55 - 10) * interval '1 day', now(), m.number, m.title, m.facets
  FROM made m JOIN run r ON r.case_id = m.id
  JOIN holder h ON h.n = 1 + (('x' || substr(md5(m.number), 1, 8))::bit(32)::bigint % :holder_count)
"""


class Client:
    """One person in a browser without pictures."""

    def __init__(self, base: str, account: str, password: str) -> None:
        self.base = base
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        page = self.get("/login")
        self.post("/login", {"csrf_token": token(page), "account": account, "password": password})

    def get(self, path: str) -> str:
        with self.open(self.base + path, timeout=60) as answer:
            return str(answer.read().decode())

    def post(self, path: str, data: dict[str, str]) -> int:
        try:
            with self.open(self.base + path, urllib.parse.urlencode(data).encode(), timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


def token(page: str) -> str:
    found = CSRF.search(page)
    if found is None:
        raise RuntimeError("no form on the page")
    return found.group(1)


@contextmanager
def server(settings: Settings) -> Iterator[str]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = {**os.environ, "DATABASE_URL": settings.sqlalchemy_url, "INSTANCE": str(settings.instance), "IDLE_MINUTES": "600"}
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}", "app:create_app()"]
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(base + "/login", timeout=2).read()
                break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def accounts_at_work() -> list[tuple[str, list[str]]]:
    """Twenty people with the inboxes they see; the petition office first, since its steps are completed."""
    from app.accounts.models import Person

    with db.transaction() as session:
        people = session.query(Person).filter(Person.active).order_by(Person.account).all()
        rows = [(p.account, sorted(p.holder_keys())) for p in people if p.posts and not p.has_role("auditor") and not p.has_role("admin")]
    office = [r for r in rows if any(k.endswith(":office") and "nc-petition" in k for k in r[1])]
    return (office + [r for r in rows if r not in office])[:PEOPLE]


def measure(base: str, people: list[tuple[str, list[str]]], size: int, password: str) -> dict[str, Any]:
    times: list[float] = []
    done, refused = [0], [0]
    lock = threading.Lock()
    clients = [Client(base, account, password) for account, _ in people]
    office = max(1, sum(1 for _, keys in people if any(k == "o:nc-petition:office" for k in keys)))
    for client in clients:
        client.get("/inbox")

    def work(number: int, client: Client) -> None:
        dice = random.Random(number)
        time.sleep(dice.random() * PAUSE_SECONDS)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            client.get("/inbox")
            with lock:
                times.append(time.perf_counter() - began)
            if number < office and dice.random() < PEOPLE / office / 10:
                status = complete_one(client)
                with lock:
                    (done if status == 200 else refused)[0] += 1
            time.sleep(max(0.0, PAUSE_SECONDS - (time.perf_counter() - began)))

    threads = [threading.Thread(target=work, args=(n, c)) for n, c in enumerate(clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    p = quantiles(times, n=100)
    return {
        "work": "inbox first page over HTTP", "open_tasks": size, "people": len(clients), "requests": len(times), "completions": done[0],
        "refused": refused[0], "p50_ms": round(p[49] * 1e3, 1), "p95_ms": round(p[94] * 1e3, 1), "p99_ms": round(p[98] * 1e3, 1),
    }  # fmt: skip


def complete_one(client: Client) -> int:
    """Take a real petition of the run and complete its screening."""
    path = f"/tasks/{REAL.pop()}" if REAL else ""
    if not path:
        return 0
    page = client.get(path)
    return client.post(path, {"csrf_token": token(page), **SCREEN})


REAL: list[str] = []


def real_petitions(count: int) -> None:
    """Petitions made by the real procedure, waiting for their screening."""
    from app.engine import get_engine
    from workflows import Actor
    from workflows.time import now

    engine, clerk = get_engine(), Actor.system("测量")
    for n in range(count):
        with db.transaction() as session:
            started = engine.start(
                session,
                "petition",
                clerk,
                title=f"第 {n} 件",
                city="360100",
                attrs={"intake_org": "nc-petition", "sender_org": "nc-petition"},
            )
            answer = {
                "channel": "web", "received_at": now().strftime("%Y-%m-%dT%H:%M"), "anonymous": True, "county": "360102", "kind": "noise",
                "gravity": "ordinary", "klass": "claim", "asks": "penalise", "about": "enterprise",
                "statement": f"夜间施工噪声扰民，请处理。第 {n} 次测量。",
            }  # fmt: skip
            opened = engine.complete(session, started.task_ids[0], clerk, answer).opened
            REAL.extend(str(t.id) for t in opened if t.element == "screen")


def main(sizes: tuple[int, ...] = (100_000, 1_000_000)) -> None:
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
                from app import migrating

                migrating.upgrade(db.engine())
                with db.transaction() as session:
                    seed_organisation(session)
                    seed_people(session)
                    get_engine().deploy(session)
                people = accounts_at_work()
                holders = sorted({k for _, keys in people for k in keys})
            print(json.dumps({"machine": facts()}, ensure_ascii=False), flush=True)
            before = 0
            for size in sizes:
                with app.app_context():
                    real_petitions(PETITIONS)
                fill(cluster.url(), holders, size - before, size)
                before = size
                with server(settings) as base:
                    print(json.dumps(measure(base, people, size, DEMO_PASSWORD), ensure_ascii=False), flush=True)
        finally:
            cluster.stop()


def fill(url: str, holders: list[str], count: int, size: int) -> None:
    engine = create_engine(url)
    with engine.begin() as c:
        c.execute(text(FILL), {"holders": holders, "holder_count": len(holders), "count": count, "size": size})
    with engine.connect() as c:
        c.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    engine.dispose()


if __name__ == "__main__":
    main(tuple(int(a) for a in sys.argv[1:]) or (100_000, 1_000_000))
