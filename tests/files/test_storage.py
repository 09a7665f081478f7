"""The store: by hash, once, whole or not at all."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.files.storage import LocalStorage, TooLarge

SLOW_WRITER = """
import sys, time
from pathlib import Path
from app.files.storage import LocalStorage

class Slow:
    sent = 0
    def read(self, size):
        self.sent += 1
        if self.sent > 3:
            print("half", flush=True)
            time.sleep(60)
        return b"x" * size

LocalStorage(Path(sys.argv[1])).put(Slow(), 1 << 30)
"""


def stored_files(root: Path) -> list[Path]:
    return [p for p in root.glob("*/*") if p.is_file()]


def test_same_content_lies_there_once(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path / "files")
    first = store.put(io.BytesIO(b"abc"), 10)
    assert store.put(io.BytesIO(b"abc"), 10) == first
    assert stored_files(store.root) == [store.path(first.sha256)]
    with store.open(first.sha256) as kept:
        assert kept.read() == b"abc"


def test_too_large_keeps_nothing(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path / "files")
    with pytest.raises(TooLarge):
        store.put(io.BytesIO(b"x" * 11), 10)
    assert stored_files(store.root) == []


@pytest.mark.parametrize("trick", ["../../etc/passwd", "", "a" * 63 + "/", "A" * 10])
def test_only_hashes_are_looked_up(tmp_path: Path, trick: str) -> None:
    with pytest.raises(ValueError):
        LocalStorage(tmp_path).open(trick)


def test_killed_in_the_middle_leaves_only_a_part_that_is_swept(tmp_path: Path) -> None:
    root = tmp_path / "files"
    writer = subprocess.Popen([sys.executable, "-c", SLOW_WRITER, str(root)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "half\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    left = stored_files(root)
    assert [p.parent.name for p in left] == ["part"]
    os.utime(left[0], (time.time() - 100, time.time() - 100))
    assert LocalStorage(root).sweep(set(), older_than=50) == 1
    assert stored_files(root) == []


def test_sweep_spares_what_rows_speak_of_and_what_is_new(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path / "files")
    wanted, new, old = (store.put(io.BytesIO(c), 10).sha256 for c in (b"wanted", b"new", b"old"))
    for sha in (wanted, old):
        os.utime(store.path(sha), (time.time() - 100, time.time() - 100))
    assert store.sweep({wanted}, older_than=50) == 1
    assert {p.name for p in stored_files(store.root)} == {wanted, new}
