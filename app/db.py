"""The database of the app: one engine for each role, one session per request, one request = one commit.

A view never commits. When its answer is below 400 the request is committed before the answer leaves; anything else rolls back, so a
person sees "done" only after it is on disk. Work outside a request, or a record that must stay although the request fails (a failed
login, a reveal), opens ``transaction()``.

Three roles (docs/decisions/0007): a request works as *web*, bound by row-level security to the organs of whoever is logged in; what
runs outside a request, worker and commands, works as *worker* and sees everything; migrations are the *owner*'s. Within a request
there is no other way in: every transaction begins with no organs, or with those ``act_for`` was told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import orjson
from flask import Flask, Response, current_app, g, has_request_context
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from werkzeug.local import LocalProxy

from app.config import Role, Settings

_open: ContextVar[Session | None] = ContextVar("app_db_open", default=None)

# A person waits briefly for a colleague's step on the same case instead of seeing an error; a forgotten transaction frees its locks.
GUARDS = "-c timezone=Asia/Shanghai -c lock_timeout=15s -c idle_in_transaction_session_timeout=120s"
EVERYTHING = "-c hxt.organs=*"  # heeded of those alone whom the policies name (app/database_roles.py), never of web
_SCOPE = "select set_config('hxt.organs', %s, true)"  # true: until the end of the transaction, however it ends


class NoSession(RuntimeError):
    """The session was asked for outside a request and outside ``transaction()``."""


def dump_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def make_engine(settings: Settings, role: Role = "web") -> Engine:
    """An engine with China's time, JSON in C and locks that do not wait for ever."""
    return create_engine(
        settings.url(role),
        pool_size=settings.web_threads + 2 if role == "web" else 5,
        max_overflow=10,
        pool_pre_ping=True,
        json_serializer=dump_json,
        json_deserializer=orjson.loads,
        connect_args={"options": GUARDS if role == "web" else f"{GUARDS} {EVERYTHING}", "application_name": f"huanxintong {role}"},
        execution_options={"hxt_settings": settings} if role == "owner" else {},  # whom a migration lets in
    )


class Databases:
    """The engines of a process, each made when first asked for; connections are opened when first used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._engines: dict[Role, Engine] = {}
        self._sessions: dict[Role, sessionmaker[Session]] = {}

    def engine(self, role: Role) -> Engine:
        if role == "worker" and self.settings.url("worker") == self.settings.url("owner"):
            role = "owner"
        return self._engines.get(role) or self._engines.setdefault(role, make_engine(self.settings, role))

    def session(self, role: Role) -> Session:
        if role not in self._sessions:
            maker = sessionmaker(self.engine(role), expire_on_commit=False)
            if role == "web":
                event.listen(maker, "after_begin", _begin_with_scope)
            self._sessions[role] = maker
        return self._sessions[role]()

    def dispose(self) -> None:
        """Close every connection, before a fork or at the end."""
        for engine in self._engines.values():
            engine.dispose()


def _begin_with_scope(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """The one place where a web transaction gets its organs."""
    if has_request_context() and (organs := g.get("organs")):
        connection.exec_driver_sql(_SCOPE, (organs,))


def act_for(organs: str) -> None:
    """This request acts for these organs (comma-separated) in every transaction it begins from now on."""
    g.organs = organs


def init_app(app: Flask, settings: Settings) -> None:
    """Give the app its engines."""
    app.extensions["database"] = Databases(settings)
    app.after_request(_commit)
    app.teardown_request(_close)


def _databases() -> Databases:
    return cast(Databases, current_app.extensions["database"])


def engine() -> Engine:
    """The owner's, for migrations."""
    return _databases().engine("owner")


def dispose() -> None:
    _databases().dispose()


def new_session() -> Session:
    """A session of one's own; the caller closes it. In a request it is bound like the request's, outside it sees everything."""
    return _databases().session("web" if has_request_context() else "worker")


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
