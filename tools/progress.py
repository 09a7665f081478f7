"""One line for each part of a long job, with its seconds. Standard library only: it runs before anything is installed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failed(Exception):
    """A part could not be done; the message is for people and says what to do."""


@contextmanager
def part(label: str) -> Iterator[None]:
    """Say what begins, and when it is done how long it took."""
    began = time.monotonic()
    sys.stdout.write(f"  {label} … ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        sys.stdout.write("未完成 not done\n")
        sys.stdout.flush()
        raise
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")
    sys.stdout.flush()
