"""A county in a real browser: its liaison signs for and answers a 预警函 and sees only its own; the bureau judges, lists and publishes."""

from __future__ import annotations

from datetime import date

import pytest

from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.browser.steps import PHONE, POLLUTER, House, download, press, rows, see, submit, text, visit, workbook

pytestmark = pytest.mark.browser
OFFICE, LEADER, LEGAL = "xinfang", "fenguan", "fagui"
COUNTY, NEIGHBOUR = "qingshanhu-zhengfu", "donghu-zhengfu"
MEASURE = "责成该厂停产整改，安装治理设施，经验收后恢复生产。"
PROBLEM, STANDARD = "夜间向水渠排黄水", "雨污分流，外排水达标，连续一个月没有新的投诉，群众来电 13800001234 不再反映。"
TOWN = "罗家镇人民政府"


def test_a_county_answers_and_the_answer_is_published(house: House) -> None:
    with house.services() as session:
        for number in range(1, 7):
            steps.answered(session, number, date(2026, 9, number + 2))
    house.work()  # the first working day of October: the letters about September
    send_letter(house)
    sign_for(house)
    answer(house)
    sees_only_its_own(house)
    judge(house)
    publish(house)
    public_list(house)


def send_letter(house: House) -> None:
    """The drafted letter names the polluter and nobody who complained; the leader sends it from the desk."""
    office = house.at(OFFICE)
    visit(office, "/warnings")
    with house.step(OFFICE, "draft", look=True) as office:
        assert POLLUTER in office.page.locator("[name=draft_items-0-title]").input_value()
        assert "万砚" not in text(office)
    house.decide(LEADER, "approve", "同意发出")


def sign_for(house: House) -> None:
    """On the phone, from the page the liaison lands on."""
    liaison = house.at(COUNTY, PHONE)
    liaison.page.locator(".tabbar").get_by_role("link", name="预警函").click()
    liaison.page.wait_for_url("**/county")
    assert "等签收" in text(liaison) and POLLUTER in text(liaison)
    see(liaison, "county-letter-390")
    press(liaison, liaison.page.get_by_role("link", name="签收", exact=True))
    see(liaison, "county-sign-390")
    liaison.fill(signed_by="岳小川")
    submit(liaison)
    house.work()


def answer(house: House) -> None:
    """At the desk: an item left without a measure is refused, what was typed stays; then answered."""
    liaison = house.at(COUNTY)
    liaison.go("/county")
    assert "等书面回复" in text(liaison)
    see(liaison, "county-answer-due")
    press(liaison, liaison.page.get_by_role("link", name="逐项回复"))
    rows(liaison, "measures", {"item": "9", "measure": MEASURE, "owner": TOWN, "by": "2026-12-20"})
    press(liaison, liaison.page.locator(".act-bar .btn-primary").first)
    assert liaison.page.locator(".err-sum").is_visible()
    assert liaison.page.locator("[name=measures-0-measure]").input_value() == MEASURE
    see(liaison, "county-answer-refused")
    rows(liaison, "measures", {"item": "全部"})
    see(liaison, "county-answer")
    submit(liaison)
    house.work()


def sees_only_its_own(house: House) -> None:
    """Its letter with its answer, no petition, no page of the bureau; the neighbour's page is empty and the letter not there."""
    liaison, letter = house.at(COUNTY), house.file("county_response")
    liaison.go("/county")
    assert "已回复" in text(liaison) and MEASURE in workbook_text(liaison)
    for path in (f"/cases/{letter}", "/inbox", "/inbox/done"):
        visit(liaison, path)
    assert [entry for entry in liaison.page.locator(".nav-main a").all_inner_texts() if "信访事项" in entry or "督办" in entry] == []
    neighbour = house.at(NEIGHBOUR)
    visit(neighbour, "/county")
    assert "还没有收到预警函" in text(neighbour)
    for who, path in ((neighbour, f"/cases/{letter}"), (liaison, "/warnings"), (liaison, "/petitions"), (liaison, "/supervision")):
        assert who.page.request.get(who.site + path).status in (403, 404), path
    visit(house.at(COUNTY, PHONE), "/county", "/inbox", f"/cases/{letter}")


def workbook_text(who: Visitor) -> str:
    return " ".join(str(value) for line in workbook(who, "导出 Excel") for value in line)


def judge(house: House) -> None:
    """The office finds the county's measures filled in, writes the standard, opens the list."""
    with house.step(OFFICE, "judge_response", look=True, complete="true") as office:
        rows(office, "problems", {"problem": PROBLEM, "standard": STANDARD, "deadline": "2026-12-20", "owner": TOWN})
    visit(office, "/warnings/problems", "/warnings")
    office.go("/warnings/problems")
    assert PROBLEM in text(office) and TOWN in text(office)
    assert PROBLEM in workbook_text(office)


def publish(house: House) -> None:
    """Legal reads what the public would read: without the telephone number."""
    with house.step(LEGAL, "publish", no_personal="true") as legal:
        choice = legal.page.locator(".choice", has=legal.page.locator('[name=shown][value="1"]'))
        assert PROBLEM in choice.inner_text() and "13800001234" not in choice.inner_text()
        choice.locator("input").check(force=True)
        see(legal, "step-publish")


def public_list(house: House) -> None:
    """The list, its own page as a file and its Excel file say the same; nothing personal in any of them."""
    legal = house.at(LEGAL)
    visit(legal, "/warnings/publication")
    assert PROBLEM in text(legal)
    page = download(legal, "导出网页").decode()
    found = workbook_text(legal)
    for said in (page, found, text(legal)):
        assert PROBLEM in said and TOWN in said and "13800001234" not in said and "万砚" not in said
    assert "<script" not in page
    visit(house.at(LEGAL, PHONE), "/warnings/publication", "/warnings", "/warnings/problems")
