"""The processes that the supervisor keeps alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.postgres import stop_with_parent

ROOT = Path(__file__).resolve().parent.parent
TOO_OFTEN = 5  # this many ends within WINDOW_SECONDS: it will not come up by trying again
WINDOW_SECONDS = 60.0
LONG_LOG_BYTES = 20_000_000


@dataclass
class Child:
    """One program: started in a session of its own, so that Ctrl-C at the terminal is ours to pass on, in order."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    log: Path | None = None  # where what it says goes; without it, to the terminal
    process: subprocess.Popen[bytes] | None = None
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=TOO_OFTEN))

    def start(self) -> None:
        with self._output() as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=self.pass_fds,
                start_new_session=True,
                preexec_fn=stop_with_parent(signal.SIGTERM),
            )

    @contextmanager
    def _output(self) -> Iterator[IO[bytes] | None]:
        """The log, the one before kept when it has grown long."""
        if self.log is None:
            yield None
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LONG_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as out:
            yield out

    def last_words(self) -> str:
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])

    def ended(self) -> int | None:
        """The exit status where it has ended, else None."""
        return self.process.poll() if self.process else None

    def may_restart(self) -> bool:
        """Note an unexpected end; False when it ends again and again."""
        self.ends.append(time.monotonic())
        return len(self.ends) < TOO_OFTEN or self.ends[-1] - self.ends[0] > WINDOW_SECONDS

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def see_off(self, seconds: float) -> None:
        """Wait for its end; past the time, it and what it started are killed."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._kill_all()
        self.process = None

    def _kill_all(self) -> None:
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


def how(status: int) -> str:
    """How a process ended, for people."""
    return f"信号 signal {signal.Signals(-status).name}" if status < 0 else f"退出码 exit {status}"
