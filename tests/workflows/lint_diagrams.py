"""The bad diagrams the check must refuse, one for every trap of the library, and the good ones it must leave alone."""

from __future__ import annotations

from tests.workflows import drawing_board as d

XSI = 'xsi:type="bpmn:tFormalExpression"'
DATA = '<bpmn:ioSpecification id="io"><bpmn:dataInput id="x" name="x"/><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>'
ESCALATION = '<bpmn:escalation id="up" name="升级" escalationCode="UP"/><bpmn:error id="er" name="错误" errorCode="E1"/>'
SIGNAL = '<bpmn:signal id="sg" name="信号"/>'


def draw(body: str, flow: str, *, extra: str = "", parts: str = "") -> str:
    """One process ``p`` around ``body``, each element on a line of its own."""
    text = d.document(
        parts, d.process("p", d.start() + body + d.end(), flow), messages="asked answered filed nowhere unlisted", extra=extra
    )
    return text.replace("><bpmn:", ">\n<bpmn:").replace("><spiffworkflow:", ">\n<spiffworkflow:")


def mi(inside: str = '<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:inputDataItem id="item" name="item"/>') -> str:
    return f'<bpmn:multiInstanceLoopCharacteristics isSequential="false">{inside}</bpmn:multiInstanceLoopCharacteristics>'


def raw(tag: str, id: str, inside: str = "", attributes: str = "") -> str:
    return f'<bpmn:{tag} id="{id}" {attributes}>{inside}</bpmn:{tag}>'


DUE, EVERY = d.timer('due("answer")'), d.timer('every("answer")', "timeCycle")
XOR = d.gateway("exclusive", "x", "f_x_done")
AB = "begin>a a>b b>done"
INNER = d.start("in_begin") + d.user("inner") + d.end("in_done")
IN_FLOW = "in_begin>inner inner>in_done"
SUB = d.sub("sp", INNER, IN_FLOW)
FORK = '<bpmn:parallelGateway id="f"/><bpmn:parallelGateway id="j"/>'
REPEATED_SUB = SUB.replace("</bpmn:subProcess>", mi() + "</bpmn:subProcess>")

# name: (diagram, element, words of the reason)
TRAPS: dict[str, tuple[str, str, str]] = {
    "script task": (draw(raw("scriptTask", "a", "<bpmn:script>x = 1</bpmn:script>"), "begin>a a>done"), "a", "服务任务"),
    "pre-script": (
        draw(
            d.user("a").replace(
                "</bpmn:extensionElements>", "<spiffworkflow:preScript>x=1</spiffworkflow:preScript></bpmn:extensionElements>"
            ),
            "begin>a a>done",
        ),
        "a",
        "脚本",
    ),
    "parallel join in a loop": (
        draw(d.users("a b z") + FORK + XOR + '<bpmn:exclusiveGateway id="m"/>', "begin>m m>f f>a f>b a>j b>j j>z z>x x>m[n<3] x>done"),
        "j",
        "内嵌子流程",
    ),
    "inclusive join in a loop": (
        draw(
            d.users("a b z")
            + d.gateway("inclusive", "i", "f_i_a")
            + '<bpmn:inclusiveGateway id="j"/>'
            + XOR
            + '<bpmn:exclusiveGateway id="m"/>',
            "begin>m m>i i>a i>b[n>1] a>j b>j j>z z>x x>m[n<3] x>done",
        ),
        "j",
        "提前触发",
    ),
    "conditional flow from a task": (draw(d.users("a b"), "begin>a a>b[n>1] b>done"), "f_a_b", "加网关"),
    "several flows from a task": (draw(d.users("a b"), "begin>a a>b a>done b>done"), "a", "加网关"),
    "signal end": (
        draw(d.user("a") + d.end("e2", '<bpmn:signalEventDefinition signalRef="sg"/>'), "begin>a a>e2", extra=SIGNAL),
        "e2",
        "抛出信号",
    ),
    "compensation border": (
        draw(d.users("a b") + d.boundary("c", "a", "<bpmn:compensateEventDefinition/>"), "begin>a a>done c>b b>done"),
        "c",
        "撤销的步骤",
    ),
    "compensation throw": (draw(d.user("a") + d.throw("t", "<bpmn:compensateEventDefinition/>"), "begin>a a>t t>done"), "t", "撤销的步骤"),
    "for compensation": (draw(d.users("a b").replace('id="b"', 'id="b" isForCompensation="true"'), AB), "b", "补偿"),
    "link": (draw(d.user("a") + d.throw("t", '<bpmn:linkEventDefinition name="L"/>'), "begin>a a>t t>done"), "t", "直接连线"),
    "event sub-process": (
        draw(d.user("a") + SUB.replace('id="sp"', 'id="sp" triggeredByEvent="true"'), "begin>a a>done"),
        "sp",
        "内嵌子流程",
    ),
    "ad-hoc": (draw(raw("adHocSubProcess", "ah", INNER + d.flows(IN_FLOW)), "begin>ah ah>done"), "ah", "并行网关"),
    "transaction": (draw(raw("transaction", "ah", INNER + d.flows(IN_FLOW)), "begin>ah ah>done"), "ah", "内嵌子流程"),
    "complex gateway": (draw(d.user("a") + raw("complexGateway", "x"), "begin>a a>x x>done"), "x", "排他"),
    "data store": (draw(d.user("a") + raw("dataStoreReference", "ds"), "begin>a a>done"), "ds", "服务任务"),
    "input output on a task": (draw(d.user("a", inside=DATA), "begin>a a>done"), "io", "替换全部数据"),
    "timer start": (
        draw(d.user("a"), "begin>a a>done").replace('<bpmn:startEvent id="begin"/>', raw("startEvent", "begin", DUE)),
        "begin",
        "定时任务",
    ),
    "message start": (
        draw(d.user("a"), "begin>a a>done").replace('<bpmn:startEvent id="begin"/>', raw("startEvent", "begin", d.message("asked"))),
        "begin",
        "messages.yaml",
    ),
    "no default flow": (draw(d.users("a b") + d.gateway("exclusive", "x"), "begin>a a>x x>b[n>1] x>done[n<2] b>done"), "x", "default"),
    "flow without condition": (draw(d.users("a b c") + XOR, "begin>a a>x x>b x>c[n>1] x>done b>done c>done"), "f_x_b", "没有条件"),
    "condition on the default": (draw(d.users("a b") + XOR, "begin>a a>x x>b[n>1] x>done[n<2] b>done"), "f_x_done", "默认连线"),
    "default of another gateway": (
        draw(d.users("a b") + d.gateway("exclusive", "x", "f_b_done"), "begin>a a>x x>b[n>1] x>done[n<2] b>done"),
        "x",
        "default",
    ),
    "loop without a choice": (draw(d.users("a b"), "begin>a a>b b>a"), "a", "排他网关"),
    "event gateway with a clock": (
        draw(d.gateway("eventBased", "g") + d.catch("t", DUE) + d.catch("m", d.message("answered")), "begin>g g>t g>m t>done m>done"),
        "t",
        "接收任务",
    ),
    "event gateway to a task": (
        draw(d.gateway("eventBased", "g") + d.user("a") + d.catch("m", d.message("answered")), "begin>g g>a g>m a>done m>done"),
        "a",
        "等消息",
    ),
    "event gateway to a shared wait": (
        draw(
            d.user("a") + d.gateway("eventBased", "g") + d.catch("m", d.message("answered")) + d.catch("k", d.message("asked")) + XOR,
            "begin>a a>x x>g[n>1] x>done g>m g>k m>k k>done",
        ),
        "k",
        "只从这个网关进入",
    ),
    "event gateway with one way": (
        draw(d.gateway("eventBased", "g") + d.catch("m", d.message("answered")), "begin>g g>m m>done"),
        "g",
        "两个等待",
    ),
    "interrupting border cycle": (draw(d.users("a b") + d.boundary("t", "a", EVERY), "begin>a a>done t>b b>done"), "t", "timeDate"),
    "interrupting border on a repeated sub-process": (
        draw(d.user("b") + REPEATED_SUB + d.boundary("t", "sp", DUE), "begin>sp sp>done t>b b>done"),
        "t",
        "再套一个子流程",
    ),
    "non-interrupting border message": (
        draw(d.user("a") + d.service("s") + d.end("e2") + d.boundary("m", "a", d.message("answered"), False), "begin>a a>done m>s s>e2"),
        "m",
        "只会触发一次",
    ),
    "human task behind a repeating clock": (
        draw(d.users("a b") + d.end("e2") + d.boundary("t", "a", EVERY, False), "begin>a a>done t>b b>e2"),
        "b",
        "自动步骤",
    ),
    "border event without host": (
        draw(d.users("a b") + d.boundary("t", "inner", DUE) + SUB, "begin>a a>sp sp>done t>b b>done"),
        "t",
        "同一层",
    ),
    "border event waiting for nothing": (draw(d.users("a b") + d.boundary("t", "a", ""), "begin>a a>done t>b b>done"), "t", "等什么"),
    "two definitions": (draw(d.user("a") + d.catch("t", DUE + d.message("answered")), "begin>a a>t t>done"), "t", "几个定义"),
    "catch without definition": (draw(d.user("a") + d.catch("t", ""), "begin>a a>t t>done"), "t", "等什么"),
    "duration": (draw(d.user("a") + d.catch("t", d.timer('"P15D"', "timeDuration")), "begin>a a>t t>done"), "t", "deadlines.yaml"),
    "date": (draw(d.user("a") + d.catch("t", d.timer('"2026-09-30"')), "begin>a a>t t>done"), "t", 'due("时限")'),
    "date arithmetic": (draw(d.user("a") + d.catch("t", d.timer("add_days(n, 15)")), "begin>a a>t t>done"), "t", 'due("时限")'),
    "unknown slot": (draw(d.user("a") + d.catch("t", d.timer('due("tea")')), "begin>a a>t t>done"), "t", "clocks.yaml"),
    "due in a cycle": (
        draw(
            d.user("a") + d.service("s") + d.end("e2") + d.boundary("t", "a", d.timer('due("answer")', "timeCycle"), False),
            "begin>a a>done t>s s>e2",
        ),
        "t",
        "timeCycle",
    ),
    "cycle in the flow": (draw(d.user("a") + d.catch("t", EVERY), "begin>a a>t t>done"), "t", "边上"),
    "timer without time": (draw(d.user("a") + d.catch("t", "<bpmn:timerEventDefinition/>"), "begin>a a>t t>done"), "t", "没有写时限"),
    "clock in a condition": (draw(d.users("a b") + XOR, 'begin>a a>x x>b[due("answer")] x>done b>done'), "f_x_b", "计时器"),
    "clock function": (draw(d.users("a b") + XOR, 'begin>a a>x x>b[now()>"2026"] x>done b>done'), "f_x_b", "不能调用 now"),
    "escape in a condition": (draw(d.users("a b") + XOR, "begin>a a>x x>b[__import__('os')] x>done b>done"), "f_x_b", "不能调用"),
    "escape in a payload": (draw(d.throw("t", d.message("asked", "n.__class__")), "begin>t t>done"), "t", "点号"),
    "escape in a completion condition": (
        draw(d.repeated("a", "items", "item", "n.real > 1"), "begin>a a>done"),
        "a",
        "点号",
    ),
    "undeclared variable": (draw(d.users("a b") + XOR, "begin>a a>x x>b[surprise] x>done b>done"), "f_x_b", "variables.yaml"),
    "item named like a function": (draw(d.repeated("a", "items", "round"), "begin>a a>done"), "round", "表达式函数"),
    "computed list": (draw(d.repeated("a", "items[1:]", "item"), "begin>a a>done"), "a", "数据名"),
    "multi-instance over nothing": (draw(d.user("a", inside=mi("")), "begin>a a>done"), "a", "二者取一"),
    "multi-instance without item": (
        draw(d.user("a", inside=mi("<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>")), "begin>a a>done"),
        "a",
        "inputDataItem",
    ),
    "human task without role": (draw('<bpmn:userTask id="a"/>', "begin>a a>done"), "a", "岗位 role"),
    "plain task is a human task": (draw('<bpmn:task id="a"/>', "begin>a a>done"), "a", "服务任务"),
    "unknown role": (draw(d.user("a", role="king"), "begin>a a>done"), "a", "king"),
    "unknown case attribute": (draw(d.user("a", org="case.moon"), "begin>a a>done"), "a", "case.moon"),
    "service without operator": (draw('<bpmn:serviceTask id="a"/>', "begin>a a>done"), "a", "处理程序"),
    "unknown handler": (draw(d.service("a", "do.nothing"), "begin>a a>done"), "do.nothing", "do.nothing"),
    "handler named like an element": (draw(d.service("s", "do.s").replace('id="s"', 'id="do.s"'), "begin>do.s do.s>done"), "do.s", "重名"),
    "rule task without table": (draw('<bpmn:businessRuleTask id="a"/>', "begin>a a>done"), "a", "calledDecisionId"),
    "unknown table": (draw(d.rule("a", "colour"), "begin>a a>done"), "a", "colour"),
    "unknown called process": (draw(d.call("a", "nobody"), "begin>a a>done"), "a", "nobody"),
    "message not listed": (draw(d.throw("t", d.message("unlisted", '{"n": n}')), "begin>t t>done"), "t", "messages.yaml"),
    "message nobody takes": (draw(d.throw("t", d.message("nowhere", '{"n": n}')), "begin>t t>done"), "t", "没有人接"),
    "message without payload": (draw(d.throw("t", d.message("asked")), "begin>t t>done"), "t", "messagePayload"),
    "receive task without message": (draw('<bpmn:receiveTask id="a"/>', "begin>a a>done"), "a", "messageRef"),
    "message that does not exist": (draw(d.catch("t", d.message("gone")), "begin>t t>done"), "t", "m_gone"),
    "error in the middle": (
        draw(d.throw("t", '<bpmn:errorEventDefinition errorRef="er"/>'), "begin>t t>done", extra=ESCALATION),
        "t",
        "错误结束事件",
    ),
    "dead end": (draw(d.users("a b") + XOR, "begin>a a>x x>b[n>1] x>done"), "b", "令牌会丢失"),
    "unreachable": (draw(d.users("a b"), "begin>a a>done b>done"), "b", "走不到"),
    "flow after the end": (draw(d.users("a b"), "begin>a a>done done>b b>done"), "done", "结束事件之后"),
    "flow into the start": (draw(d.user("a") + XOR, "begin>a a>x x>begin[n>1] x>done"), "begin", "不能进入"),
    "flow across the border": (draw(d.user("a") + SUB, "begin>a a>inner inner>done a>sp sp>done"), "f_a_inner", "同一层"),
    "two starts": (draw(d.user("a") + d.start("b2"), "begin>a b2>a a>done"), "p", "2 个开始事件"),
    "no end": (
        draw(d.user("a"), "begin>a")
        .replace('<bpmn:endEvent id="done">\n</bpmn:endEvent>', "")
        .replace('<bpmn:endEvent id="done"></bpmn:endEvent>', ""),
        "p",
        "没有结束事件",
    ),
    "id used twice": (
        draw(d.users("a") + SUB.replace('id="inner"', 'id="a"').replace('"inner"', '"a"'), "begin>a a>sp sp>done"),
        "a",
        "用了两次",
    ),
    "reserved id": (draw(d.user("Start"), "begin>Start Start>done"), "Start", "引擎自用"),
    "odd id": (draw(d.user("a.b").replace('name="a.b"', ""), "begin>a.b a.b>done"), "a.b", "英文字母"),
    "foreign extension": (
        draw(
            d.user("a").replace("</bpmn:extensionElements>", '<camunda:formData xmlns:camunda="urn:camunda"/></bpmn:extensionElements>'),
            "begin>a a>done",
        ),
        "a",
        "不起作用",
    ),
}

FINE: dict[str, str] = {
    "a straight flow": draw(d.users("a b"), AB),
    "a choice in a loop": draw(d.users("a b") + XOR, "begin>a a>x x>b[n>1] x>done b>a"),
    "fork and join in a sub-process in a loop": draw(
        d.sub("sp", d.start("sb") + d.users("a b") + FORK + d.end("se"), "sb>f f>a f>b a>j b>j j>se")
        + XOR
        + '<bpmn:exclusiveGateway id="m"/>',
        "begin>m m>sp sp>x x>m[n<3] x>done",
    ),
    "border clocks": draw(
        d.users("a b")
        + d.service("s")
        + d.service("s2")
        + d.end("e2")
        + d.end("e3")
        + d.boundary("t", "a", DUE)
        + d.boundary("w", "a", d.timer('warn("answer")'), False)
        + d.boundary("c", "a", EVERY, False),
        "begin>a a>done t>b b>done w>s s>e2 c>s2 s2>e3",
    ),
    "a border clock leads back to its own task": draw(d.user("a") + d.boundary("t", "a", DUE), "begin>a a>done t>a"),
    "a border message": draw(d.users("a b") + d.boundary("m", "a", d.message("answered", variable="answers")), "begin>a a>done m>b b>done"),
    "a border around a repeated sub-process": draw(
        d.user("b") + d.sub("outer", d.start("ob") + REPEATED_SUB + d.end("oe"), "ob>sp sp>oe") + d.boundary("t", "outer", DUE),
        "begin>outer outer>done t>b b>done",
    ),
    "an interrupted multi-instance task": draw(
        d.user("b") + d.repeated("a", "items", "item", "n > 1") + d.boundary("t", "a", DUE), "begin>a a>done t>b b>done"
    ),
    "an event gateway over messages": draw(
        d.gateway("eventBased", "g") + d.catch("m", d.message("answered")) + raw("receiveTask", "k", attributes='messageRef="m_asked"'),
        "begin>g g>m g>k m>done k>done",
    ),
    "messages thrown": draw(
        d.throw("t", d.message("asked", '{"n": n, "case_id": case_id}')) + d.throw("u", d.message("filed", "{}")), "begin>t t>u u>done"
    ),
    "service, rule and call": draw(d.service("s", "do.s") + d.rule("r", "grade") + d.call("c", "other"), "begin>s s>r r>c c>done"),
    "an error inside caught outside": draw(
        d.user("b")
        + d.sub("sp", d.start("sb") + d.user("a") + d.end("se", '<bpmn:errorEventDefinition errorRef="er"/>'), "sb>a a>se")
        + d.boundary("t", "sp", '<bpmn:errorEventDefinition errorRef="er"/>'),
        "begin>sp sp>done t>b b>done",
        extra=ESCALATION,
    ),
    "a terminate end": draw(d.user("a") + XOR + d.end("e2", "<bpmn:terminateEventDefinition/>"), "begin>a a>x x>e2[n>1] x>done"),
    "a condition waited for": draw(
        d.catch("t", f"<bpmn:conditionalEventDefinition><bpmn:condition {XSI}>urgent</bpmn:condition></bpmn:conditionalEventDefinition>"),
        "begin>t t>done",
    ),
    "a loop with its own condition": draw(
        d.user(
            "a",
            inside='<bpmn:standardLoopCharacteristics loopMaximum="3">'
            f"<bpmn:loopCondition {XSI}>n &lt; 3</bpmn:loopCondition></bpmn:standardLoopCharacteristics>",
        ),
        "begin>a a>done",
    ),
    "lanes, notes and groups": draw(
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="信访科"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
        '<bpmn:textAnnotation id="n1"><bpmn:text>说明</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="n2" sourceRef="a" targetRef="n1"/>' + d.user("a"),
        "begin>a a>done",
    ),
}
