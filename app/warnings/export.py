"""The area's lists as Excel workbooks, and the public list as an HTML file of its own. Text is written as text, never as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from flask import Response, render_template

from app.warnings import words
from app.warnings.rows import LetterLine, ProblemLine
from workflows.time import now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STYLE = Path(__file__).with_name("publication.css")
Columns = Sequence[tuple[str, int]]

PROBLEMS: Columns = (
    ("编号", 24), ("属地", 12), ("问题", 50), ("完成标准", 50), ("完成时限", 14), ("时限", 16), ("责任单位", 24), ("核查单位", 24),
    ("状态", 12), ("到了哪一步", 18), ("调度次数", 10), ("督办次数", 10),
)  # fmt: skip
LETTERS: Columns = (
    ("文号", 24), ("函", 14), ("月份", 14), ("收到", 16), ("签收", 16), ("签收人", 14), ("回复", 16), ("项号", 8), ("问题", 40),
    ("情况", 60), ("措施", 60), ("责任单位", 24), ("完成日期", 14),
)  # fmt: skip
PUBLIC: dict[str, tuple[tuple[str, str, int], ...]] = {  # key of the frozen row, heading, width
    "problems": (
        ("county", "属地", 12),
        ("problem", "问题", 50),
        ("standard", "完成标准", 50),
        ("deadline", "完成时限", 14),
        ("owner", "责任单位", 24),
        ("unit", "督促核查单位", 28),
    ),
    "results": (
        ("county", "属地", 12),
        ("problem", "问题", 50),
        ("standard", "完成标准", 40),
        ("owner", "责任单位", 24),
        ("result", "查处整改情况", 32),
        ("verified", "核查日期", 14),
        ("unit", "核查单位", 28),
    ),
}


def problems(lines: Iterable[ProblemLine]) -> Response:
    rows = [
        (
            p.number, p.county, p.title, p.standard, p.deadline, p.clock.words, p.owner, p.unit, p.state, p.step, str(p.checks),
            str(p.escalations),
        )
        for p in lines
    ]  # fmt: skip
    return _workbook("问题清单", PROBLEMS, rows, "problems")


def letters(lines: Iterable[LetterLine]) -> Response:
    """One row for each item, so that the answer stands beside what was asked."""
    rows = []
    for letter in lines:
        head = (letter.number, letter.kind, letter.month, letter.came, letter.receipt, letter.receipt_by, letter.response)
        for item in letter.items:
            said = letter.answers.get(item["item"], {})
            answer = (said.get("measure") or "", said.get("owner") or "", said.get("by") or "")
            rows.append((*head, item["item"], item["title"], item["text"], *answer))
    return _workbook("预警函", LETTERS, rows, "letters")


def publication(kind: str, rows: Sequence[dict[str, Any]]) -> Response:
    columns = PUBLIC[kind]
    lines = [tuple(str(row.get(key, "")) for key, _, _ in columns) for row in rows]
    return _workbook(words.PUBLICATIONS[kind], [(name, width) for _, name, width in columns], lines, kind)


def publication_file(kind: str, title: str, rows: Sequence[dict[str, Any]], organ: str) -> Response:
    """One HTML file that carries its own style and no script: for the public site, or to print."""
    body = render_template(
        "warnings/publication_file.htm", title=title, columns=PUBLIC[kind], rows=rows, organ=organ, style=STYLE.read_text(encoding="utf-8"),
        day=f"{now():%Y年%-m月%-d日}",
    )  # fmt: skip
    return _download(body.encode(), "text/html; charset=utf-8", kind, "html")


def _workbook(title: str, columns: Columns, rows: Iterable[Sequence[str]], name: str) -> Response:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "bg_color": "#EEF5F6", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (label, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, label, head)
    count = 0
    for count, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            sheet.write_string(count, column, text, wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    book.close()
    return _download(out.getvalue(), XLSX, name, "xlsx")


def _download(body: bytes, mimetype: str, name: str, ending: str) -> Response:
    response = Response(body, content_type=mimetype)
    response.headers["Content-Disposition"] = f"attachment; filename={name}-{now():%Y%m%d-%H%M}.{ending}"
    response.headers["Cache-Control"] = "private, no-store"
    return response
