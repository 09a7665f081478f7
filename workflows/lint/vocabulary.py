"""The words of BPMN that run here; everything else is refused, with what to draw instead where that is known."""

from __future__ import annotations

from .findings import BPMN, SPIFF


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


HUMAN = _words("userTask manualTask task")
NODES = HUMAN | _words(
    "startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent",
    "serviceTask sendTask receiveTask businessRuleTask callActivity subProcess",
    "exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway",
)
ALLOWED = NODES | _words(
    "definitions import collaboration participant messageFlow message signal error escalation category categoryValue",
    "correlationKey correlationPropertyRef correlationProperty correlationPropertyRetrievalExpression messagePath",
    "process laneSet childLaneSet lane flowNodeRef documentation extensionElements incoming outgoing sequenceFlow conditionExpression",
    "messageEventDefinition signalEventDefinition errorEventDefinition escalationEventDefinition timerEventDefinition",
    "conditionalEventDefinition terminateEventDefinition timeDate timeCycle condition formalExpression",
    "multiInstanceLoopCharacteristics standardLoopCharacteristics loopCondition loopCardinality completionCondition",
    "loopDataInputRef loopDataOutputRef inputDataItem outputDataItem",
    "dataObject dataObjectReference dataInputAssociation dataOutputAssociation sourceRef targetRef",
    "ioSpecification dataInput dataOutput inputSet outputSet dataInputRefs dataOutputRefs",
    "textAnnotation text association group",
)
INSTEAD = {
    "scriptTask": "脚本任务不能运行，请改用服务任务，由登记的处理程序完成",
    "script": "脚本不能运行，请改用服务任务",
    "adHocSubProcess": "临时子流程（ad-hoc）不能运行，请用并行网关或多实例画出要做的步骤",
    "transaction": "事务子流程不能运行，请用内嵌子流程加边界事件",
    "compensateEventDefinition": "补偿事件不起作用，请画出撤销的步骤并用网关引过去",
    "linkEventDefinition": "链接事件会丢失令牌，流程不会结束，请直接连线或分成被调用的流程",
    "cancelEventDefinition": "取消事件不能运行，请用错误或升级边界事件",
    "complexGateway": "复杂网关不能运行，请用排他、并行、包容网关组合",
    "dataStore": "数据存储不能用，请由服务任务的处理程序读写",
    "dataStoreReference": "数据存储不能用，请由服务任务的处理程序读写",
    "timeDuration": '图中不写时间长度，请用 timeDate 写 due("时限")，天数写在 deadlines.yaml',
}
EXTENSIONS = _words(
    "properties property serviceTaskOperator parameters parameter calledDecisionId",
    "messagePayload messageVariable payloadExpression variableName expression",
)

_TEXTS = _words("conditionExpression loopCondition completionCondition loopCardinality condition formalExpression messagePath")
_DATA = _words("inputDataItem outputDataItem dataObject dataInput dataOutput")
EXPRESSIONS = {BPMN + tag for tag in _TEXTS} | {SPIFF + "messagePayload", SPIFF + "payloadExpression", SPIFF + "expression"}
DATA_NAMES = {BPMN + "loopDataInputRef", BPMN + "loopDataOutputRef", SPIFF + "messageVariable", SPIFF + "variableName"}
DATA_IDS = {BPMN + tag for tag in _DATA}
CHOOSING = _words("exclusiveGateway inclusiveGateway")
ENDS_PREDICTION = CHOOSING | {"eventBasedGateway"}
AUTOMATIC = CHOOSING | _words("parallelGateway serviceTask businessRuleTask sendTask intermediateThrowEvent endEvent")
