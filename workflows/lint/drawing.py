"""The check of a picture: a diagram that runs may still be one nobody can read. Layout is read from BPMN DI, in pixels.

Found are: elements without shape or line, shapes over each other or outside what they belong to, lines that are not orthogonal,
miss their ends, run through shapes, labels or along other lines, and labels that cover something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from lxml import etree

from .findings import BPMN, Finding, is_element, local_name, parse
from .vocabulary import NODES

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
CONTAINERS = {"subProcess", "transaction", "adHocSubProcess"}
ARTIFACTS = {"textAnnotation", "dataObjectReference", "dataStoreReference"}
LABELLED_OUTSIDE = ("Event", "Gateway")
SLACK = 1.0  # rounding of a modeller's coordinates

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        """True where more than a border line is shared."""
        return (
            self.x < other.right - SLACK
            and other.x < self.right - SLACK
            and self.y < other.bottom - SLACK
            and other.y < self.bottom - SLACK
        )

    def contains(self, other: Box) -> bool:
        return (
            self.x - SLACK <= other.x
            and self.y - SLACK <= other.y
            and other.right <= self.right + SLACK
            and other.bottom <= self.bottom + SLACK
        )

    def has_on_border(self, point: Point) -> bool:
        x, y = point
        inside = self.x - SLACK <= x <= self.right + SLACK and self.y - SLACK <= y <= self.bottom + SLACK
        at_edge = min(abs(x - self.x), abs(x - self.right), abs(y - self.y), abs(y - self.bottom)) <= SLACK
        return inside and at_edge


@dataclass
class Shape:
    """A drawn node, lane or pool."""

    element: Any
    id: str
    plane: str
    box: Box
    label: Box | None


@dataclass
class Edge:
    """A drawn sequence flow."""

    element: Any
    id: str
    plane: str
    points: list[Point]
    label: Box | None
    source: str
    target: str

    @property
    def stretches(self) -> list[Box]:
        """Each straight piece as a box without thickness."""
        return [Box(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in pairwise(self.points)]


@dataclass
class Drawing:
    """Everything drawn in one file, by the id of the element."""

    file: str
    root: Any
    elements: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, element: Any, why: str) -> None:
        self.findings.append(Finding(self.file, element.sourceline or 0, element.get("id") or "", why))

    def nodes(self) -> list[Shape]:
        """Drawn flow nodes and annotations: what a line must not cross."""
        return [s for s in self.shapes.values() if local_name(s.element) in NODES | ARTIFACTS]


def lint_drawing(data: bytes, file: str) -> list[Finding]:
    """Everything in the picture that is missing, covers something else or stands in the wrong place, in the order of lines."""
    root, findings = parse(data, file)
    if root is None:
        return findings
    drawing = _read(file, root)
    for check in (_check_missing, _check_places, _check_overlaps, _check_lines, _check_crossed, _check_shared_stretches, _check_labels):
        check(drawing)
    return sorted(set(drawing.findings))


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(file: str, root: Any) -> Drawing:
    drawing = Drawing(file, root)
    for element in root.iter(etree.Element):
        if element.tag.startswith(BPMN) and element.get("id"):
            drawing.elements[element.get("id")] = element
    for plane in root.iter(DI + "BPMNPlane"):
        for item in plane:
            if is_element(item):
                _read_item(drawing, item, plane.get("bpmnElement") or "")
    return drawing


def _read_item(drawing: Drawing, item: Any, plane: str) -> None:
    name = item.get("bpmnElement") or ""
    element = drawing.elements.get(name)
    if element is None:
        drawing.refuse(item, f"图形对应的元素 {name} 不存在")
        return
    label = item.find(DI + "BPMNLabel")
    label_bounds = label.find(BOUNDS) if label is not None else None
    label_box = _box(label_bounds) if label_bounds is not None else None
    if item.tag == DI + "BPMNShape":
        bounds = item.find(BOUNDS)
        if bounds is None:
            drawing.refuse(element, "图形没有位置和大小")
        else:
            drawing.shapes[name] = Shape(element, name, plane, _box(bounds), label_box)
    elif item.tag == DI + "BPMNEdge":
        points = [(float(w.get("x")), float(w.get("y"))) for w in item.findall(WAYPOINT)]
        source, target = element.get("sourceRef") or "", element.get("targetRef") or ""
        drawing.edges[name] = Edge(element, name, plane, points, label_box, source, target)


def _box(bounds: Any) -> Box:
    return Box(*(float(bounds.get(key)) for key in ("x", "y", "width", "height")))


def _ancestors(element: Any) -> set[str]:
    """The sub-processes around an element."""
    return {parent.get("id") for parent in element.iterancestors() if local_name(parent) in CONTAINERS}


def _owner(drawing: Drawing, element: Any) -> Shape | None:
    """The shape an element must stand in: its sub-process, else its lane, else its pool."""
    parent = element.getparent()
    if parent is not None and local_name(parent) in CONTAINERS:
        around = drawing.shapes.get(parent.get("id"))
        return around if around is not None and around.plane == _plane(drawing, element) else None
    process = next((p for p in element.iterancestors() if local_name(p) == "process"), None)
    if process is None:
        return None
    lane = _lane_of(process, element.get("id") or "")
    if lane is not None and lane.get("id") in drawing.shapes:
        return drawing.shapes[lane.get("id")]
    return _pool_of(drawing, process)


def _plane(drawing: Drawing, element: Any) -> str:
    name = element.get("id") or ""
    drawn = drawing.shapes.get(name) or drawing.edges.get(name)
    return drawn.plane if drawn is not None else ""


def _lane_of(process: Any, name: str) -> Any | None:
    """The innermost lane that names the node."""
    found = None
    for lane in process.iter(BPMN + "lane"):
        if any((ref.text or "").strip() == name for ref in lane.findall(BPMN + "flowNodeRef")):
            found = lane
    return found


def _pool_of(drawing: Drawing, process: Any) -> Shape | None:
    for shape in drawing.shapes.values():
        if local_name(shape.element) == "participant" and shape.element.get("processRef") == process.get("id"):
            return shape
    return None


# ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────


def _check_missing(drawing: Drawing) -> None:
    for name, element in drawing.elements.items():
        kind = local_name(element)
        if kind in NODES | ARTIFACTS | {"lane", "participant"} and name not in drawing.shapes:
            drawing.refuse(element, "没有画出来：图中缺少它的图形")
        elif kind in {"sequenceFlow", "association", "messageFlow"} and name not in drawing.edges:
            drawing.refuse(element, "没有画出来：图中缺少这条线")
        elif element.get("name") and _label_outside(kind) and _drawn_without_label(drawing, name):
            drawing.refuse(element, "名称没有给出标签位置，会压住别的图形")


def _label_outside(kind: str) -> bool:
    return kind == "sequenceFlow" or kind.endswith(LABELLED_OUTSIDE)


def _drawn_without_label(drawing: Drawing, name: str) -> bool:
    drawn = drawing.shapes.get(name) or drawing.edges.get(name)
    return drawn is not None and drawn.label is None


def _check_places(drawing: Drawing) -> None:
    for shape in drawing.shapes.values():
        kind = local_name(shape.element)
        if kind == "boundaryEvent":
            host = drawing.shapes.get(shape.element.get("attachedToRef") or "")
            if host is not None and not host.box.has_on_border(_centre(shape.box)):
                drawing.refuse(shape.element, f"边界事件的中心不在 {host.id} 的边框上")
            continue
        if kind == "lane":
            owner = _pool_of(drawing, next(shape.element.iterancestors(BPMN + "process")))
        elif kind in NODES | ARTIFACTS:
            owner = _owner(drawing, shape.element)
        else:
            continue
        if owner is not None and not owner.box.contains(shape.box):
            drawing.refuse(shape.element, f"图形超出了所属的 {owner.element.get('name') or owner.id}")


def _centre(box: Box) -> Point:
    return box.x + box.width / 2, box.y + box.height / 2


def _check_overlaps(drawing: Drawing) -> None:
    for a, b in combinations(drawing.nodes(), 2):
        if a.plane != b.plane or not a.box.overlaps(b.box) or _nested(a, b) or _attached(a, b) or _attached(b, a):
            continue
        drawing.refuse(b.element, f"图形与 {a.id} 重叠")
    lanes = [s for s in drawing.shapes.values() if local_name(s.element) == "lane"]
    for a, b in combinations(lanes, 2):
        inside = a.element in b.element.iterancestors() or b.element in a.element.iterancestors()
        if a.plane == b.plane and not inside and a.box.overlaps(b.box):
            drawing.refuse(b.element, f"泳道与 {a.id} 重叠")


def _nested(a: Shape, b: Shape) -> bool:
    return a.id in _ancestors(b.element) or b.id in _ancestors(a.element)


def _attached(event: Shape, other: Shape) -> bool:
    """A boundary event stands half on its host."""
    host = event.element.get("attachedToRef")
    return host is not None and other.id == host


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_lines(drawing: Drawing) -> None:
    for edge in drawing.edges.values():
        if len(edge.points) < 2:
            drawing.refuse(edge.element, "线少于两个点")
            continue
        if any(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(edge.points)):
            drawing.refuse(edge.element, "线不是横平竖直的")
        for name, point, what in ((edge.source, edge.points[0], "起点"), (edge.target, edge.points[-1], "终点")):
            shape = drawing.shapes.get(name)
            if shape is not None and shape.plane == edge.plane and not shape.box.has_on_border(point):
                drawing.refuse(edge.element, f"线的{what}不在 {name} 的边上")
        _check_line_stays_inside(drawing, edge)


def _check_line_stays_inside(drawing: Drawing, edge: Edge) -> None:
    """A flow may cross lanes, but not leave its sub-process or pool."""
    parent = edge.element.getparent()
    around = drawing.shapes.get(parent.get("id")) if parent is not None and local_name(parent) in CONTAINERS else None
    if around is None and parent is not None and local_name(parent) == "process":
        around = _pool_of(drawing, parent)
    if around is not None and around.plane == edge.plane and not all(around.box.contains(piece) for piece in edge.stretches):
        drawing.refuse(edge.element, f"线走到了 {around.element.get('name') or around.id} 外面")


def _check_crossed(drawing: Drawing) -> None:
    labels = list(_labels(drawing))
    for edge in drawing.edges.values():
        around = _ancestors(edge.element)
        for shape in drawing.nodes():
            own_end = shape.id in (edge.source, edge.target)
            if shape.plane != edge.plane or shape.id in around or (own_end and _only_touches(edge, shape.box)):
                continue
            if _attached_end(drawing, edge, shape):
                continue
            if any(_runs_through(piece, shape.box) for piece in edge.stretches):
                drawing.refuse(edge.element, f"线穿过了 {shape.id} 的图形")
        for name, plane, box in labels:
            if plane == edge.plane and any(_runs_through(piece, box) for piece in edge.stretches):
                drawing.refuse(edge.element, f"线穿过了 {name} 的标签")


def _only_touches(edge: Edge, box: Box) -> bool:
    """Its own ends are reached from outside: only the border is shared."""
    return not any(_runs_through(piece, box) for piece in edge.stretches)


def _attached_end(drawing: Drawing, edge: Edge, shape: Shape) -> bool:
    """The line of a boundary event starts inside the frame of its host."""
    source = drawing.elements.get(edge.source)
    if source is None or source.get("attachedToRef") != shape.id:
        return False
    return not any(_runs_through(piece, shape.box) for piece in edge.stretches[1:])


def _runs_through(piece: Box, box: Box) -> bool:
    """A straight piece enters the inside of a box."""
    across = piece.x < box.right - SLACK and box.x + SLACK < piece.right
    return across and piece.y < box.bottom - SLACK and box.y + SLACK < piece.bottom


def _check_shared_stretches(drawing: Drawing) -> None:
    """Lines may meet where they leave or reach the same node; elsewhere two on one track cannot be told apart."""
    for a, b in combinations(drawing.edges.values(), 2):
        if a.plane != b.plane or a.source == b.source or a.target == b.target:
            continue
        if any(_same_track(p, q) for p in a.stretches for q in b.stretches):
            drawing.refuse(b.element, f"线与 {a.id} 重合，分不清走向")


def _same_track(p: Box, q: Box) -> bool:
    if p.height == q.height == 0 and abs(p.y - q.y) <= SLACK:
        return min(p.right, q.right) - max(p.x, q.x) > SLACK
    if p.width == q.width == 0 and abs(p.x - q.x) <= SLACK:
        return min(p.bottom, q.bottom) - max(p.y, q.y) > SLACK
    return False


# ── labels ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _labels(drawing: Drawing) -> Iterator[tuple[str, str, Box]]:
    drawn_items: list[Shape | Edge] = [*drawing.shapes.values(), *drawing.edges.values()]
    for drawn in drawn_items:
        if drawn.label is not None:
            yield drawn.id, drawn.plane, drawn.label


def _check_labels(drawing: Drawing) -> None:
    labels = list(_labels(drawing))
    for name, plane, box in labels:
        element = drawing.elements[name]
        around = _ancestors(element)
        for shape in drawing.nodes():
            if shape.plane == plane and shape.id not in around and _covers(box, shape):
                drawing.refuse(element, f"标签压住了 {shape.id} 的图形")
        owner = _owner(drawing, element)
        if owner is not None and owner.plane == plane and not owner.box.contains(box) and not _leaves_lane(drawing, element, box):
            drawing.refuse(element, f"标签超出了 {owner.element.get('name') or owner.id}")
    for (name, plane, box), (other, other_plane, other_box) in combinations(labels, 2):
        if plane == other_plane and box.overlaps(other_box):
            drawing.refuse(drawing.elements[other], f"标签与 {name} 的标签重叠")


def _covers(label: Box, shape: Shape) -> bool:
    """Diamonds and circles leave the corners of their box free."""
    kind, (x, y) = local_name(shape.element), _centre(shape.box)
    if not kind.endswith(LABELLED_OUTSIDE):
        return label.overlaps(shape.box)
    dx = max(label.x - x, x - label.right, 0) / (shape.box.width / 2)
    dy = max(label.y - y, y - label.bottom, 0) / (shape.box.height / 2)
    return dx + dy < 1 if kind.endswith("Gateway") else dx * dx + dy * dy < 1


def _leaves_lane(drawing: Drawing, element: Any, box: Box) -> bool:
    """The label of a boundary event on a sub-process stands outside of it, that of a line between two lanes in either."""
    return element.get("attachedToRef") is not None and not any(
        s.box.overlaps(box) for s in drawing.nodes() if s.id == element.get("attachedToRef")
    )
