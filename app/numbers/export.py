"""The numbers as Excel workbooks: the same figures as on the screen, numerator and denominator in columns of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from app.numbers.definitions import INDICATORS
from app.numbers.figures import Figure, Plain, Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Workbook:
    """Sheets with a fixed, repeated head. Text is written as text, never as a formula."""

    def __init__(self) -> None:
        self.out = BytesIO()
        self.book = xlsxwriter.Workbook(self.out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self.head = self.book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1, "text_wrap": True, "valign": "top"})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.note = self.book.add_format({"italic": True})
        self.rate = self.book.add_format({"num_format": "0.0", "valign": "top"})

    def sheet(self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]], note: str = "") -> Any:
        """One sheet; ``note`` stands above the head. Returns it, for a chart beside."""
        sheet = self.book.add_worksheet(name[:31])
        top = 1 if note else 0
        if note:
            sheet.write_string(0, 0, note, self.note)
        for column, (title, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(top, column, title, self.head)
        for number, row in enumerate(rows, start=top + 1):
            for column, cell in enumerate(row):
                self._write(sheet, number, column, cell)
        sheet.freeze_panes(top + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        return sheet

    def _write(self, sheet: Any, row: int, column: int, cell: Any) -> None:
        if cell is None:
            sheet.write_string(row, column, "—", self.wrap)
        elif isinstance(cell, float):
            sheet.write_number(row, column, round(cell, 1), self.rate)
        elif isinstance(cell, int):
            sheet.write_number(row, column, cell)
        else:
            sheet.write_string(row, column, str(cell), self.wrap)

    def done(self) -> bytes:
        self.book.close()
        return self.out.getvalue()


INDICATOR_COLUMNS = (
    ("指标", 14), ("本期", 10), ("单位", 6), ("分子", 10), ("分母", 10), ("分子是", 18), ("分母是", 18), ("上期", 10), ("变化", 10),
    ("怎样算", 46), ("按何日期计", 30), ("依据", 40), ("说明", 60),
)  # fmt: skip


def indicators(book: Workbook, bases: Sequence[Plain], figures: Sequence[Figure], note: str) -> None:
    """Every indicator with its formula."""
    plain = [(p.label, p.number, "件", p.number, "", "", "", "", p.moved, "", p.counted_on, "", "") for p in bases]
    lines = [
        (
            f.indicator.label, f.value, f.indicator.unit, f.num, f.den, f.indicator.numerator, f.indicator.denominator, f.before, f.moved,
            f.indicator.formula, f.indicator.counted_on, f"{f.indicator.source}{'（依据待核）' if f.indicator.check else ''}",
            f.indicator.note,
        )
        for f in figures
    ]  # fmt: skip
    book.sheet("指标", INDICATOR_COLUMNS, [*plain, *lines], note)


def spread(book: Workbook, title: str, rows: Sequence[Row], note: str) -> None:
    """One row a part: for each indicator its value, numerator and denominator."""
    columns = [(title, 16), ("收件", 8)]
    for i in INDICATORS:
        columns += [(f"{i.label}（{i.unit}）", 10)] + ([] if i.counts else [(i.numerator, 10)]) + [(i.denominator, 10)]
    lines: list[list[Any]] = []
    for row in rows:
        line: list[Any] = [row.label, row.received.number]
        for f in row.figures:
            counts = f.indicator.counts
            line += [f.num if counts else f.value] + ([] if counts else [f.num]) + [f.den]
        lines.append(line)
    book.sheet(title, columns, lines, note)
