"""The supervisor in a real browser: a matter opened by hand with a 督办函, signed, answered, judged, confirmed; board and list count it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.browser.conftest import Visitor
from tests.browser.steps import PHONE, House, press, rows, see, submit, text, trail, visit, workbook

pytestmark = pytest.mark.browser
DESK, LEADER = "xinfangkezhang", "fenguan"
CLERK, HEAD = "qingshanhu-chuangkou", "qingshanhu-guzhang"  # of the unit
GROUNDS = "整改问题没有按要求完成，需要督办。"
BREACH = "2026-09-30 前完成雨污分流的整改期限。"
UNIT = "青山湖分局"


def test_a_matter_from_the_letter_to_the_closing(house: House) -> None:
    open_matter(house)
    draft_and_sign(house)
    counted(house, "督办函")
    house.until(date(2026, 10, 15))
    house.do(CLERK, "sign_for", look=True, signed_by="桂小雅")
    unit_sees_its_own(house)
    house.do(HEAD, "reply", look=True, adopt="true", measures="false", situation="雨污分流已经完工，连续监测达标，材料附后。")
    house.do(DESK, "judge", look=True, verdict="done", opinion="对照要求逐项核对，证据齐全，送核实销号。")
    with house.step(
        LEADER, "confirm_leader", look=True, closed="true", way="closed", evidence="现场核实排水清澈，管网已经分流，照片附卷。",
        site_at="2026-10-15", site_place="罗家镇栖塘路水渠",
    ) as leader:  # fmt: skip
        rows(leader, "officers", {"name": "裘建安", "post": "信访科科长"}, {"name": "徐怀远", "post": "办公室主任"})
    closed(house)


def open_matter(house: House) -> None:
    """From the empty board to the form; without a unit it is refused and what was typed stays."""
    desk = house.at(DESK)
    visit(desk, "/supervision")
    assert "没有在办的督办件" in text(desk)
    press(desk, desk.page.get_by_role("link", name="督办立项"))
    desk.fill(trigger="by_hand", asked="letter", grounds=GROUNDS)
    press(desk, desk.page.get_by_role("button", name="立项督办"))
    assert "请选择督办哪个单位" in text(desk) and desk.page.locator("[name=grounds]").input_value() == GROUNDS
    see(desk, "supervision-new-refused")
    desk.fill(unit="br-360111")
    see(desk, "supervision-new")
    submit(desk)
    house.case = house.file("supervision")
    assert str(house.case) in desk.page.url
    house.work()


def draft_and_sign(house: House) -> None:
    """The facts are there already; returned once on the desk, drafted anew, signed."""
    house.do(DESK, "draft_letter", look=True, breach=BREACH, demand="请在期限内落实整改，逐项书面报告。")
    leader = house.at(LEADER)
    leader.go("/desk")
    card = leader.page.locator(f"#a-{house.task('sign_leader')}")
    assert "请在期限内落实整改" in card.inner_text()
    see(leader, "supervision-desk")
    house.decide(LEADER, "sign_leader", "退回修改", reason="请写明要求报送哪些监测材料。")
    assert "请写明要求报送哪些监测材料" in trail(house.at(DESK), matter(house))
    house.do(DESK, "draft_letter", breach=BREACH, demand="请在期限内落实整改，逐项书面报告，附监测报告。")
    house.decide(LEADER, "sign_leader", "签发")


def matter(house: House) -> UUID:
    assert house.case is not None
    return house.case


def counted(house: House, rung: str) -> None:
    """One open matter of the unit on the board, in the list behind its number, in the Excel file, on a phone."""
    desk = house.at(DESK)
    visit(desk, "/supervision")
    line = desk.page.locator("tbody tr", has_text=UNIT)
    assert line.locator("td").last.inner_text() == "0" and line.locator("td").nth(-2).inner_text() == "1"
    assert desk.page.locator(".bars li").last.locator(".v").inner_text().startswith("1 +1 −0")
    press(desk, line.get_by_role("link", name="1").first)
    row = desk.page.locator("[data-list] tbody tr")
    assert row.count() == 1 and UNIT in row.inner_text() and rung in row.inner_text()
    see(desk, "supervision-list")
    sheet = workbook(desk, "导出 Excel")
    assert sum(UNIT in " ".join(map(str, line)) for line in sheet) == 1
    visit(house.at(DESK, PHONE), "/supervision", "/supervision/matters", "/supervision/new", "/supervision/scores", "/supervision/reviews")


def unit_sees_its_own(house: House) -> None:
    """The head of the unit finds the matter and its letter; the head of another unit does not."""
    head, other = house.at(HEAD), house.at("donghu-guzhang")
    for who, there in ((head, 1), (other, 0)):
        visit(who, "/supervision/matters")
        assert who.page.locator(f'a[href*="{house.case}"]').count() == there
    head.go(f"/cases/{house.case}")
    head.page.get_by_role("tab", name="文书").click()
    press(head, head.page.get_by_role("link", name="督办函"))
    assert "洪环督〔2026〕" in text(head) and "附监测报告" in text(head)
    see(head, "supervision-letter")


def closed(house: House) -> None:
    """Nothing open is left; the list of the closed and the trend have it."""
    assert house.closed(matter(house))
    desk: Visitor = house.at(DESK)
    visit(desk, "/supervision", "/supervision/scores", "/supervision/reviews", "/numbers", "/numbers/report")
    desk.go("/supervision")
    assert "没有在办的督办件" in text(desk)
    assert desk.page.locator(".bars li").last.locator(".v").inner_text().startswith("0 +1 −1")
    press(desk, desk.page.get_by_role("link", name="看名单"))
    press(desk, desk.page.get_by_role("link", name="已销号"))
    row = desk.page.locator("[data-list] tbody tr")
    assert row.count() == 1 and UNIT in row.inner_text()
    press(desk, row.get_by_role("link").first)
    see(desk, "supervision-closed")
