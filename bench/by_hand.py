"""The same work without any engine: the rows of W1 written by hand-written SQL, the yardstick on the same disk in the same run."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from bench.machine import own_cpu, tree_cpu
from workflows.store import new_id
from workflows.time import ZONE

ORDER = ("register", "check", "way", "assign", "both", "draft", "review", "sign", "dispatch")
TABLES = """
CREATE TABLE h_case (id uuid PRIMARY KEY, title text, data jsonb, stage text, ended_at timestamptz);
CREATE TABLE h_task (id uuid PRIMARY KEY, case_id uuid, name text, holder text, status text, due_at timestamptz, opened_at timestamptz,
                     closed_at timestamptz, closed_by text, answer jsonb);
CREATE INDEX ON h_task (holder, due_at, id) WHERE status = 'open';
CREATE TABLE h_clock (id uuid PRIMARY KEY, case_id uuid, name text, status text, due_at timestamptz, ended_at timestamptz);
CREATE INDEX ON h_clock (due_at) WHERE status = 'running';
CREATE TABLE h_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id uuid, at timestamptz, actor text, label text);
CREATE INDEX ON h_event (case_id, id);
"""


def run_by_hand(conninfo: str, pid: int, cases: int, start: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    with psycopg.connect(conninfo) as c:
        c.execute(TABLES)
        c.commit()
        queue = [_open_case(c, {**start, "amount": 500 if i % 2 else 5000}) for i in range(cases)]
        c.commit()
        done, cpu, server, began = 0, own_cpu(), tree_cpu(pid), time.perf_counter()
        while queue:
            queue.extend(_complete(c, queue.pop(0), answer))
            c.commit()
            done += 1
        seconds = time.perf_counter() - began
    return {
        "work": "W1 hand-written SQL",
        "cases": cases,
        "completions": done,
        "per_second": round(done / seconds, 1),
        "cpu_ms": round((own_cpu() - cpu) / done * 1e3, 2),
        "postgres_cpu_ms": round((tree_cpu(pid) - server) / done * 1e3, 2),
    }


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=orjson.dumps)


def _open_case(c: psycopg.Connection[Any], data: dict[str, Any]) -> Any:
    case_id = new_id()
    c.execute("INSERT INTO h_case (id, title, data, stage) VALUES (%s, %s, %s, 'register')", (case_id, "一件", _json(data)))
    return _open_tasks(c, case_id, ["register"])[0]


def _open_tasks(c: psycopg.Connection[Any], case_id: Any, names: list[str]) -> list[Any]:
    now, ids = datetime.now(ZONE), []
    due = now + timedelta(weeks=4)
    for name in names:
        task_id = new_id()
        c.execute(
            "INSERT INTO h_task (id, case_id, name, holder, status, due_at, opened_at) VALUES (%s, %s, %s, 'o:u:clerk', 'open', %s, %s)",
            (task_id, case_id, name, due, now),
        )
        c.execute("INSERT INTO h_clock VALUES (%s, %s, %s, 'running', %s)", (task_id, case_id, name, due))
        ids.append(task_id)
    return ids


def _complete(c: psycopg.Connection[Any], task_id: Any, answer: dict[str, Any]) -> list[Any]:
    with c.pipeline():
        row = c.execute(
            "SELECT t.case_id, t.name, c.stage, (c.data->>'amount')::int FROM h_task t JOIN h_case c ON c.id = t.case_id "
            "WHERE t.id = %s AND t.status = 'open' FOR UPDATE OF c, t",
            (task_id,),
        ).fetchone()
        assert row is not None
        case_id, name, stage, amount = row
        now = datetime.now(ZONE)
        c.execute(
            "UPDATE h_task SET status = 'done', closed_at = %s, closed_by = '测试员', answer = %s WHERE id = %s",
            (now, _json(answer), task_id),
        )
        c.execute("UPDATE h_clock SET status = 'met', ended_at = %s WHERE id = %s", (now, task_id))
        c.execute("INSERT INTO h_event (case_id, at, actor, label) VALUES (%s, %s, '测试员', %s)", (case_id, now, name))
        return _next(c, case_id, stage, amount)


def _next(c: psycopg.Connection[Any], case_id: Any, stage: str, amount: int) -> list[Any]:
    if stage == "both":
        left = c.execute("SELECT count(*) FROM h_task WHERE case_id = %s AND status = 'open'", (case_id,)).fetchone()
        if left is not None and left[0]:
            return []
    after = ORDER.index(stage) + 1
    if after == len(ORDER):
        c.execute("UPDATE h_case SET stage = 'done', ended_at = now() WHERE id = %s", (case_id,))
        return []
    stage = ORDER[after]
    names = {"way": ["legal" if amount > 1000 else "fast"], "both": ["finance", "technical"]}.get(stage, [stage])
    c.execute("UPDATE h_case SET stage = %s WHERE id = %s", (stage, case_id))
    return _open_tasks(c, case_id, names)
