"""The police's files as an Excel workbook. Text is written as text, never as a formula."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter

from app.transfers.police_rows import Row

COLUMNS = (
    ("时限", 18), ("到期", 26), ("移送编号", 24), ("案件", 48), ("状态", 16), ("罪名", 26), ("移送情况", 44), ("到案", 16),
    ("立案编号", 26), ("决定时间", 16), ("结果", 20), ("环境局", 26), ("公安", 26), ("检察院", 26),
)  # fmt: skip


def workbook(rows: Iterable[Row]) -> bytes:
    """An .xlsx with a fixed header and a filter."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("移送案件")
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    count = 0
    for count, row in enumerate(rows, start=1):
        cells = (
            row.clock.words, row.clock.exact, row.number, row.title, row.state, row.crime, row.said, row.arrived, row.police_no,
            row.decided, row.outcome, *(one.words for one in row.who),
        )  # fmt: skip
        for column, value in enumerate(cells):
            sheet.write_string(count, column, value, wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()
