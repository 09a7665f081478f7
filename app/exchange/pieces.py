"""Files on their way in: pieces are appended to a part file, the whole is taken into the store when its SM3 is right.

What a crash leaves is a shorter part file; the sender asks how much there is and goes on from there.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.config import Settings
from app.exchange.envelope import FileLine
from app.exchange.models import Piece
from app.files import content
from app.files import services as files
from app.transfers.manifest import sm3_of
from app.transfers.transport import Blob
from workflows.errors import WorkflowError
from workflows.time import now

UNFINISHED_FOR, UNUSED_FOR = timedelta(days=7), timedelta(days=60)


class WrongPlace(Exception):
    """The piece does not go on where the file ends; ``got`` bytes are here."""

    def __init__(self, got: int) -> None:
        super().__init__(str(got))
        self.got = got


class Unwanted(WorkflowError):
    """A file that is not taken in; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the part file of a partner's file lies."""

    path: Path

    @classmethod
    def of(cls, settings: Settings, partner_id: str, sm3: str) -> Place:
        where = settings.instance / "exchange" / "parts" / partner_id.replace("/", "_")
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(where / sm3)


def got(session: Session, settings: Settings, partner_id: str, sm3: str) -> tuple[int, bool]:
    """(bytes that are here, whether the file is whole and right)."""
    row = session.get(Piece, (partner_id, sm3))
    if row is not None and row.complete_at is not None:
        return row.size, True
    path = Place.of(settings, partner_id, sm3).path
    return (path.stat().st_size if path.exists() else 0), False


def append(session: Session, settings: Settings, partner_id: str, line: FileLine, offset: int, piece: bytes) -> tuple[int, bool]:
    """Take the next piece; what ``got`` would answer then. Raises WrongPlace, Unwanted."""
    have, whole = got(session, settings, partner_id, line.sm3)
    if whole:
        return have, True
    _room(session, settings, partner_id, line)
    path = Place.of(settings, partner_id, line.sm3).path
    with path.open("ab") as part:
        fcntl.flock(part, fcntl.LOCK_EX)  # two senders after a lease ran out
        have = os.fstat(part.fileno()).st_size
        if have != offset:
            raise WrongPlace(have)
        if have + len(piece) > line.size:
            raise Unwanted("收到的字节超过申报的大小。")
        part.write(piece)
        part.flush()
        os.fsync(part.fileno())
        have += len(piece)
        if have == line.size:
            _whole(session, partner_id, line, path)
    return have, have == line.size


def _room(session: Session, settings: Settings, partner_id: str, line: FileLine) -> None:
    """One file is at most what a person may upload; unfinished ones together at most the material of one letter."""
    if line.size > settings.file_mb << 20:
        raise Unwanted(f"文件 {line.sm3[:8]}… 超过 {settings.file_mb} MB。")
    row = insert(Piece).values(partner_id=partner_id, sm3=line.sm3, size=line.size, begun_at=now())
    session.execute(row.on_conflict_do_nothing())
    pending = select(func.coalesce(func.sum(Piece.size), 0)).where(Piece.partner_id == partner_id, Piece.complete_at.is_(None))
    if int(session.scalar(pending) or 0) > settings.exchange_material_mb << 20:
        raise Unwanted(f"未传完的文件合计超过 {settings.exchange_material_mb} MB。")


def _whole(session: Session, partner_id: str, line: FileLine, path: Path) -> None:
    """All bytes are here: the hash as announced, the content of a kind that is taken in."""
    with path.open("rb") as stream:
        found = sm3_of(stream)
        if found != line.sm3:
            path.unlink()
            raise Unwanted(f"文件 {line.sm3[:8]}… 的 SM3 与申报的不符，请重新传送。")
        kind, _ = content.identify(stream, line.name)
        stored = files.storage().put(stream, line.size)
    row = session.get_one(Piece, (partner_id, line.sm3), with_for_update=True)
    row.got, row.mime, row.sha256, row.complete_at = line.size, kind.mime, stored.sha256, now()
    session.flush()
    path.unlink(missing_ok=True)


def missing(session: Session, partner_id: str, lines: Sequence[FileLine]) -> list[str]:
    """Files of a letter that are not here whole."""
    have = set(_complete(session, partner_id, lines))
    return [line.sm3 for line in lines if line.sm3 not in have]


def blobs(session: Session, partner_id: str, lines: Sequence[FileLine]) -> dict[str, Blob]:
    """The files of a letter, by SM3."""
    return _complete(session, partner_id, lines)


def _complete(session: Session, partner_id: str, lines: Sequence[FileLine]) -> dict[str, Blob]:
    names = {line.sm3: content.clean_name(line.name) for line in lines}
    query = select(Piece).where(Piece.partner_id == partner_id, Piece.sm3.in_(names), Piece.complete_at.is_not(None))
    rows = session.scalars(query) if names else ()
    return {row.sm3: Blob(row.sm3, row.sha256 or "", row.size, names[row.sm3], row.mime or "") for row in rows}


def sweep(session: Session, settings: Settings) -> int:
    """Forget files that were never finished, and the rows of finished ones nobody will ask for again (what is on file stays)."""
    stale = list(session.scalars(select(Piece).where(Piece.complete_at.is_(None), Piece.begun_at < now() - UNFINISHED_FOR)))
    for row in stale:
        Place.of(settings, row.partner_id, row.sm3).path.unlink(missing_ok=True)
        session.delete(row)
    session.execute(delete(Piece).where(Piece.complete_at < now() - UNUSED_FOR))
    session.flush()
    return len(stale)
