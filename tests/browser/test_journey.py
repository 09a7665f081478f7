"""People in a real browser: a complaint is registered, judged, refused a place here by a leader, told, and archived."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.petitions.models import Petition
from app.worker import work_off
from tests.browser.conftest import Visitor
from workflows.tables import Case, Task

pytestmark = pytest.mark.browser
STATEMENT = "小区北侧搅拌站每晚十一点以后还在生产，噪声很大，老人孩子睡不好，请查一查。"


def open_task(session: Session, element: str) -> UUID:
    session.rollback()
    return session.scalars(select(Task.id).where(Task.element == element, Task.status == "open")).one()


def test_clerk_office_leader_archivist_bring_a_complaint_to_the_archive(app: Flask, session: Session, chromium: Any, site: str) -> None:
    clerk = Visitor(chromium, site, "xinfang")
    clerk.look("inbox-empty")
    clerk.go("/petitions/new")
    clerk.fill(statement="太短", enterprise="沁澜混凝土搅拌站")
    clerk.page.get_by_role("button", name="登记信访事项").first.click()
    clerk.page.wait_for_load_state()
    assert clerk.page.locator("[name=enterprise]").input_value() == "沁澜混凝土搅拌站"
    assert clerk.page.locator(".err-sum, .err").first.is_visible()
    clerk.look("register-errors")
    clerk.fill(statement=STATEMENT, name="万小满", address="东湖区示例路 8 号", county="360102", kind="noise")
    clerk.page.get_by_role("button", name="登记信访事项").first.click()
    clerk.page.wait_for_load_state()
    screen = open_task(session, "screen")
    clerk.go(f"/tasks/{screen}")
    clerk.fill(klass="claim", track="5", intake_outcome="file_only", grounds="所反映的搅拌站已于上月关停拆除，现场核实无误，存查。")
    clerk.look("screen")
    clerk.page.get_by_role("button", name="提交").first.click()
    clerk.page.wait_for_load_state()
    refusal = open_task(session, "draft_refusal")
    clerk.go(f"/tasks/{refusal}")
    clerk.look("draft-refusal")
    answer_everything(clerk)
    approve = open_task(session, "approve_refusal")
    leader = Visitor(chromium, site, "fenguan")
    leader.go("/inbox")
    leader.look("leader-inbox")
    leader.go(f"/tasks/{approve}")
    leader.fill(refusal_decision="approve")
    leader.look("leader-decides")
    leader.page.locator(".act-bar .btn-primary").first.click()
    leader.page.wait_for_load_state()
    leader.close()
    clerk.go(f"/tasks/{open_task(session, 'send_notice')}")
    answer_everything(clerk)
    with app.app_context():
        work_off()
    archivist = Visitor(chromium, site, "dangan")
    archivist.go(f"/tasks/{open_task(session, 'file_volume')}")
    archivist.look("archive")
    archivist.fill(volume_decision="ok", pages="12")
    answer_everything(archivist)
    session.rollback()
    assert session.scalars(select(Case.status).join(Petition, Petition.case_id == Case.id)).one() == "closed"
    case = session.scalars(select(Petition.case_id)).one()
    clerk.go(f"/cases/{case}")
    clerk.page.get_by_role("tab", name="流程图").click()
    clerk.page.locator(".djs-container").first.wait_for()
    clerk.look("case-closed")
    clerk.close()
    archivist.close()


def answer_everything(visitor: Visitor) -> None:
    """Fill what is still empty on the form of the step and submit it."""
    page = visitor.page
    for field in page.locator("#main form textarea:visible, #main form input[type=text]:visible").all():
        if not field.input_value() and field.get_attribute("name"):
            field.fill("按规定办理，情况已经核实清楚。")
    for field in page.locator("#main form input[type=number]:visible, #main form input[inputmode=numeric]:visible").all():
        if not field.input_value():
            field.fill("12")
    for field in page.locator("#main form select:visible").all():
        if not field.input_value():
            field.select_option(index=1)
    names = {str(r.get_attribute("name")) for r in page.locator("#main form input[type=radio]").all()}
    for name in sorted(names):
        group = page.locator(f'#main form input[type=radio][name="{name}"]')
        if not any(r.is_checked() for r in group.all()):
            group.first.check(force=True)
    visitor.submit()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_pages_fit_the_screen(chromium: Any, site: str, width: int) -> None:
    visitor = Visitor(chromium, site, "xinfang", width)
    for path in ("/inbox", "/petitions", "/petitions/new", "/petitions/pending", "/notices", "/clocks", "/account"):
        visitor.go(path)
        over = visitor.page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{path} is {over} px too wide at {width}"
    visitor.close()


def test_what_was_typed_survives_a_lost_session(chromium: Any, site: str) -> None:
    visitor = Visitor(chromium, site, "xinfang")
    visitor.go("/petitions/new")
    with visitor.page.expect_response(lambda r: "/draft" in r.url):
        visitor.fill(statement=STATEMENT)
        visitor.page.keyboard.press("Tab")
    visitor.context.clear_cookies()
    visitor.log_in()
    visitor.go("/petitions/new")
    assert visitor.page.locator("[name=statement]").input_value() == STATEMENT
    visitor.context.close()
