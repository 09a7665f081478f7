"""A form as it is drawn: widgets by type, values, errors, and conditions as trees the browser can judge."""

from __future__ import annotations

import json

from app.inbox.conditions import tree
from app.inbox.screen import Sources, draw, shown_values
from workflows.forms import Form

FORM = Form.parse(
    "screen",
    {
        "fields": {
            "way": {"type": "string", "label": "方式", "options": {"spot": "当场", "post": "邮寄"}, "required": True},
            "track": {"type": "string", "label": "途径", "options": {str(i): f"第 {i} 条途径的全称" for i in range(6)}},
            "sent_at": {"type": "string", "format": "date", "label": "寄出日期", "show": 'way == "post"'},
            "visitors": {"type": "integer", "label": "人数", "default": "1"},
            "leaders": {
                "type": "array",
                "label": "代表",
                "widget": "rows",
                "show": "(visitors or 1) > group_limit",
                "items": {"type": "object", "properties": {"name": {"type": "string", "label": "姓名"}}, "required": ["name"]},
            },
            "held_at": {"type": "string", "format": "date-time", "label": "时间", "width": 3},
            "unit": {"type": "string", "label": "单位", "options_from": "units"},
            "reason": {"type": "string", "label": "理由", "maxLength": 2000, "personal": True},
            "odd": {"type": "string", "label": "特别", "show": 'lower(way) == "post"'},
        }
    },
)
CONTEXT = {"group_limit": 4}
SOURCES = Sources(choose=lambda field: [("nc-inspect", "市环境监察支队")])


def screen(values: dict[str, object], errors: dict[str, str] | None = None) -> dict[str, object]:
    drawn = draw(FORM, values, CONTEXT, errors or {}, SOURCES)
    return {"screen": drawn, **{f.name: f for f in drawn.fields}}


def test_widgets_by_type() -> None:
    kinds = {f.name: f.widget for f in draw(FORM, {}, CONTEXT, {}, SOURCES).fields}
    assert kinds == {
        "way": "radio", "track": "select", "sent_at": "text", "visitors": "text", "leaders": "rows", "held_at": "text",
        "unit": "select", "reason": "textarea", "odd": "text",
    }  # fmt: skip


def test_values_are_put_in() -> None:
    got = screen({"way": "post", "held_at": "2026-11-19T15:10:00+00:00", "unit": "nc-inspect"})
    assert got["way"].chosen("post") and not got["way"].chosen("spot")
    assert got["held_at"].value == "2026-11-19T23:10" and got["held_at"].input_type == "datetime-local"
    assert got["unit"].chosen("nc-inspect") and got["unit"].options == [("nc-inspect", "市环境监察支队")]


def test_what_is_hidden_and_what_the_browser_judges() -> None:
    got = screen({"way": "spot", "visitors": 3})
    assert not got["sent_at"].shown and json.loads(got["sent_at"].show_json) == ["==", ["field", "way"], "post"]
    assert json.loads(got["leaders"].show_json) == [">", ["or", ["field", "visitors"], 1], 4]
    assert not got["leaders"].shown
    assert screen({"visitors": 9})["leaders"].shown


def test_what_the_browser_cannot_judge_is_drawn_by_the_server() -> None:
    got = screen({"way": "post"})
    assert got["screen"].reload and got["odd"].show_json == ""


def test_errors_stand_in_order_and_link_to_their_field() -> None:
    drawn = screen({}, {"reason": "理由：至少 10 个字", "way": "请选择方式"})["screen"]
    assert [(p.id, p.label, p.text) for p in drawn.problems] == [("f-way", "方式", "请选择方式"), ("f-reason", "理由", "至少 10 个字")]


def test_rows_have_a_line_each_and_a_blank_one_to_copy() -> None:
    got = screen({"leaders": [{"name": "张三"}, {"name": "李四"}]})["leaders"]
    assert [row.fields[0].value for row in got.entries] == ["张三", "李四"]
    assert [row.fields[0].name for row in got.entries] == ["leaders-0-name", "leaders-1-name"]
    assert got.blank.fields[0].name == "leaders-__i__-name"


def test_optional_is_said_required_is_not() -> None:
    got = screen({})
    assert not got["way"].optional and got["sent_at"].optional and not got["visitors"].optional


def test_a_finished_answer_shows_words_and_no_personal_data() -> None:
    lines = shown_values(FORM, {"way": "post", "reason": "张三反映", "leaders": [{"name": "张三"}], "visitors": 2})
    assert ("方式", "邮寄") in lines and ("人数", "2") in lines
    assert "张三反映" not in str(lines)
    assert ("理由", "张三反映") in shown_values(FORM, {"reason": "张三反映"}, personal=True)


def test_a_value_chosen_elsewhere_is_called_by_its_name() -> None:
    assert shown_values(FORM, {"unit": "br-1"}) == [("单位", "br-1")]
    assert shown_values(FORM, {"unit": "br-1"}, words=lambda field: {"br-1": f"一{field.label}"}) == [("单位", "一单位")]


def test_trees() -> None:
    fields = {"a", "b"}
    assert tree('a in ["x", "y"] and not b', fields, {}) == ["and", ["in", ["field", "a"], ["list", "x", "y"]], ["not", ["field", "b"]]]
    assert tree("len(a or []) >= 1", fields, {}) == [">=", ["len", ["or", ["field", "a"], ["list"]]], 1]
    assert tree("a is None or klass == b", fields, {"klass": "claim"}) == [
        "or", ["==", ["field", "a"], None], ["==", "claim", ["field", "b"]],
    ]  # fmt: skip
    assert tree("a + 1 > 2", fields, {}) is None
    assert tree("1 if a else 2", fields, {}) == ["if", ["field", "a"], 1, 2]
