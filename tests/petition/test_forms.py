"""The petition's forms under any answer: they take it or say in Chinese what to enter, never anything else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.walk.answers import fill
from app.walk.scenarios import defaults
from workflows.effects import moments
from workflows.errors import FormError
from workflows.forms import Field
from workflows.library import Procedure, load, read_folder
from workflows.time import local

FOLDER = Path(__file__).parents[2] / "bpmn" / "petition"
NOW = local(datetime(2026, 9, 30, 9, 0))
SOMEBODY = str(UUID(int=7))
CONTEXT = {"contactable": True, "track": "6", "track_hint": "6", "simple_allowed": True, "appeal_stage": "review", "result": "explain"}


@cache
def petition() -> Procedure:
    return load("petition", read_folder(FOLDER))


FORMS = sorted(petition().forms)


def context(**more: Any) -> dict[str, Any]:
    return {**petition().initial_data, **moments(NOW), **CONTEXT, **more}


def choose(f: Field, values: Any) -> Any:
    return SOMEBODY if f.schema.get("format") == "uuid" else "nc-inspect"


def filled(element: str, **answer: Any) -> dict[str, Any]:
    start = {k: v.format(number=1) if isinstance(v, str) else v for k, v in defaults().get(element, {}).items()}
    return fill(petition().forms[element], context(), {**start, **answer}, choose)


def refused(element: str, **answer: Any) -> dict[str, str]:
    with pytest.raises(FormError) as refusal:
        petition().forms[element].check(filled(element, **answer), context())
    return refusal.value.errors


@pytest.mark.parametrize("element", FORMS)
def test_the_plain_answer_is_taken(element: str) -> None:
    """What the walk fills by its rule is a complete answer to every form."""
    given = {"screen": {"intake_outcome": "tell_elsewhere", "klass": "claim"}, "simple_answer": {"result": "explain"}}
    answer = filled(element, **given.get(element, {}))
    assert petition().forms[element].check(answer, context())


def value_of(f: Field) -> st.SearchStrategy[Any]:
    """Anything a browser or a program might send for a field: right, nearly right, of another type."""
    kind = f.schema.get("type")
    near: list[st.SearchStrategy[Any]] = [st.none(), st.text(max_size=60), st.booleans(), st.integers(-5, 20000)]
    if f.options:
        near.append(st.sampled_from(list(f.options)))
        near.append(st.lists(st.sampled_from(list(f.options)), max_size=3))
    if f.schema.get("format") in ("date", "date-time"):
        day = st.integers(-400, 400).map(lambda n: NOW + timedelta(days=n))
        near.append(day.map(lambda d: d.date().isoformat() if f.schema["format"] == "date" else d.isoformat()))
    if kind == "array":
        near.append(
            st.lists(st.dictionaries(st.sampled_from(["name", "certificate", "organ", "what", "x"]), st.text(max_size=8)), max_size=7)
        )
    if kind == "string":
        near.append(st.integers(0, 60).map(lambda n: "情" * n))
    return st.one_of(near)


def answers(element: str) -> st.SearchStrategy[dict[str, Any]]:
    fields = petition().forms[element].fields
    return st.fixed_dictionaries({}, optional={name: value_of(f) for name, f in fields.items()} | {"no_such_field": st.text()})


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("element", FORMS)
def test_any_answer_is_taken_or_refused_in_words(element: str, data: Any) -> None:
    form, answer = petition().forms[element], data.draw(answers(element))
    try:
        clean = form.check(answer, context())
    except FormError as error:
        assert error.errors
        assert set(error.errors) <= set(form.fields) and all(re.search(r"[\u4e00-\u9fff]", say) for say in error.errors.values())
        return
    values = {**context(), **dict.fromkeys(form.fields), **clean}
    for name, f in form.fields.items():
        assert name not in clean or f.shown(values), f"{name} was taken though it is not shown"
        assert name in clean or not f.shown(values) or not f.is_required(values), f"{name} is required and empty"
    assert set(clean) <= set(form.fields)


@pytest.mark.parametrize(
    "visitors, named, wrong", [(4, 0, None), (5, 0, "representatives"), (5, 1, None), (7, 5, None), (7, 6, "representatives")]
)
def test_a_group_names_one_to_five_representatives(visitors: int, named: int, wrong: str | None) -> None:
    """条例第二十条."""
    answer = {"channel": "visit", "visitors": visitors, "representatives": [{"name": f"代表{n}"} for n in range(named)]}
    if wrong:
        assert wrong in refused("register", **answer)
    else:
        assert petition().forms["register"].check(filled("register", **answer), context())


@pytest.mark.parametrize("late", [timedelta(minutes=1), timedelta(days=1)])
def test_nothing_is_received_in_the_future(late: timedelta) -> None:
    assert "received_at" in refused("register", received_at=(NOW + late).isoformat())


@pytest.mark.parametrize(
    "element, answer, field",
    [
        ("register", {"statement": "短"}, "statement"),
        ("register", {"levels_up": 5, "channel": "visit"}, "levels_up"),
        ("screen", {"intake_outcome": "accept", "track": "1", "grounds": "符合受理条件，予以受理办理"}, "intake_outcome"),
        ("screen", {"klass": "accusation", "track": "6", "intake_outcome": "discipline"}, "track"),
        ("screen", {"intake_outcome": "accept", "track": "6", "hear_required": False, "heard_record": None}, "heard_record"),
        ("screen", {"intake_outcome": "not_accept", "prior_level": "same", "prior_case": SOMEBODY}, "prior_level"),
        ("screen", {"intake_outcome": "no_longer", "prior_case": SOMEBODY, "same_facts": True, "same_reasons": False}, "same_facts"),
        ("site_inspection", {"officers": [{"name": "甲", "certificate": "1234"}]}, "officers"),
        ("site_inspection", {"officers": [{"name": "甲", "certificate": "1234"}, {"name": "乙"}]}, "officers"),
        ("site_inspection", {"shown": False}, "shown"),
        ("findings", {"facts": "实" * 49}, "facts"),
        ("findings", {"violation": True, "screening": [], "screening_none": False}, "screening_none"),
        ("draft_answer", {"result": "mediated"}, "result"),
        ("draft_answer", {"result": "done"}, "result"),
        ("draft_answer", {"result": "support", "execute_by": "2026-09-29"}, "execute_by"),
        ("unit_intake", {"objection": True, "competent_unit": "nc-solid", "reason": "由" * 19}, "reason"),
        ("name_handler", {"recusal_checked": False}, "recusal_checked"),
        ("request_extension", {"days": 31}, "days"),
        ("request_extension", {"days": 0}, "days"),
        ("request_extension", {"reason": "情" * 19}, "reason"),
        ("check_result", {"check_decision": "pass", "answers_every_request": False}, "check_decision"),
        ("deliver", {"sent_at": "2026-09-29", "received_at": "2026-09-28"}, "received_at"),
        ("deliver", {"sent_at": "2026-10-01"}, "sent_at"),
        ("verify_stop", {"stop_kind": "withdrawn", "free_will": False}, "free_will"),
        ("appeal_work", {"not_below": False}, "not_below"),
    ],
)
def test_what_the_law_refuses(element: str, answer: dict[str, Any], field: str) -> None:
    assert field in refused(element, **answer)


def test_one_extension_only() -> None:
    """条例第三十四条."""
    form = petition().forms["request_extension"]
    with pytest.raises(FormError, match=r"."):
        form.check(filled("request_extension"), context(extended=True))


def test_the_unit_complained_of_does_not_handle() -> None:
    form = petition().forms["assign_unit"]
    with pytest.raises(FormError) as refusal:
        form.check({"unit": "nc-inspect"}, context(complained_unit="nc-inspect"))
    assert "unit" in refusal.value.errors


def test_a_final_unit_cannot_object() -> None:
    form = petition().forms["unit_intake"]
    answer = {"objection": True, "competent_unit": "nc-solid", "reason": "事项不属于本单位职权，依职责分工应由固废管理中心办理。"}
    with pytest.raises(FormError) as refusal:
        form.check(answer, context(final_unit=True))
    assert "objection" in refusal.value.errors
