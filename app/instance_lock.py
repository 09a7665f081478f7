"""One owner of an instance folder at a time: whoever starts its database holds the lock until it has stopped it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class Busy(RuntimeError):
    """Another process runs this instance; ``pid`` is its process id where it could be read."""

    def __init__(self, path: Path, pid: str) -> None:
        self.pid = pid
        super().__init__(
            f"目录 {path} 已有一个环信通在运行 (进程 {pid or '?'}), 请先停止它, 或用 INSTANCE=另一个目录\n"
            f"another 环信通 (process {pid or '?'}) already runs in {path}: stop it first, or choose another INSTANCE=folder"
        )


class InstanceLock:
    """A lock of the operating system, so it cannot be left behind by a crash."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self._file: IO[str] | None = None

    def take(self) -> None:
        self.instance.mkdir(parents=True, exist_ok=True)
        file = (self.instance / "run.lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Busy(self.instance, file.read().strip()) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
