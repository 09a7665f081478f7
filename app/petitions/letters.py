"""What each paper says beyond the form that issues it: lines taken from the petition's record. One table, kind → lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from app.petitions.models import Petition
from workflows.time import local

Lines = list[tuple[str, str]]
Value = str | Callable[[Petition], Any]  # a column, or how to say it

RESULTS = {
    "support": "予以支持", "explain": "解释说明", "not_support": "不予支持", "done": "已依法履行职责", "mediated": "调解达成协议",
    "adopted": "采纳", "partly": "部分采纳", "not_adopted": "不采纳",
}  # fmt: skip
OUTCOMES = {
    "accept": "受理", "supplement": "通知补正", "negotiate": "协商或报请指定", "merge": "并入在办件",
    "tell_elsewhere": "告知向有权机关提出", "route": "导入法定程序", "not_accept": "不予受理", "no_longer": "不再受理",
    "discipline": "密封转送有管理权限的机关", "file_only": "存查",
}  # fmt: skip
TRACKS = {
    "1": "条例第三十一条第（一）项", "2": "条例第三十一条第（二）项", "3": "条例第三十一条第（三）项", "4": "条例第三十一条第（四）项",
    "5": "条例第三十一条第（五）项", "6": "条例第三十一条第（六）项", "29": "条例第二十九条", "30": "条例第三十条",
}  # fmt: skip

CLOSED = {
    "answered": "答复办结", "refused": "不予（不再）受理", "file_only": "存查", "merged": "并案", "told_elsewhere": "告知另提",
    "routed": "导入法定程序", "discipline": "密封转送", "withdrawn": "撤回",
}  # fmt: skip

_ITEM: tuple[tuple[str, Value], ...] = (("事项编号", "number"), ("事项", "title"), ("收到日期", lambda p: local(p.received_at).date()))
_DECISION: tuple[tuple[str, Value], ...] = (("审查结果", lambda p: OUTCOMES.get(p.intake_outcome or "")), ("理由", "grounds"))
_NOTICE = (*_ITEM, *_DECISION)
_ANSWER: tuple[tuple[str, Value], ...] = (
    *_ITEM,
    ("事实和理由", lambda p: p.facts or p.findings),
    ("处理意见", "opinion"),
    ("依据", "basis"),
    ("结果", lambda p: RESULTS.get(p.result or "")),
    ("签发", "signed_by"),
)
FACTS: dict[str, tuple[tuple[str, Value], ...]] = {
    "接收（受理）告知书": (*_ITEM, ("办理途径", lambda p: TRACKS.get(p.track or ""))),
    "不予受理告知书": (*_NOTICE, ("拟办意见", "refusal_opinion")),
    "不再受理告知书": (*_NOTICE, ("拟办意见", "refusal_opinion")),
    "告知另提书": (*_NOTICE, ("请向下列机关提出", "tell_where")),
    "导入告知": (*_NOTICE, ("程序", "route_procedure"), ("受理机关", "route_organ")),
    "并案告知": _NOTICE,
    "存查告知": _NOTICE,
    "处理意见书": _ANSWER,
    "答复书": _ANSWER,
    "终止告知": (*_ITEM, ("终止原因", lambda p: {"withdrawn": "信访人撤回", "merged": "并入他件"}.get(p.stopped_as or ""))),
    "转送（交办）函": _ITEM,
    "催办通知书": _ITEM,
    "补正通知": _ITEM,
    "延期办理告知书": _ITEM,
    "复查意见书": _ITEM,
    "复核意见书": _ITEM,
    "卷宗封面": (*_ITEM, ("结案方式", lambda p: CLOSED.get(p.closed_as or ""))),
}
# Letters written to the petitioner name the petitioner.
ADDRESSED = frozenset({
    "接收（受理）告知书", "不予受理告知书", "不再受理告知书", "告知另提书", "导入告知", "并案告知", "存查告知", "处理意见书", "答复书",
    "终止告知", "补正通知", "延期办理告知书", "复查意见书", "复核意见书", "复查不予受理告知", "复核不予受理告知", "送达回证",
    "满意度评价表",
})  # fmt: skip


def facts(petition: Petition | None, kind: str) -> Lines:
    """The lines a paper of that kind takes from the record."""
    if petition is None:
        return []
    lines = [(label, said(value(petition) if callable(value) else getattr(petition, value))) for label, value in FACTS.get(kind, ())]
    return [(label, text) for label, text in lines if text]


def personal(petition: Petition | None, kind: str) -> Lines:
    """The lines that name the petitioner, on letters addressed to them and on what quotes their requests."""
    if petition is None or kind not in ADDRESSED:
        return []
    lines = [("信访人", petition.name or "匿名")]
    if kind in ("处理意见书", "答复书") and petition.requests:
        lines.append(("投诉请求", petition.requests))
    return lines


def said(value: Any) -> str:
    """A value as a letter writes it."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return f"{local(value):%Y年%-m月%-d日 %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y年%-m月%-d日}"
    return str(value)
