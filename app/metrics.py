"""Figures for a monitor (Prometheus): requests and how long they took; what waits is asked of the database when scraped."""

from __future__ import annotations

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import text
from sqlalchemy.orm import Session

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)
REQUESTS = Counter("hxt_requests", "HTTP requests", ("method", "endpoint", "status"))
SECONDS = Histogram("hxt_request_seconds", "Seconds to answer an HTTP request", ("endpoint",), buckets=BUCKETS)

WAITING = text("select name, value from wf_figures()")  # over all cases, also those that no web request sees


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.clocked = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(request.method, endpoint, response.status_code).inc()
    SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("clocked", time.perf_counter()))
    return response


def exposition(session: Session) -> bytes:
    """The text a monitor reads: counts of all web processes, then what waits."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    lines = [f"# TYPE {name} gauge\n{name} {value:g}\n" for name, value in session.execute(WAITING)]
    return generate_latest(registry) + "".join(lines).encode()
