"""The state of the run on its drawing, as JSON for the viewer: which page, which element, done, current or late, and with whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from lxml import etree
from sqlalchemy.orm import Session

from app import clockwords
from app.engine import get_engine
from app.inbox import queries as inbox_queries
from workflows.diagram import DiagramState, ElementState

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def as_json(session: Session, instance_id: UUID, now: datetime) -> dict[str, Any]:
    """Pages in the order of the procedure: first the instance's own, then those it has entered."""
    engine = get_engine()
    state = engine.diagram(session, instance_id)
    procedure = engine.library.version(session, state.version)
    holders = {e.holder for page in state.pages.values() for e in page.values() if e.holder}
    names = inbox_queries.holder_names(session, holders)
    pages: list[dict[str, Any]] = []
    for file in dict.fromkeys([state.files.get(state.process), *(state.files.get(p) for p in state.pages)]):
        if file is not None:
            pages.append(_page(state, file, procedure, names, now))
    return {"version": state.version, "pages": pages}


def _page(state: DiagramState, file: str, procedure: Any, names: dict[str, str], now: datetime) -> dict[str, Any]:
    """One drawing: a file may hold several processes and sub-processes; all of it is coloured."""
    inside = [p for p, f in state.files.items() if f == file]
    found = {id: e for p in inside for id, e in state.pages.get(p, {}).items()}
    elements = []
    for id, element in found.items():
        label = procedure.elements[id].label if id in procedure.elements else ""
        elements.append({"id": id, "status": element.status, "label": label, "badge": _badge(element, names, now)})
    elements += [
        {"id": flow.id, "status": "done", "label": "", "badge": ""}
        for flow in procedure.flows
        if flow.source in found and flow.target in found and found[flow.source].status == "done"
    ]
    return {
        "process": inside[0],
        "label": _title(procedure.files[file]) or file,
        "file": url_for("cases.diagram_file", version=state.version, file=file),
        "now": any(e.holder for e in found.values()),  # people are at work on this page, not only on one below it
        "elements": elements,
    }


def _badge(element: ElementState, names: dict[str, str], now: datetime) -> str:
    if element.status == "done":
        return ""
    who = (names.get(element.holder) or "待认领") if element.holder else ""
    when = clockwords.words(element.due, now) if element.due else ""
    return " ".join(part for part in (who, when) if part)


def _title(xml: str) -> str:
    """The name of the pool, else of the process, as drawn."""
    root = etree.fromstring(xml.encode())
    for tag in ("participant", "process"):
        for node in root.iter(BPMN + tag):
            if node.get("name"):
                return str(node.get("name"))
    return ""
