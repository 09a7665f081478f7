"""The folder of 督办 against itself: diagrams, forms, variables, clocks, messages, settings, handlers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.engine import PROCEDURES, build_engine
from app.supervision.handlers import handlers
from app.supervision.record import KEEPS
from app.supervision.words import KINDS, STEPS, TRIGGERS
from workflows.expressions import names_in
from workflows.forms import Condition
from workflows.library import Procedure, load, read_folder

FOLDER = PROCEDURES / "supervision"
BPMN, SPIFF = "{http://www.omg.org/spec/BPMN/20100524/MODEL}", "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
PAPER_ONLY = {"sign_leader", "sign_head", "hold_interview"}  # their answer is the signature or the paper


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return load("supervision", read_folder(FOLDER))


@pytest.fixture(scope="module")
def diagrams() -> list[Any]:
    return [etree.parse(str(path)).getroot() for path in sorted(FOLDER.glob("*.bpmn"))]


def operators(diagrams: list[Any]) -> set[str]:
    return {e.get("id") for root in diagrams for e in root.iter(SPIFF + "serviceTaskOperator")}


def test_the_engine_takes_the_folder() -> None:
    assert [str(finding) for finding in build_engine(3).check(Path(FOLDER))] == []


def test_every_human_step_has_a_form_with_words_and_a_record(procedure: Procedure) -> None:
    human = {e.id for e in procedure.elements.values() if e.kind == "userTask"}
    assert human == set(procedure.forms) == set(KEEPS) | PAPER_ONLY
    for name, form in procedure.forms.items():
        assert form.stage == "督办" and form.submit != "提交" and form.help, name
        for field in form.fields.values():
            assert field.label, f"{name}.{field.name}"


@pytest.mark.parametrize(
    ("element", "decision"),
    [
        ("sign_leader", "signed"),
        ("sign_head", "signed"),
        ("confirm_desk", "closed"),
        ("confirm_leader", "closed"),
        ("confirm_head", "closed"),
    ],
)
def test_every_return_asks_a_reason(procedure: Procedure, element: str, decision: str) -> None:
    reason = procedure.forms[element].fields["reason"]
    assert decision in procedure.forms[element].data
    assert reason.schema["minLength"] >= 10 and reason.shown({decision: False}) and not reason.shown({decision: True})


def test_expressions_forms_and_clocks_know_their_names(procedure: Procedure) -> None:
    for name, form in procedure.forms.items():
        known = {*form.fields, *procedure.variables, *procedure.attributes, "now", "today"}
        for condition in form.expressions():
            assert isinstance(condition, Condition) and condition.names <= known, name
        for variable in form.data:
            assert name in procedure.variables[variable]["set_by"], variable
        assert form.spec.get("clock_from") in (None, *procedure.variables)


def test_variables_are_set_by_something_that_exists(procedure: Procedure, diagrams: list[Any]) -> None:
    on_complete = {f.on_complete for f in procedure.forms.values() if f.on_complete}
    known = set(procedure.forms) | operators(diagrams) | on_complete | {"settings", "engine", "message", "ladder", "review.draw"}
    for name, variable in procedure.variables.items():
        assert set(variable["set_by"]) <= known, name
        assert name == "case_id" or "initial" in variable or variable.get("setting") in procedure.settings, name


def test_gateways_payloads_and_the_ladder_ask_declared_variables(procedure: Procedure, diagrams: list[Any]) -> None:
    texts = [e.text for root in diagrams for tag in (BPMN + "conditionExpression", SPIFF + "messagePayload") for e in root.iter(tag)]
    table = etree.parse(str(FOLDER / "ladder.dmn")).getroot()
    texts += [e.findtext("{*}text") for e in table.iter("{*}inputExpression")]
    asked = {name for text in texts for name in names_in(str(text).strip())}
    assert asked <= set(procedure.variables)
    caught = {e.text for root in diagrams for e in root.iter(SPIFF + "messageVariable")}
    assert caught <= set(procedure.variables)
    given = {e.findtext("{*}text").strip('"') for e in table.iter("{*}outputEntry")}
    assert given - {"asked"} == set(STEPS) == set(KINDS)
    assert set(procedure.variables["trigger"]["values"]) == set(TRIGGERS)


def test_every_service_task_and_form_has_its_handler_and_no_handler_is_idle(procedure: Procedure, diagrams: list[Any]) -> None:
    assert operators(diagrams) | {f.on_complete for f in procedure.forms.values() if f.on_complete} == handlers.names()


def test_who_starts_and_meets_a_clock_says_so(procedure: Procedure, diagrams: list[Any]) -> None:
    known = operators(diagrams) | {f.on_complete for f in procedure.forms.values() if f.on_complete}
    for name, slot in procedure.slots.items():
        for key, of_form in (("start", "starts"), ("meet", "meets")):
            said = set(slot.spec[key])
            forms = {element for element, form in procedure.forms.items() if name in getattr(form, of_form)}
            assert forms == said & set(procedure.forms), f"{name} {key}"
            assert said - forms <= known, f"{name} {key}"


def test_messages_start_processes_that_are_drawn_and_answers_match_their_letter(procedure: Procedure) -> None:
    started = {rule.starts for rule in procedure.messages.values() if rule.starts}
    assert started == {"supervision", "supervision_reply"} and procedure.messages["supervision_requested"].own_file
    for name in ("supervision.replied", "supervision.result"):
        rule = procedure.messages[name]
        assert rule.matches == {"letter": "letter"} and set(rule.matches) <= set(rule.payload)
    assert procedure.messages["supervision_closed"].closes_link


def test_settings_say_where_they_are_used_and_on_what_they_rest(procedure: Procedure) -> None:
    for name, row in procedure.settings.items():
        assert row["label"] and row["used_by"] and row["basis"] in ("law", "house"), name
