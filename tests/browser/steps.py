"""What the journeys of leaders, supervision and counties share: people at their browsers, days that pass, files to begin with.

Time stands at a day of the journey's own and goes on some minutes after each act, so that months and periods are the same whenever the
journeys run. Server and worker are in this process and read the same clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from app.worker import work_off
from workflows import time as clock_time
from workflows.store import new_id
from workflows.tables import Case, Instance, Task

if TYPE_CHECKING:
    from tests.browser.conftest import Visitor

DESKTOP, PHONE = 1440, 390
FIRST_DAY = date(2026, 10, 8)  # the first working day of that October
PAUSE = timedelta(minutes=1)  # less than a login may idle, however many acts follow
POLLUTER, PLACE = "沁澜金属表面处理厂", "罗家镇栖塘路西侧水渠"


class House:
    """The bureau for one journey. ``visit``: opens a browser for an account at a width."""

    def __init__(self, app: Flask, session: Session, visit: Callable[[str, int], Visitor]) -> None:
        self.app, self.session, self.visit = app, session, visit
        self.people: dict[tuple[str, int], Visitor] = {}
        self.case: UUID | None = None  # the file whose steps are meant
        clock_time.freeze(_at(FIRST_DAY, 9))

    # -- days and the worker ------------------------------------------------------------------------------------------

    def work(self) -> None:
        """What the worker does meanwhile; then some minutes pass."""
        with self.app.app_context():
            work_off()
        clock_time.freeze(clock_time.now() + PAUSE)

    def until(self, day: date, hour: int = 9) -> None:
        """That day begins: everybody has gone home and signs in anew."""
        self.leave()
        clock_time.freeze(_at(day, hour))
        self.work()

    def leave(self) -> None:
        """Close every browser; an error of a page fails the journey here."""
        while self.people:
            self.people.popitem()[1].close()

    @contextmanager
    def services(self) -> Iterator[Session]:
        """A transaction of the app, for what a journey finds there already."""
        with self.app.app_context(), db.transaction() as session:
            yield session

    # -- people and what waits for them ---------------------------------------------------------------------------------

    def at(self, account: str, width: int = DESKTOP) -> Visitor:
        """That person's browser."""
        if (account, width) not in self.people:
            self.people[account, width] = self.visit(account, width)
        return self.people[account, width]

    def person(self, account: str) -> str:
        self.session.rollback()
        return str(self.session.scalars(select(Person.id).where(Person.account == account)).one())

    def task(self, element: str, case: UUID | None = None) -> UUID:
        """The one open step of that name, of ``case`` or the file the journey is about."""
        self.session.rollback()
        query, case = select(Task.id).where(Task.element == element, Task.status == "open"), case or self.case
        return self.session.scalars(query.where(Task.case_id == case) if case else query).one()

    def holder(self, element: str, case: UUID | None = None) -> str:
        """The account of whoever holds the one open step of that name: of a team, the one it was given to."""
        task = self.session.get_one(Task, self.task(element, case))
        with self.app.app_context():
            return self.session.get_one(Person, directory.people(self.session, task.holder)[0]).account

    def file(self, process: str) -> UUID:
        """The one file whose main path is that process."""
        self.session.rollback()
        query = select(Instance.case_id).where(Instance.process == process, Instance.link_id.is_(None))
        return self.session.scalars(query).one()

    def closed(self, case: UUID) -> bool:
        self.session.rollback()
        return self.session.get_one(Case, case, populate_existing=True).status == "closed"

    # -- the steps of everybody -----------------------------------------------------------------------------------------

    @contextmanager
    def step(self, account: str, element: str, look: bool = False, **values: str) -> Iterator[Visitor]:
        """From the inbox to the step, its form filled; inside the block more can be typed; at its end it is sent."""
        who, task = self.at(account), self.task(element)
        who.go("/inbox")
        press(who, who.page.locator(f'a[href*="{task}"]').first)
        who.fill(**values)
        yield who
        if look:
            see(who, f"step-{element}")
        submit(who)
        self.work()

    def do(self, account: str, element: str, look: bool = False, **values: str) -> None:
        """A step without lists in its form."""
        with self.step(account, element, look, **values):
            pass

    def decide(self, account: str, element: str, way: str, width: int = DESKTOP, **values: str) -> None:
        """A decision on the leader's desk: the card's button, its fields, confirmed."""
        who, task = self.at(account, width), self.task(element)
        who.go("/desk")
        form = opened(who, task, way)
        for name, value in values.items():
            form.locator(f'[name="{name}"]').fill(value)
        confirm(who, task, form)
        self.work()


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock_time.ZONE)


# --- clicks -----------------------------------------------------------------------------------------------------------


def press(who: Visitor, target: Any) -> None:
    """Click what leads to another page, and wait for it."""
    with who.page.expect_navigation():
        target.click()


def submit(who: Visitor) -> None:
    """The primary button of the form; what it refuses is the journey's failure."""
    press(who, who.page.locator(".act-bar .btn-primary").first)
    refused = who.page.locator(".err-sum:visible")
    assert not refused.count(), refused.first.inner_text()


def opened(who: Visitor, task: UUID, way: str) -> Any:
    """The form under a card of the desk that its button opens."""
    card = who.page.locator(f"#a-{task}")
    button = card.locator("[data-decide-open]", has_text=way)
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    form = card.locator("form.decide:visible")
    form.wait_for()
    return form


def confirm(who: Visitor, task: UUID, form: Any) -> None:
    """Send an opened decision; the card goes."""
    with who.page.expect_navigation():
        form.get_by_role("button", name="确认").click()
    who.page.locator(f"#a-{task}").wait_for(state="detached")


def rows(who: Visitor, name: str, *lines: dict[str, str]) -> None:
    """Fill the list field ``name``, adding rows as they are needed."""
    box = who.page.locator(f'#main [data-rows="{name}"]')
    for number, line in enumerate(lines):
        if box.locator("[data-row]").count() <= number:
            box.locator("[data-rows-add]").click()
        row = box.locator("[data-row]").nth(number)
        for column, value in line.items():
            put(row.locator(f'[name$="-{column}"]'), value)


def put(field: Any, value: str) -> None:
    """Type into a field or choose of its list."""
    if field.count() > 1:
        field.and_(field.page.locator(f'[value="{value}"]')).dispatch_event("click")  # wherever on the page the hidden button lies
    elif field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def tick(who: Visitor, name: str, *values: str) -> None:
    """Check these of a list of checkboxes."""
    for value in values:
        who.page.locator(f'#main input[type=checkbox][name="{name}"][value="{value}"]').check(force=True)


def upload(box: Any, name: str, content: bytes, mime: str = "application/octet-stream") -> None:
    """Choose a file for the upload field inside ``box`` and wait until the server has it."""
    box.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": mime, "buffer": content})
    box.locator("[data-upload-list] input[type=hidden]").last.wait_for(state="attached")


def refused(who: Visitor, said: str) -> None:
    """The form comes back, says what is wrong, and is fit to be seen."""
    press(who, who.page.locator(".act-bar .btn-primary").first)
    summary = who.page.locator(".err-sum:visible").first
    assert said in summary.inner_text(), summary.inner_text()


def shut(who: Visitor, *paths: str) -> None:
    """These addresses do not exist for that person, or are not for their post."""
    for path in paths:
        assert who.page.request.get(who.site + path, max_redirects=0).status in (403, 404), f"{who.account} reads {path}"


def see(who: Visitor, name: str) -> None:
    """A page as it has to be: axe without serious findings, nothing wider than the screen."""
    who.page.wait_for_load_state("networkidle" if who.page.locator("[data-table]").count() else "load")
    who.page.locator(".htmx-request").first.wait_for(state="detached")
    who.look(name)
    over = who.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{name} is {over} px too wide"


def visit(who: Visitor, *paths: str) -> None:
    """Open pages and look at each."""
    for path in paths:
        who.go(path)
        name = re.sub(r"[0-9a-f-]{36}", "one", path.partition("?")[0]).replace("/", "-")
        see(who, f"{who.account}{name}-{who.page.viewport_size['width']}")


def text(who: Visitor) -> str:
    """What the page says."""
    return str(who.page.locator("#main").inner_text())


def trail(who: Visitor, case: UUID) -> str:
    """What the trail of a file says to that person."""
    who.go(f"/cases/{case}")
    who.page.get_by_role("tab", name="轨迹").click()
    who.page.locator("#tp-trail.active").wait_for()
    return str(who.page.locator("#tp-trail").inner_text())


def letter_link(who: Visitor, title: str) -> Any:
    """The newest letter of that title under 往来文书 of a case page."""
    return who.page.locator("#tp-facts dt", has_text=title).last.locator("xpath=following-sibling::dd[1]").get_by_role("link")


def download(who: Visitor, name: str) -> bytes:
    """The file behind a link of the page."""
    with who.page.expect_download() as waiting:
        who.page.get_by_role("link", name=name).click()
    return Path(waiting.value.path()).read_bytes()


def workbook(who: Visitor, name: str) -> Sequence[Sequence[Any]]:
    """The rows of the Excel file behind a link of the page."""
    sheet = load_workbook(BytesIO(download(who, name)), read_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


# --- what is there when a journey begins --------------------------------------------------------------------------------


def answered(session: Session, number: int, received: date) -> UUID:
    """A petition of one polluter, long answered and filed; each of another household. Its own way is told in other journeys."""
    key, at = identity.enterprise_key(POLLUTER), _at(received, 9)
    source = session.scalars(select(Enterprise).where(Enterprise.key == key)).first()
    source = source or Enterprise(key=key, name=POLLUTER, county="360111")
    case = Case(
        id=new_id(), city="360100", title=f"{POLLUTER}水污染", attrs={"intake_org": "nc-petition"}, facets={"county": "360111"}, tags=[],
        status="closed", created_at=at, closed_at=at + timedelta(days=7),
    )  # fmt: skip
    session.add_all([source, case])
    session.flush()
    who, address = f"万砚{'一二三四五六七八九'[number - 1]}", f"罗家镇栖塘路 {number} 号"
    row = Petition(
        case_id=case.id, number=f"示例〔{at.year}〕{number:05d}", title=case.title, channel="web", received_at=at, name=who,
        address=address, household=identity.household(who, None, address), statement="夜里往水渠排黄水。", county="360111", kind="water",
        enterprise_id=source.id, enterprise=POLLUTER, place=PLACE, place_key=identity.place_key(PLACE), gravity="ordinary", klass="claim",
        asks="penalise", about="enterprise", sent_on=received + timedelta(days=7),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.case_id
