"""Rows of a file, whatever its encoding: CSV (UTF-8 with or without BOM, GB18030) or the first sheet of an XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from workflows.errors import WorkflowError

csv.field_size_limit(1 << 24)


class Unreadable(WorkflowError):
    """The file is not a table we can read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file as read: its headers and its rows, each with its number as a spreadsheet counts (the headers are row 1)."""

    headers: list[str]
    rows: list[tuple[int, dict[str, str]]]


def read(path: Path) -> Table:
    """The whole table; a file of some hundred thousand rows still fits in memory."""
    try:
        cells = list(_xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path))
    except OSError as error:
        raise Unreadable(f"读不了文件 {path.name}：{error.strerror or error}") from error
    if not cells:
        raise Unreadable(f"{path.name} 是空的。")
    headers = [str(cell).strip() for cell in cells[0]]
    return Table(headers, [(number, _named(headers, row)) for number, row in enumerate(cells[1:], start=2) if any(row)])


def _named(headers: list[str], row: list[str]) -> dict[str, str]:
    return {header: value for header, value in zip(headers, row, strict=False) if header}


def _csv(path: Path) -> Iterator[list[str]]:
    text = decode(path.read_bytes(), path.name)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield [cell.strip() for cell in row]


def decode(data: bytes, name: str) -> str:
    """Text of the bytes: UTF-8 first (with or without BOM), then the encoding of older Chinese systems."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{name} 的文字编码认不出来，请另存为 UTF-8 的 CSV 或 XLSX。")


def _xlsx(path: Path) -> Iterator[list[str]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (KeyError, ValueError, InvalidFileException) as error:
        raise Unreadable(f"{path.name} 打不开，请另存为 XLSX 或 CSV。") from error
    except Exception as error:  # a damaged package raises whatever its part raises
        raise Unreadable(f"{path.name} 已损坏，打不开。") from error
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
