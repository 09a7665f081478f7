"""The petition folder against itself: every form, clock, message and variable is known where it is used, and the other way round."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from workflows.expressions import names_in
from workflows.forms import Condition, Form
from workflows.library import BPMN, HUMAN, SPIFF, Procedure, load, read_folder

FOLDER = Path(__file__).parents[2] / "bpmn" / "petition"
STAGES = {"受理", "接待", "办理", "督办", "反馈", "归档"}
ROLES_AND_OFFERS = {"now", "today"}  # names a form may take as a default beside its own fields and the process data
ATTRIBUTES = {"intake_org", "sender_org", "unit", "signer_org", "execute_org", "appeal_org", "consult_org", "leader", "handler"}
RETURNS = {"return", "refuse", "redraft", "rework", "supervise", "not_done", "refused"}


@pytest.fixture(scope="module")
def petition() -> Procedure:
    return load("petition", read_folder(FOLDER))


@pytest.fixture(scope="module")
def diagrams() -> list[Any]:
    found = [etree.parse(str(p)).getroot() for p in sorted(FOLDER.glob("*.bpmn"))]
    if not found:
        pytest.skip("no diagram in bpmn/petition yet")
    return found


def data_file(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


DEADLINES = FOLDER.parent / "deadlines.yaml"


def rules_of_law() -> set[str]:
    if not DEADLINES.exists():
        pytest.skip("no deadlines.yaml yet")
    rows = yaml.safe_load(DEADLINES.read_text(encoding="utf-8"))
    return {r["id"] for r in (rows["rules"] if isinstance(rows, dict) else rows)}


def operators(diagrams: list[Any]) -> set[str]:
    return {op.get("id") for root in diagrams for op in root.iter(SPIFF + "serviceTaskOperator")}


def processes(diagrams: list[Any]) -> set[str]:
    return {p.get("id") for root in diagrams for p in root.iter(BPMN + "process")}


def test_every_human_task_has_a_form_and_every_form_a_task(petition: Procedure, diagrams: list[Any]) -> None:
    tasks = {e.id for e in petition.elements.values() if e.kind in HUMAN}
    assert tasks == set(petition.forms)


def test_forms_are_complete_for_people(petition: Procedure) -> None:
    for element, form in petition.forms.items():
        assert form.stage in STAGES, element
        assert form.spec.get("submit") and form.submit not in ("提交", "确定"), f"{element}: the button names the act"
        for f in form.fields.values():
            assert re.search(r"[\u4e00-\u9fff]", f.label), f"{element}.{f.name} has no Chinese label"
            assert f.schema.get("type"), f"{element}.{f.name} has no type"


def test_expressions_compile_and_know_their_names(petition: Procedure) -> None:
    for element, form in petition.forms.items():
        known = set(form.fields) | set(petition.variables) | ROLES_AND_OFFERS
        for condition in form.expressions():
            assert condition.names <= known, f"{element}: {condition.text} asks {sorted(condition.names - known)}"


def test_conditional_clocks_know_their_names(petition: Procedure) -> None:
    for element, form in petition.forms.items():
        known = set(form.fields) | set(petition.variables)
        for spec in [*(form.spec.get("starts") or {}).values(), *(form.spec.get("meets") or {}).values()]:
            when = Condition.of(spec["when"]) if isinstance(spec, dict) and "when" in spec else True
            assert isinstance(when, bool) or when.names <= known, element
            at = spec.get("at", spec.get("from")) if isinstance(spec, dict) else spec
            assert at == "now" or at in form.fields, f"{element}: {at}"
            for name in ("until", "days"):
                assert not isinstance(spec, dict) or name not in spec or spec[name] in form.fields, f"{element}: {name}"


def test_every_return_and_refusal_asks_a_reason(petition: Procedure) -> None:
    """At least ten characters, twenty for an objection and for an extension."""
    for element, form in petition.forms.items():
        for f in form.fields.values():
            back = RETURNS & set(f.options or ())
            if not back or not (f.name.endswith("_decision") or f.name == "appeal_outcome") or element == "record_external":
                continue
            reason = form.fields.get("reason") or form.fields.get("opinion")
            assert reason is not None and reason.schema.get("minLength", 0) >= 10, element
            for choice in back:
                values = {f.name: choice}
                assert reason.shown(values) and reason.is_required(values), f"{element}: {choice} without a reason"
    assert petition.forms["unit_intake"].fields["reason"].schema["minLength"] == 20
    assert petition.forms["request_extension"].fields["reason"].schema["minLength"] == 20


def test_data_of_forms_is_declared(petition: Procedure) -> None:
    for element, form in petition.forms.items():
        for name in form.data:
            assert name in form.fields and name in petition.variables, f"{element}.{name}"
            assert element in petition.variables[name]["set_by"], f"variables.yaml: {name} is set by {element}"
            values, options = petition.variables[name].get("values"), form.fields[name].options
            assert not (values and options) or set(options) <= set(values), f"{element}.{name}"
        for attribute, source in form.sets.items():
            assert attribute in ATTRIBUTES and source in form.fields, f"{element} sets {attribute}"


def test_variables_are_set_by_something_that_exists(petition: Procedure, diagrams: list[Any]) -> None:
    known = set(petition.forms) | operators(diagrams) | {"settings", "engine", "message"}
    known |= {d.get("id") for d in decisions()}
    for name, variable in petition.variables.items():
        assert set(variable["set_by"]) <= known, f"{name}: {sorted(set(variable['set_by']) - known)}"
        assert name == "case_id" or "initial" in variable or "setting" in variable or name in ("link_id",), name
        assert "setting" not in variable or variable["setting"] in data_file("settings.yaml"), name
        assert not (f := [e for e in variable["set_by"] if e in petition.forms and name not in petition.forms[e].data]), f"{name}: {f}"


def decisions() -> list[Any]:
    return [d for p in sorted(FOLDER.glob("*.dmn")) for d in etree.parse(str(p)).getroot().iter("{*}decision")]


def test_gateways_and_payloads_ask_declared_variables(petition: Procedure, diagrams: list[Any]) -> None:
    for root in diagrams:
        texts = [e.text for e in root.iter(BPMN + "conditionExpression")] + [e.text for e in root.iter(SPIFF + "messagePayload")]
        for text in texts:
            missing = set(names_in(text.strip())) - set(petition.variables)
            assert not missing, f"{text}: {sorted(missing)}"


def test_decision_tables_ask_and_give_declared_variables(petition: Procedure) -> None:
    tables = decisions()
    if not tables:
        pytest.skip("no decision table yet")
    for decision in tables:
        asked = {n for e in decision.iter("{*}inputExpression") for n in names_in(e.findtext("{*}text"))}
        given = {e.get("name") for e in decision.iter("{*}output")}
        assert asked | given <= set(petition.variables), f"{decision.get('id')}: {sorted((asked | given) - set(petition.variables))}"
        for name in given:
            assert decision.get("id") in petition.variables[name]["set_by"], name


def test_message_variables_of_catches_are_declared(petition: Procedure, diagrams: list[Any]) -> None:
    for root in diagrams:
        for e in root.iter(SPIFF + "messageVariable"):
            assert e.text.strip() in petition.variables, e.text


def test_slots_name_rules_of_law(petition: Procedure) -> None:
    rules = rules_of_law()
    for name, slot in petition.slots.items():
        for rule in slot.rules:
            assert rule["rule"] in rules, f"{name}: {rule['rule']}"
            condition = Condition.of(rule.get("when", True))
            assert isinstance(condition, bool) or condition.names <= set(petition.variables), name
        for key in ("chase", "grace"):
            assert key not in slot.spec or slot.spec[key] in rules, f"{name}: {slot.spec.get(key)}"
        assert slot.spec["kind"] in ("duty", "right"), name
        assert slot.spec["kind"] == "right" or slot.spec["on_overdue"] in ("diagram", "supervise", "mark"), name


def test_forms_and_diagrams_name_known_slots(petition: Procedure, diagrams: list[Any]) -> None:
    for element, form in petition.forms.items():
        for slot in [form.clock, *form.starts, *form.meets]:
            assert slot is None or slot in petition.slots, f"{element}: {slot}"
        for slot in form.starts:
            assert form.spec["starts"][slot]["rule"] in {r["rule"] for r in petition.slots[slot].rules}, element
    for root in diagrams:
        for tag in ("timeDate", "timeDuration", "timeCycle"):
            for e in root.iter(BPMN + tag):
                slot = re.search(r'"([a-z_]+)"', e.text or "")
                assert slot and slot[1] in petition.slots, e.text


def test_who_starts_and_meets_a_slot_says_so(petition: Procedure, diagrams: list[Any]) -> None:
    known = operators(diagrams) | processes(diagrams)
    for name, slot in petition.slots.items():
        for key, of_form in (("start", "starts"), ("meet", "meets")):
            said = set(slot.spec[key])
            forms = {e for e, f in petition.forms.items() if name in getattr(f, of_form)}
            assert forms == said & set(petition.forms), f"{name} {key}"
            assert said - forms <= known, f"{name} {key}: {sorted(said - forms - known)}"


def test_every_service_task_has_its_handler(petition: Procedure, diagrams: list[Any]) -> None:
    from app.petitions.handlers import handlers

    wanted = operators(diagrams) | {form.on_complete for form in petition.forms.values() if form.on_complete}
    assert wanted == handlers.names()


def test_settings_are_used_where_they_say(petition: Procedure) -> None:
    """Each number of the house has a label, a basis and a reader; what becomes a variable is there when a case starts."""
    for name, setting in data_file("settings.yaml").items():
        assert setting["label"] and isinstance(setting["value"], int) and setting["basis"] in ("house", "law") and setting["used_by"], name
        assert setting["basis"] == "house" or setting["citation"], name
    for name, variable in petition.variables.items():
        if "setting" in variable:
            assert petition.initial_data[name] == data_file("settings.yaml")[variable["setting"]]["value"]


def test_a_date_starts_so_many_days_ahead(petition: Procedure) -> None:
    """The execution's last day: the house's number of days from the day of drafting."""
    offered = petition.forms["draft_answer"].defaults({**petition.initial_data, "today": "2026-09-30", "now": "2026-09-30T09:00"})
    assert offered["execute_by"] == "2026-10-30"


def test_the_longest_extension_is_the_rule_of_law(petition: Procedure) -> None:
    rows = yaml.safe_load(DEADLINES.read_text(encoding="utf-8"))
    amounts = {r["amount"] for r in (rows["rules"] if isinstance(rows, dict) else rows) if r["id"] == "petition.extend"}
    assert amounts == {petition.initial_data["extension_limit"]}


def test_thrown_messages_have_somewhere_to_go(petition: Procedure, diagrams: list[Any]) -> None:
    caught, thrown = set(), set()
    for root in diagrams:
        names = {m.get("id"): m.get("name") for m in root.iter(BPMN + "message")}
        for e in root.iter(BPMN + "messageEventDefinition"):
            parent = e.getparent().tag.removeprefix(BPMN)
            (thrown if "Throw" in parent or parent == "endEvent" else caught).add(names[e.get("messageRef")])
        caught |= {names[e.get("messageRef")] for e in root.iter(BPMN + "receiveTask")}
    assert thrown | caught <= set(petition.messages), sorted((thrown | caught) - set(petition.messages))
    running = processes(diagrams)
    for name, rule in petition.messages.items():
        assert rule.starts or rule.catches or rule.item_label or rule.closes_link, f"{name} goes nowhere"
        assert not rule.starts or rule.starts in running, name
        assert set(rule.catches) <= running, name


def test_representatives_and_officers() -> None:
    """The bounds a person meets first: 1 to 5 representatives for a group, two officers with certificates, no date in the future."""
    forms = {k: Form.parse(k, v) for k, v in data_file("forms.yaml").items()}
    assert forms["register"].fields["representatives"].schema["maxItems"] == 5
    officers = forms["site_inspection"].fields["officers"].schema
    assert officers["minItems"] == 2 and "certificate" in officers["items"]["required"]
    for element, form in forms.items():
        for f in form.fields.values():
            if f.schema.get("format") in ("date", "date-time") and f.spec.get("default") in ("now", "today") and f.name != "arranged_at":
                assert f.spec.get("latest") == "now", f"{element}.{f.name} may lie in the future"


def test_the_table_for_people_is_current() -> None:
    """docs/procedures/ says what the files say; `tools/procedure_tables.py` writes it."""
    from tools.procedure_tables import main

    assert main(["--check"]) == 0
