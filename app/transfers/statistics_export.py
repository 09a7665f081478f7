"""The monthly table as a workbook: numbers with numerator and denominator, and a second sheet with the cases behind them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from app.transfers.statistics import MEASURES, Row, Sent
from workflows.time import local

CASES = (
    ("移送编号", 24), ("移送机关", 16), ("案件", 40), ("移送", 18), ("接受", 18), ("决定", 18), ("用时（小时）", 12), ("立案", 8),
    ("退回", 8), ("立案监督", 10), ("监督后立案", 12),
)  # fmt: skip


def workbook(month: str, rows: Sequence[Row], found: Sequence[Sent], names: dict[str, str]) -> bytes:
    """An .xlsx of two sheets. Text is written as text, never as a formula."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1, "text_wrap": True, "valign": "top"})
    _numbers(book.add_worksheet("联席会议统计"), head, month, rows)
    _cases(book.add_worksheet("案件"), head, found, names)
    book.close()
    return out.getvalue()


def _numbers(sheet: Any, head: Any, month: str, rows: Sequence[Row]) -> None:
    sheet.write_string(0, 0, f"{month} 两法衔接联席会议统计。当月首次移送的案件，后来的结果按现在所知计入")
    column = 1
    sheet.write_string(1, 0, "移送机关", head)
    sheet.set_column(0, 0, 18)
    for measure in MEASURES:
        sheet.write_string(1, column, f"{measure.label}（{measure.unit}）", head)
        sheet.write_string(1, column + 1, "分子", head)
        sheet.write_string(1, column + 2, "分母", head)
        column += 3
    for number, row in enumerate(rows, start=2):
        sheet.write_string(number, 0, row.name)
        for place, figure in enumerate(row.figures):
            at = 1 + 3 * place
            sheet.write_string(number, at, figure.words)
            sheet.write_number(number, at + 1, round(figure.above, 1))
            if figure.below is not None:
                sheet.write_number(number, at + 2, figure.below)
    for place, measure in enumerate(MEASURES):
        sheet.write_string(len(rows) + 3 + place, 0, f"{measure.label}：{measure.formula}")
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _cases(sheet: Any, head: Any, found: Sequence[Sent], names: dict[str, str]) -> None:
    for column, (title, width) in enumerate(CASES):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    for number, one in enumerate(found, start=1):
        cells = (
            one.transfer_no, names.get(one.organ, one.organ), one.title, _moment(one.sent_at), _moment(one.accepted_at),
            _moment(one.decided_at),
            f"{one.hours:.1f}" if one.decided_at is not None else "", _mark(one.filed), _mark(one.returned), _mark(one.supervised),
            _mark(one.corrected),
        )  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(number, column, text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(found), 1), len(CASES) - 1)


def _moment(at: Any) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}" if at is not None else ""


def _mark(so: bool) -> str:
    return "是" if so else ""
