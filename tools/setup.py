"""Set-up on a bare machine: virtual environment, pinned packages, front-end files. Standard library only.

    python3 -m tools.setup [run|test]

Each part leaves a stamp made from its inputs and is skipped while they have not changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.progress import Failed, part

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
LOG = ROOT / "var" / "setup.log"


def ensure(*, tests: bool = False) -> None:
    """Everything that is missing or out of date; nothing when all is there."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python meets
        raise Failed(
            f"需要 Python 3.11 或更高, 这里是 {sys.version.split()[0]}; 可用 PYTHON=python3.12 make run 指定\n"
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: name another with PYTHON=python3.12 make run"
        )
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once install one after the other
        _ensure(tests)


def _ensure(tests: bool) -> None:
    _stamped("venv", sys.version, "虚拟环境 virtual environment", _make_venv)
    for name, label, wanted in (
        ("requirements.txt", "程序组件 packages", True),
        ("requirements-dev.txt", "测试组件 test packages", tests),
    ):
        if wanted:
            _stamped(name, _content(ROOT / name), label, lambda name=name: _install(name))  # type: ignore[misc]
    inputs = _content(ROOT / "package-lock.json", ROOT / "tools" / "frontend.py")
    present = "" if (ROOT / "app" / "static" / "vendor").is_dir() else "missing"
    _stamped("frontend", inputs + present, "前端文件 front-end files", _frontend)


def _stamped(name: str, inputs: str, label: str, act: Callable[[], None]) -> None:
    stamp = STAMPS / name
    digest = hashlib.sha256(inputs.encode()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    with part(label):
        act()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def _content(*paths: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        _install_venv_module()
    if PYTHON.exists() and not subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
        same = subprocess.run([PYTHON, "-c", "import sys; print(sys.version)"], capture_output=True, text=True).stdout.strip()
        if same == sys.version:
            return
    shutil.rmtree(VENV, ignore_errors=True)  # half-made, or of another Python
    run([sys.executable, "-m", "venv", str(VENV)])


def _install_venv_module() -> None:
    """Debian keeps venv in a package of its own."""
    package = "python3-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failed(f"缺少 venv 模块, 请先安装: sudo apt-get install {package}\nPython's venv is missing, install it first: {package}")
    apt_install([package])
    importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is None:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise Failed(f"缺少 venv 模块, 请先安装: apt-get install {version}\nPython's venv is missing, install it first: {version}")


def _install(name: str) -> None:
    run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(ROOT / name)])


def _frontend() -> None:
    run([str(PYTHON), "-m", "tools.frontend"])


def apt_install(packages: list[str]) -> None:
    """As root only; the caller has checked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], environment)
    run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], environment)


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run quietly; what it said goes to the log, and its last lines to the person when it failed."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        tail = "\n    ".join(done.stdout.strip().splitlines()[-8:])
        raise Failed(f"命令失败 this command failed: {' '.join(command)}\n    {tail}\n  全部输出见 see {LOG.relative_to(ROOT)}")


def main() -> int:
    try:
        ensure(tests="test" in sys.argv[1:])
    except Failed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断 interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
