"""Words of the police's side: states, decisions, and what its papers are called."""

from __future__ import annotations

from app.transfers.models import TransferPolice
from app.transfers.words import POLICE_STATES
from app.transfers.words import PROGRESS as ALL_PROGRESS

WITHDRAWN, PROSECUTED = "已撤销案件", "已移送审查起诉"

# what a progress entry of the form says → the kind under which all organs see it (words.PROGRESS)
ENTRIES = {
    "arrest_asked": "arrest_asked",
    "arrested": "arrested",
    "not_arrested": "not_arrested",
    "sent_to_prosecute": "sent_to_prosecute",
    "judged": "verdict",
    "other": "other",
}
JURISDICTIONS = {"ours": "属于本机关管辖", "other_police": "属于其他公安机关管辖", "not_police": "不属于公安机关管辖"}
BELONGS = {
    "supervisory": "监察机关",
    "procuratorate": "人民检察院直接受理",
    "court": "人民法院直接受理",
    "military": "军队保卫部门",
    "sea": "海警机构",
    "other": "其他机关",
}
DECISIONS = {
    "filing": "立案审查",
    "reconsider": "复议",
    "own_motion": "主动立案",
    "ordered": "按通知立案",
    "withdraw": "撤销案件",
    "prosecute": "移送审查起诉",
}
CHALLENGES = {"reconsider": "复议申请", "explain": "要求说明不立案理由", "must_file": "通知立案", "closed": "结卷通知"}
ANSWERS = {"reversed": "撤销原决定，立案", "upheld": "维持原决定", "reasons": "说明不立案的理由", "filed": "立案"}
REQUESTS = {"complete": "补正告知", "supplement": "补充调查意见"}
MODES = {"supply": "已补充", "explain": "说明无法补正"}
SERVED = {"system": "系统送达", "direct": "直接送达", "post": "邮寄送达"}
TERMS = {3: "三日", 7: "七日（线索需要查证）", 30: "三十日（重大疑难复杂）"}

RECEIPT = "接受案件回执"
REQUEST_PAPERS = {"complete": "补正告知书", "supplement": "补充调查意见书"}
TERM_PAPER = "延长审查期限审批表"
FILED_PAPER, REFUSED_PAPER = "立案决定书", "不予立案决定书"
FILED_NOTICE, REFUSED_NOTICE = "立案通知书", "不予立案通知书"
RETURNED_PAPER, PASSED_PAPER = "退回移送案件通知书", "移送案件转送告知书"
RECONSIDERED_PAPER, REASONS_PAPER = "复议决定书", "不立案理由说明书"
WITHDRAWN_PAPER, PROSECUTED_PAPER = "撤销案件决定书", "移送审查起诉告知书"

# the word in the document number after the organ's short name: 青山湖公安环受〔2026〕3号
SERIES = {
    RECEIPT: "环受",
    "补正告知书": "环补",
    "补充调查意见书": "环查",
    FILED_PAPER: "环立",
    REFUSED_PAPER: "环不立",
    FILED_NOTICE: "环立通",
    REFUSED_NOTICE: "环不立通",
    RETURNED_PAPER: "环退",
    PASSED_PAPER: "环转",
    RECONSIDERED_PAPER: "环复",
    REASONS_PAPER: "环说",
    WITHDRAWN_PAPER: "环撤",
    PROSECUTED_PAPER: "环诉",
}


def progress(kind: str) -> str:
    return ALL_PROGRESS.get(ENTRIES.get(kind, kind), kind)


def state(row: TransferPolice, *, closed: bool = False) -> str:
    """Where the file stands, in words."""
    if closed and row.state not in ("passed", "returned"):
        return PROSECUTED if row.outcome == "prosecute" else POLICE_STATES["closed"]
    if row.state == "refused" and row.outcome == "withdraw":
        return WITHDRAWN
    return POLICE_STATES.get(row.state, row.state)
