"""The whole way of an accepted complaint in a real browser: clerk → office → 支队 → leader → handler → office → archivist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.petitions.models import Petition
from app.worker import work_off
from tests.browser.conftest import Visitor
from tests.browser.test_journey import STATEMENT, open_task
from workflows.tables import Case, Clock, Task

pytestmark = pytest.mark.browser
FACTS = (
    "经现场检查，搅拌站夜间二十三点仍在生产，厂界噪声超过夜间限值，未办理夜间施工手续，"
    "企业负责人对检查情况签字确认，现场照片与监测记录附卷备查。"
)


class Desk:
    """Everybody at their own browser; steps are named by element and done by whoever may."""

    def __init__(self, app: Flask, session: Session, chromium: Any, site: str) -> None:
        self.app, self.session, self.chromium, self.site = app, session, chromium, site
        self.people: dict[str, Visitor] = {}

    def at(self, account: str) -> Visitor:
        if account not in self.people:
            self.people[account] = Visitor(self.chromium, self.site, account)
        return self.people[account]

    def step(self, account: str, element: str, look: bool = False, **values: str) -> None:
        """Find the step in the inbox, fill its form, submit it."""
        who, task = self.at(account), open_task(self.session, element)
        who.go("/inbox")
        who.page.locator(f'a[href*="{task}"]').first.click()
        who.page.wait_for_load_state()
        who.fill(**values)
        if look:
            who.look(element)
        who.submit()
        with self.app.app_context():
            work_off()

    def person(self, account: str) -> str:
        return str(self.session.scalars(select(Person.id).where(Person.account == account)).one())


@pytest.fixture
def desk(app: Flask, session: Session, chromium: Any, site: str) -> Iterator[Desk]:
    made = Desk(app, session, chromium, site)
    yield made
    for visitor in made.people.values():
        visitor.close()


def register(desk: Desk) -> None:
    clerk = desk.at("chuangkou")
    clerk.go("/petitions/new")
    clerk.fill(
        statement=STATEMENT, name="万小满", address="东湖区示例路 8 号", enterprise="沁澜混凝土搅拌站", county="360102", kind="noise"
    )
    clerk.page.get_by_role("button", name="登记信访事项").first.click()
    clerk.page.wait_for_load_state()


@contextmanager
def rows(visitor: Visitor, name: str) -> Iterator[Any]:
    """The list field ``name``, with a second row."""
    box = visitor.page.locator(f'[data-rows="{name}"]')
    if box.locator("[data-row]").count() < 2:
        box.locator("[data-rows-add]").click()
    yield box


def inspect(desk: Desk) -> None:
    handler, task = desk.at("zhidui1"), open_task(desk.session, "site_inspection")
    handler.go(f"/tasks/{task}")
    handler.fill(place="沁澜混凝土搅拌站厂区北侧", shown="true", found="夜间二十三点仍在生产，厂界噪声明显。")
    with rows(handler, "officers") as box:
        for n, (name, number) in enumerate((("罗劲松", "赣环执洪011"), ("魏子昂", "赣环执洪012"))):
            fields = box.locator("[data-row]").nth(n).locator("input")
            fields.nth(0).fill(name)
            fields.nth(1).fill(number)
    handler.look("site_inspection")
    handler.submit()


def test_accepted_complaint_from_registration_to_archive(desk: Desk) -> None:
    register(desk)
    accept = {"track": "5", "intake_outcome": "accept", "grounds": "属于本局职责，举报噪声污染，应当依法查处。"}
    desk.step("xinfang", "screen", klass="claim", sent_down="false", hear_required="false", **accept)
    desk.step("xinfang", "send_notice", way="post")
    desk.step("xinfang", "assign_unit", unit="nc-inspect")
    desk.step("zhiduineiqin", "unit_intake", look=True, objection="false")
    desk.step("zhiduizhang", "name_handler", handler=desk.person("zhidui1"), recusal_checked="true")
    desk.step("zhidui1", "plan", needs_site="true", steps="夜间到现场检查并监测厂界噪声，询问企业负责人。")
    diagram_shows_where_it_stands(desk)
    inspect(desk)
    desk.step("zhidui1", "findings", facts=FACTS, violation="false", way="desk")
    desk.step(
        "zhidui1", "draft_answer", look=True, requests="查清夜间生产噪声并告知结果。", facts=FACTS,
        opinion="已责令夜间停止生产并依法查处。",
        basis="《中华人民共和国噪声污染防治法》", result="done",
    )  # fmt: skip
    desk.step("zhiduizhang", "unit_review", unit_decision="ok")
    desk.step("xinfang", "check_result", look=True, answers_every_request="true", evidence="true", check_decision="pass")
    desk.step("fenguan", "sign_answer", look=True, check_decision="pass")
    desk.step("zhidui1", "deliver", way="post", receipt_returned="true")
    rate(desk)
    desk.step(
        "dangan",
        "file_volume",
        look=True,
        volume_decision="ok",
        volume_title="沁澜混凝土搅拌站噪声举报卷",
        retention="permanent",
        pages="26",
    )
    desk.session.rollback()
    assert desk.session.scalars(select(Case.status).join(Petition, Petition.case_id == Case.id)).one() == "closed"
    assert not desk.session.scalars(select(Clock.id).where(Clock.status == "running")).all()


def rate(desk: Desk) -> None:
    """The office enters what the petitioner says of the receiving and the handling organ."""
    office, case = desk.at("xinfang"), desk.session.scalars(select(Petition.case_id)).one()
    office.go(f"/cases/{case}/actions/rate")
    office.fill(score_receiving="满意", score_handling="基本满意")
    office.look("rating")
    office.page.get_by_role("button", name="登记评价").first.click()
    office.page.wait_for_load_state()
    with desk.app.app_context():
        work_off()


def diagram_shows_where_it_stands(desk: Desk) -> None:
    handler, case = desk.at("zhidui1"), desk.session.scalars(select(Petition.case_id)).one()
    handler.go(f"/cases/{case}")
    handler.page.get_by_role("tab", name="流程图").click()
    handler.page.locator(".hxt-current").first.wait_for()
    handler.look("diagram")


def test_second_of_two_people_reads_who_did_it_and_keeps_the_typing(desk: Desk) -> None:
    register(desk)
    task: UUID = open_task(desk.session, "screen")
    first, second = desk.at("xinfang"), desk.at("xinfangkezhang")
    grounds = "属于城管部门的职责，告知向城管局提出。"
    for visitor in (first, second):
        visitor.go(f"/tasks/{task}")
        visitor.fill(klass="claim", track="5", intake_outcome="tell_elsewhere", grounds=grounds, tell_where="市城市管理局")
    first.submit()
    second.page.locator(".act-bar .btn-primary").first.click()
    second.page.wait_for_load_state()
    said = second.page.locator("#main").inner_text()
    assert "邬晓岚" in said and "办理" in said and grounds in said
    desk.session.rollback()
    assert desk.session.scalars(select(Task.closed_name).where(Task.id == task)).one() == "邬晓岚"
