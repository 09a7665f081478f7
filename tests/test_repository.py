"""What the repository must not contain, and how big a file may be."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = {".py", ".js", ".sh", ".html", ".css", ".yaml", ".toml", ".mako", ".md", ".txt", ".in", ".json", ""}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|(?<![\w.$])/tmp/")
LATER = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")))
RESOLVED = re.compile(r'"resolved"|registry\.|index-url|trusted-host|find-links')
LOCKS = ("package-lock.json", "requirements.txt", "requirements-dev.txt", "requirements-node.txt", ".npmrc")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    mine = Path(__file__)
    found = [p for p in tracked() if p.suffix in CODE and p.name not in LOCKS and p != mine and p.name != "LICENSE"]
    return [(str(p.relative_to(ROOT)), p.read_text(encoding="utf-8")) for p in found]


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.fixture(autouse=True)
def a_git_checkout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")


def test_no_lock_names_where_packages_come_from() -> None:
    bad = [
        name for name in LOCKS for line in (ROOT / name).read_text().splitlines() if RESOLVED.search(line) and "omit-lockfile" not in line
    ]
    assert not bad


def test_every_pinned_package_has_a_hash() -> None:
    for name in LOCKS[1:4]:
        pins = re.split(r"\n(?=\S)", (ROOT / name).read_text())
        assert all("--hash=sha256:" in pin for pin in pins if re.match(r"[a-zA-Z]", pin)), name
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all("integrity" in package for place, package in packages.items() if place)


def test_no_path_of_one_machine() -> None:
    assert not places(PATHS)


def test_nothing_is_left_for_later() -> None:
    assert not places(LATER)


def test_files_are_short() -> None:
    written = [p for p in tracked("*.py") if "migrations" not in p.parts]
    long = {str(p.relative_to(ROOT)): n for p in written if (n := len(p.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE}
    assert not long


def test_functions_are_short() -> None:
    long = [
        f"{p.relative_to(ROOT)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for p in tracked("app/*.py", "workflows/*.py", "tools/*.py")
        for node in ast.walk(ast.parse(p.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long


def test_pages_carry_no_inline_script_or_style() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"(?:application/json|text/template)\")|<style\b|\son\w+=\"|\sstyle=\"|\|\s*safe\b"
    )
    bad = [f"{p.relative_to(ROOT)}: {m.group()}" for p in tracked("app/templates/*.html") for m in inline.finditer(p.read_text("utf-8"))]
    assert not bad
