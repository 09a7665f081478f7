"""Who may import whom: app → workflows → bpmn; areas meet through services and queries, never through routes or tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
AREAS = (
    *("accounts", "cases", "files", "imports", "inbox", "leadership", "numbers", "ops", "papers", "petitions"),
    *("supervision", "transfers", "warnings", "exchange"),
)
FOREIGN_TO_ENGINE = ("app", "flask", "flask_login", "flask_wtf", "werkzeug", "wtforms", "jinja2", "tools", "tests")
# people and organisations are what every area speaks of: their tables may be read everywhere
SHARED_MODELS = {"app.accounts.models"}
PAGES = {"routes", "forms"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, at the top or inside a function; ``from a import b`` gives a and a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def area_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "app" and parts[1] in AREAS else None


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules("workflows"), ids=shown)
def test_the_engine_knows_neither_the_web_nor_the_app(path: Path) -> None:
    bad = [name for name in imports(path) if name.split(".")[0] in FOREIGN_TO_ENGINE]
    assert not bad


@pytest.mark.parametrize("path", [p for area in AREAS for p in modules(f"app/{area}")], ids=shown)
def test_an_area_uses_others_through_their_services_and_queries(path: Path) -> None:
    own = path.relative_to(ROOT / "app").parts[0]
    bad = [name for name in imports(path) if area_of(name) not in (None, own) and _is_inside(name)]
    assert not bad, f"{shown(path)} reaches into {sorted(set(bad))}"


def _is_inside(module: str) -> bool:
    """Pages of another area, or its tables."""
    parts = module.split(".")
    if ".".join(parts[:3]) in SHARED_MODELS:
        return False
    return len(parts) > 2 and (parts[2] in PAGES or parts[2].endswith("_routes") or parts[2] == "models")


@pytest.mark.parametrize("path", [p for p in modules("app") if p.name in {"models.py", "services.py", "queries.py"}], ids=shown)
def test_what_is_below_the_pages_does_not_import_pages(path: Path) -> None:
    bad = [name for name in imports(path) if set(name.split(".")[2:3]) & PAGES and name.startswith("app.")]
    assert not bad


@pytest.mark.parametrize("path", [p for p in modules("app") if p.name == "models.py"], ids=shown)
def test_tables_know_nothing_of_what_is_done_with_them(path: Path) -> None:
    bad = [name for name in imports(path) if name.split(".")[-1] in {"services", "queries", "routes"}]
    assert not bad


def test_nothing_runs_in_production_that_only_tests_need() -> None:
    bad = [shown(p) for folder in ("workflows", "app") for p in modules(folder) if "tests" in {n.split(".")[0] for n in imports(p)}]
    assert not bad
