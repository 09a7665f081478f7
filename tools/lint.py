"""`make lint`: every check, all of them even when one finds something, seconds for each."""

from __future__ import annotations

import subprocess
import sys
import time

from tools.setup import ROOT

PYTHON = [sys.executable, "-m"]
CHECKS: dict[str, list[str]] = {
    "代码风格 ruff check": [*PYTHON, "ruff", "check", "."],
    "格式 ruff format": [*PYTHON, "ruff", "format", "--check", "."],
    "类型 mypy": [*PYTHON, "mypy"],
    "流程与画面 procedures and drawings": [*PYTHON, "flask", "--app", "app", "procedures", "check"],
    "分层 layers": [*PYTHON, "pytest", "-q", "tests/test_layers.py", "tests/test_repository.py"],
}


def main() -> int:
    bad = []
    for name, command in CHECKS.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        verdict = "通过 ok" if done.returncode == 0 else "有问题 findings"
        print(f"  {name} … {verdict} {time.monotonic() - began:.1f} s", flush=True)
        if done.returncode:
            bad.append(name)
            print(done.stdout)
    print("全部通过 all checks passed" if not bad else f"没有通过 not passed: {'; '.join(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
