"""Errors as pages in words people can act on; as JSON under /api; as a fragment for htmx."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions

from workflows.errors import Conflict, FormError, HandlerFailed, NobodyThere, NotFound, TaskClosed, WorkflowError

log = structlog.get_logger()

STATUS: tuple[tuple[type[WorkflowError], int], ...] = (
    (NotFound, 404),
    (TaskClosed, 409),
    (Conflict, 409),
    (NobodyThere, 409),
    (FormError, 422),
    (HandlerFailed, 500),
)
LOCK_NOT_AVAILABLE = "55P03"


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(WorkflowError, _workflow)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(InternalServerError, _unforeseen)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    return _answer(error.code or 500, headers=_kept_headers(error))


def _kept_headers(error: HTTPException) -> dict[str, str]:
    """Allow, Retry-After and the like belong to the answer; its type and length are ours."""
    return {name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}}


def _forged(_error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "这一页已经过期，请刷新后再提交。填写的内容仍在本机保留。")


def _workflow(error: WorkflowError) -> ResponseReturnValue:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 422)
    if status == 500:
        log.error("step failed", exc_info=error)
    return _answer(status, error.message)


def _database(error: DBAPIError) -> ResponseReturnValue:
    if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
        return _answer(409, "别人正在办理同一案件，请稍后再试。")
    log.exception("database", exc_info=error)
    return _answer(503 if isinstance(error, OperationalError) else 500)


def _unforeseen(error: InternalServerError) -> ResponseReturnValue:
    # Flask has already logged the cause with its traceback
    return _answer(500)


def _answer(status: int, message: str = "", headers: dict[str, str] | None = None) -> ResponseReturnValue:
    number = structlog.contextvars.get_contextvars().get("request") if status >= 500 else None
    if request.path.startswith(("/api/", "/exchange/v1/")):
        name = default_exceptions[status].__name__ if status in default_exceptions else "Error"
        return jsonify(error=name, message=message or None, incident=number), status, headers or {}
    return _page(status, message=message, incident=number), status, headers or {}


def _page(status: int, **values: Any) -> str:
    for name in (f"errors/{status}.html", f"errors/{'500' if status >= 500 else '400'}.html"):
        try:
            return render_template(name, **values)
        except TemplateNotFound:
            continue
        except Exception:  # the page about the error must not fail, whatever the state of database and login
            log.exception("error page failed")
            break
    return (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>出错了</title><p>系统暂时不能用（{status}），请稍后再试。</p></html>"
    )
