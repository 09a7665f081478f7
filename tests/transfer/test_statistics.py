"""联席会议统计: what counts in which month, numerators and denominators, rows without transfers."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy.orm import Session

from app.transfers import statistics, statistics_export
from app.transfers.models import Transfer
from app.transfers.statistics import Row
from tests.transfer.bureau_builders import UNIT, Elsewhere, arrive, at, do, go, on, person, source, to_sent


def sends(session: Session) -> Transfer:
    case_id = source(session)
    to_sent(session, case_id)
    return session.get_one(Transfer, case_id)


def sent_at(row: Transfer) -> datetime:
    assert row.sent_at is not None
    return row.sent_at


def rows(session: Session, month: str, account: str = "fagui") -> tuple[dict[str, Row], list[statistics.Sent]]:
    who = person(session, account)
    reach = statistics.organs(session, who)
    found = statistics.sent_in(session, month, reach)
    return {row.organ: row for row in statistics.table(found, reach)}, found


def said(row: Row) -> list[str]:
    return [figure.words for figure in row.figures]


def test_a_month_without_transfers_shows_zero_and_no_share(bureau_work: Session, elsewhere: Elsewhere) -> None:
    found, _ = rows(bureau_work, "2026-09")
    assert said(found[""]) == ["0", "—", "—", "—", "0", "0（0）"]
    assert UNIT in found and "nc" in found


def test_the_numbers_of_a_month(bureau_work: Session, elsewhere: Elsewhere) -> None:
    first = sends(bureau_work)
    arrive(bureau_work, first.case_id, "transfer_receipt", "received", receipt_no="青公受1号")
    at(sent_at(first) + timedelta(hours=30), bureau_work)
    arrive(bureau_work, first.case_id, "police_notice", "filed")
    second = sends(bureau_work)
    arrive(bureau_work, second.case_id, "police_notice", "returned", reasons="不属公安机关管辖")
    third = sends(bureau_work)
    arrive(bureau_work, third.case_id, "transfer_receipt", "received", receipt_no="青公受2号")
    at(sent_at(third) + timedelta(hours=10), bureau_work)
    arrive(bureau_work, third.case_id, "police_notice", "refused", reasons="情节轻微")
    found, cases = rows(bureau_work, "2026-09")
    row = found[UNIT]
    assert said(row) == ["3", "66.7%", "33.3%", "20.0", "1", "0（0）"]
    assert [figure.share for figure in row.figures] == ["", "2/3", "1/3", "40.0/2", "", ""]
    assert said(found[""]) == said(row) and said(found["nc"])[0] == "0"
    assert [one.transfer_no for one in cases if one.counts("decided")] == [first.transfer_no, third.transfer_no]


def test_supervision_counts_once_and_says_what_was_filed_after_it(bureau_work: Session, elsewhere: Elsewhere) -> None:
    row = sends(bureau_work)
    arrive(bureau_work, row.case_id, "transfer_receipt", "received", receipt_no="青公受1号")
    arrive(bureau_work, row.case_id, "police_notice", "refused", reasons="情节轻微")
    do(bureau_work, row.case_id, "choose_way", way="supervise")
    go(bureau_work, row.case_id, "write_proposal", "review_proposal", "sign_proposal")
    number = elsewhere.last("supervision_proposed")["letter_no"]
    arrive(bureau_work, row.case_id, "supervision_result", "corrected", sender="pp-360111", reply=number)
    found, _ = rows(bureau_work, "2026-09")
    assert said(found[UNIT])[-1] == "1（1）"


def test_a_transfer_counts_in_the_month_it_was_first_sent(bureau_work: Session, elsewhere: Elsewhere) -> None:
    row = sends(bureau_work)
    at(on("2026-10-09"), bureau_work)
    arrive(bureau_work, row.case_id, "police_notice", "filed")
    assert said(rows(bureau_work, "2026-09")[0][UNIT])[2] == "100.0%"
    assert said(rows(bureau_work, "2026-10")[0][UNIT])[0] == "0"


def test_bounds_of_a_month() -> None:
    start, end = statistics.month_bounds("2026-12")
    assert (start, end) == (on("2026-12-01", 0), on("2027-01-01", 0))
    with pytest.raises(ValueError):
        statistics.month_bounds("2026-13")
    assert statistics.months(on("2027-01-05"))[:2] == ["2027-01", "2026-12"]


def test_a_branch_sees_its_own_and_the_workbook_names_the_cases(bureau_work: Session, elsewhere: Elsewhere) -> None:
    row = sends(bureau_work)
    own, _ = rows(bureau_work, "2026-09", "qingshanhu-guzhang")
    far, _ = rows(bureau_work, "2026-09", "donghu-guzhang")
    assert set(own) == {UNIT, ""} and said(own[UNIT])[0] == "1"
    assert set(far) == {"br-360102", ""} and said(far[""])[0] == "0"
    who = person(bureau_work, "fagui")
    reach = statistics.organs(bureau_work, who)
    found = statistics.sent_in(bureau_work, "2026-09", reach)
    book = openpyxl.load_workbook(BytesIO(statistics_export.workbook("2026-09", statistics.table(found, reach), found, reach)))
    assert book.sheetnames == ["联席会议统计", "案件"]
    assert book["案件"]["A2"].value == row.transfer_no and book["案件"].max_row == 2
    assert [cell.value for cell in book["联席会议统计"][2]][:4] == ["移送机关", "移送数（件）", "分子", "分母"]
