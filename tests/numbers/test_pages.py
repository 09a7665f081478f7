"""The pages: what each person sees of whom, the cases behind a number, workbooks, words where there is nothing, nobody's name anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app import db
from app.numbers import services
from tests.accounts.fixtures import Login
from tests.numbers.builders import answered, asked, clock, item, transfer
from workflows import time as clock_time

NAME, PHONE, ADDRESS = "欧阳晚棠", "13907910042", "鹭洲里九号院"
MARCH = "period=2026-03"


@pytest.fixture
def office(bureau: Flask, login: Login) -> Iterator[Flask]:
    """Nine petitions of two counties in March."""
    clock_time.freeze(datetime(2026, 5, 20, 10, tzinfo=clock_time.ZONE))
    with bureau.app_context(), db.transaction() as session:
        who = {"name": NAME, "phone": PHONE, "address": ADDRESS, "phone_digits": PHONE, "household": f"a:{ADDRESS}"}
        for day in range(2, 8):
            case_id = answered(session, f"2026-03-0{day}", "2026-03-20" if day < 6 else "2026-04-20", "2026-03-31", **who, repeats=2)
            clock(session, case_id, "notify", f"2026-03-1{day}", met="2026-03-13")
        asked(session, case_id, "2026-04-30", rated="2026-03-28", scores=("满意", "不满意"))
        item(session, "2026-03-09", county="360102", unit="br-360102", kind="noise", repeats=2, **who)
        sealed = item(session, "2026-03-10", klass="accusation", sealed=True, complained_unit="br-360111", **who)
        transfer(session, sealed, "br-360103", "2026-03-11", "2026-03-12", "agree")
        other = item(session, "2026-03-11", county="360102", unit="nc-inspect", **who)
        transfer(session, other, "nc-inspect", "2026-03-12")
        services.refresh(session)
    return bureau


def inside(app: Flask, login: Login, account: str) -> FlaskClient:
    client = app.test_client()
    assert login(client, account).status_code == 302
    return client


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def test_the_bureau_sees_all_and_each_number_with_its_fraction(office: Flask, login: Login) -> None:
    shown = page(inside(office, login, "juzhang"), f"/numbers?{MARCH}")
    assert "66.7" in shown and "按期办结 4</a>" in shown and "到期 6</a>" in shown and "未按期办结 2</a>" in shown
    assert "东湖区" in shown and "青山湖区" in shown and "2026年2月" in shown and "统计截至 05-20 10:00" in shown
    assert "期限内发出答复的件数 ÷ 办理期限到期的件数" in shown and "依据待核" in shown
    assert "—" in shown and " 0.0" not in shown.replace("0.0 天", "")


def test_a_branch_sees_its_own_county_whatever_it_asks_for(office: Flask, login: Login) -> None:
    client = inside(office, login, "donghu-juzhang")
    for address in (f"/numbers?{MARCH}", f"/numbers?{MARCH}&county=360111", f"/numbers?{MARCH}&by=unit", f"/numbers/report?{MARCH}"):
        shown = page(client, address)
        assert "青山湖" not in shown and "东湖" in shown
    assert re.search(r"收件</span><b>2 <small>", page(client, f"/numbers?{MARCH}&county=360111"))
    assert "共 2 件" in page(client, f"/numbers/cases?number=received&{MARCH}&county=360111")


@pytest.mark.parametrize(("account", "status"), [("chuangkou", 403), ("zhidui1", 403), ("admin", 403), ("shenji", 200), ("xinfang", 200)])
def test_who_may_look(office: Flask, login: Login, account: str, status: int) -> None:
    client = inside(office, login, account)
    addresses = ("/numbers", "/numbers/panel", "/numbers/cases?number=answer", "/numbers/report?period=2026", "/numbers?format=xlsx")
    assert {client.get(address).status_code for address in addresses} == {status}


def test_the_cases_behind_a_number_are_those_that_were_added_up(office: Flask, login: Login) -> None:
    client = inside(office, login, "shenji")
    for side, count in (("num", 4), ("den", 6), ("miss", 2)):
        shown = page(client, f"/numbers/cases?number=answer&side={side}&{MARCH}")
        assert f"共 {count} 件" in shown and len(re.findall(r'<td class="c-title"><a', shown)) == count
    assert "没有“未一次化解”的事项" in page(client, f"/numbers/cases?number=settled&side=miss&{MARCH}")
    assert client.get("/numbers/cases?number=nothing").status_code == 404
    assert client.get(f"/numbers/cases?number=received&{MARCH}&after=x&before=~").status_code == 200


def test_cases_one_may_not_see_are_counted_but_not_opened(office: Flask, login: Login) -> None:
    shown = page(inside(office, login, "zhiduizhang"), f"/numbers/cases?number=received&{MARCH}")
    assert "本页 9 件中有 8 件不在您的查看范围：只计数，不能打开" in shown and "共 9 件" in shown
    assert len(re.findall(r'href="/cases/', shown)) == 1 and len(re.findall("洪环信〔2026〕", shown)) == 1


def test_pages_follow_one_another_without_gap_or_repeat(office: Flask, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.numbers import queries

    monkeypatch.setattr(queries.cases, "__kwdefaults__", {**(queries.cases.__kwdefaults__ or {}), "limit": 4})
    client, address, days = inside(office, login, "shenji"), f"/numbers/cases?number=received&{MARCH}", []
    last = ""
    while address:
        shown = page(client, address)
        days += re.findall(r'c-clock num">([\d-]+)', shown)
        found = re.search(r'rel="next" href="([^"]+)"', shown)
        last, address = address, found.group(1).replace("&amp;", "&") if found else ""
    assert days == [f"2026-03-{d:02d}" for d in (11, 10, 9, 7, 6, 5, 4, 3, 2)]
    back = re.search(r'rel="prev" href="([^"]+)"', page(client, last))
    assert back and re.findall(r'c-clock num">([\d-]+)', page(client, back.group(1).replace("&amp;", "&"))) == days[4:8]


def test_charts_carry_their_numbers_and_words(office: Flask, login: Login) -> None:
    shown = page(inside(office, login, "juzhang"), f"/numbers?{MARCH}&show=repeat")
    charts = [json.loads(found) for found in re.findall(r"data-chart='([^']+)'", shown)]
    assert [c["kind"] for c in charts] == ["line", "line", "bar"]
    assert charts[0]["labels"][-1] == "2026-03" and charts[0]["series"][0]["values"][-1] == 9
    assert charts[2]["said"].startswith("重复信访率") and "东湖区 50%" in charts[2]["said"]
    assert "看数据表" in shown and "<script>" not in shown and 'style="' not in shown


def test_a_time_without_petitions_says_so(office: Flask, login: Login) -> None:
    client = inside(office, login, "juzhang")
    shown = page(client, "/numbers?period=2024-01&by=unit")
    assert "这段时间没有收件，也没有到期的事项" in shown and "这段时间没有可以画的数" in shown
    assert "本期没有转送（交办）" in page(client, "/numbers/report?period=2024-01")
    assert client.get("/numbers/report?period=2026Q1").status_code == 404


def test_the_report_has_what_article_41_asks_for(office: Flask, login: Login) -> None:
    client = inside(office, login, "juzhang")
    month, year = page(client, f"/numbers/report?{MARCH}"), page(client, "/numbers/report?period=2026")
    assert "2026年3月信访情况月报" in month and "2026年信访情况年度报告" in year
    for title in ("总体情况", "涉及领域和被反映较多的单位", "转送、交办和督办", "提出建议和采纳情况", "走势", "主要问题"):
        assert title in month and title in year
    assert "本期收件 9 件，办结 4 件，期末在办 5 件。" in month
    assert "重复信访最多的属地：青山湖区 6 件，东湖区 1 件。" in month and "退单最多的单位：西湖分局 1 次。" in month
    assert "<td" in month and "本期没有反映本系统单位的事项" in month  # the accusation names nobody


def test_workbooks_open_and_hold_the_same(office: Flask, login: Login) -> None:
    client = inside(office, login, "juzhang")
    book = load_workbook(BytesIO(client.get(f"/numbers?{MARCH}&format=xlsx").data))
    assert book.sheetnames == ["指标", "按属地"]
    lines = {row[0].value: row for row in book["指标"].iter_rows(min_row=3)}
    assert [c.value for c in lines["按期办结率"][1:7]] == [66.7, "%", 4, 6, "按期办结", "到期"]
    assert lines["包案化解率"][1].value == "—" and len(lines) == 15
    counties = {row[0].value: row[1].value for row in book["按属地"].iter_rows(min_row=3)}
    assert counties["青山湖区"] == 7 and counties["东湖区"] == 2
    cases = load_workbook(BytesIO(client.get(f"/numbers/cases?number=answer&side=miss&{MARCH}&format=xlsx").data))
    assert [row[6].value for row in cases["明细"].iter_rows(min_row=3)] == ["未按期办结"] * 2
    report = load_workbook(BytesIO(client.get("/numbers/report?period=2026&format=xlsx").data))
    assert {"指标", "文字", "按问题类型", "转送（交办）", "督办", "建议", "近 12 个月"} <= set(report.sheetnames)


ADDRESSES = (
    f"/numbers?{MARCH}", f"/numbers?{MARCH}&by=month", f"/numbers/cases?number=received&{MARCH}",
    f"/numbers/cases?number=satisfied&side=miss&{MARCH}", f"/numbers/report?{MARCH}",
)  # fmt: skip


@pytest.mark.parametrize("account", ["juzhang", "shenji", "xinfang", "zhiduizhang", "donghu-juzhang"])
def test_nobodys_name_is_on_a_page_or_in_a_workbook(office: Flask, login: Login, account: str) -> None:
    client = inside(office, login, account)
    for address in ADDRESSES:
        shown = page(client, address)
        book = load_workbook(BytesIO(client.get(f"{address}&format=xlsx").data))
        cells = " ".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row)
        assert not any(secret in shown + cells for secret in (NAME, PHONE, ADDRESS))


def test_the_panel_of_a_desk(office: Flask, login: Login) -> None:
    clock_time.freeze(datetime(2026, 3, 25, 10, tzinfo=clock_time.ZONE))
    shown = page(inside(office, login, "juzhang"), "/numbers/panel")
    assert "及时受理率" in shown and "按期告知 5" in shown and "<html" not in shown
