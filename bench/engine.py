"""W1: ten human steps a case, a deadline on each, every completion committed with fsync before the next.

Through the engine's public functions with lock, clock rows and trail; beside it the same rows written by hand-written SQL on the
same disk in the same run. Prints one JSON line each.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.postgres import Cluster
from bench.by_hand import run_by_hand
from bench.machine import facts, own_cpu, tree_cpu
from workflows import Actor, Engine, Library
from workflows.calendar import Calendar
from workflows.deadlines import Rules
from workflows.tables import Base

CASES = 200
ANSWER = {"note": "已核对材料，情况属实，同意按程序办理。", "score": 87, "agreed": True}
START = {"amount": 0, "subject": "跨年度设备采购与安装申请", "body": "本项目拟采购在线监测设备一批，用于重点排污单位的水质自动监测。" * 14}
ACTOR = Actor(None, "测试员")


class OnePost:
    """A directory with one post, so that no lookup is measured."""

    def resolve(self, session: Session, role: str, org: str) -> str:
        return f"o:{org}:{role}"


def make_engine() -> Engine:
    here = Path(__file__).parent
    calendar = Calendar.load(here.parent / "bpmn" / "calendar.yaml")
    return Engine(Library(here / "procedures"), OnePost(), Rules.load(here / "deadlines.yaml"), calendar)


def run_engine(url: str, pid: int, cases: int) -> dict[str, Any]:
    db = create_engine(url)
    Base.metadata.create_all(db)
    engine = make_engine()
    with Session(db) as s:
        engine.library.deploy(s)
        s.commit()
    queue: list[Any] = []
    warm(db, engine)
    size = database_size(db)
    with Session(db) as s:
        for i in range(cases):
            data = {**START, "amount": 500 if i % 2 else 5000}
            queue.extend(engine.start(s, "w1", ACTOR, title=f"第 {i} 件", attrs={"unit": "u"}, data=data).task_ids)
        s.commit()
    done, cpu, server, began = 0, own_cpu(), tree_cpu(pid), time.perf_counter()
    while queue:
        task_id = queue.pop(0)
        with Session(db) as s:
            queue.extend(engine.complete(s, task_id, ACTOR, ANSWER).task_ids)
            s.commit()
        done += 1
    seconds = time.perf_counter() - began
    out = {
        "work": "W1 engine",
        "cases": cases,
        "completions": done,
        "per_second": round(done / seconds, 1),
        "cpu_ms": round((own_cpu() - cpu) / done * 1e3, 2),
        "postgres_cpu_ms": round((tree_cpu(pid) - server) / done * 1e3, 2),
    }
    with db.connect() as c:
        c.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM FULL"))
    out["kb_per_case"] = round((database_size(db) - size) / cases / 1024, 1)
    return out


def warm(db: Any, engine: Engine) -> None:
    """Parse, compile and prepare before anything is measured."""
    for _ in range(6):
        with Session(db) as s:
            queue = engine.start(s, "w1", ACTOR, attrs={"unit": "u"}, data={**START, "amount": 1}).task_ids
            s.commit()
        while queue:
            with Session(db) as s:
                queue.extend(engine.complete(s, queue.pop(0), ACTOR, ANSWER).task_ids)
                s.commit()
    with db.connect() as c:
        c.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM FULL"))


def database_size(db: Any) -> int:
    with db.connect() as c:
        return int(
            c.execute(
                text("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'wf!_%' ESCAPE '!'")
            ).scalar_one()
        )


def main(cases: int = CASES) -> None:
    with tempfile.TemporaryDirectory(prefix="hxt-bench-") as home:
        cluster = Cluster(Path(home))
        cluster.start()
        try:
            pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
            print(json.dumps({"machine": facts()}, ensure_ascii=False))
            by_hand = run_by_hand(cluster.url().replace("+psycopg", ""), pid, cases, START, ANSWER)
            print(json.dumps(by_hand, ensure_ascii=False), flush=True)
            own = run_engine(cluster.url(), pid, cases)
            own["share_of_by_hand"] = round(own["per_second"] / by_hand["per_second"], 2)
            print(json.dumps(own, ensure_ascii=False), flush=True)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
