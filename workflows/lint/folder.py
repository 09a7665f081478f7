"""A whole procedure folder: its diagrams and tables against its own clocks, messages, variables and each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import yaml
from lxml import etree

from .. import yamltext
from . import elements, events, structure
from .dmn import decisions_in, lint_dmn
from .findings import BPMN, Document, Finding, Known, parse
from .vocabulary import NODES


def lint_folder(
    files: Mapping[str, str],
    *,
    known_processes: Collection[str] = (),
    handlers: Collection[str] | None = None,
    roles: Collection[str] | None = None,
    elsewhere: Collection[str] = (),
) -> list[Finding]:
    """Findings of every ``.bpmn`` and ``.dmn`` among ``files`` (name → text).

    ``known_processes`` and ``elsewhere`` are the processes of other folders and the messages they take.
    """
    findings: list[Finding] = []
    variables = _keys(files, "variables.yaml")
    known = Known(
        processes={*known_processes, *processes_in(files)},
        slots=_keys(files, "clocks.yaml", "slots"),
        messages=_yaml(files, "messages.yaml"),
        handlers=handlers,
        decisions=[d for name, text in files.items() if name.endswith(".dmn") for d in decisions_in(text.encode())],
        roles=roles,
        variables=variables,
        case_attributes=_keys(files, "procedure.yaml", "attributes") or None,
        elsewhere=elsewhere,
    )
    documents: list[Document] = []
    for name, text in sorted(files.items()):
        if name.endswith(".dmn"):
            findings += lint_dmn(text.encode(), name, variables=variables)
        elif name.endswith(".bpmn"):
            root, broken = parse(text.encode(), name)
            findings += broken
            if root is not None:
                documents.append(Document(name, root, known))
    for document in documents:
        for module in (elements, events, structure):
            module.check(document)
    _check_shared_ids(documents)
    _check_calls(documents)
    return sorted({*findings, *(f for document in documents for f in document.findings)})


def _check_shared_ids(documents: list[Document]) -> None:
    """Forms and trails name an element by its id alone, so it is one in the whole folder."""
    seen: dict[str, str] = {}
    for document in documents:
        for element in document.root.iter(etree.Element):
            name = element.get("id")
            if not name or not element.tag.startswith(BPMN) or not _is_flow_element(element):
                continue
            if seen.setdefault(name, document.file) != document.file:
                document.refuse(element, f"编号“{name}”在 {seen[name]} 里已经用过，同一个文件夹里不能重复")


def _is_flow_element(element: Any) -> bool:
    tag = element.tag[len(BPMN) :]
    return tag in NODES or tag in ("process", "sequenceFlow")


def _check_calls(documents: list[Document]) -> None:
    """Processes that call each other in a circle would be read without end."""
    calls: dict[str, list[tuple[Document, Any, str]]] = {}
    for document in documents:
        for process in document.root.iter(BPMN + "process"):
            found = [(document, call, call.get("calledElement", "")) for call in process.iter(BPMN + "callActivity")]
            calls.setdefault(process.get("id", ""), []).extend(found)
    for process, found in calls.items():
        for document, call, called in found:
            if process == called or process in structure.reach([called], lambda name: [c for _, _, c in calls.get(name, [])]):
                document.refuse(call, f"流程 {process} 经 {called} 又调用自己，请改用循环或消息启动")


def processes_in(files: Mapping[str, str]) -> set[str]:
    """The ids of every process drawn in the files."""
    found: set[str] = set()
    for name, text in files.items():
        root = parse(text.encode(), name)[0] if name.endswith(".bpmn") else None
        if root is not None:
            found |= {process.get("id", "") for process in root.iter(BPMN + "process")}
    return found


def _yaml(files: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """What a data file holds; None when it is absent or broken (then nothing is checked against it, whoever loads it will say so)."""
    if name not in files:
        return None
    try:
        data = yamltext.load(files[name])
    except yaml.YAMLError:
        return None
    return data if isinstance(data, dict) else {}


def _keys(files: Mapping[str, str], name: str, inside: str | None = None) -> set[str] | None:
    data = _yaml(files, name)
    if data is None:
        return None
    return set((data.get(inside) or {}) if inside else data)
