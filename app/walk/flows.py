"""Which sequence flows the diagrams draw, and how often each was taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


@dataclass(frozen=True)
class Flow:
    """One arrow of a diagram. ``branch``: it leaves a gateway that has several ways out."""

    id: str
    process: str
    source: str
    target: str
    branch: bool

    def __str__(self) -> str:
        return f"{self.process}: {self.source} → {self.target}"


def drawn(folder: Path) -> list[Flow]:
    """Every sequence flow of every diagram in the folder, as the files say."""
    found = []
    for file in sorted(folder.glob("*.bpmn")):
        root = etree.parse(str(file)).getroot()
        names = {e.get("id"): e.get("name") or e.get("id") for e in root.iter() if e.get("id")}
        for process in root.iter(f"{BPMN}process"):
            flows = list(process.iter(f"{BPMN}sequenceFlow"))
            out = Counter(flow.get("sourceRef") for flow in flows)
            found += [
                Flow(
                    flow.get("id", ""),
                    process.get("id", ""),
                    _said(names, flow.get("sourceRef", "")),
                    _said(names, flow.get("targetRef", "")),
                    out[flow.get("sourceRef")] > 1,
                )
                for flow in flows
            ]
    return found


def not_taken(flows: Iterable[Flow], taken: Counter[str]) -> list[Flow]:
    return [flow for flow in flows if not taken[flow.id]]


def _said(names: dict[str | None, str | None], element: str) -> str:
    name = (names.get(element) or element).replace("\n", "")
    return f"{name}({element})"
