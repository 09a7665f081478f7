"""Lists of the boards and of the procuratorate's desk as Excel workbooks. Text is written as text, never as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from urllib.parse import quote

import xlsxwriter
from flask import Response

from workflows.time import now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Columns = Sequence[tuple[str, int]]
FORBIDDEN = "[]:*?/\\"  # what a sheet's name may not hold


def workbook(name: str, sheets: Iterable[tuple[str, Columns, Sequence[Sequence[str]]]]) -> Response:
    """One sheet a list, with a fixed head and a filter."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for title, columns, rows in sheets:
        sheet = book.add_worksheet("".join(c for c in title if c not in FORBIDDEN)[:31])
        for column, (label, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, label, head)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text, wrap)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
    book.close()
    return download(out.getvalue(), name)


def download(body: bytes, name: str) -> Response:
    """A workbook as an answer that nothing keeps."""
    response = Response(body, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}-{now():%Y%m%d}.xlsx', safe='')}"
    response.headers["Cache-Control"] = "private, no-store"
    return response
