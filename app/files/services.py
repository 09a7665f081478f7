"""What is done with files: taken in, attached, taken out, swept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO, Any, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.files import content
from app.files.models import File
from app.files.storage import Storage, TooLarge
from workflows.errors import Conflict, NotFound, WorkflowError
from workflows.forms import Form
from workflows.handlers import Ctx
from workflows.tables import Case
from workflows.time import now

LOOSE_FOR = timedelta(days=7)  # how long a file waits for the registration it was chosen for


class FileTooLarge(WorkflowError):
    """More than one file may hold."""


_KEPT: list[Select[Any]] = []  # other rows that speak of stored bytes


def keep(query: Select[Any]) -> None:
    """Bytes whose SHA-256 this query names are somebody's, too: what came from another installation has no row of an uploader."""
    _KEPT.append(query)


def storage() -> Storage:
    return cast(Storage, current_app.extensions["files"])


def limit_mb() -> int:
    return int(current_app.config["FILE_MB"])


def add_file(
    session: Session, person: Person, stream: IO[bytes], name: str, *, case_id: UUID | None = None, task_id: UUID | None = None
) -> File:
    """Take one file in. Without a case it is loose: its uploader's alone until ``attach``.

    The kind is read first, then the bytes go to disk, then the row is written: nothing speaks of bytes that are not there.
    """
    if case_id is not None:
        _open_case(session, case_id)
    found, name = content.identify(stream, name)
    try:
        stored = storage().put(stream, limit_mb() << 20)
    except TooLarge as error:
        raise FileTooLarge(f"“{name}”超过 {limit_mb()} MB，请压缩或分成几个文件再传。") from error
    file = File(
        case_id=case_id,
        task_id=task_id,
        name=name,
        size=stored.size,
        mime=found.mime,
        kind=found.kind,
        sha256=stored.sha256,
        uploaded_by=person.id,
        uploaded_name=person.name,
    )
    session.add(file)
    session.flush()
    if case_id is not None:
        _note(session, person, file, "添加材料")
    return file


def attach(session: Session, person: Person, ids: Iterable[UUID], case_id: UUID, task_id: UUID | None = None) -> list[File]:
    """Give loose files of this person to a case; those already there are only tied to the step."""
    files = list(session.scalars(select(File).where(File.id.in_(list(ids)), File.removed_at.is_(None)).with_for_update()))
    for file in files:
        if file.case_id is None and file.uploaded_by == person.id:
            file.case_id = case_id
            _note(session, person, file, "添加材料")
        elif file.case_id != case_id:
            raise NotFound("附件不在这件信访事项里，请重新上传。")
        file.task_id = file.task_id or task_id
    session.flush()
    return files


def attach_answer(ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
    """Files handed in with a step belong to it from then on."""
    ids = [UUID(str(one)) for f in form.fields.values() if f.widget == "files" for one in answer.get(f.name, [])]
    person = ctx.session.get(Person, ctx.actor.id) if ids and ctx.actor.id else None
    if person is not None:
        attach(ctx.session, person, ids, ctx.case.id, ctx.task_id)


def remove(session: Session, person: Person, file: File) -> None:
    """Take out what was uploaded by mistake: by its uploader, before it went along with a step. The bytes and the row stay."""
    if file.uploaded_by != person.id:
        raise Conflict("只能撤下自己上传的材料。")
    if file.task_id is not None:
        raise Conflict("这份材料已随办理步骤提交，不能撤下。")
    if file.case_id is not None:
        _open_case(session, file.case_id)
        _note(session, person, file, "撤下材料")
    file.removed_at, file.removed_by = now(), person.id
    session.flush()


def sweep(session: Session, before: datetime | None = None) -> tuple[int, int]:
    """Forget loose files nobody attached, and bytes no row speaks of: rows and stored files removed."""
    before = before or now() - LOOSE_FOR
    loose = session.execute(delete(File).where(File.case_id.is_(None), File.uploaded_at < before).returning(File.id)).all()
    wanted = {one for query in (select(File.sha256), *_KEPT) for one in session.scalars(query) if one}
    return len(loose), storage().sweep(wanted, LOOSE_FOR.total_seconds())


def _open_case(session: Session, case_id: UUID) -> Case:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound("没有这件信访事项。")
    if case.status != "open":
        raise Conflict("案卷已归档，不能再改动材料。")
    return case


def _note(session: Session, person: Person, file: File, label: str) -> None:
    """A line in the trail. Names of files may hold names of people, so it says only what kind it was."""
    assert file.case_id is not None
    detail = {"file": str(file.id), "sha256": file.sha256}
    get_engine().note(session, file.case_id, person.actor(), "file", f"{label}：{content.LABELS[file.kind]}", detail)
