"""What the check of a procedure works with: the document, what is known around it, and the list of findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One reason a file is refused: where, which element, why, and what to draw instead."""

    file: str
    line: int
    element: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.element}: {self.why}"


@dataclass(frozen=True)
class Known:
    """What exists around the diagram. None means that it was not given, and is not checked."""

    processes: Collection[str] = ()
    slots: Collection[str] | None = None
    messages: Mapping[str, Any] | Collection[str] | None = None
    handlers: Collection[str] | None = None
    decisions: Collection[str] | None = None
    roles: Collection[str] | None = None
    variables: Collection[str] | None = None
    case_attributes: Collection[str] | None = None  # procedure.yaml: what tasks may be addressed by
    elsewhere: Collection[str] = ()  # messages another procedure takes


@dataclass
class Document:
    """One parsed file and what was found in it."""

    file: str
    root: Any
    known: Known
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, element: Any, why: str) -> None:
        """Note a finding at the element; one without an id is named by the nearest thing around it that has one."""
        named = element
        while named is not None and named.get("id") is None:
            named = named.getparent()
        name = named.get("id") if named is not None else ""
        self.findings.append(Finding(self.file, element.sourceline or 0, name, why))


def parse(data: bytes, file: str) -> tuple[Any | None, list[Finding]]:
    """The root, or why there is none. Entities are never resolved and nothing is fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root: Any = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return None, [Finding(file, error.lineno or 1, "", f"不是完整的 XML：{error.msg}")]
    if root.getroottree().docinfo.doctype:
        return None, [Finding(file, root.sourceline or 1, root.get("id") or "", "文件带有 DOCTYPE，请删除这一行")]
    return root, []


def local_name(element: Any) -> str:
    """The tag without its namespace."""
    return str(etree.QName(element).localname)


def is_element(node: Any) -> bool:
    """False for comments and processing instructions."""
    return isinstance(node.tag, str)


def definitions_of(event: Any) -> list[Any]:
    """The event definitions of an event."""
    return [child for child in event if is_element(child) and child.tag.endswith("EventDefinition")]


def is_repeated(activity: Any) -> bool:
    """Whether an activity is a multi-instance or a loop."""
    return any(activity.find(BPMN + tag) is not None for tag in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))
