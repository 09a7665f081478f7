"""The check when a procedure is loaded (部署检查): what the BPMN library does wrongly, or not at all, is refused before a case can meet it.

It works by allow-list: what is not known to run is refused, with file, line, element, the reason and what to draw instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from . import elements, events, structure
from .dmn import lint_dmn
from .findings import Document, Finding, Known, parse
from .folder import lint_folder

__all__ = ["Finding", "Known", "lint_bpmn", "lint_dmn", "lint_folder"]


def lint_bpmn(
    data: bytes,
    file: str,
    known_processes: Collection[str] = (),
    *,
    slots: Collection[str] | None = None,
    messages: Mapping[str, Any] | Collection[str] | None = None,
    handlers: Collection[str] | None = None,
    decisions: Collection[str] | None = None,
    roles: Collection[str] | None = None,
    variables: Collection[str] | None = None,
    case_attributes: Collection[str] | None = None,
) -> list[Finding]:
    """Everything in the diagram that cannot run, in the order of lines. What is not given is not checked."""
    root, findings = parse(data, file)
    if root is None:
        return findings
    document = Document(file, root, Known(known_processes, slots, messages, handlers, decisions, roles, variables, case_attributes))
    for module in (elements, events, structure):
        module.check(document)
    return sorted(set(document.findings))
