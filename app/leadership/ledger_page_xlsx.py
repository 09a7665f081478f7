"""The ledger as an Excel workbook: the columns chosen, the header frozen and repeated on every printed page, A3 landscape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter

from app.leadership.ledger import BY_KEY, Row
from app.leadership.ledger_page import LIGHT_WORDS

A3 = 8  # paper size in the file format
WIDTHS = {"number": 18, "petitioner": 14, "status": 18, "unit": 20, "enterprise": 20, "visits": 14}
WIDE, USUAL = 44, 12
FILL = {"red": "#FDEEEC", "amber": "#FFF5E1"}


def workbook(title: str, said: str, columns: Sequence[str], rows: Iterable[Row], *, lights: bool) -> bytes:
    """An .xlsx with one sheet. Text is written as text, never as a formula; ``lights``: a first column with the light in words."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("包案台账")
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1, "text_wrap": True, "valign": "vcenter"})
    cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    tinted = {key: book.add_format({"text_wrap": True, "valign": "top", "border": 1, "bg_color": tone}) for key, tone in FILL.items()}
    names = [*(["灯"] if lights else []), *(BY_KEY[key].label for key in columns)]
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, said, book.add_format({"font_color": "#58666F"}))
    for column, name in enumerate(names):
        sheet.write_string(2, column, name, head)
    last = 2
    for last, row in enumerate(rows, start=3):
        texts = [*([LIGHT_WORDS[row.light]] if lights else []), *(row.cells.get(key, "") for key in columns)]
        for column, text in enumerate(texts):
            sheet.write_string(last, column, text, tinted.get(row.light, cell) if lights and column == 0 else cell)
    _lay_out(sheet, columns, len(names), max(last, 3), lights)
    book.close()
    return out.getvalue()


def _lay_out(sheet: xlsxwriter.worksheet.Worksheet, columns: Sequence[str], count: int, last: int, lights: bool) -> None:
    """Widths, the frozen and repeated header, the filter, the paper."""
    shift = 1 if lights else 0
    if lights:
        sheet.set_column(0, 0, USUAL)
    for column, key in enumerate(columns, start=shift):
        sheet.set_column(column, column, WIDTHS.get(key, WIDE if BY_KEY[key].wide else USUAL))
    sheet.freeze_panes(3, shift + 1)
    sheet.autofilter(2, 0, last, count - 1)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&L&D&R第 &P 页，共 &N 页")
