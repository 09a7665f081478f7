"""From an empty database to one that people can work in: tables, organisations, procedures, demo."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

import click
from flask import current_app
from sqlalchemy import exists, select, text

from app import db, migrating
from app.accounts.models import Person
from app.config import Settings
from app.ops.models import Note
from workflows.errors import WorkflowError

Say = Callable[[str], None]
DEMO = "demo"  # the note that says how far the demo has come: loading | done


class HalfMade(click.ClickException):
    """A first start was interrupted in a database that is not ours to empty."""


def prepare(say: Say) -> None:
    """Each part with its seconds. A demo that was interrupted is made again from the start."""
    settings: Settings = current_app.extensions["settings"]
    _timed(say, "数据库表 tables", lambda: migrating.upgrade(db.engine()))
    if _demo_state() == "loading":
        _start_over(settings, say)
    _timed(say, "组织机构 organisations", organisations)
    _timed(say, "办理流程 procedures", procedures)
    if settings.demo and not _has_people():
        _timed(say, "演示人员和近四个月的演示事项 demo people and month", lambda: demo(say))


def organisations() -> None:
    from app.demo.organs import seed_organisation

    with db.transaction() as session:
        seed_organisation(session)


def procedures() -> None:
    from app.engine import get_engine

    try:
        with db.transaction() as session:
            get_engine().deploy(session)
    except WorkflowError as error:
        raise click.ClickException(error.message) from error


def demo(say: Say) -> None:
    """Demo people, then the month; the note makes an interruption known to the next start."""
    from app.demo.people import seed_people

    _note("loading")
    with db.transaction() as session:
        seed_people(session)
    group = current_app.cli.commands.get("demo")
    month = group.commands.get("load") if isinstance(group, click.Group) else None
    if month is not None:
        month.main(args=[], standalone_mode=False)
    _note("done")


def _timed(say: Say, label: str, act: Callable[[], None]) -> None:
    began = time.perf_counter()
    act()
    say(f"  {label} … {time.perf_counter() - began:.1f} s")


def _demo_state() -> str | None:
    with db.transaction() as session:
        return session.scalar(select(Note.value).where(Note.name == DEMO))


def _note(value: str) -> None:
    with db.transaction() as session:
        session.merge(Note(name=DEMO, value=value))


def _has_people() -> bool:
    with db.transaction() as session:
        return bool(session.scalar(select(exists().select_from(Person))))


def _start_over(settings: Settings, say: Say) -> None:
    """The page was never served while the demo was loading, so nothing but the demo is lost."""
    if not settings.embedded:
        raise HalfMade(
            "上次生成演示数据时中断, DATABASE_URL 的数据库只有一半内容: 请换一个空的数据库再运行 "
            "(the demo was interrupted half way in the database of DATABASE_URL: give an empty one)"
        )
    say("  上次生成演示数据时中断, 重新生成 (the demo was interrupted last time: made again)")
    with db.engine().begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    shutil.rmtree(settings.files, ignore_errors=True)
    migrating.upgrade(db.engine())
