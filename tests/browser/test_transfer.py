"""两法衔接 in a real browser: a case of the bureau's own is screened, approved, sent, supplemented, filed by the police, handed over."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from app.demo.pictures import scene
from app.transfers.models import TransferFile, TransferLetter, TransferPackage
from tests.browser.steps import PHONE, House, letter_link, press, refused, rows, see, shut, submit, text, tick, upload, visit

pytestmark = pytest.mark.browser
HANDLER, UNIT_HEAD, HEAD, LEGAL = "qingshanhu-jingban", "qingshanhu-guzhang", "qingshanhu-juzhang", "fagui"
POLICE, POLICE_HEAD, NEIGHBOUR = "qingshanhu-gongan", "qingshanhu-gongan-juzhang", "donghu-gongan"
PARTY, ACT = "沁澜金属表面处理厂", "通过暗管排放含铬废水"
FOUND = "现场检查发现厂区东北角埋设暗管，废水未经处理排入厂外水渠。"
LAW = "《中华人民共和国刑法》第三百三十八条、法释〔2023〕7号第一条第五项。"
WANTED, SUPPLEMENT = "监测报告盖章页", "监测报告盖章页.txt"


def test_a_case_is_sent_supplemented_filed_and_handed_over(house: House) -> None:
    open_case(house)
    screen(house)
    approve(house)
    gather(house)
    seal(house)
    sign_for(house)
    others_see_nothing(house)
    ask_and_answer(house)
    file_case(house)
    hand_over(house)
    numbers(house)


def bureau_case(house: House, process: str = "criminal_transfer") -> UUID:
    house.session.rollback()
    return house.session.scalars(select(TransferFile.case_id).where(TransferFile.process == process)).one()


def open_case(house: House) -> None:
    """From the empty list to the file; without the second officer it is refused and what was typed stays."""
    handler = house.at(HANDLER)
    visit(handler, "/transfers")
    assert "没有在办的移送案件" in text(handler)
    press(handler, handler.page.get_by_role("link", name="案源立件"))
    handler.fill(source="inspection", party=PARTY, act=ACT, unit="br-360111", handler=house.person(HANDLER))
    refused(handler, "执法人员不少于两人")
    assert handler.page.locator("[name=party]").input_value() == PARTY
    assert handler.page.locator("[name=source][value=inspection]").is_checked()
    see(handler, "transfer-new-refused")
    handler.fill(officer=house.person(UNIT_HEAD), place="罗家镇栖塘路西侧水渠")
    submit(handler)
    assert "已建档" in handler.page.locator("[data-toasts]").inner_text()
    assert handler.page.locator(".nav-main [aria-current]").inner_text() == "移送案件"
    house.work()


def screen(house: House) -> None:
    """The facts, first without their last day, then whole; the legal department confirms what the table found."""
    handler = house.at(HANDLER)
    handler.fill(act_from="2026-09-01")
    tick(handler, "toxic_kinds", "hazardous")
    tick(handler, "ways", "hidden_pipe")
    rows(handler, "measured", {"pollutant": "铬", "measured": "16.5", "standard": "1.5", "unit": "mg/L", "report": "洪环监字〔2026〕117号"})
    refused(handler, "请填写违法行为终了的日期")
    assert handler.page.locator("[name=ways][value=hidden_pipe]").is_checked()
    assert handler.page.locator("[name=measured-0-measured]").input_value() == "16.5"
    handler.fill(act_to="2026-10-07")
    see(handler, "transfer-facts")
    submit(handler)
    house.work()
    house.do(LEGAL, "confirm", look=True, complete="true", suspected="true")
    visit(house.at(LEGAL), f"/transfers/{bureau_case(house)}/screening")
    assert "第一条第（五）项" in text(house.at(LEGAL)) and "第一条第（三）项" in text(house.at(LEGAL))


def approve(house: House) -> None:
    """Team, report, legal opinion; the head of the branch decides."""
    with house.step(UNIT_HEAD, "form_team", no_interest="true") as unit_head:
        tick(unit_head, "officers", house.person(HANDLER), house.person(UNIT_HEAD))
    with house.step(
        house.holder("write_report"), "write_report", look=True, found=FOUND, facts=FOUND, conditions="true", crime="338", basis=LAW,
        proposal="建议移送公安机关立案侦查。",
    ) as handler:  # fmt: skip
        rows(handler, "parties", {"name": PARTY, "kind": "unit"}, {"name": "邓某", "kind": "person", "role": "厂长"})
        rows(handler, "evidence", {"name": "现场检查笔录", "proves": "暗管的位置和走向"})
    house.do(LEGAL, "legal_opinion", agrees="true", opinion="主体、程序合法，证据充分，同意报告的意见。")
    with house.step(HEAD, "decide", decision="approve") as head:
        see(head, "transfer-decide")


def gather(house: House) -> None:
    """移送材料 piece by piece: a piece without its kind is refused with its file kept; a picture is looked at before it counts."""
    handler, case = house.at(HANDLER), bureau_case(house)
    handler.go(f"/cases/{case}")
    handler.page.get_by_text("更多").click()
    press(handler, handler.page.get_by_role("link", name="移送材料"))
    handler.fill(name="现场检查（勘察）笔录", maker="贺兰溪", made_on="2026-10-08")
    upload(handler.page.locator("[data-field=files]"), "现场检查笔录.txt", FOUND.encode())
    refused(handler, "请选择材料属于哪一项")
    assert handler.page.locator("[name=name]").input_value() == "现场检查（勘察）笔录"
    assert "现场检查笔录.txt" in handler.page.locator("[data-upload-list]").inner_text()
    handler.fill(kind="records")
    submit(handler)
    for kind, name, file, content in (
        ("photos", "现场照片及清单", "现场照片.png", scene("暗管")),
        ("tests", "监测报告", "监测报告.txt", "总铬 16.5 mg/L，标准 1.5 mg/L。".encode()),
    ):
        handler.fill(kind=kind, name=name, maker="江永年", made_on="2026-10-08")
        upload(handler.page.locator("[data-field=files]"), file, content)
        submit(handler)
    assert "请逐件核对没有举报人信息后确认" in text(handler)
    press(handler, handler.page.get_by_role("button", name="已逐页核对，没有举报人信息"))
    see(handler, "transfer-material")


def seal(house: House) -> None:
    """Sealing is refused while the list of things is missing; with the reason why there is none it leaves."""
    handler, case = house.at(house.holder("assemble")), bureau_case(house)
    handler.go(f"/tasks/{house.task('assemble')}")
    handler.fill(phone="0791-88120011")
    refused(handler, "材料不齐，不能移送")
    assert handler.page.locator("[name=phone]").input_value() == "0791-88120011"
    rows(handler, "materials", {"kind": "things", "name": "涉案物品清单", "missing_reason": "现场没有查封、扣押的物品，阀门就地封存"})
    see(handler, "transfer-assemble")
    submit(handler)
    house.work()
    sealed = one(house, TransferPackage)
    visit(handler, f"/transfers/packages/{sealed.id}?verify=1")
    assert "项校验一致" in text(handler) and (sealed.manifest_sm3 or "-") in text(handler)
    visit(handler, f"/cases/{case}")
    assert "等公安回执" in text(handler)


def one(house: House, kind: type[TransferPackage]) -> TransferPackage:
    """The newest package."""
    house.session.rollback()
    return house.session.scalars(select(kind).where(kind.sealed_at.is_not(None)).order_by(kind.seq.desc())).first() or pytest.fail("none")


def sign_for(house: House) -> None:
    """On the phone: the desk has one row; the receipt cannot be refused, only given."""
    police = house.at(POLICE, PHONE)
    police.page.locator(".tabbar").get_by_role("link", name="到案").click()
    police.page.wait_for_url("**/police")
    assert PARTY in text(police) and "等我方签收" in text(police)
    see(police, "police-desk-390")
    press(police, police.page.get_by_role("link", name="签收并出具回执").locator("visible=true").first)
    assert "拒收" not in text(police)
    submit(police)
    house.work()
    desk = house.at(POLICE)
    visit(desk, "/police", "/police/files")
    desk.go("/police")
    assert "项校验一致" in text(desk)
    house.do(POLICE, "jurisdiction", juris="ours")


def others_see_nothing(house: House) -> None:
    """The neighbour's police have an empty desk and no address of this case; these police nothing of the bureau's own."""
    police, neighbour = house.at(POLICE), house.at(NEIGHBOUR)
    sealed, file = one(house, TransferPackage), bureau_case(house, "police_case")
    letter = house.session.scalars(select(TransferLetter.id).where(TransferLetter.name == "transfer_sent")).one()
    visit(neighbour, "/police")
    assert "没有要办的移送案件" in text(neighbour) and PARTY not in text(neighbour)
    shut(
        neighbour, f"/cases/{file}", f"/police/files/{file}/material", f"/transfers/packages/{sealed.id}", f"/transfers/letters/{letter}",
        f"/cases/{bureau_case(house)}",
    )  # fmt: skip
    shut(police, f"/cases/{bureau_case(house)}", f"/transfers/{bureau_case(house)}/material", "/transfers", "/petitions", "/penalties")


def ask_and_answer(house: House) -> None:
    """补正: asked without saying what, refused; asked; answered with a file in a package of its own, which the police open."""
    police = house.at(POLICE)
    police.go(f"/tasks/{house.task('examine')}")
    police.fill(step="ask", ask_kind="complete")
    refused(police, "请至少写明一项需要的材料")
    assert police.page.locator("[name=step][value=ask]").is_checked()
    rows(police, "wanted", {"name": WANTED, "why": "复印件没有盖章"})
    submit(police)
    house.work()
    with house.step(house.holder("answer_request"), "answer_request", mode="supply") as handler:
        rows(handler, "materials", {"kind": "tests", "name": WANTED, "maker": "江永年", "made_on": "2026-10-08"})
        upload(handler.page.locator('[data-rows="materials"] [data-row]').first, SUPPLEMENT, "监测报告盖章页。".encode())
        see(handler, "transfer-answer")
    visit(police, f"/police/files/{bureau_case(house, 'police_case')}/material")
    assert "已补充" in text(police) and one(house, TransferPackage).number in text(police)
    link = police.page.get_by_role("link", name=WANTED).get_attribute("href")
    assert link and police.page.request.get(police.site + link).status == 200


def file_case(house: House) -> None:
    """The officer reports, the head files, the officer serves the notice."""
    house.do(POLICE, "examine", step="decide", proposed="true", opinion="有犯罪事实，需要追究刑事责任，建议立案。")
    house.do(POLICE_HEAD, "decide_filing", look=True, filed="true")
    house.do(POLICE, "notify")
    visit(house.at(POLICE), f"/cases/{bureau_case(house, 'police_case')}")
    assert "侦查中" in text(house.at(POLICE))


def hand_over(house: House) -> None:
    """The bureau reads the notice and hands over; the file then waits for the outcome."""
    handler, case = house.at(HANDLER), bureau_case(house)
    handler.go(f"/cases/{case}")
    assert "公安已立案" in text(handler)
    press(handler, letter_link(handler, "立案通知书"))
    assert "沁澜" in text(handler)
    see(handler, "transfer-letter")
    with house.step(
        house.holder("handover"), "handover", handed_by="贺兰溪", received_by="边锐锋", dangerous="false", party_told="true"
    ) as handler:
        rows(handler, "items", {"name": "暗管阀门", "count": "2 个", "place": "分局物证室"})
        see(handler, "transfer-handover")
    visit(handler, f"/cases/{case}")
    assert "等刑事结果" in text(handler)
    visit(house.at(HANDLER, PHONE), f"/cases/{case}", "/transfers")


def numbers(house: House) -> None:
    """The pages around: boards, statistics with the case behind the number, penalty register, detention list."""
    legal = house.at(LEGAL)
    visit(legal, "/transfers", "/boards", "/boards/not_filed", "/statistics", "/penalties", "/transfers/detentions")
    legal.go("/statistics")
    press(legal, legal.page.get_by_role("row", name="青山湖").get_by_role("link", name="1").first)
    assert PARTY in text(legal)
    visit(house.at(LEGAL, PHONE), "/boards", "/statistics", "/penalties", "/transfers/detentions")
