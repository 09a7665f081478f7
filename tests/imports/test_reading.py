"""Files as people send them: encodings, separators, sheets, columns and dates."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from app.imports import columns, readers
from app.imports.services import suggestions
from workflows.time import ZONE

BOARD = "留言编号,留言用户,留言主题,留言时间,留言详情,反对数,点赞数\n"
LINE = '{no},U{no},八一桥下工地夜里噪音,2026/9/3 6:23:25,"东湖区八一桥下工地每晚施工，\n噪音太大，请查处。",,\n'

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def write(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_csv_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    table = readers.read(write(tmp_path / "a.csv", BOARD + LINE.format(no=1), encoding))
    assert table.headers[0] == "留言编号"
    known = columns.detect(table.headers)
    row = columns.row_of(*table.rows[0], known)
    assert (known.source, known.channel) == ("网络问政平台", "web")
    assert row.outside_no == "1"
    assert row.statement.startswith("八一桥下工地夜里噪音\n东湖区")
    assert row.submitted_at == datetime(2026, 9, 3, 6, 23, 25, tzinfo=ZONE)


def test_semicolons_and_tabs(tmp_path: Path) -> None:
    for sep in ";\t":
        text = BOARD.replace(",", sep) + sep.join(["2", "U2", "臭味", "2026-09-03", "晚上有很重的臭味，睡不着觉。", "", ""]) + "\n"
        assert readers.read(write(tmp_path / "b.csv", text, "utf-8")).rows[0][1]["留言编号"] == "2"


def test_xlsx_with_dates_and_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "标题", "内容", "时间"])
    sheet.append([20260001, "废水", "厂里把废水直接排到沟里，颜色发黑。", datetime(2026, 9, 1, 8, 30)])
    book.save(tmp_path / "c.xlsx")
    table = readers.read(tmp_path / "c.xlsx")
    row = columns.row_of(*table.rows[0], columns.detect(table.headers))
    assert row.outside_no == "20260001"
    assert row.submitted_at == datetime(2026, 9, 1, 8, 30, tzinfo=ZONE)


@pytest.mark.parametrize("name", ["x.xlsx", "x.csv"])
def test_what_is_no_table_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe\x00\x81\xff" * 9)
    with pytest.raises(readers.Unreadable):
        readers.read(tmp_path / name)


def test_unknown_columns_can_be_named() -> None:
    headers = ["No", "Text", "反映内容"]
    with pytest.raises(columns.NoColumns, match="outside_no"):
        columns.detect(headers)
    named = columns.detect(headers, {"No": "outside_no", "Text": "statement"}, "某平台")
    assert (named.source, named.names) == ("某平台", {"No": "outside_no", "Text": "statement"})
    with pytest.raises(columns.NoColumns, match="没有“X”"):
        columns.detect(headers, {"X": "statement"})


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"留言详情": "没有编号的留言内容一段"}, "没有编号"),
        ({"留言编号": "1", "留言详情": "太短"}, "不足 10"),
        ({"留言编号": "1", "留言详情": "长" * 5001}, "超过 5000"),
        ({"留言编号": "1", "留言详情": "内容是足够长的一段话", "留言时间": "昨天"}, "认不出"),
        ({"留言编号": "1", "留言详情": "内容是足够长的一段话", "留言时间": "2026-02-30"}, "没有"),
    ],
)
def test_bad_rows_say_why(cells: dict[str, str], says: str) -> None:
    with pytest.raises(columns.BadRow, match=says):
        columns.row_of(2, cells, columns.detect(["留言编号", "留言主题", "留言详情", "留言时间"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("红谷滩区某小区楼下餐馆油烟很大，请求处理", {"county": "360113", "kind": "air", "asks": "protect"}),
        ("举报青山湖区罗家镇一家厂偷排污水到水渠，要求查处", {"county": "360111", "kind": "water", "asks": "penalise"}),
        ("麻丘有人正在倾倒废机油和危废", {"county": "gxq", "kind": "hazardous", "gravity": "urgent"}),
        ("新建的垃圾站", {"kind": "solid"}),
    ],
)
def test_words_suggest(text: str, expected: dict[str, str]) -> None:
    row = columns.Row(1, "1", text, text)
    found = suggestions(row)
    assert expected.items() <= found.items()
    assert ("county" in found) == ("county" in expected)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the files beside the project are not there")
@pytest.mark.parametrize(("name", "rows"), [("complaints.csv", 712), ("complaints-unanswered.csv", 301)])
def test_the_files_beside_the_project_are_read_as_they_are(name: str, rows: int) -> None:
    table = readers.read(SHARED / name)
    known = columns.detect(table.headers)
    read = [columns.row_of(number, cells, known) for number, cells in table.rows]
    assert len(read) == rows
    assert all(row.submitted_at for row in read)
    assert len({row.outside_no for row in read}) == rows
