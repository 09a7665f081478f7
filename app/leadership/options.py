"""Words of 领导包案 for coded values, and what the choices of its forms come from (``options_from``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person, Post
from app.petitions import options as petition_options
from workflows.errors import NobodyThere
from workflows.forms import Field
from workflows.tables import Case, Task
from workflows.time import now

STATUS = {
    "opened": "待提出", "proposed": "待确定", "assigned": "待开分析会", "analysed": "待定方案", "planned": "待签方案", "carrying": "化解中",
    "exit_proposed": "待签批结案", "exit_signed": "待复核确认", "closed": "已结案", "not_entered": "未入库",
}  # fmt: skip
REASONS = {
    "repeated": "重复反映", "strong_reaction": "反映强烈", "collective_or_irregular": "集体访或越级走访",
    "media_or_leader": "媒体报道或领导批示", "flagged": "局里列为重点",
}  # fmt: skip
VISIT_KINDS = {"receive": "接访", "go_down": "下访"}
WAYS = {"settled": "息诉息访", "terminated": "依法终结"}
SATISFACTION = {"satisfied": "满意", "basic": "基本满意", "unsatisfied": "不满意"}
MONTH_STATES = {"going": "正常推进", "hard": "推进困难", "near": "接近化解"}
ORIGINS = {"register": "登记时发现", "nightly": "夜间查找", "hand": "人工提出"}
WHY_ADDED = {"origin": "提请包案的事项", "same_source": "同一来源", "same_person": "同一信访人", "hand": "人工列入"}
# 五包 checked before the exit: duty → what is missing when it is not done
DUTIES = {
    "meeting": "召开案情分析会", "visit": "包案领导本人接访或下访至少一次", "plan": "签批化解方案", "months": "每个月的进展报告",
    "promises": "兑现接访承诺",
}  # fmt: skip

BUREAU = "nc"  # the bureau whose leaders own matters; a file carries its own as case.bureau

Choices = dict[str, str]
Source = Callable[[Session, Mapping[str, Any], Mapping[str, Any]], Choices]


def allowed(session: Session, attrs: Mapping[str, Any], field: Field, values: Mapping[str, Any]) -> Choices | None:
    """The values a field may take; None when any is taken."""
    source = SOURCES.get(field.options_from or "")
    return source(session, attrs, values) if source is not None else None


def choices(session: Session, task: Task, field: Field, values: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """For a page: (value, label) in the order shown."""
    case = session.get_one(Case, task.case_id)
    return list((allowed(session, case.attrs, field, values) or {}).items())


def leaders(session: Session, attrs: Mapping[str, Any], _values: Mapping[str, Any] | None = None) -> Choices:
    """局领导 of the case's bureau."""
    return bureau_leaders(session, str(attrs.get("bureau") or ""))


def bureau_leaders(session: Session, bureau: str = BUREAU) -> Choices:
    """The leaders of a bureau: who holds the post of leader or of its head."""
    found: dict[UUID, None] = {}
    for role in ("leader", "organ_head"):
        try:
            holder = directory.resolve(session, role, bureau)
        except NobodyThere:
            continue
        found |= dict.fromkeys(directory.people(session, holder))
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(found)))}
    return {str(one): names[one] for one in found if one in names}


def other_leaders(session: Session, attrs: Mapping[str, Any], values: Mapping[str, Any]) -> Choices:
    """局领导 besides the present owner."""
    found = leaders(session, attrs)
    found.pop(str(attrs.get("owner")), None)
    return found


def units(session: Session, attrs: Mapping[str, Any], values: Mapping[str, Any]) -> Choices:
    """Departments and branches of the bureau."""
    return petition_options.units(session, None, attrs, {})


def handlers(session: Session, attrs: Mapping[str, Any], values: Mapping[str, Any]) -> Choices:
    """The handlers of the chosen unit; before one is chosen those of every unit, with their unit."""
    known = units(session, attrs, values)
    unit = values.get("unit") or None
    wanted = [str(unit)] if unit in known else [] if unit else list(known)
    moment = now()
    held = (Post.role == "handler", Post.organ_id.in_(wanted), Post.since <= moment, or_(Post.until.is_(None), Post.until > moment))
    query = (
        select(Person.id, Person.name, Organ.short)
        .join(Post, Post.person_id == Person.id)
        .join(Organ, Organ.id == Post.organ_id)
        .where(Person.active, *held)
        .order_by(Organ.id, Person.name, Person.id)
    )
    return {str(row.id): row.name if unit else f"{row.name}（{row.short}）" for row in session.execute(query)}


SOURCES: dict[str, Source] = {"leaders": leaders, "other_leaders": other_leaders, "units": units, "handlers": handlers}
