"""What states, kinds and rules of an early warning are called, and months and counties in words."""

from __future__ import annotations

from app.inbox.labels import COUNTIES

STATES = {
    "draft": "拟函中", "approve": "待审签", "sent": "待签收", "received": "待回复", "report": "待再次发函", "answered": "待审核",
    "listed": "待公开审核", "published": "已列问题清单", "nothing": "没有需要预警的",
}  # fmt: skip
OVER = frozenset({"published", "nothing"})
ITEM_KINDS = {"kind": "同类问题", "source": "同一污染源", "place": "同一地点", "hand": "办公室补充"}
RULES = {
    "count": "件数", "households": "户数", "growth_month": "比上月增长", "growth_year": "比去年同月增长", "repeats": "重复信访",
    "overdue": "超期未办结", "unresolved": "长期未办结", "hand": "办公室补充",
}  # fmt: skip
LETTERS = {"letter": "预警函", "again": "再次预警函"}
PROBLEM_STATES = {"going": "整改中", "verify": "待核查", "supervised": "督办中", "done": "已销号"}
PROGRESS = {"done": "已经完成", "going": "正在整改", "late": "逾期未完成", "passed": "核查通过", "failed": "核查未通过"}
PUBLICATIONS = {"problems": "问题整改清单", "results": "查处整改情况"}


def month(value: str) -> str:
    """2026-03 → 2026年3月."""
    year, _, number = value.partition("-")
    return f"{year}年{int(number)}月" if number.isdigit() else value


def county(code: str) -> str:
    return COUNTIES.get(code, code)
