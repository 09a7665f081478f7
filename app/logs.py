"""Structured logs: one line for each request, with its number, who, what, how long. No addresses' queries and no form contents."""

from __future__ import annotations

import logging
import sys
import time

import structlog
from flask import Flask, Response, g, request
from uuid_utils.compat import uuid7

from app.config import Settings

QUIET = {"health.healthz", "health.show_metrics", "static"}

log = structlog.get_logger("request")


def configure(settings: Settings) -> None:
    """Once a process. The library's own loggers stay at warning."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if settings.log_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.StackInfoRenderer(),
            *([structlog.processors.format_exc_info] if settings.log_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if settings.testing else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=not settings.testing,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s")


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _error: structlog.contextvars.clear_contextvars())


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.bind_contextvars(request=str(uuid7())[-12:])


def _end(response: Response) -> Response:
    if request.endpoint not in QUIET:
        took = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
        log.info("http", method=request.method, path=request.path, status=response.status_code, ms=took)
    return response
