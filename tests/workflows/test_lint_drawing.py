"""Pictures nobody can read are found: each test spoils one good drawing in one way."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.lint.drawing import lint_drawing

BPMN = Path(__file__).parents[2] / "bpmn"
SEMANTIC = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="test">
<bpmn:collaboration id="c"><bpmn:participant id="pool" name="池" processRef="p"/></bpmn:collaboration>
<bpmn:process id="p"><bpmn:laneSet id="ls">
<bpmn:lane id="upper" name="上"><bpmn:flowNodeRef>begin</bpmn:flowNodeRef><bpmn:flowNodeRef>work</bpmn:flowNodeRef>
<bpmn:flowNodeRef>late</bpmn:flowNodeRef><bpmn:flowNodeRef>pass_gw</bpmn:flowNodeRef><bpmn:flowNodeRef>over</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="lower" name="下"><bpmn:flowNodeRef>inner</bpmn:flowNodeRef><bpmn:flowNodeRef>chase</bpmn:flowNodeRef></bpmn:lane>
</bpmn:laneSet>
<bpmn:startEvent id="begin" name="开始"/><bpmn:userTask id="work" name="办理"/>
<bpmn:boundaryEvent id="late" name="超期" attachedToRef="work"/>
<bpmn:exclusiveGateway id="pass_gw" name="通过?"/><bpmn:endEvent id="over" name="结束"/><bpmn:serviceTask id="chase" name="催办"/>
<bpmn:subProcess id="inner" name="再办"><bpmn:startEvent id="in_start"/><bpmn:userTask id="again" name="重办"/>
<bpmn:sequenceFlow id="f_again" sourceRef="in_start" targetRef="again"/></bpmn:subProcess>
<bpmn:sequenceFlow id="f_work" sourceRef="begin" targetRef="work"/><bpmn:sequenceFlow id="f_pass" sourceRef="work" targetRef="pass_gw"/>
<bpmn:sequenceFlow id="f_yes" name="是" sourceRef="pass_gw" targetRef="over"/>
<bpmn:sequenceFlow id="f_no" name="否" sourceRef="pass_gw" targetRef="inner"/>
<bpmn:sequenceFlow id="f_late" sourceRef="late" targetRef="chase"/>
</bpmn:process><bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="plane" bpmnElement="c">
"""
GOOD: dict[str, tuple[tuple[int, ...], tuple[int, ...] | None]] = {
    "pool": ((0, 0, 800, 440), None),
    "upper": ((30, 0, 770, 200), None),
    "lower": ((30, 200, 770, 240), None),
    "begin": ((82, 82, 36, 36), (88, 122, 24, 14)),
    "work": ((160, 60, 120, 80), None),
    "late": ((182, 122, 36, 36), (150, 160, 24, 14)),
    "pass_gw": ((335, 75, 50, 50), (340, 55, 40, 14)),
    "over": ((482, 82, 36, 36), (488, 122, 24, 14)),
    "chase": ((140, 290, 120, 80), None),
    "inner": ((300, 230, 400, 180), None),
    "in_start": ((342, 302, 36, 36), None),
    "again": ((440, 280, 120, 80), None),
    "f_work": ((118, 100, 160, 100), None),
    "f_pass": ((280, 100, 335, 100), None),
    "f_yes": ((385, 100, 482, 100), (400, 84, 15, 14)),
    "f_no": ((360, 125, 360, 230), (364, 140, 15, 14)),
    "f_late": ((200, 158, 200, 290), None),
    "f_again": ((378, 320, 440, 320), None),
}


def picture(**changes: tuple[tuple[int, ...], tuple[int, ...] | None] | None) -> bytes:
    """The good drawing with some parts drawn otherwise, or (None) left out."""
    parts = []
    for name, drawn in {**GOOD, **changes}.items():
        if drawn is not None:
            parts.append(edge(name, *drawn) if name.startswith("f_") else shape(name, *drawn))
    return (SEMANTIC + "".join(parts) + "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>").encode()


def bounds(box: tuple[int, ...]) -> str:
    return '<dc:Bounds x="{}" y="{}" width="{}" height="{}"/>'.format(*box)


def label(box: tuple[int, ...] | None) -> str:
    return f"<bpmndi:BPMNLabel>{bounds(box)}</bpmndi:BPMNLabel>" if box else ""


def shape(name: str, box: tuple[int, ...], text: tuple[int, ...] | None) -> str:
    return f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}">{bounds(box)}{label(text)}</bpmndi:BPMNShape>'


def edge(name: str, points: tuple[int, ...], text: tuple[int, ...] | None) -> str:
    ways = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in zip(points[::2], points[1::2], strict=True))
    return f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}">{ways}{label(text)}</bpmndi:BPMNEdge>'


def found(data: bytes) -> set[tuple[str, str]]:
    return {(finding.element, finding.why) for finding in lint_drawing(data, "x.bpmn")}


def test_a_good_drawing_is_clean() -> None:
    assert found(picture()) == set()


@pytest.mark.parametrize(
    ("changes", "element", "why"),
    [
        ({"chase": None}, "chase", "没有画出来：图中缺少它的图形"),
        ({"lower": None}, "lower", "没有画出来：图中缺少它的图形"),
        ({"f_pass": None}, "f_pass", "没有画出来：图中缺少这条线"),
        ({"f_yes": (GOOD["f_yes"][0], None)}, "f_yes", "名称没有给出标签位置，会压住别的图形"),
        ({"over": (GOOD["over"][0], None)}, "over", "名称没有给出标签位置，会压住别的图形"),
    ],
)
def test_what_is_missing(changes: dict[str, None], element: str, why: str) -> None:
    assert (element, why) in found(picture(**changes))


@pytest.mark.parametrize(
    ("changes", "element", "why"),
    [
        ({"over": ((250, 82, 36, 36), (260, 142, 24, 14))}, "over", "图形与 work 重叠"),
        ({"chase": ((240, 290, 120, 80), None)}, "inner", "图形与 chase 重叠"),
        ({"chase": ((140, 150, 120, 80), None)}, "chase", "图形超出了所属的 下"),
        ({"again": ((640, 280, 120, 80), None)}, "again", "图形超出了所属的 再办"),
        ({"lower": ((30, 180, 770, 260), None)}, "lower", "泳道与 upper 重叠"),
        ({"lower": ((30, 200, 790, 240), None)}, "lower", "图形超出了所属的 池"),
        ({"late": ((182, 90, 36, 36), (150, 160, 24, 14))}, "late", "边界事件的中心不在 work 的边框上"),
    ],
)
def test_shapes_over_each_other_or_in_the_wrong_place(changes: dict[str, None], element: str, why: str) -> None:
    assert (element, why) in found(picture(**changes))


@pytest.mark.parametrize(
    ("changes", "element", "why"),
    [
        ({"f_yes": ((385, 100, 482, 110), (400, 80, 15, 14))}, "f_yes", "线不是横平竖直的"),
        ({"f_yes": ((385, 100, 470, 100), (400, 80, 15, 14))}, "f_yes", "线的终点不在 over 的边上"),
        ({"f_pass": ((290, 100, 335, 100), None)}, "f_pass", "线的起点不在 work 的边上"),
        ({"f_late": ((200, 158, 200, 180, 760, 180, 760, 460, 200, 460, 200, 370), None)}, "f_late", "线走到了 池 外面"),
        ({"f_again": ((378, 320, 400, 320, 400, 425, 500, 425, 500, 360), None)}, "f_again", "线走到了 再办 外面"),
        ({"f_late": ((200, 158, 200, 180, 400, 180, 400, 320, 260, 320), None)}, "f_late", "线穿过了 inner 的图形"),
        ({"f_no": ((360, 75, 360, 230), (390, 140, 15, 14))}, "f_no", "线穿过了 pass_gw 的图形"),
        ({"f_no": ((360, 125, 360, 230), (352, 140, 15, 14))}, "f_no", "线穿过了 f_no 的标签"),
        ({"f_late": ((200, 158, 200, 180, 360, 180, 360, 210, 200, 210, 200, 290), None)}, "f_late", "线与 f_no 重合，分不清走向"),
        ({"f_yes": ((385, 100), (400, 80, 15, 14))}, "f_yes", "线少于两个点"),
    ],
)
def test_lines_that_mislead(changes: dict[str, None], element: str, why: str) -> None:
    assert {(e, w) for e, w in found(picture(**changes)) if w == why or e == element} >= {(element, why)}


@pytest.mark.parametrize(
    ("changes", "element", "why"),
    [
        ({"begin": ((82, 82, 36, 36), (150, 110, 24, 14))}, "begin", "标签压住了 work 的图形"),
        ({"f_yes": (GOOD["f_yes"][0], (340, 57, 15, 14))}, "f_yes", "标签与 pass_gw 的标签重叠"),
        ({"over": ((482, 82, 36, 36), (488, 195, 24, 14))}, "over", "标签超出了 上"),
    ],
)
def test_labels_that_cover_something(changes: dict[str, None], element: str, why: str) -> None:
    assert (element, why) in found(picture(**changes))


def test_a_label_in_the_free_corner_of_a_diamond_is_fine() -> None:
    corner = picture(pass_gw=((335, 75, 50, 50), (372, 68, 40, 12)))
    assert not any(element == "pass_gw" for element, _ in found(corner))


def test_a_shape_for_nothing_and_a_broken_file() -> None:
    assert ("ghost_di", "图形对应的元素 ghost 不存在") in found(picture(ghost=((600, 20, 20, 20), None)))
    assert len(lint_drawing(b"<bpmn", "x.bpmn")) == 1


@pytest.mark.parametrize("path", sorted(BPMN.glob("**/*.bpmn")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_diagram_of_the_product_is_clean(path: Path) -> None:
    assert [str(finding) for finding in lint_drawing(path.read_bytes(), path.name)] == []
