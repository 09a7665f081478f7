"""Draw every diagram under bpmn/ with the viewer the product uses: docs/diagrams/<procedure>/<name>.svg (`make diagrams`).

A headless chromium loads bpmn-js from app/static/vendor, so the pictures show what people see on the case page. Names on the
command line draw only those: ``python tools/render_diagrams.py map intake``. ``--check`` only says which pictures are out of date.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
VIEWER = ROOT / "app" / "static" / "vendor" / "bpmn-js" / "bpmn-navigated-viewer.production.min.js"
PICTURES = ROOT / "docs" / "diagrams"
FONTS = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
DRAW = """async ([xml, fonts]) => {
  document.body.innerHTML = '<div id="canvas" style="width: 4000px; height: 2000px"></div>';
  const viewer = new BpmnJS({container: '#canvas', textRenderer: {defaultStyle: {fontFamily: fonts}}});
  const {warnings} = await viewer.importXML(xml);
  const {svg} = await viewer.saveSVG();
  viewer.destroy();
  return {svg, warnings: warnings.map(warning => warning.message)};
}"""
# a multi-instance task names its list by variable, which the viewer takes for a missing element
HARMLESS = re.compile(r"unresolved reference <\w+>")


def main(argv: list[str]) -> int:
    """Draw all, or the named ones; 1 when a diagram cannot be shown or, with --check, when a picture is stale."""
    names = [argument for argument in argv if not argument.startswith("--")]
    if not VIEWER.exists():
        print("bpmn-js is not in app/static/vendor: run `make setup` first", file=sys.stderr)
        return 1
    diagrams = [path for path in sorted((ROOT / "bpmn").glob("*/*.bpmn")) if not names or path.stem in names]
    problems = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-background-networking"])
        page = browser.new_page()
        page.add_script_tag(path=VIEWER)
        for path in diagrams:
            problems += _draw(page, path, write="--check" not in argv)
        browser.close()
    return 1 if problems else 0


def _draw(page: Page, path: Path, *, write: bool) -> int:
    """One picture; the number of problems with it."""
    try:
        drawn: dict[str, Any] = page.evaluate(DRAW, [path.read_text(encoding="utf-8"), FONTS])
    except Exception as error:  # the viewer refuses the file: say which, draw the others
        print(f"{path.relative_to(ROOT)}: {error}", file=sys.stderr)
        return 1
    warnings = [text for text in drawn["warnings"] if not HARMLESS.fullmatch(text)]
    for warning in warnings:
        print(f"{path.relative_to(ROOT)}: {warning}", file=sys.stderr)
    picture = PICTURES / path.parent.name / f"{path.stem}.svg"
    svg = _stable(drawn["svg"])
    if picture.exists() and picture.read_text(encoding="utf-8") == svg:
        return len(warnings)
    print(picture.relative_to(ROOT), "written" if write else "is out of date")
    if not write:
        return len(warnings) + 1
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(svg, encoding="utf-8")
    return len(warnings)


def _stable(svg: str) -> str:
    """The ids the viewer makes up are counted through, so an unchanged diagram gives an unchanged file; paper is white."""
    for number, made_up in enumerate(dict.fromkeys(re.findall(r'<marker id="([^"]+)"', svg)), start=1):
        svg = svg.replace(f'id="{made_up}"', f'id="marker-{number}"').replace(f"#{made_up}", f"#marker-{number}")
    return re.sub(r"(<svg [^>]*?)>", r'\1 style="background: #fff">', svg, count=1) + "\n"


def _chromium() -> str | None:
    """The system's chromium; None lets playwright look for its own."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
