"""A list as an Excel workbook: the same rows as on the screen, with the exact moments."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter

from app.inbox.lists import Line

COLUMNS = (
    ("时限", 16), ("到期", 26), ("编号", 22), ("事项", 60), ("本步", 20), ("属地", 12), ("来源", 14), ("类型", 14), ("到达", 14),
    ("办理人", 14), ("标记", 20), ("依据", 50),
)  # fmt: skip


def workbook(title: str, lines: Iterable[Line]) -> bytes:
    """An .xlsx with a fixed header and a filter. Text is written as text, never as a formula."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    count = 0
    for count, line in enumerate(lines, start=1):
        cells = (
            line.clock.words, line.clock.exact, line.number, line.title, line.step, line.area, line.channel, line.kind, line.day,
            line.holder, "、".join(line.tags), line.clock.citation,
        )  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(count, column, text, wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()
