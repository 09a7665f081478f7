"""What a browser posts becomes a typed answer; what cannot be read stays as typed."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from app.inbox.answers import parse
from workflows.forms import Form

FORM = Form.parse(
    "inspect",
    {
        "fields": {
            "text": {"type": "string"},
            "count": {"type": "integer"},
            "amount": {"type": "number"},
            "found": {"type": "boolean"},
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
            "kinds": {"type": "array", "options": {"water": "水", "air": "大气"}, "items": {"type": "string"}},
            "numbers": {"type": "array", "items": {"type": "string"}},
            "files": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            "people": {
                "type": "array",
                "items": {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}},
            },
        }
    },
)


def answer(*pairs: tuple[str, str]) -> dict[str, Any]:
    return parse(FORM, MultiDict(pairs))


def test_empty_is_absent() -> None:
    assert answer(("text", "  "), ("count", ""), ("kinds", ""), ("people-0-name", "")) == {}


def test_text_keeps_its_lines() -> None:
    assert answer(("text", " 第一行\r\n第二行 ")) == {"text": "第一行\n第二行"}


def test_numbers_as_people_type_them() -> None:
    assert answer(("count", "１，２００"), ("amount", "6.8")) == {"count": 1200, "amount": 6.8}
    assert answer(("count", "三人"), ("amount", "约6")) == {"count": "三人", "amount": "约6"}
    assert answer(("count", "2.5")) == {"count": "2.5"}


def test_yes_and_no() -> None:
    assert answer(("found", "true")) == {"found": True}
    assert answer(("found", "false")) == {"found": False}


def test_dates_become_iso_text_in_chinas_time() -> None:
    assert answer(("day", "2026-11-19"), ("at", "2026-11-19T23:10")) == {"day": "2026-11-19", "at": "2026-11-19T23:10:00+08:00"}
    assert answer(("day", "2026年1月9日"), ("at", "2026/11/19 9:05"))["at"] == "2026-11-19T09:05:00+08:00"
    assert answer(("day", "2026-02-30")) == {"day": "2026-02-30"}
    assert answer(("day", "昨天")) == {"day": "昨天"}


def test_choices_and_files_are_lists_without_doubles() -> None:
    got = answer(("kinds", "water"), ("kinds", "air"), ("kinds", "water"), ("files", "a"), ("files", "b"))
    assert got == {"kinds": ["water", "air"], "files": ["a", "b"]}


def test_a_list_of_texts_is_one_per_line() -> None:
    assert answer(("numbers", "甲-1\n\n甲-2")) == {"numbers": ["甲-1", "甲-2"]}


def test_rows_in_order_without_the_empty_ones() -> None:
    got = answer(("people-2-name", "李四"), ("people-0-name", "张三"), ("people-0-age", "40"), ("people-1-name", " "))
    assert got == {"people": [{"name": "张三", "age": 40}, {"name": "李四"}]}


def test_fields_of_other_forms_are_not_taken() -> None:
    assert answer(("csrf_token", "x"), ("case_id", "y")) == {}
