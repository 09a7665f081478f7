"""Where the bytes of files lie: one interface, today a local directory outside anything a web server serves.

A file is named by the SHA-256 of its content, so what is stored twice lies there once and a name can be no trick. Bytes are on
disk (fsync) before the row that speaks of them is written: a crash may leave bytes without a row, never a row without bytes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol
from uuid import uuid4

CHUNK = 1 << 20


class TooLarge(Exception):
    """More bytes came than are allowed."""


@dataclass(frozen=True, slots=True)
class Stored:
    sha256: str
    size: int


class Storage(Protocol):
    """What the app asks of a store; an object store needs no more than this."""

    def put(self, stream: IO[bytes], limit: int) -> Stored:
        """Take the stream in, at most ``limit`` bytes; raises TooLarge and keeps nothing."""
        ...

    def open(self, sha256: str) -> BinaryIO: ...

    def sweep(self, wanted: Container[str], older_than: float) -> int:
        """Remove what no row speaks of and what a crash left half-written, if older than so many seconds; how many."""
        ...


class LocalStorage:
    """Files under ``root``/ab/abcd…; half-written ones under ``root``/part."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not sha256.isalnum():
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256

    def put(self, stream: IO[bytes], limit: int) -> Stored:
        part = self._part()
        try:
            stored = _copy(stream, part, limit)
            self._settle(part, self.path(stored.sha256))
            return stored
        finally:
            part.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def sweep(self, wanted: Container[str], older_than: float) -> int:
        limit = time.time() - older_than
        stray = [path for path in self._all() if path.stat().st_mtime < limit and path.name not in wanted]
        for path in stray:
            path.unlink(missing_ok=True)
        return len(stray)

    def _part(self) -> Path:
        folder = self.root / "part"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / uuid4().hex

    def _settle(self, part: Path, target: Path) -> None:
        """Give the bytes their name, and make the name last."""
        if target.exists():
            os.utime(target)  # a sweep must not take what is about to get a row
            return
        target.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(part, target)
        for folder in (target.parent, self.root):
            _sync_folder(folder)

    def _all(self) -> Iterator[Path]:
        return (path for path in self.root.glob("*/*") if path.is_file())


def _copy(stream: IO[bytes], part: Path, limit: int) -> Stored:
    digest, size = hashlib.sha256(), 0
    with part.open("xb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooLarge
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    part.chmod(0o600)
    return Stored(digest.hexdigest(), size)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
