"""Single elements: the allow-list of tags, ids, scripts, expressions, and what human, service and rule tasks must say."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from ..expression_functions import FUNCTIONS
from ..expressions import Refused, names_in
from .findings import BPMN, SPIFF, Document, is_element, local_name
from .vocabulary import ALLOWED, DATA_IDS, DATA_NAMES, EXPRESSIONS, EXTENSIONS, HUMAN, INSTEAD

_ID = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ORG = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)


def check(document: Document) -> None:
    """Walk the document once."""
    declared = _declared(document)
    ids: set[str] = set()
    for element in document.root.iter(etree.Element):
        if element.tag.startswith(BPMN):
            _check_tag(document, element)
            _check_id(document, element, ids)
        elif element.getparent() is not None and element.getparent().tag == BPMN + "extensionElements":
            _check_extension(document, element)
        _check_expression(document, element, declared)
        _check_data_name(document, element)
        _check_task(document, element)
    for operator in document.root.iter(SPIFF + "serviceTaskOperator"):
        if operator.get("id") in ids:
            document.refuse(operator, f"处理程序名“{operator.get('id')}”与图中元素重名，图会读不进来，请改元素的编号")


def _check_tag(document: Document, element: Any) -> None:
    tag = local_name(element)
    if tag not in ALLOWED:
        document.refuse(element, INSTEAD.get(tag, f"{tag} 不在可以运行的元素之列，请换成任务、网关、事件或子流程"))
    if tag == "ioSpecification" and local_name(element.getparent()) != "process":
        document.refuse(element, "任务上的输入输出说明会替换全部数据，请删除；要限定数据，写在被调用的流程上")
    if element.get("isForCompensation") == "true":
        document.refuse(element, "补偿不起作用，请画出撤销的步骤并用网关引过去")


def _check_id(document: Document, element: Any, ids: set[str]) -> None:
    name = element.get("id")
    if name is None:
        return
    if name in ids and element.tag not in DATA_IDS:
        document.refuse(element, f"编号“{name}”用了两次，请改其中一个")
    ids.add(name)
    if name in ("Start", "End", "Root"):
        document.refuse(element, f"编号“{name}”是流程引擎自用的，请换一个")
    elif not _ID.fullmatch(name):
        document.refuse(element, f"编号“{name}”只能用英文字母、数字、下划线和短横线")


def _check_extension(document: Document, element: Any) -> None:
    tag = local_name(element)
    if tag in ("preScript", "postScript"):
        document.refuse(element, "任务前后的脚本不能运行，请改用服务任务")
    elif not element.tag.startswith(SPIFF) or tag not in EXTENSIONS:
        document.refuse(element, f"扩展元素 {tag} 不起作用，请删除")


def _check_expression(document: Document, element: Any, declared: set[str] | None) -> None:
    if element.tag == SPIFF + "parameter":
        text = element.get("value") or ""
    elif element.tag in EXPRESSIONS and len(element) == 0:
        text = element.text or ""
    else:
        return
    try:
        names = names_in(text)
    except Refused as refused:
        document.refuse(element, f"表达式“{text.strip()[:60]}”：{refused}")
        return
    if declared is not None and names - declared:
        document.refuse(
            element, f"表达式“{text.strip()[:60]}”用到没有声明的数据：{'、'.join(sorted(names - declared))}；请写进 variables.yaml"
        )


def _declared(document: Document) -> set[str] | None:
    """Names expressions may use: the variable list, and what the diagram itself names (items, data objects, message contents)."""
    if document.known.variables is None:
        return None
    own = {e.get("id") for e in document.root.iter(*DATA_IDS)} | {(e.text or "").strip() for e in document.root.iter(*DATA_NAMES)}
    return set(document.known.variables) | {str(name) for name in own if name} | {"case_id"}


def _check_data_name(document: Document, element: Any) -> None:
    """A variable named like a function would hide it, so it is refused where it is named."""
    if element.tag in DATA_NAMES:
        name = (element.text or "").strip()
    elif element.tag in DATA_IDS:
        name = element.get("id") or ""
    else:
        return
    if name in FUNCTIONS:
        document.refuse(element, f"“{name}”是表达式函数，不能作数据名，请换一个（例如 {name}_no）")
    elif not _NAME.fullmatch(name):
        document.refuse(element, f"数据名“{name}”只能是小写英文字母开头的字母、数字、下划线，不能是表达式")


def _check_task(document: Document, element: Any) -> None:
    if not element.tag.startswith(BPMN):
        return
    tag, known = local_name(element), document.known
    if tag in HUMAN:
        _check_human(document, element)
    elif tag == "serviceTask":
        operator = element.find(f"{BPMN}extensionElements/{SPIFF}serviceTaskOperator")
        if operator is None or not operator.get("id"):
            document.refuse(element, "服务任务没有指明处理程序，请加 serviceTaskOperator")
        elif known.handlers is not None and operator.get("id") not in known.handlers:
            document.refuse(operator, f"没有登记名为“{operator.get('id')}”的处理程序")
    elif tag == "businessRuleTask":
        decision = (element.findtext(f"{BPMN}extensionElements/{SPIFF}calledDecisionId") or "").strip()
        if not decision:
            document.refuse(element, "规则任务没有指明决策表，请加 calledDecisionId")
        elif known.decisions is not None and decision not in known.decisions:
            document.refuse(element, f"没有名为“{decision}”的决策表")
    elif tag == "multiInstanceLoopCharacteristics":
        _check_instances(document, element)


def _check_human(document: Document, element: Any) -> None:
    """Who does it: a plain task waits for a person too, so it needs role and organisation like a user task."""
    properties = {p.get("name"): p.get("value") for p in element.iter(SPIFF + "property") if _owner(p) is element}
    role, org = properties.get("role"), properties.get("org")
    known = document.known
    if not role or not org:
        document.refuse(element, "要人办理的任务必须写明岗位 role 和单位 org；自动的步骤请画服务任务")
        return
    if known.roles is not None and role not in known.roles:
        document.refuse(element, f"没有“{role}”这个岗位")
    attribute = org.removeprefix("case.")
    attributes = known.case_attributes
    if not _ORG.fullmatch(org) or (org != attribute and attributes is not None and attribute not in attributes):
        document.refuse(
            element, f"单位“{org}”不认识，请写 case. 加 procedure.yaml 的 attributes 之一：{'、'.join(sorted(attributes or ()))}"
        )


def _owner(node: Any) -> Any:
    """The BPMN element an extension belongs to."""
    while node is not None and not (is_element(node) and node.tag.startswith(BPMN) and node.tag != BPMN + "extensionElements"):
        node = node.getparent()
    return node


def _check_instances(document: Document, element: Any) -> None:
    """A multi-instance needs something to count: a list with the name of its item, or a number."""
    over_list = element.find(BPMN + "loopDataInputRef") is not None
    if over_list == (element.find(BPMN + "loopCardinality") is not None):
        document.refuse(element, "多实例请写一个列表 loopDataInputRef，或者一个个数 loopCardinality，二者取一")
    elif over_list and element.find(BPMN + "inputDataItem") is None:
        document.refuse(element, "多实例没有写每一项的名称 inputDataItem")
