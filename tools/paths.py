"""`make paths`: play every scenario and write docs/procedures/*.paths, what the tests compare with."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from app.walk import paths
from app.walk.starts import PROCEDURES, names, scenario

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        wanted = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/procedures/test_scenarios.py", "-k", "test_scenario"]
        status = subprocess.run(wanted, cwd=ROOT, env={**os.environ, "HXT_PATHS": folder}).returncode
        if status:
            return status
        for procedure in PROCEDURES:
            found = [(name, scenario(procedure, name).title, _lines(Path(folder), procedure, name)) for name in names(procedure)]
            (ROOT / "docs" / "procedures" / f"{procedure}.paths").write_text(paths.page(procedure, found), encoding="utf-8")
    return 0


def _lines(folder: Path, procedure: str, name: str) -> list[str]:
    return (folder / f"{procedure}-{name}").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    sys.exit(main())
