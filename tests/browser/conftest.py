"""A live server over the test database and one chromium for the whole run."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app import db
from app.demo.organs import seed_organisation
from app.demo.people import DEMO_PASSWORD, seed_people
from app.engine import get_engine
from tests.browser.steps import House

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-software-rasterizer",
    "--disable-smooth-scrolling",
    "--disable-extensions",
    "--disable-features=Translate,MediaRouter,OptimizationHints,PaintHolding",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api")
    if not shutil.which(CHROMIUM):
        pytest.skip(f"没有浏览器 {CHROMIUM}：以 root 运行 make test 会安装")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address of the app with organisation and demo people."""
    with app.app_context(), db.transaction() as session:
        seed_organisation(session)
        seed_people(session)
        get_engine().deploy(session)
    app.config["WTF_CSRF_ENABLED"] = True  # as in production
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    app.config["WTF_CSRF_ENABLED"] = False


class Visitor:
    """One person at a browser of their own; errors of the page are collected."""

    def __init__(self, chromium: Any, site: str, account: str, width: int = 1440) -> None:
        self.site, self.account = site, account
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.errors: list[str] = []
        self.page.on(
            "console", lambda m: self.errors.append(m.text) if m.type == "error" and not re.search("status of 4(22|09)", m.text) else None
        )
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.log_in()

    def log_in(self) -> None:
        self.go("/login")
        self.page.fill("input[name=account]", self.account)
        self.page.fill("input[name=password]", DEMO_PASSWORD)
        self.page.click("form button[type=submit]")
        self.page.wait_for_load_state()

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)

    def fill(self, **values: str) -> None:
        """Type or choose by the field's name, whatever its widget."""
        for name, value in values.items():
            choice = self.page.locator(f'#main input[type=radio][name="{name}"][value="{value}"]')
            if choice.count():
                choice.check(force=True)
                continue
            field = self.page.locator(f'#main [name="{name}"]').first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def submit(self) -> None:
        """Press the one primary button of the step; what it refuses is the test's failure."""
        self.page.locator(".act-bar .btn-primary").first.click()
        self.page.wait_for_load_state()
        refused = self.page.locator(".err-sum")
        assert not refused.count(), refused.inner_text()

    def look(self, name: str) -> None:
        """A screenshot, and no serious finding of axe."""
        folder = Path(os.environ.get("SHOTS") or tempfile.gettempdir()) / "hxt-shots"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(folder / f"{name}.png"))
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        found = axe.run(self.page).response["violations"]
        bad = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
        assert not bad, f"{name}: {bad}"

    def close(self) -> None:
        assert not self.errors, self.errors
        self.context.close()


@pytest.fixture
def house(app: Flask, session: Session, chromium: Any, site: str) -> Iterator[House]:
    """The bureau on a day of the journey's own, everybody at a browser of their own."""
    made = House(app, session, lambda account, width: Visitor(chromium, site, account, width))
    yield made
    made.leave()
