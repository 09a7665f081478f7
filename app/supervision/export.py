"""The list of matters as an Excel workbook: the same rows as on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter

from app.supervision.rows import Line

COLUMNS = (
    ("时限", 16), ("到期", 26), ("编号", 22), ("督办事项", 56), ("责任单位", 16), ("层级", 12), ("到了哪一步", 20), ("事由", 14),
    ("立项", 12), ("已办天数", 10), ("办理人", 14),
)  # fmt: skip


def workbook(lines: Iterable[Line]) -> bytes:
    """An .xlsx with a fixed header and a filter. Text is written as text, never as a formula."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("督办")
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    count = 0
    for count, line in enumerate(lines, start=1):
        cells = (
            line.clock.words, line.clock.exact, line.number, line.title, line.unit, line.rung, line.step, line.trigger, line.opened,
            line.days, line.holder,
        )  # fmt: skip
        for column, value in enumerate(cells):
            if isinstance(value, int):
                sheet.write_number(count, column, value, wrap)
            else:
                sheet.write_string(count, column, value, wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()
