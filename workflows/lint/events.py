"""Events: which definition goes with which event, clocks named and never computed, messages that somebody takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..expressions import Refused, clock_in
from .findings import BPMN, SPIFF, Document, definitions_of, is_element, is_repeated, local_name

_CATCH = frozenset({"messageEventDefinition", "signalEventDefinition", "timerEventDefinition", "conditionalEventDefinition"})
DEFINITIONS: dict[str, frozenset[str]] = {
    "startEvent": frozenset(),
    "endEvent": frozenset({"messageEventDefinition", "errorEventDefinition", "escalationEventDefinition", "terminateEventDefinition"}),
    "intermediateThrowEvent": frozenset({"messageEventDefinition", "signalEventDefinition", "escalationEventDefinition"}),
    "intermediateCatchEvent": _CATCH,
    "boundaryEvent": _CATCH | {"errorEventDefinition", "escalationEventDefinition"},
}
INSTEAD = {
    ("startEvent", "timerEventDefinition"): "定时开始不会自己启动，请用空白开始，由定时任务启动流程",
    ("startEvent", "messageEventDefinition"): "流程由消息启动时，请用空白开始，并在 messages.yaml 写 starts",
    ("endEvent", "signalEventDefinition"): "信号结束事件什么也不做，请在空白结束之前画抛出信号的中间事件",
    ("intermediateThrowEvent", "errorEventDefinition"): "中间事件不能抛出错误，请用错误结束事件",
}
ROOTS = {
    "messageEventDefinition": ("messageRef", "message"),
    "signalEventDefinition": ("signalRef", "signal"),
    "errorEventDefinition": ("errorRef", "error"),
    "escalationEventDefinition": ("escalationRef", "escalation"),
}
THROWS = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})


def check(document: Document) -> None:
    """Every event and message task of the document."""
    for kind in DEFINITIONS:
        for event in document.root.iter(BPMN + kind):
            _check_definitions(document, event, kind)
    for kind in ("sendTask", "receiveTask"):
        for task in document.root.iter(BPMN + kind):
            _check_reference(document, task, "messageRef", "message")
            _check_message(document, task, task.get("messageRef"), throws=kind == "sendTask", payload_in=task)
    for boundary in document.root.iter(BPMN + "boundaryEvent"):
        _check_boundary(document, boundary)


def _check_definitions(document: Document, event: Any, kind: str) -> None:
    definitions = definitions_of(event)
    if len(definitions) > 1:
        document.refuse(event, "一个事件里有几个定义，只会认一个，请分成几个事件")
    if not definitions and kind in ("intermediateCatchEvent", "boundaryEvent"):
        document.refuse(event, "捕获事件没有写等什么，请加消息、时限或条件")
    for definition in definitions:
        tag = local_name(definition)
        if tag in ("compensateEventDefinition", "linkEventDefinition", "cancelEventDefinition"):
            continue  # refused by tag, with what to draw instead
        if tag not in DEFINITIONS[kind]:
            document.refuse(event, INSTEAD.get((kind, tag), f"{kind} 上不能用 {tag}"))
            continue
        if tag in ROOTS:
            _check_reference(document, definition, *ROOTS[tag], at=event)
        if tag == "messageEventDefinition":
            _check_message(document, event, definition.get("messageRef"), throws=kind in THROWS, payload_in=definition)
        elif tag == "timerEventDefinition":
            _check_timer(document, event, definition)


def _check_reference(document: Document, holder: Any, attribute: str, kind: str, *, at: Any | None = None) -> None:
    """A definition names an element of the file; an error catch without one catches every error."""
    reference = holder.get(attribute)
    place = holder if at is None else at
    if reference is None:
        if not (kind in ("error", "escalation") and local_name(place) == "boundaryEvent"):
            document.refuse(place, f"没有指明是哪一个 {kind}（{attribute}）")
    elif not any(root.get("id") == reference for root in document.root.iter(BPMN + kind)):
        document.refuse(place, f"{attribute} 指向的“{reference}”在文件里没有")


def _check_message(document: Document, event: Any, reference: str | None, *, throws: bool, payload_in: Any) -> None:
    message = next((m for m in document.root.iter(BPMN + "message") if m.get("id") == reference), None)
    if message is None:
        return
    name, known = message.get("name") or "", document.known.messages
    if throws and payload_in.find(f"{BPMN}extensionElements/{SPIFF}messagePayload") is None:
        document.refuse(event, f"抛出消息“{name}”没有写内容 messagePayload，收到的一方会什么也拿不到")
    if known is None:
        return
    if name not in known:
        document.refuse(event, f"消息“{name}”不在 messages.yaml 里")
    elif throws and isinstance(known, Mapping) and not _is_taken(known[name]) and name not in document.known.elsewhere:
        document.refuse(event, f"消息“{name}”没有人接：请在 messages.yaml 写 starts、catches、item，或者 absent: file")


def _is_taken(rule: Any) -> bool:
    """Whether a message has somewhere to go: a row of messages.yaml as read, or as the library keeps it."""
    values = (
        rule if isinstance(rule, Mapping) else {name: getattr(rule, name, None) for name in ("starts", "catches", "absent", "item_label")}
    )
    taken = ("starts", "catches", "item", "item_label", "closes_link")
    return any(values.get(name) for name in taken) or values.get("absent") == "file"


def _check_timer(document: Document, event: Any, definition: Any) -> None:
    times = [child for child in definition if is_element(child) and child.tag in (BPMN + "timeDate", BPMN + "timeCycle")]
    if len(times) != 1:
        if definition.find(BPMN + "timeDuration") is None:
            document.refuse(event, '计时器没有写时限，请用 timeDate 写 due("时限")')
        return
    time = times[0]
    try:
        word, slot = clock_in(time.text or "")
    except Refused as refused:
        document.refuse(time, f"计时器“{(time.text or '').strip()[:60]}”：{refused}")
        return
    repeats = local_name(time) == "timeCycle"
    if repeats != (word == "every"):
        document.refuse(time, "重复的时限用 timeCycle 写 every(…)，一次的用 timeDate 写 due(…) 或 warn(…)")
    if repeats and local_name(event) != "boundaryEvent":
        document.refuse(event, "重复的时限只能画在任务或子流程的边上，不中断")
    if document.known.slots is not None and slot not in document.known.slots:
        document.refuse(time, f"时限“{slot}”不在 clocks.yaml 里")


def _check_boundary(document: Document, boundary: Any) -> None:
    """The library's faults at the border of an activity."""
    definitions = definitions_of(boundary)
    scope = boundary.getparent()
    host = next((n for n in scope if is_element(n) and n.get("id") == boundary.get("attachedToRef")), None)
    if host is None:
        document.refuse(boundary, "边界事件没有贴在同一层的任务或子流程上")
        return
    if not definitions:
        return
    interrupts = boundary.get("cancelActivity", "true") == "true"
    if interrupts and boundary.find(f".//{BPMN}timeCycle") is not None:
        document.refuse(boundary, '中断的边界事件不能用重复的时限，任务会一直开着，请用 timeDate 写 due("时限")')
    if interrupts and is_repeated(host) and local_name(host) in ("subProcess", "callActivity"):
        document.refuse(boundary, "中断多实例的子流程会使流程损坏，请在外面再套一个子流程，边界事件画在外层")
    if not interrupts and local_name(definitions[0]) in ("messageEventDefinition", "signalEventDefinition"):
        document.refuse(boundary, "不中断的消息或信号边界事件只会触发一次，请让每条消息各启动一个流程")
