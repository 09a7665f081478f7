"""The words of 两法衔接: every code of its tables and messages as people read it."""

from __future__ import annotations

PROCESS = "criminal_transfer"
QUESTION = "transfer.question"

SOURCES = {
    "petition": "信访举报",
    "inspection": "现场检查",
    "alarm": "自动监控报警",
    "clue": "其他机关移送线索",
    "nontransfer": "反映应移送不移送",
    "penalty": "行政处罚案件",
    "opinion": "检察意见",
    "filed": "公安机关立案通知",
}
# what a person may choose when opening a file directly
DIRECT = ("inspection", "alarm", "clue", "nontransfer", "penalty")

STATES = {
    "facts": "待填事实",
    "confirm": "待法制复核",
    "team": "待指定专案组",
    "report": "待写移送报告",
    "legal": "待法规审核",
    "decide": "待局长审批",
    "assemble": "待整卷移送",
    "receipt": "等公安回执",
    "police": "等公安决定",
    "route": "待处理退回",
    "way": "待选异议途径",
    "draft": "异议文书拟制",
    "challenge": "等异议结果",
    "handover": "待移交物品材料",
    "outcome": "等刑事结果",
    "penalty": "待定行政处罚",
    "closed": "已办结",
}
CLOSED_AS = {
    "not_suspected": "筛查不涉嫌犯罪",
    "refused": "不批准移送",
    "other_organ": "移送其他机关",
    "convicted": "已判刑，罚款折抵",
    "penalty": "恢复行政处罚程序",
    "replied": "处罚结果已告知检察院",
}
ANSWERS = {"not_suspected": "不涉嫌犯罪", "approved": "批准移送", "refused": "不批准移送", "other_organ": "移送其他机关"}
DECISIONS = {"approve": "批准移送", "refuse": "不批准移送", "return": "退回补充"}
CRIMES = {
    "338": "污染环境罪（刑法第三百三十八条）",
    "339": "非法处置进口的固体废物罪（刑法第三百三十九条）",
    "229": "提供虚假证明文件罪（刑法第二百二十九条）",
    "286": "破坏计算机信息系统罪（刑法第二百八十六条）",
    "other": "其他罪名",
}
NOTICES = {"filed": "立案", "refused": "不予立案", "returned": "不属公安机关管辖，退回", "misrouted": "转有管辖权的公安机关"}
GROUNDS = {
    "not_accepted": "公安机关没有出具回执",
    "late": "公安机关逾期未作决定",
    "refused": "公安机关决定不予立案",
    "withdrawn": "公安机关撤销案件",
}
WAYS = {"reconsider": "申请复议", "supervise": "建议立案监督", "arrived": "已收到通知，先处理通知", "accept": "不持异议"}
ROUTES = {"resend": "补正后再移送", "other_organ": "移送有管辖权的其他机关", "resume": "恢复行政处罚程序"}
OUTCOMES = {
    "withdrawn": "撤销案件",
    "nonprosecuted": "不起诉",
    "convicted": "有罪判决",
    "exempted": "免予刑事处罚",
    "acquitted": "无罪判决",
}
FINAL = frozenset({"withdrawn", "nonprosecuted", "convicted", "exempted", "acquitted"})
PENALTY_WAYS = {"fine": "罚款", "other": "其他行政处罚", "none": "不予行政处罚"}
HOLD_ENDS = {
    "not_suspected": "筛查不涉嫌犯罪",
    "refused": "不批准移送",
    "other_organ": "移送其他机关",
    "returned": "公安机关退回后恢复",
    "not_filed": "不予立案，不再提出异议",
    "withdrawn": "撤销案件",
    "nonprosecuted": "不起诉",
    "acquitted": "无罪",
    "exempted": "免予刑事处罚",
    "convicted": "已判刑，不再罚款",
    "opinion": "检察意见建议处罚",
}
CONSULTS = {"consult": "书面会商", "early_notice": "提前介入通报", "joint": "联合调查"}
SUPERVISED = {"corrected": "公安机关已立案纠正", "stands": "不立案理由成立"}

POLICE_STATES = {
    "arrived": "待签收",
    "jurisdiction": "待审查管辖",
    "examine": "立案审查",
    "term": "待批准延长",
    "decide": "待立案决定",
    "notify": "待送达通知",
    "investigate": "侦查中",
    "challenge": "应答异议",
    "refused": "不予立案",
    "passed": "已转其他公安机关",
    "returned": "已退回",
    "closed": "已办结",
}
PROCURATOR_STATES = {
    "nontransfer": "待查不移送",
    "await_transfer": "等移送",
    "watch": "跟踪公安决定",
    "copy": "待看抄送",
    "supervise": "立案监督",
    "prosecution": "审查起诉",
    "verdict": "等裁判",
    "penalty": "等处罚结果",
    "closed": "已办结",
}
DETENTION_STATES = {
    "facts": "待填事实",
    "wait": "等前置决定",
    "form": "待填审批单",
    "decide": "待批准",
    "send": "待移送原件",
    "police": "等公安决定",
    "supply": "待补充材料",
    "copies": "待复印归档",
    "returned": "公安退回，待结案",
    "closed": "已办结",
}
PROGRESS = {
    "arrest_asked": "提请批准逮捕",
    "arrested": "批准逮捕",
    "not_arrested": "不批准逮捕",
    "sent_to_prosecute": "移送审查起诉",
    "other": "进展说明",
    "more_investigation": "退回补充侦查",
    "prosecuted": "提起公诉",
    "nonprosecuted": "不起诉",
    "verdict": "裁判",
}
# 17号34: what each organ enters for the others
ENTRIES = {
    "transfer": "案件移送",
    "reconsider": "提请复议",
    "propose": "建议立案监督",
    "penalty": "行政处罚决定",
    "filing": "立案",
    "refusal": "不予立案",
    "withdrawal": "撤销案件",
    "reconsidered": "复议决定",
    "ordered": "监督立案后的处理",
    "arrest": "提请批准逮捕",
    "to_prosecution": "移送审查起诉",
    "opinion": "监督移送",
    "supervision": "监督立案",
    "arrest_decision": "批准或者不批准逮捕",
    "prosecution": "提起公诉或者不起诉",
    "verdict": "裁判结果",
}

PENALTIES = {
    "warning": "警告、通报批评",
    "fine": "罚款",
    "confiscation": "没收违法所得、非法财物",
    "licence_suspended": "暂扣许可证件",
    "licence_revoked": "吊销许可证件",
    "restricted": "限制生产经营",
    "stopped": "责令停产停业",
    "closed_down": "责令关闭",
    "detention": "行政拘留",
    "other": "其他",
}
# 17号16, 310号11: may be imposed while the criminal case runs; a new 警告 is 待核
FREE_UNDER_HOLD = frozenset({"warning", "licence_suspended", "licence_revoked", "stopped"})
UNSURE_UNDER_HOLD = frozenset({"warning"})
ACT_KINDS = {
    "permit": "无证或者不按证排污",
    "exceed": "超标、超总量排放",
    "hidden": "逃避监管排放",
    "monitor": "监测数据造假",
    "facility": "治理设施不正常运行",
    "eia": "未批先建、未验先投",
    "hazardous": "危险废物管理违法",
    "solid": "固体废物违法",
    "noise": "噪声违法",
    "air": "大气污染违法",
    "water": "水污染违法",
    "soil": "土壤污染违法",
    "radiation": "放射污染违法",
    "service": "环评、监测机构弄虚作假",
    "other": "其他",
}
RECHECKS = {"rectified": "已改正", "not_rectified": "未改正", "refused": "拒不改正"}

# title of a letter by message and kind; "" for any kind
LETTERS: dict[str, dict[str, str]] = {
    "transfer_sent": {"": "涉嫌环境犯罪案件移送书", "passed": "移送案件转送函"},
    "transfer_copied": {"": "涉嫌环境犯罪案件移送书（抄送）"},
    "nontransfer_recorded": {"": "不移送决定备案"},
    "transfer_receipt": {"": "接受案件回执"},
    "police_notice": {
        "filed": "立案通知书",
        "refused": "不予立案通知书",
        "returned": "退回移送案件通知",
        "misrouted": "转送其他公安机关告知书",
        "term": "延长审查期限告知",
    },
    "decision_copied": {"filed": "立案通知书（抄送）", "refused": "不予立案通知书（抄送）", "withdrawn": "撤销案件决定书（抄送）"},
    "material_requested": {"complete": "补正告知书", "supplement": "补充调查意见"},
    "material_supplied": {"supply": "补充材料", "explain": "无法补正说明"},
    "police_challenge": {
        "reconsider": "复议申请书",
        "explain": "要求说明不立案理由通知书",
        "must_file": "通知立案书",
        "closed": "结卷通知",
    },
    "reconsidered": {"reversed": "复议决定书（立案）", "upheld": "复议决定书（维持）"},
    "supervision_proposed": {"": "立案监督建议书"},
    "supervision_result": {"": "立案监督结果告知"},
    "reasons_given": {"": "不立案理由说明书"},
    "filing_record": {"": "立案决定书（通知立案后）"},
    "case_moved": {"closed": "案件移送情况通知", "prosecution": "移送审查起诉告知"},
    "criminal_outcome": {
        "withdrawn": "撤销案件决定书",
        "nonprosecuted": "不起诉决定书",
        "convicted": "有罪判决告知",
        "exempted": "免予刑事处罚告知",
        "acquitted": "无罪判决告知",
    },
    "procurator_opinion": {"": "检察意见书（建议移送）"},
    "penalty_opinion": {"": "检察意见书（建议处罚）"},
    "penalty_result": {"": "处罚结果告知"},
    "consult_requested": {"consult": "会商函", "early_notice": "提前介入邀请函", "joint": "联合调查邀请函"},
    "consult_answered": {"": "会商答复"},
    "detention_sent": {"": "行政拘留案件移送书"},
    "detention_notice": {"supplement": "补充材料通知", "decided": "行政拘留决定抄送", "returned": "退回行政拘留案件告知"},
    "detention_supplied": {"": "补充材料"},
}


def letter_title(name: str, kind: str = "") -> str:
    """What a letter is called."""
    known = LETTERS.get(name, {})
    return known.get(kind) or known.get("") or name
