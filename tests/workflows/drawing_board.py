"""A tiny way to draw test diagrams: elements and flows as text, no shapes (the engine does not read them)."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import yaml

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="test">\n'
)


def user(id: str, org: str = "case.unit", role: str = "clerk", inside: str = "") -> str:
    props = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in (("role", role), ("org", org)))
    ext = f"<bpmn:extensionElements><spiffworkflow:properties>{props}</spiffworkflow:properties></bpmn:extensionElements>"
    return f'<bpmn:userTask id="{id}" name="{id}">{ext}{inside}</bpmn:userTask>'


def users(ids: str) -> str:
    return "".join(user(i) for i in ids.split())


def service(id: str, op: str | None = None) -> str:
    ext = f'<spiffworkflow:serviceTaskOperator id="{op or "do." + id}" resultVariable="r"/>'
    return f'<bpmn:serviceTask id="{id}" name="{id}"><bpmn:extensionElements>{ext}</bpmn:extensionElements></bpmn:serviceTask>'


def rule(id: str, decision: str) -> str:
    ext = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
    return f'<bpmn:businessRuleTask id="{id}" name="{id}"><bpmn:extensionElements>{ext}</bpmn:extensionElements></bpmn:businessRuleTask>'


def start(id: str = "begin") -> str:
    return f'<bpmn:startEvent id="{id}"/>'


def end(id: str = "done", inside: str = "") -> str:
    return f'<bpmn:endEvent id="{id}">{inside}</bpmn:endEvent>'


def gateway(kind: str, id: str, default: str | None = None) -> str:
    """``kind``: exclusive, parallel, inclusive, eventBased."""
    extra = f' default="{default}"' if default else ""
    return f'<bpmn:{kind}Gateway id="{id}"{extra}/>'


def timer(expression: str, kind: str = "timeDate") -> str:
    body = f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(expression, quote=False)}</bpmn:{kind}>'
    return f"<bpmn:timerEventDefinition>{body}</bpmn:timerEventDefinition>"


def message(ref: str, payload: str | None = None, variable: str | None = None) -> str:
    inside = f"<spiffworkflow:messagePayload>{escape(payload, quote=False)}</spiffworkflow:messagePayload>" if payload else ""
    inside += f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>" if variable else ""
    ext = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
    return f'<bpmn:messageEventDefinition messageRef="m_{ref}">{ext}</bpmn:messageEventDefinition>'


def boundary(id: str, on: str, definition: str, interrupting: bool = True) -> str:
    cancel = "true" if interrupting else "false"
    return f'<bpmn:boundaryEvent id="{id}" attachedToRef="{on}" cancelActivity="{cancel}">{definition}</bpmn:boundaryEvent>'


def throw(id: str, definition: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{id}">{definition}</bpmn:intermediateThrowEvent>'


def catch(id: str, definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}">{definition}</bpmn:intermediateCatchEvent>'


def call(id: str, process: str) -> str:
    return f'<bpmn:callActivity id="{id}" calledElement="{process}"/>'


def sub(id: str, body: str, flow_text: str) -> str:
    return f'<bpmn:subProcess id="{id}">{body}{flows(flow_text)}</bpmn:subProcess>'


def repeated(id: str, collection: str, item: str, condition: str | None = None, sequential: bool = False) -> str:
    until = f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">{escape(str(condition), quote=False)}</bpmn:completionCondition>'
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{"true" if sequential else "false"}">'
        f'<bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef><bpmn:inputDataItem id="{item}" name="{item}"/>'
        f"{until if condition else ''}</bpmn:multiInstanceLoopCharacteristics>"
    )
    return user(id, org=item, inside=loop)


def flows(text: str) -> str:
    """``a>b  a>c[condition]  a>d*`` — ``*`` marks nothing here, the gateway names its default as ``f_a_d``."""
    out = []
    for token in text.split():
        path, _, rest = token.partition("[")
        source, target = path.rstrip("*").split(">")
        condition = rest.rstrip("]").replace("~", " ")
        inside = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition, quote=False)}</bpmn:conditionExpression>'
            if condition
            else ""
        )
        out.append(f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>')
    return "".join(out)


def process(id: str, body: str, flow_text: str) -> str:
    return f'<bpmn:process id="{id}" isExecutable="true">{body}{flows(flow_text)}</bpmn:process>'


def document(*parts: str, messages: str = "", extra: str = "") -> str:
    named = "".join(f'<bpmn:message id="m_{m}" name="{m}"/>' for m in messages.split())
    return HEAD + named + extra + "".join(parts) + "\n</bpmn:definitions>"


def table(id: str, inputs: dict[str, str], outputs: list[str], rules: list[list[str]], policy: str = "FIRST") -> str:
    """A decision table: inputs label → expression, each rule its cells then its outputs."""
    cols = "".join(
        f'<input id="i{n}" label="{k}"><inputExpression id="e{n}"><text>{v}</text></inputExpression></input>'
        for n, (k, v) in enumerate(inputs.items())
    )
    outs = "".join(f'<output id="o{n}" name="{o}"/>' for n, o in enumerate(outputs))
    rows = ""
    for r, cells in enumerate(rules):
        ins = "".join(
            f'<inputEntry id="r{r}i{c}"><text>{escape(t, quote=False)}</text></inputEntry>' for c, t in enumerate(cells[: len(inputs)])
        )
        ous = "".join(
            f'<outputEntry id="r{r}o{c}"><text>{escape(t, quote=False)}</text></outputEntry>' for c, t in enumerate(cells[len(inputs) :])
        )
        rows += f'<rule id="r{r}">{ins}{ous}</rule>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">'
        f'<decision id="{id}" name="{id}"><decisionTable id="t_{id}" hitPolicy="{policy}">{cols}{outs}{rows}</decisionTable></decision>'
        "</definitions>"
    )


def folder(root: Path, name: str, diagram: str, **files: Any) -> Path:
    """A procedure folder: diagram, decision tables (``dmn_x=``) and yaml files (``forms={…}``)."""
    target = root / name
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{name}.bpmn").write_text(diagram, encoding="utf-8")
    for key, value in files.items():
        if key.startswith("dmn_"):
            (target / f"{key[4:]}.dmn").write_text(value, encoding="utf-8")
        else:
            (target / f"{key}.yaml").write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return target
