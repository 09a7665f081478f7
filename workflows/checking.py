"""Everything the engine asks of a folder before it takes it over: diagrams, tables, drawing, forms, clocks, messages, variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import yaml

from . import yamltext
from .deadlines import Rules
from .expressions import Refused
from .forms import Form
from .library import form_files
from .lint import Finding, lint_folder
from .lint.drawing import lint_drawing


def check_files(
    files: Mapping[str, str],
    *,
    known_processes: Collection[str] = (),
    handlers: Collection[str] | None = None,
    roles: Collection[str] | None = None,
    rules: Rules | None = None,
    drawn: bool = True,
    elsewhere: Collection[str] = (),
) -> list[Finding]:
    """Every finding of a folder's files (name → text). ``drawn``: the shapes are checked too (test diagrams have none)."""
    findings = lint_folder(files, known_processes=known_processes, handlers=handlers, roles=roles, elsewhere=elsewhere)
    if drawn:
        findings += [f for name, text in files.items() if name.endswith(".bpmn") for f in lint_drawing(text.encode(), name)]
    forms = {name: (file, spec) for file in form_files(files) for name, spec in _yaml(files, file, findings).items()}
    slots = (_yaml(files, "clocks.yaml", findings).get("slots") or {}) if "clocks.yaml" in files else {}
    variables = _yaml(files, "variables.yaml", findings)
    for element, (file, spec) in forms.items():
        findings += _check_form(file, files[file], element, spec, slots, variables, handlers, rules)
    if rules is not None:
        findings += _check_slots(files.get("clocks.yaml", ""), slots, rules)
    return findings


def _check_form(
    file: str,
    text: str,
    element: str,
    spec: Any,
    slots: Mapping[str, Any],
    variables: Mapping[str, Any],
    handlers: Collection[str] | None,
    rules: Rules | None,
) -> list[Finding]:
    line = _line(text, element)
    try:
        form = Form.parse(element, spec)
    except (Refused, KeyError, TypeError, AttributeError) as error:
        return [Finding(file, line, element, f"表单写得不对：{error}")]
    why = []
    named = {s for s in (form.clock, *form.opens, *form.starts, *form.meets) if s is not None}
    why += [f"时限“{slot}”不在 clocks.yaml 中" for slot in sorted(named - set(slots))]
    used = {*form.opens.values(), *(a.rule for a in form.starts.values() if a.rule)}
    why += [f"期限“{r}”不在 deadlines.yaml 中" for r in sorted(used) if rules is not None and r not in rules]
    if variables:
        why += [f"流程变量“{name}”不在 variables.yaml 中" for name in form.data if name not in variables]
    why += [
        f"“{name}”要写进流程变量或案件归属，却不是本表单的字段" for name in (*form.data, *form.sets.values()) if name not in form.fields
    ]
    why += [f"“{r.field}”不是本表单的字段" for r in form.rules if r.field not in form.fields]
    if form.on_complete and handlers is not None and form.on_complete not in handlers:
        why.append(f"没有登记名为 {form.on_complete} 的处理程序")
    return [Finding(file, line, element, w) for w in why]


def _check_slots(text: str, slots: Mapping[str, Any], rules: Rules) -> list[Finding]:
    out = []
    for slot, spec in slots.items():
        names = [r.get("rule") for r in spec.get("rules") or ()] + [spec.get("chase"), spec.get("grace")]
        for name in names:
            if name and name not in rules:
                out.append(Finding("clocks.yaml", _line(text, slot), slot, f"期限“{name}”不在 deadlines.yaml 中"))
    return out


def _yaml(files: Mapping[str, str], name: str, findings: list[Finding]) -> dict[str, Any]:
    if name not in files:
        return {}
    try:
        value = yamltext.load(files[name]) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        findings.append(Finding(name, mark.line + 1 if mark else 0, "", f"不是可用的 YAML：{error}"))
        return {}
    return value if isinstance(value, dict) else {}


def _line(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith(f"{key}:"):
            return number
    return 0
