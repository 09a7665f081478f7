"""The folder of 领导包案 against itself: diagrams, forms, variables, clocks, messages, handlers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.engine import PROCEDURES, build_engine
from app.leadership.handlers import handlers
from app.leadership.options import REASONS, SOURCES
from app.leadership.records import STEPS
from workflows.expressions import names_in
from workflows.forms import Condition
from workflows.library import Procedure, load, read_folder

FOLDER = PROCEDURES / "leader_case"
BPMN, SPIFF = "{http://www.omg.org/spec/BPMN/20100524/MODEL}", "{http://spiffworkflow.org/bpmn/schema/1.0/core}"


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return load("leader_case", read_folder(FOLDER))


@pytest.fixture(scope="module")
def diagrams() -> list[Any]:
    return [etree.parse(str(path)).getroot() for path in sorted(FOLDER.glob("*.bpmn"))]


def operators(diagrams: list[Any]) -> set[str]:
    return {e.get("id") for root in diagrams for e in root.iter(SPIFF + "serviceTaskOperator")}


def test_the_engine_takes_the_folder() -> None:
    assert [str(finding) for finding in build_engine(3).check(Path(FOLDER))] == []


def test_every_human_step_has_a_form_with_words_and_a_record(procedure: Procedure) -> None:
    human = {e.id for e in procedure.elements.values() if e.kind == "userTask"}
    assert human == set(procedure.forms)
    assert human == set(STEPS)
    for name, form in procedure.forms.items():
        assert form.stage and form.submit and form.help, name
        for field in form.fields.values():
            assert field.label and (field.error or not field.required), f"{name}.{field.name}"
            assert field.options_from is None or field.options_from in SOURCES, f"{name}.{field.name}"


def test_every_return_asks_a_reason(procedure: Procedure) -> None:
    for name, decision in (
        ("assign", "agreed"),
        ("sign_plan", "plan_ok"),
        ("sign_exit", "signed"),
        ("confirm_exit", "confirmed"),
        ("change_owner", "change_ok"),
    ):
        form = procedure.forms[name]
        assert decision in form.data
        reason = form.fields["reason"]
        assert reason.schema["minLength"] >= 10 and reason.is_required({decision: False}), name


def test_expressions_forms_and_clocks_know_their_names(procedure: Procedure) -> None:
    for name, form in procedure.forms.items():
        known = {*form.fields, *procedure.variables, *procedure.attributes, "now", "today"}
        for condition in form.expressions():
            assert isinstance(condition, Condition) and condition.names <= known, name
        for variable in form.data:
            assert name in procedure.variables[variable]["set_by"], variable
        assert set(form.sets) <= set(procedure.attributes)


def test_variables_are_set_by_something_that_exists(procedure: Procedure, diagrams: list[Any]) -> None:
    known = set(procedure.forms) | operators(diagrams) | {"settings", "engine", "message", "entry"}
    for name, variable in procedure.variables.items():
        assert set(variable["set_by"]) <= known, name
        assert name == "case_id" or "initial" in variable or variable.get("setting") in procedure.settings, name


def test_gateways_payloads_and_the_table_ask_declared_variables(procedure: Procedure, diagrams: list[Any]) -> None:
    texts = [e.text for root in diagrams for tag in (BPMN + "conditionExpression", SPIFF + "messagePayload") for e in root.iter(tag)]
    table = etree.parse(str(FOLDER / "entry.dmn")).getroot()
    texts += [e.findtext("{*}text") for e in table.iter("{*}inputExpression")]
    asked = {name for text in texts for name in names_in(str(text).strip())}
    assert asked <= set(procedure.variables)
    given = {e.findtext("{*}text").strip('"') for e in table.iter("{*}outputEntry")}
    assert given == {*REASONS, "none"}


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


def test_messages_start_processes_that_are_drawn(procedure: Procedure) -> None:
    started = {rule.starts for rule in procedure.messages.values() if rule.starts}
    assert started == set(procedure.process_files)
    assert procedure.messages["leader_case.propose"].own_file
