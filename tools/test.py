"""`make test`: install what the tests need, run everything else on two processes, then the journeys in a real browser.

Standard library only. Without root nothing is installed on the machine: the browser tests are then left out, and it is said why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import setup
from tools.progress import Failed, part

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
APT = ["chromium", "fonts-noto-cjk"]
LONG_MINUTES = 18
NO_TESTS = 5  # pytest's exit status when nothing was selected


def main() -> int:
    began = time.monotonic()
    print("环信通: 准备测试 getting ready for the tests", flush=True)
    try:
        setup.ensure(tests=True)
        without = _browser_missing()
    except Failed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    extra = os.environ.get("ARGS", "").split()
    with tempfile.TemporaryDirectory(prefix="hxt-flows-") as flows:
        os.environ["HXT_FLOWS"] = flows  # what the scenarios take, whichever process plays them (tests/flows.py)
        statuses = [_pytest("测试 tests", "-n", "2", "-m", "not browser and not soak and not flows", *extra)]
        statuses.append(_pytest("流程走全了没有 every flow taken", "-m", "flows", *extra))
        del os.environ["HXT_FLOWS"]
    # 50 and 15 rounds (make soak does hundreds); alone, for the victims are killed by the clock
    statuses.append(_pytest("反复强杀 killed at random moments", "-m", "soak", "-k", "not year", *extra))
    # a year and the journeys take minutes each; three side by side, for a journey waits for its pages half of the time
    if without:
        print(f"\n浏览器测试没有运行 browser tests were left out: {without}", flush=True)
    journeys = "year" if without else "year or browser"
    statuses.append(_pytest(f"一年、浏览器 {journeys}", "-n", "3", "--dist", "worksteal", "-m", "soak or browser", "-k", journeys, *extra))
    _report(time.monotonic() - began)
    return next((status for status in statuses if status not in (0, NO_TESTS)), 0)


def _pytest(label: str, *options: str) -> int:
    began = time.monotonic()
    print(f"\n== {label}", flush=True)
    status = subprocess.run([setup.PYTHON, "-m", "pytest", "-q", *options], cwd=setup.ROOT).returncode
    print(f"== {label}: {time.monotonic() - began:.0f} s", flush=True)
    return status


def _report(seconds: float) -> None:
    if seconds > LONG_MINUTES * 60:
        print(f"用时 {seconds / 60:.0f} 分钟, 超过 {LONG_MINUTES} 分钟, 请找出变慢的测试 (longer than it should be)", flush=True)


def _browser_missing() -> str:
    """Install browser and fonts where that is possible; otherwise the reason why the browser tests are left out."""
    if any(map(shutil.which, BROWSERS)) and _chinese_font():
        return ""
    if os.geteuid() != 0:
        return f"需要 {' '.join(APT)}, 请用 root 安装 (install as root: apt-get install {' '.join(APT)})"
    if not shutil.which("apt-get"):
        return f"没有 apt-get, 请自行安装 {' '.join(APT)} (install a chromium and a Chinese font by hand)"
    with part("浏览器和中文字体 chromium and fonts"):
        setup.apt_install(APT)
    return ""


def _chinese_font() -> bool:
    folders = (Path("/usr/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts")
    return any(next(folder.rglob("*CJK*"), None) for folder in folders if folder.is_dir())


if __name__ == "__main__":
    sys.exit(main())
