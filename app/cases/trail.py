"""The trail (轨迹) in words: who, what, when, what changed. Events carry codes; people read sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app import clockwords
from app.accounts.roles import LABELS
from workflows.tables import Event, Task

Answers = Mapping[Any, Sequence[tuple[str, str]]]  # task → (label, text) of what was filled in

ATTRS = {
    "intake_org": "登记单位", "sender_org": "转送单位", "unit": "承办单位", "signer_org": "签发机关", "execute_org": "执行单位",
    "appeal_org": "复查复核机关", "consult_org": "会商单位", "leader": "分管领导", "handler": "承办人", "named": "指定人员",
    "desk_org": "督办岗所在机构", "bureau": "决定机关", "owner": "包案领导",
}  # fmt: skip
PREFIX = {
    "clock.started": "时限起算", "clock.met": "时限完成", "clock.lapsed": "时限不再适用", "clock.superseded": "时限由新一轮代替",
    "clock.cancelled": "时限取消", "clock.paused": "时限暂停", "clock.resumed": "时限恢复", "clock.extended": "时限延长",
    "clock.recomputed": "时限重新计算", "clock.warned": "时限临近", "clock.overdue": "超期", "clock.chase": "再次催办",
    "started": "流程开始", "message": "发出", "timer": "期限已到", "link.opened": "新增待办结事项", "link.closed": "办结事项",
}  # fmt: skip
SYSTEM = {"started", "completed", "timer", "message", "clock.started", "clock.met", "clock.lapsed", "clock.superseded", "clock.cancelled",
          "clock.warned", "case.attrs", "ledger.cell"}  # fmt: skip
LOG = ("identity", "reveal", "view", "export", "print")
WORDS = {
    "reason": "理由", "by": "批准人", "grounds": "理由", "result": "结果", "from": "从", "to": "到", "due": "到期", "at": "完成",
    "note": "说明", "trigger": "触发", "text": "内容", "count": "数量", "number": "文号", "way": "方式", "days": "天数", "why": "原因",
    "until": "至", "approver": "批准人", "organ": "机关", "unit": "承办单位", "handler": "承办人", "opinion": "意见", "title": "事项",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was one thing and is another."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line of the trail."""

    label: str
    who: str
    when: str
    subs: Sequence[str] = ()
    changes: Sequence[Change] = ()
    facts: Sequence[tuple[str, str]] = ()
    now: bool = False
    log: bool = False
    system: bool = False
    late: bool = False
    answer: Sequence[tuple[str, str]] = field(default_factory=tuple)


def lines(events: Iterable[Event], tasks: Iterable[Task], names: Mapping[str, str], answers: Answers, now: datetime) -> list[TrailLine]:
    """The steps that wait, then everything that happened, the latest first."""
    waiting = [
        TrailLine(t.label, f"{names.get(t.holder) or '待认领'} 办理中", clockwords.moment(t.opened_at, now), now=True) for t in tasks
    ]
    return waiting + [_line(event, names, answers, now) for event in events]


def covered(found: Sequence[TrailLine], read: Callable[[str], str] | None) -> list[TrailLine]:
    """The trail as one person may read it: free text through ``read``, or none of it where the content is sealed."""
    if read is None:
        return [replace(line, facts=(), subs=(), answer=()) for line in found]
    return [
        replace(line, facts=_read(line.facts, read), subs=[read(text) for text in line.subs], answer=_read(line.answer, read))
        for line in found
    ]


def _read(pairs: Sequence[tuple[str, str]], read: Callable[[str], str]) -> list[tuple[str, str]]:
    return [(label, read(text)) for label, text in pairs]


def _line(event: Event, names: Mapping[str, str], answers: Answers, now: datetime) -> TrailLine:
    detail = dict(event.detail or {})
    prefix = PREFIX.get(event.kind, "")
    label = f"{prefix}：{event.label}" if prefix and event.label else prefix or event.label
    changes = list(_changes(event, detail, names, now))
    facts = (
        []
        if event.kind in ("case.attrs",)
        else [(WORDS.get(key, key), text) for key, value in detail.items() if (text := _text(key, value, names, now))]
    )
    entered = ""
    if abs((event.entered_at - event.at).total_seconds()) > 3600:
        entered = f"录入 {clockwords.moment(event.entered_at, now)}"
    return TrailLine(
        label=label,
        who=event.actor,
        when=clockwords.moment(event.at, now),
        subs=[entered] if entered and event.actor_id is not None else [],
        changes=changes,
        facts=facts,
        log=event.kind.startswith(LOG),
        system=event.kind in SYSTEM or (event.actor_id is None and not event.kind.startswith(("clock.", "paper", "note"))),
        late=event.kind == "clock.overdue" or bool(detail.get("late")),
        answer=answers.get(event.task_id, ()) if event.kind == "done" else (),
    )


def _changes(event: Event, detail: dict[str, Any], names: Mapping[str, str], now: datetime) -> Iterable[Change]:
    """Pairs [before, after] in the detail, and the two ends of a clock that moved."""
    if event.kind in ("clock.extended", "clock.resumed", "clock.recomputed"):
        yield Change("到期", _text("due", detail.pop("from", None), names, now), _text("due", detail.pop("to", None), names, now))
    for key, value in list(detail.items()):
        pair = event.kind in ("case.attrs", "ledger.cell") or key == "holder" or key in ATTRS
        if isinstance(value, list) and len(value) == 2 and pair:
            detail.pop(key)
            label = {"holder": "办理人"}.get(key) or ATTRS.get(key, key)
            yield Change(label, _name(value[0], names), _name(value[1], names))


def _name(value: Any, names: Mapping[str, str]) -> str:
    if value in (None, ""):
        return "未定"
    text = str(value)
    if text in names:
        known = names[text]
        return f"{known}（{LABELS.get(text.rpartition(':')[2], '')}岗）" if text.startswith("o:") else known
    return names.get(text.removeprefix("p:"), text)


def _text(key: str, value: Any, names: Mapping[str, str], now: datetime) -> str:
    """One value of a detail in words; an empty string leaves it out."""
    if value in (None, "", []) or (key.isascii() and key and key not in WORDS):
        return ""  # machine words stay in the audit; labels of forms are Chinese
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        parts = [f"{WORDS.get(k, k)} {text}" for k, v in value.items() if (text := _text(k, v, names, now))]
        return "，".join(parts)
    if isinstance(value, list):
        return "、".join(_text("", v, names, now) for v in value)
    if key in ("from", "to", "due", "at"):
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
        return clockwords.short(moment, now) if key in ("due", "to") else clockwords.moment(moment, now)
    return names.get(str(value), str(value))


def ids_in(events: Iterable[Event]) -> tuple[set[str], set[str]]:
    """(ids of organisations and people, holder keys) that the details name."""
    ids: set[str] = set()
    holders: set[str] = set()
    for event in events:
        for key, value in (event.detail or {}).items():
            if not isinstance(value, list):
                continue
            for one in value:
                if isinstance(one, str) and one:
                    (holders if one.startswith(("p:", "o:")) else ids).add(one)
            if key == "holder":
                ids |= {str(one)[2:] for one in value if str(one).startswith("p:")}
    return ids, holders
