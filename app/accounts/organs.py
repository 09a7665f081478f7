"""Verbs that change the tree of organisations. Each ends with a line in the audit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import directory
from app.accounts.audit import changes, record
from app.accounts.models import KINDS, Organ, Post
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor
from workflows.time import now

_ID = re.compile(r"[a-z][a-z0-9-]{1,31}")
_COUNTY = re.compile(r"[0-9]{6}|[a-z]{2,8}")

FIELDS = ("name", "short", "kind", "parent_id", "appeal_id", "county")


def _typed(values: Mapping[str, str]) -> dict[str, str | None]:
    return {field: (values.get(field) or "").strip() or None for field in FIELDS}


def _errors(session: Session, organ_id: str, typed: dict[str, str | None]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not typed["name"] or len(typed["name"]) > 60:
        errors["name"] = "填写机构全称，不超过 60 字。"
    if not typed["short"] or len(typed["short"]) > 16:
        errors["short"] = "填写简称，不超过 16 字，用在列表里。"
    if typed["kind"] not in KINDS:
        errors["kind"] = "选择机构类别。"
    if typed["county"] and not _COUNTY.fullmatch(typed["county"]):
        errors["county"] = "属地填六位区划代码，开发区填小写字母代码。"
    for field in ("parent_id", "appeal_id"):
        other = typed[field]
        if other and session.get(Organ, other) is None:
            errors[field] = "选择一个已有的机构。"
    if typed["appeal_id"] == organ_id:
        errors["appeal_id"] = "复查机关不能是它自己。"
    parent = typed["parent_id"]
    if parent and "parent_id" not in errors and parent in directory.directory.below(session, [organ_id]):
        errors["parent_id"] = "不能移到自己或自己的下级机构之下，请另选上级。"
    return errors


def add_organ(session: Session, values: Mapping[str, str], actor: Actor) -> Organ:
    organ_id = (values.get("id") or "").strip()
    typed = _typed(values)
    errors = _errors(session, organ_id, typed)
    if not _ID.fullmatch(organ_id):
        errors["id"] = "代号用小写字母开头，2 至 32 位小写字母、数字或 -，以后不能改。"
    elif session.get(Organ, organ_id) is not None:
        errors["id"] = "这个代号已用，请换一个。"
    if errors:
        raise FormError(errors)
    organ = Organ(id=organ_id, active=True, **typed)
    session.add(organ)
    _done(session, organ, f"新增机构 {organ.name}", actor, changes({}, typed))
    return organ


def edit_organ(session: Session, organ: Organ, values: Mapping[str, str], actor: Actor) -> None:
    """Rename, move, or say who reviews its opinions. Its id stays: cases carry it."""
    typed = _typed(values)
    errors = _errors(session, organ.id, typed)
    if errors:
        raise FormError(errors)
    changed = changes({field: getattr(organ, field) for field in FIELDS}, typed)
    if not changed:
        return
    for field, value in typed.items():
        setattr(organ, field, value)
    _done(session, organ, f"修改机构 {organ.name}", actor, changed)


def set_organ_active(session: Session, organ: Organ, active: bool, actor: Actor) -> None:
    """Close an organisation that nobody works at any more, or open it again. Its past stays."""
    if organ.active == active:
        return
    if not active:
        _may_close(session, organ)
    organ.active = active
    _done(session, organ, f"{'启用' if active else '停用'}机构 {organ.name}", actor, changes({"active": not active}, {"active": active}))


def _may_close(session: Session, organ: Organ) -> None:
    moment = now()
    posts = select(func.count()).where(Post.organ_id == organ.id, (Post.until.is_(None)) | (Post.until > moment))
    if held := session.scalar(posts):
        raise Conflict(f"{organ.name} 还有 {held} 个在任岗位，请先结束或移到别的机构，再停用。")
    if under := session.scalar(select(func.count()).where(Organ.parent_id == organ.id, Organ.active)):
        raise Conflict(f"{organ.name} 还有 {under} 个在用的下级机构，请先移走或停用。")


def _done(session: Session, organ: Organ, label: str, actor: Actor, changed: dict[str, Any]) -> None:
    session.flush()
    directory.forget(session)
    record(session, "account.organ", label, actor, {"organ": organ.id, "changes": changed})
