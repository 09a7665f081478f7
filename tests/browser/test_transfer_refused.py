"""两法衔接 in a real browser: the police refuse, uphold, and file at last because the procuratorate orders it."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.transfers.models import Transfer
from tests.browser.steps import PHONE, House, letter_link, press, refused, see, shut, submit, text, visit
from tests.browser.test_transfer import HEAD, LEGAL, NEIGHBOUR, POLICE, POLICE_HEAD, UNIT_HEAD, bureau_case
from tests.transfer import bureau_builders as bureau
from tests.transfer.police_builders import REASONS, accept
from workflows import time as clock_time

pytestmark = pytest.mark.browser
POLICE_LEGAL, PROSECUTOR, ADMINISTRATIVE = "qingshanhu-gongan-fazhi", "qingshanhu-jiancha", "qingshanhu-jiancha-xingzheng"
OTHER_PROSECUTOR = "donghu-jiancha"
UPHELD = "经复议，现有证据仍不足以证明有犯罪事实，维持不予立案的决定。"
DISPUTE = {
    "request": "请求撤销不予立案的决定，依法立案侦查。",
    "facts": "该厂私设暗管排放含铬废水，现场检查笔录和监测报告证明超标十一倍。",
    "reasons": "符合法释〔2023〕7号第一条第五项规定的情形，应当追究刑事责任。",
}
NOT_CONVINCING = "公安机关说明的理由不能成立，现有证据证明有犯罪事实。"


def test_a_refused_case_is_filed_because_the_procuratorate_orders_it(house: House) -> None:
    with house.services() as session:  # the way to the decision is told in test_transfer
        file = bureau.source(session)
        bureau.to_sent(session, file)
        accepted = accept(session, file)
        bureau.do(session, accepted, "examine", step="decide", proposed=False)
        number = session.get_one(Transfer, file).transfer_no
    clock_time.freeze(clock_time.now())
    refuse(house, file)
    reconsider(house)
    supervise(house)
    procuratorate_accepts(house, number)
    reasons_and_order(house)
    filed_as_ordered(house, file)


def refuse(house: House, file: UUID) -> None:
    """A refusal with too short a reason comes back with what was typed; the notice needs the file returned."""
    head = house.at(POLICE_HEAD)
    head.go(f"/tasks/{house.task('decide_filing')}")
    head.fill(filed="false", reasons="证据不足")
    refused(head, "至少 20 个字")
    assert head.page.locator("[name=reasons]").input_value() == "证据不足" and head.page.locator("[name=filed][value=false]").is_checked()
    see(head, "police-refusal")
    head.fill(reasons=REASONS)
    submit(head)
    house.work()
    police = house.at(POLICE)
    police.go(f"/tasks/{house.task('notify')}")
    police.fill(file_returned="false")
    refused(police, "应当退回案卷材料")
    police.fill(file_returned="true")
    submit(police)
    house.work()
    visit(police, "/police/files")
    handler = house.at(UNIT_HEAD)
    handler.go(f"/cases/{file}")
    assert "待选异议途径" in text(handler) and REASONS in text(handler)


def reconsider(house: House) -> None:
    """The unit's head applies for 复议: drafted, reviewed, signed; the legal officer of the police upholds."""
    house.do(UNIT_HEAD, "choose_way", look=True, way="reconsider")
    house.do(house.holder("write_application"), "write_application", look=True, **DISPUTE)
    house.do(LEGAL, "review_application", opinion="事实清楚，依据充分，同意申请复议。")
    house.do(HEAD, "sign_application", signed="true")
    house.do(POLICE_LEGAL, "reconsider", look=True, filed="false", reasons=UPHELD)
    handler = house.at(UNIT_HEAD)
    handler.go(f"/cases/{bureau_case(house)}")
    press(handler, letter_link(handler, "复议决定书"))
    assert UPHELD in text(handler)
    see(handler, "letter-upheld")


def supervise(house: House) -> None:
    """Upheld: the bureau proposes 立案监督."""
    house.do(UNIT_HEAD, "after_upheld", way="supervise")
    house.do(house.holder("write_proposal"), "write_proposal", **DISPUTE)
    house.do(LEGAL, "review_proposal", opinion="同意建议立案监督。")
    house.do(HEAD, "sign_proposal", signed="true")


def procuratorate_accepts(house: House, number: str) -> None:
    """Its desk has the file of its own level; it reads 移送书 and letters and no material. The neighbour's is empty."""
    prosecutor, other, file = house.at(PROSECUTOR), house.at(OTHER_PROSECUTOR), bureau_case(house, "procuratorate_case")
    visit(prosecutor, "/procuratorate", f"/cases/{file}")
    assert number in text(prosecutor) and "移送书" in text(prosecutor)
    shut(prosecutor, f"/cases/{bureau_case(house)}", f"/cases/{bureau_case(house, 'police_case')}", "/police", "/transfers")
    visit(other, "/procuratorate")
    assert number not in text(other)
    shut(other, f"/cases/{file}")
    shut(house.at(POLICE), f"/cases/{file}", "/procuratorate")
    shut(house.at(NEIGHBOUR), f"/cases/{file}")
    house.do(PROSECUTOR, "look_copy", look=True, supervise="false")  # what the police had copied; the proposal comes after it
    prosecutor.go(f"/tasks/{house.task('accept_proposal')}")
    prosecutor.fill(ground="证据", settled="false")
    refused(prosecutor, "至少 10 个字")
    assert prosecutor.page.locator("[name=ground]").input_value() == "证据"
    prosecutor.fill(ground="公安机关应当立案而不立案，移送机关建议监督。")
    see(prosecutor, "procuratorate-accepts")
    submit(prosecutor)
    house.work()


def reasons_and_order(house: House) -> None:
    """The police explain why they did not file; the prosecutor is not convinced and orders it."""
    house.do(POLICE, "explain", look=True, reasons=UPHELD, filed="false")
    house.do(PROSECUTOR, "review", look=True, result="not_stand", opinion=NOT_CONVINCING)
    with house.step(POLICE_HEAD, "file_ordered") as head:
        assert head.page.locator("#main input[type=radio]").count() == 0  # nothing but filing can be decided
        see(head, "police-ordered")
    house.do(POLICE, "notify")


def filed_as_ordered(house: House, file: UUID) -> None:
    """The bureau reads 立案; what is next is the hand-over. The procuratorate's boards and desk, on paper and phone."""
    handler = house.at(UNIT_HEAD)
    visit(handler, f"/cases/{file}")
    assert "公安已立案" in text(handler)
    house.task("handover", file)
    prosecutor = house.at(PROSECUTOR)
    visit(prosecutor, "/boards")
    visit(house.at(PROSECUTOR, PHONE), "/procuratorate", "/boards")
    visit(house.at(ADMINISTRATIVE), "/procuratorate")
