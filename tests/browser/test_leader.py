"""Leaders in a real browser: an ownership from the proposal to the ledger, decisions on a phone, a secretary who prepares."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.leadership.models import LeaderCase
from tests.browser import steps
from tests.browser.conftest import Visitor
from tests.browser.steps import PHONE, House, press, rows, see, submit, text, trail, visit, workbook
from tests.leadership import pages_builders as make
from tests.petitions import builders

pytestmark = pytest.mark.browser
OWNER, HEAD, OFFICE, HANDLER, SECRETARY = "fenguan", "juzhang", "xinfang", "zhidui1", "mishu"
RECEPTION, KEPT = date(2026, 10, 14), date(2026, 10, 20)
PEOPLE = ({"name": "龚致远", "post": "副局长"}, {"name": "裘建安", "post": "信访科科长"})
PROMISE = "公布水渠监测结果"


# --- an ownership, from the proposal to the ledger ---------------------------------------------------------------------


def test_an_ownership_from_the_proposal_to_the_ledger(house: House) -> None:
    with house.services() as session:
        petition = make.petition(session)
        builders.petition(session, petition).sent_on = date(2026, 10, 8)  # how it was answered is told in test_handling
    propose(house, petition)
    house.decide(HEAD, "assign", "同意包案")
    meet_and_plan(house)
    arrange_reception(house)
    house.until(RECEPTION)
    receive_on_the_spot(house)
    house.do(HANDLER, "progress", look=True, text="雨污分流已完成一半，下月全部完工。", state="near")
    exit_is_refused(house)
    house.until(KEPT)
    house.do(HANDLER, "keep_promise", look=True, evidence="已在村口张贴监测结果并逐户告知。")
    leave_the_ledger(house)
    assert house.closed(house.file("leader_case"))
    petition_shows_its_owner(house, petition)
    ledger(house)
    print_and_download(house)


def propose(house: House, petition: UUID) -> None:
    """The petition office picks the item by its title, says why, and proposes a leader."""
    office = house.at(OFFICE)
    office.go("/leadership")
    press(office, office.page.get_by_role("link", name="提请包案").first)
    submit_refused(office)
    office.page.locator("#pick").press_sequentially("沁澜")
    office.page.get_by_role("option").first.click()
    assert office.page.locator("[data-picks] input").input_value() == str(petition)
    office.fill(reason="多次反映未能化解，群众反映强烈，需要领导包案。")
    see(office, "ownership-new")
    submit(office)
    house.case = house.file("leader_case")
    assert str(house.task("propose_owner")) in office.page.url
    office.fill(
        owner=house.person(OWNER), unit="nc-inspect", handler=house.person(HANDLER), recusal_checked="true",
        proposal="企业夜间偷排反复发生，需要局领导协调查清排口。",
    )  # fmt: skip
    see(office, "step-propose_owner")
    submit(office)
    house.work()


def submit_refused(office: Visitor) -> None:
    """Nothing picked, too short a reason: both are said, what was typed stays."""
    office.fill(reason="太短")
    press(office, office.page.get_by_role("button", name="提请包案"))
    assert "请选择要包案的信访事项" in text(office)
    assert office.page.locator("[name=reason]").input_value() == "太短"
    see(office, "ownership-new-refused")


def meet_and_plan(house: House) -> None:
    """The owner holds the meeting from the card of the desk; the handler writes the plan; the owner signs it on the desk."""
    owner, task = house.at(OWNER), house.task("analyse")
    visit(owner, "/desk")
    press(owner, owner.page.locator(f"#a-{task}").get_by_role("link", name="看案卷并办理"))
    owner.fill(place="局二楼会议室", cause="厂区雨污管网没有分流，偷排没有被发现。", responsibility="企业负主体责任，监管单位巡查不到位。")
    rows(owner, "present", *PEOPLE)
    see(owner, "step-analyse")
    submit(owner)
    house.work()
    with house.step(HANDLER, "plan", look=True, deadline="2026-12-31") as handler:
        rows(handler, "measures", {"what": "封堵雨水沟暗管并重建雨污分流", "who": "市环境监察支队", "by": "2026-12-20"})
    house.decide(OWNER, "sign_plan", "同意")


def arrange_reception(house: House) -> None:
    """The owner's reception day, with the ownership in its line."""
    owner = house.at(OWNER)
    owner.go("/receptions?month=2026-10")
    press(owner, owner.page.get_by_role("link", name="10月14日安排接访"))
    assert owner.page.locator("[name=day]").input_value() == RECEPTION.isoformat()
    owner.fill(place="一楼接待室", starts="09:00", ends="11:30")
    see(owner, "reception-new")
    submit(owner)
    press(owner, owner.page.get_by_role("button", name="排入：").first)
    assert "来访 1 件" in text(owner)
    see(owner, "reception-day")


def receive_on_the_spot(house: House) -> None:
    """On the day: from the desk to the day, the visit written down with a promise that has a date."""
    owner = house.at(OWNER)
    owner.go("/desk")
    press(owner, owner.page.get_by_role("link", name="接访日 10月14日 周三"))
    press(owner, owner.page.get_by_role("link", name="登记接访"))
    owner.fill(persons="张晓苇", by_owner="true", record="当面听取诉求，说明查处进展和下一步安排。")
    rows(owner, "promises", {"what": PROMISE, "by": KEPT.isoformat()})
    see(owner, "reception-record")
    submit(owner)
    assert "接访已登记" in owner.page.locator("[data-toasts]").inner_text()
    see(owner, "reception-recorded")
    house.work()


def exit_is_refused(house: House) -> None:
    """With a promise open the file stays in its work; the page says what is owed."""
    house.do(HANDLER, "work", work_step="exit")
    house.task("work")  # open again
    handler = house.at(HANDLER)
    handler.go(f"/cases/{house.case}")
    duty = handler.page.locator("#tp-facts dt", has_text="兑现接访承诺").locator("xpath=following-sibling::dd[1]")
    assert duty.inner_text() == "还没有"
    see(handler, "ownership-owes")


def leave_the_ledger(house: House) -> None:
    """Exit proposed, signed on the desk, confirmed by the petition office."""
    house.do(HANDLER, "work", work_step="exit")
    with house.step(
        HANDLER, "propose_exit", look=True, exit_way="settled", satisfaction="satisfied",
        exit_text="偷排口已封堵，雨污分流完工，连续两个月监测达标，群众表示认可。",
    ) as handler:  # fmt: skip
        rows(handler, "evidence", {"what": "监测报告"})
    house.decide(OWNER, "sign_exit", "同意结案")
    house.do(OFFICE, "confirm_exit", look=True, confirmed="true", reason="电话核实，信访人认可处理结果。")


def petition_shows_its_owner(house: House, petition: UUID) -> None:
    office = house.at(OFFICE)
    office.go(f"/cases/{petition}")
    assert "龚致远" in office.page.locator(".strip").inner_text()
    see(office, "petition-owned")


def ledger(house: House) -> None:
    """The row among the closed, the history of a cell by click and by key, and the row of a past day."""
    office = house.at(OFFICE)
    office.go("/leadership")
    press(office, office.page.get_by_role("link", name="已结案"))
    row = office.page.locator("[data-cells]")
    assert row.count() == 1 and "息诉息访" in row.inner_text() and "龚致远" in row.inner_text()
    see(office, "ledger-closed")
    row.locator("[data-cell=status]").click()
    said = office.page.locator("#cell-body .cell-trail")
    said.wait_for()
    assert "已结案" in said.inner_text() and "化解中" in said.inner_text() and "龚致远" in said.inner_text()
    office.page.locator("#cell.show:not(.showing)").wait_for()
    see(office, "ledger-cell")
    office.page.keyboard.press("Escape")
    row.locator("[data-cell=status]").focus()
    office.page.keyboard.press("ArrowLeft")
    office.page.keyboard.press("Enter")
    office.page.locator("#cell-body h3", has_text="接访下访次数").wait_for()
    office.page.keyboard.press("Escape")
    columns(office)
    past_day(office)


def columns(office: Visitor) -> None:
    """Columns chosen and kept under a name, beside the usual ledger."""
    office.page.get_by_role("button", name="列和保存").click()
    dialog = office.page.locator("#columns.show")
    dialog.get_by_label("来源").uncheck()
    dialog.locator("[name=name]").first.fill("结案一览")
    see(office, "ledger-columns")
    press(office, dialog.get_by_role("button", name="保存"))
    assert office.page.get_by_role("link", name="结案一览").get_attribute("aria-current") == "true"
    assert "来源" not in office.page.locator("thead").inner_text()


def past_day(office: Visitor) -> None:
    """On 10-10 the file was being carried, without a visit, and petitioners are covered."""
    office.page.locator("summary", has_text="历史日期").click()
    office.page.fill("#l-at", "2026-10-10")
    press(office, office.page.get_by_role("button", name="看这一天"))
    assert "历史台账：2026-10-10 24:00" in text(office)
    press(office, office.page.get_by_role("link", name="全部", exact=True))
    cells = office.page.locator("[data-cells]")
    assert cells.locator("[data-cell=status]").inner_text().startswith("化解中")
    assert cells.locator("[data-cell=closed_on]").inner_text() == "—"
    assert "张晓苇" not in text(office)
    see(office, "ledger-past")


def print_and_download(house: House) -> None:
    """The same rows as Excel and on the sheet to be printed."""
    office = house.at(OFFICE)
    office.go("/leadership?state=closed")
    found = workbook(office, "导出 Excel")
    flat = " ".join(str(value) for row in found for value in row if value is not None)
    assert "包案领导" in flat and "龚致远" in flat and "息诉息访" in flat
    press(office, office.page.get_by_role("link", name="打印 A3"))
    assert "龚致远" in text(office)
    see(office, "ledger-print")


# --- the leader on a phone ---------------------------------------------------------------------------------------------


def begun(house: House, **changes: Any) -> UUID:
    """An ownership of an item of another household and place, proposed to the head of the bureau."""
    with house.services() as session:
        case_id = make.opened(session, make.petition(session, **changes))
        make.proposed(session, case_id)
    return case_id


def waits_for_signature(house: House, **changes: Any) -> UUID:
    """An ownership whose plan the owner has to sign."""
    case_id = begun(house, **changes)
    with house.services() as session:
        make.assigned(session, case_id)
        make.analysed(session, case_id)
        make.planned(session, case_id)
    return case_id


ANOTHER = {"enterprise": "鹭洲搅拌站", "place": "鹭洲路北侧", "name": "万小满", "phone": "13800005678", "address": "青山湖区示例路 8 号",
           "kind": "noise", "statement": "搅拌站每晚十一点以后还在生产，噪声很大。"}  # fmt: skip


def test_a_leader_decides_on_the_phone(house: House) -> None:
    first, second = waits_for_signature(house), waits_for_signature(house, **ANOTHER)
    house.work()
    leader = house.at(OWNER, PHONE)
    assert leader.page.locator(".tabbar").get_by_role("link", name="工作台").is_visible()
    visit(leader, "/desk", "/inbox", "/receptions", "/receptions/new", "/leadership", "/numbers", "/numbers/report")
    visit(leader, f"/cases/{first}", f"/tasks/{house.task('sign_plan', first)}")
    leader.go("/desk")
    assert "我包的案 2 件" in text(leader) and leader.page.locator("input[type=checkbox]:visible").count() == 0
    approves(house, leader, first)
    returns(house, leader, second)
    assert "还没有写明由谁来核实" in trail(leader, second)
    see(leader, "phone-returned-case")


def approves(house: House, leader: Visitor, case: UUID) -> None:
    task = house.task("sign_plan", case)
    form = steps.opened(leader, task, "同意")
    see(leader, "phone-approve")
    steps.confirm(leader, task, form)
    house.work()
    house.task("work", case)  # the plan is in force


def returns(house: House, leader: Visitor, case: UUID) -> None:
    """Half a reason survives leaving the page; none or too short a one is refused beside the field and what was typed stays."""
    task = house.task("sign_plan", case)
    form = steps.opened(leader, task, "退回修改")
    reason = form.locator("[name=reason]")
    with leader.page.expect_response(lambda answer: "/draft" in answer.url):
        reason.fill("还没有写明")
    leader.go("/inbox")
    leader.go("/desk")
    form = steps.opened(leader, task, "退回修改")
    assert reason.input_value() == "还没有写明"
    for typed in ("", "还没有写明"):
        refuses(form, typed)
    see(leader, "phone-refused")
    reason.fill(make.REASON)
    steps.confirm(leader, task, form)
    house.work()
    house.task("plan", case)  # with the handler again


def refuses(form: Any, typed: str) -> None:
    reason = form.locator("[name=reason]")
    reason.fill(typed)
    with form.page.expect_response(lambda answer: answer.status == 422):
        form.get_by_role("button", name="确认").click()
    form.locator(".has-err .err").wait_for()
    assert "请用至少 10 个字" in form.locator(".err").inner_text() and reason.input_value() == typed


def test_what_a_leader_types_after_a_refusal_is_kept_too(house: House) -> None:
    house.case = waits_for_signature(house)
    leader = house.at(OWNER, PHONE)
    leader.go("/desk")
    form = steps.opened(leader, house.task("sign_plan"), "退回修改")
    refuses(form, "不行")
    form.locator("[name=reason]").fill(make.REASON)
    leader.page.wait_for_timeout(3000)  # longer than typing has to rest before it is saved
    leader.go("/inbox")
    leader.go("/desk")
    assert steps.opened(leader, house.task("sign_plan"), "退回修改").locator("[name=reason]").input_value() == make.REASON


# --- the secretary -----------------------------------------------------------------------------------------------------

AGREED = "同意由分管副局长包案，先查清暗管走向。"


def test_a_secretary_prepares_and_stands_in_but_never_decides(house: House) -> None:
    case = begun(house)
    house.work()
    assign = house.task("assign", case)
    prepares(house, assign)
    head = house.at(HEAD)
    visit(head, "/desk")
    form = head.page.locator(f"#a-{assign} form.decide:visible")  # the draft opens it
    assert form.locator("[name=reason]").input_value() == AGREED
    steps.confirm(head, assign, form)
    house.work()
    stands_in(house, case)
    may_not_decide(house, case)


def desk_of(house: House, leader: str) -> Visitor:
    """The secretary at the desk of one of the leaders served."""
    secretary = house.at(SECRETARY)
    secretary.go("/desk")
    press(secretary, secretary.page.get_by_label("哪位领导的工作台").get_by_role("link", name=leader))
    return secretary


def prepares(house: House, task: UUID) -> None:
    """A decision is written as a draft; there is nothing to send it with."""
    secretary = desk_of(house, "程砚秋")
    card = secretary.page.locator(f"#a-{task}")
    assert "由程砚秋本人决定" in card.inner_text() and card.locator("[data-decide-open], form").count() == 0
    see(secretary, "secretary-desk")
    press(secretary, card.get_by_role("link", name="代为准备"))
    secretary.fill(agreed="true", reason=AGREED)
    with secretary.page.expect_response(lambda answer: "/draft" in answer.url):
        secretary.page.get_by_role("button", name="存草稿").click()
    assert secretary.page.locator("#prepare-form [type=submit]").count() == 0
    see(secretary, "secretary-prepares")
    assert "已备草稿" in text(desk_of(house, "程砚秋"))


def stands_in(house: House, case: UUID) -> None:
    """The meeting is written down by the secretary, and the trail says for whom."""
    secretary, task = desk_of(house, "龚致远"), house.task("analyse", case)
    card = secretary.page.locator(f"#a-{task}")
    assert "可以代办，记为“卞知微代龚致远”" in card.inner_text()
    press(secretary, card.get_by_role("link", name="看案卷并办理"))
    secretary.fill(place="局会议室", cause="养殖棚离住户太近，粪污没有处理设施。", responsibility="属地负责腾退，企业负责清运。")
    rows(secretary, "present", *PEOPLE)
    see(secretary, "secretary-meeting")
    submit(secretary)
    house.work()
    assert "卞知微代龚致远" in trail(secretary, case)


def may_not_decide(house: House, case: UUID) -> None:
    """The plan waits for the owner's own signature: no button on the desk, none on the page of the step."""
    with house.services() as session:
        make.planned(session, case)
    secretary, task = desk_of(house, "龚致远"), house.task("sign_plan", case)
    card = secretary.page.locator(f"#a-{task}")
    assert "由龚致远本人决定" in card.inner_text() and card.locator("[data-decide-open], form").count() == 0
    secretary.go(f"/tasks/{task}")
    assert secretary.page.locator("#step-form, .act-bar [type=submit]").count() == 0
    see(secretary, "secretary-no-decision")
    with house.services() as session:
        assert session.get_one(LeaderCase, case).plan_signed_at is None
