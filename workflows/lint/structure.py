"""The shape of the flow: starts and ends, gateways, loops and joins, what repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .findings import BPMN, Document, is_element, local_name
from .vocabulary import AUTOMATIC, CHOOSING, ENDS_PREDICTION, NODES


@dataclass
class Scope:
    """One process or embedded sub-process with its own nodes and flows."""

    element: Any
    nodes: dict[str, Any]
    flows: list[Any] = field(default_factory=list)
    leaving: dict[str, list[Any]] = field(default_factory=dict)
    entering: dict[str, list[Any]] = field(default_factory=dict)
    boundaries: dict[str, list[str]] = field(default_factory=dict)

    def next_of(self, node: str) -> list[str]:
        """Where a token may go from the node, its border events included."""
        return self.targets(node) + self.boundaries.get(node, [])

    def targets(self, node: str) -> list[str]:
        return [flow.get("targetRef") for flow in self.leaving.get(node, [])]


def check(document: Document) -> None:
    """Every process and embedded sub-process of the document."""
    processes = list(document.root.iter(BPMN + "process"))
    callable_ids = {p.get("id") for p in processes} | set(document.known.processes)
    if not processes:
        document.refuse(document.root, "文件里没有流程")
    for element in [*processes, *document.root.iter(BPMN + "subProcess")]:
        scope = _read(document, element)
        _check_ends(document, scope)
        looped = _in_cycle(scope.nodes, scope.next_of)
        for name, node in scope.nodes.items():
            _check_flows(document, scope, name, node)
            _check_gateway(document, scope, name, node, name in looped)
            _check_repeating_clock(document, scope, name, node)
            if local_name(node) == "callActivity" and node.get("calledElement") not in callable_ids:
                document.refuse(node, f"没有名为“{node.get('calledElement')}”的流程可以调用")
        _check_endless(document, scope)


def _read(document: Document, element: Any) -> Scope:
    children = [child for child in element if is_element(child)]
    scope = Scope(element, {c.get("id"): c for c in children if c.tag.startswith(BPMN) and local_name(c) in NODES})
    for flow in (c for c in children if c.tag == BPMN + "sequenceFlow"):
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        if source not in scope.nodes or target not in scope.nodes:
            document.refuse(flow, "连线的一端不在同一个流程或子流程里，请在同一层里连线，出子流程用结束事件或边界事件")
            continue
        scope.flows.append(flow)
        scope.leaving.setdefault(source, []).append(flow)
        scope.entering.setdefault(target, []).append(flow)
    for name, node in scope.nodes.items():
        if local_name(node) == "boundaryEvent":
            scope.boundaries.setdefault(node.get("attachedToRef"), []).append(name)
    return scope


def _check_ends(document: Document, scope: Scope) -> None:
    starts = [name for name, node in scope.nodes.items() if local_name(node) == "startEvent"]
    if len(starts) != 1:
        document.refuse(scope.element, f"有 {len(starts)} 个开始事件，应当正好一个")
    if not any(local_name(node) == "endEvent" for node in scope.nodes.values()):
        document.refuse(scope.element, "没有结束事件")
    if scope.element.get("triggeredByEvent") == "true":
        document.refuse(scope.element, "事件子流程会弄坏其他案件，请把主流程放进内嵌子流程，把事件画在它的边上")
        return
    reached = reach(starts, scope.next_of) | set(starts)
    for name, node in scope.nodes.items():
        if name not in reached and starts:
            document.refuse(node, "从开始事件走不到这里，请连上或删除")


def _check_flows(document: Document, scope: Scope, name: str, node: Any) -> None:
    kind, leaving, entering = local_name(node), scope.leaving.get(name, []), scope.entering.get(name, [])
    if kind == "endEvent" and leaving:
        document.refuse(node, "结束事件之后还有连线，请删除")
    if kind in ("startEvent", "boundaryEvent") and entering:
        document.refuse(node, "连线不能进入开始事件或边界事件，请连到它后面的任务")
    if kind != "endEvent" and not leaving:
        document.refuse(node, "后面没有连线：令牌会丢失，流程不会结束，请连到下一步或结束事件")
    if len(leaving) > 1 and not kind.endswith("Gateway"):
        document.refuse(node, "有几条流出连线，请在后面加网关分开")
    for flow in leaving:
        conditional = flow.find(BPMN + "conditionExpression") is not None
        if conditional and kind not in CHOOSING:
            document.refuse(flow, "只有排他或包容网关流出的连线才认条件，请加网关")
        if conditional and flow.get("id") == node.get("default"):
            document.refuse(flow, "默认连线上的条件不起作用，请删除条件")


def _check_gateway(document: Document, scope: Scope, name: str, node: Any, looped: bool) -> None:
    kind, leaving = local_name(node), scope.leaving.get(name, [])
    if kind in CHOOSING:
        conditions = [flow.find(BPMN + "conditionExpression") is not None for flow in leaving]
        if (len(leaving) > 1 or any(conditions)) and node.get("default") not in {flow.get("id") for flow in leaving}:
            document.refuse(node, "没有默认连线：条件都不成立时案件会出错，请指定 default")
        if len(leaving) > 1:
            for flow, conditional in zip(leaving, conditions, strict=True):
                if not conditional and flow.get("id") != node.get("default"):
                    document.refuse(flow, "网关流出的连线没有条件，请写条件或设为默认")
    if kind in ("parallelGateway", "inclusiveGateway") and len(scope.entering.get(name, [])) > 1 and looped:
        document.refuse(node, "循环里的汇合从第二轮起会提前触发，请把分开和汇合放进循环内的一个内嵌子流程")
    if kind == "eventBasedGateway":
        _check_event_gateway(document, scope, name, node)


def _check_event_gateway(document: Document, scope: Scope, name: str, node: Any) -> None:
    """Only messages: a clock behind it cannot be fired, and two would share one due moment."""
    targets = [scope.nodes[target] for target in scope.targets(name)]
    if len(targets) < 2:
        document.refuse(node, "事件网关后面至少要有两个等待")
    for target in targets:
        if target.find(BPMN + "timerEventDefinition") is not None:
            document.refuse(target, "事件网关后面的时限不会触发，请改用接收任务，在它的边上画中断的时限")
        elif local_name(target) == "intermediateCatchEvent" and target.find(BPMN + "messageEventDefinition") is None:
            document.refuse(target, "事件网关后面只能等消息")
        elif local_name(target) not in ("intermediateCatchEvent", "receiveTask") or len(scope.entering.get(target.get("id"), [])) > 1:
            document.refuse(target, "事件网关后面只能是等消息的事件或接收任务，并且只从这个网关进入")


def _check_repeating_clock(document: Document, scope: Scope, name: str, node: Any) -> None:
    """Open human tasks of a repeating border clock are cancelled when the activity ends, so it may only lead to automatic steps."""
    if local_name(node) != "boundaryEvent" or node.find(f".//{BPMN}timeCycle") is None:
        return
    for reached in reach([name], scope.targets):
        if local_name(scope.nodes[reached]) not in AUTOMATIC:
            document.refuse(scope.nodes[reached], f"重复的时限“{name}”之后只能是自动步骤，要人办的请另起一个流程或画成带时限的循环")


def _check_endless(document: Document, scope: Scope) -> None:
    """The library predicts ahead when a scope starts; only a choosing gateway stops it in a loop."""
    plain = {name for name, node in scope.nodes.items() if local_name(node) not in ENDS_PREDICTION}
    cycle = _in_cycle(plain, lambda name: [target for target in scope.targets(name) if target in plain])
    for name in scope.nodes:
        if name in cycle:
            document.refuse(scope.nodes[name], "循环里没有排他网关，流程一开始就会溢出，请在循环里加一个有条件的排他网关")
            return


def reach(starts: Iterable[str], following: Callable[[str], list[str]]) -> set[str]:
    """Everything reachable from ``starts``; a start only when something leads back to it."""
    found: set[str] = set()
    todo = [target for start in starts for target in following(start)]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += following(name)
    return found


def _in_cycle(nodes: Iterable[str], following: Callable[[str], list[str]]) -> set[str]:
    """The nodes that lead back to themselves."""
    return {name for name in nodes if name in reach([name], following)}
