"""The bureau's lists as Excel workbooks. Text is written as text, never as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from urllib.parse import quote

import xlsxwriter
from flask import Response

from app.transfers.models import PenaltyCase
from app.transfers.rows import Line
from app.transfers.words import ACT_KINDS, PENALTIES, RECHECKS
from workflows.time import now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Columns = Sequence[tuple[str, int]]
TRANSFERS: Columns = (
    ("时限", 16), ("到期", 26), ("移送编号", 24), ("案件", 40), ("到了哪一步", 22), ("办理人", 14), ("案源", 14), ("承办单位", 24),
    ("公安机关", 24), ("罪名", 30), ("建档", 14), ("标记", 24),
)  # fmt: skip
PENALTY: Columns = (
    ("立案号", 22), ("当事人", 30), ("案由", 40), ("种类", 18), ("行为开始", 12), ("行为终了", 12), ("立案日期", 12), ("应决定日期", 12),
    ("决定日期", 12), ("决定书文号", 22), ("处罚种类", 24), ("罚款金额", 14), ("送达", 12), ("缴纳日期", 12), ("已缴金额", 14),
    ("改正期限", 12), ("核实改正", 12), ("复查日期", 12), ("复查结果", 12), ("结案日期", 12), ("折抵金额", 14),
)  # fmt: skip


def transfers(found: Iterable[Line]) -> Response:
    rows = [
        (
            x.clock.words, x.clock.exact, x.number, x.title, x.step, x.holder, x.source, x.unit, x.police, x.crime, x.opened,
            "、".join(x.tags),
        )
        for x in found
    ]  # fmt: skip
    return _workbook("移送案件", TRANSFERS, rows)


def penalties(found: Iterable[PenaltyCase]) -> Response:
    rows = []
    for p in found:
        days = (p.act_from, p.act_to, p.filed_on, p.decide_by, p.decided_on)
        after = (p.rectify_by, p.rectified_checked_on, p.recheck_on)
        rows.append(
            (
                p.number, p.party, p.act, ACT_KINDS.get(p.act_kind, p.act_kind), *map(_day, days), p.decision_no or "",
                "、".join(PENALTIES.get(kind, kind) for kind in p.kinds), _sum(p.amount), _day(p.served_on), _day(p.paid_on),
                _sum(p.paid_amount), *map(_day, after), RECHECKS.get(p.recheck_result or "", ""), _day(p.closed_on), _sum(p.offset_amount),
            )
        )  # fmt: skip
    return _workbook("行政处罚登记", PENALTY, rows)


def _day(value: object) -> str:
    return str(value) if value is not None else ""


def _sum(value: object) -> str:
    return f"{value:.2f}" if value is not None else ""


def _workbook(title: str, columns: Columns, rows: Sequence[Sequence[str]]) -> Response:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title)
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text, wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    book.close()
    response = Response(out.getvalue(), content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{title}-{now():%Y%m%d}.xlsx', safe='')}"
    return response
