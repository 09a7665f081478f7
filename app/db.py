"""The database of the app: one engine per process, one session per request, one request = one commit.

A view never commits. When its answer is below 400 the request is committed before the answer leaves; anything else rolls back, so a
person sees "done" only after it is on disk. Work outside a request, or a record that must stay although the request fails (a failed
login, a reveal), opens ``transaction()``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import orjson
from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.local import LocalProxy

from app.config import Settings

_open: ContextVar[Session | None] = ContextVar("app_db_open", default=None)

# A person waits briefly for a colleague's step on the same case instead of seeing an error; a forgotten transaction frees its locks.
GUARDS = "-c timezone=Asia/Shanghai -c lock_timeout=15s -c idle_in_transaction_session_timeout=120s"


class NoSession(RuntimeError):
    """The session was asked for outside a request and outside ``transaction()``."""


def dump_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def make_engine(settings: Settings) -> Engine:
    """An engine with China's time, JSON in C and locks that do not wait for ever."""
    return create_engine(
        settings.sqlalchemy_url,
        pool_size=settings.web_threads + 2,
        max_overflow=10,
        pool_pre_ping=True,
        json_serializer=dump_json,
        json_deserializer=orjson.loads,
        connect_args={"options": GUARDS, "application_name": "huanxintong"},
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Give the app its engine; connections are opened when first used."""
    engine = make_engine(settings)
    app.extensions["database"] = engine
    app.extensions["sessions"] = sessionmaker(engine, expire_on_commit=False)
    app.after_request(_commit)
    app.teardown_request(_close)


def engine() -> Engine:
    return cast(Engine, current_app.extensions["database"])


def new_session() -> Session:
    """A session of one's own; the caller closes it."""
    return cast("sessionmaker[Session]", current_app.extensions["sessions"])()


@contextmanager
def transaction() -> Iterator[Session]:
    """A transaction of its own: committed at the end of the block, rolled back on an exception. Inside it ``session`` is this one."""
    own = new_session()
    token = _open.set(own)
    try:
        yield own
        own.commit()
    except BaseException:
        own.rollback()
        raise
    finally:
        _open.reset(token)
        own.close()


def _current() -> Session:
    """The innermost ``transaction()``, else the request's session."""
    if (own := _open.get()) is not None:
        return own
    if not has_request_context():
        raise NoSession("no request and no transaction() around this call")
    if "db_session" not in g:
        g.db_session = new_session()
    return cast(Session, g.db_session)


def _commit(response: Response) -> Response:
    if (current := g.get("db_session")) is not None:
        if response.status_code < 400:
            current.commit()
        else:
            current.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    if (current := g.pop("db_session", None)) is not None:
        current.close()


session: Session = cast(Session, LocalProxy(_current))
