"""`make requirements`: pin what requirements*.in ask for, with hashes and without naming where packages come from."""

from __future__ import annotations

import subprocess
import sys

from tools.progress import part
from tools.setup import PYTHON, ROOT, ensure, run

NAMES = ("requirements", "requirements-dev", "requirements-node")
OPTIONS = ("--quiet", "--upgrade", "--generate-hashes", "--strip-extras", "--allow-unsafe", "--no-header")
SILENT = ("--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links")


def main() -> int:
    ensure(tests=True)
    if subprocess.run([PYTHON, "-m", "piptools", "--version"], capture_output=True).returncode:
        run([str(PYTHON), "-m", "pip", "install", "--quiet", "pip-tools"])
    for name in NAMES:
        with part(f"{name}.txt"):
            run([str(PYTHON), "-m", "piptools", "compile", *OPTIONS, *SILENT, "-o", str(ROOT / f"{name}.txt"), f"{name}.in"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
