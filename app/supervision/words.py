"""The words of 督办: steps of the ladder, kinds of letters, triggers, verdicts."""

from __future__ import annotations

PROCEDURE = "supervision"
REQUEST = "supervision_requested"
CLOSED = "supervision_closed"
MATTER_PREFIX = "洪环督"
LETTER_PREFIX = "洪环督函"
TRANSFER_QUESTION = "transfer.question"

# step → what it is called, in the order of the ladder
STEPS = {"remind": "催办", "letter": "督办函", "advice": "改进建议", "interview": "约谈", "circular": "通报", "refer": "追责建议"}
RANK = {step: number for number, step in enumerate(STEPS)}
# step → the paper that goes to the supervised unit
KINDS = {
    "remind": "催办通知书", "letter": "督办函", "advice": "改进建议书", "interview": "约谈通知书", "circular": "通报", "refer": "督办函",
}  # fmt: skip

TRIGGERS = {
    "period_past": "超过期限", "not_reported": "未报送结果", "rating_failed": "评价不满意", "late_problem": "问题整改逾期",
    "missed_month": "月度进展未报", "review_failed": "抽查不合格", "refused_execution": "拒不执行意见", "evasion": "推诿敷衍拖延",
    "violation": "违规受理办理", "falsification": "弄虚作假", "repeated": "多次重复信访", "households": "反映强烈",
    "media": "媒体反映", "instruction": "领导批示", "transfer_overdue": "移送逾期", "grave": "重大事项", "by_hand": "人工提起",
}  # fmt: skip
_CODES = {label: code for code, label in TRIGGERS.items()}
REQUESTERS = {
    "petition": "信访事项", "leader_case": "领导包案", "problem": "问题清单", "review": "案卷抽查", "transfer": "两法衔接",
    "by_hand": "人工提起",
}  # fmt: skip

VERDICTS = {"done": "已落实", "measures": "同意按期整改", "poor": "不合格"}
WAYS = {"closed": "督办事项已落实", "in_error": "督办有误，撤销"}
REFER_TO = {"appoint": "任免机关、单位", "inspect": "监察机关"}


def trigger_code(given: object) -> str:
    """The code of a trigger; requests written before 督办 ran as a procedure say it in Chinese."""
    text = str(given or "")
    return text if text in TRIGGERS else _CODES.get(text, "by_hand")
