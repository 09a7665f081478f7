"""Lines of the audit that belong to no case: logins, organisations, people, posts. Written beside the change itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.handlers import Actor
from workflows.tables import Event
from workflows.time import now

KINDS: dict[str, str] = {
    "account.login": "登录",
    "account.login_failed": "登录失败",
    "account.logout": "退出登录",
    "account.password": "修改密码",
    "account.session": "结束登录",
    "account.organ": "机构",
    "account.person": "人员",
    "account.reset": "重置密码",
    "account.unlock": "解除锁定",
    "account.secretary": "指定秘书",
    "account.post": "岗位",
}


def record(session: Session, kind: str, label: str, actor: Actor, detail: dict[str, Any] | None = None) -> None:
    """Append one line. ``detail`` carries no secrets: field → {before, after}, and what the change is about."""
    if kind not in KINDS:
        raise LookupError(f"unknown audit kind {kind!r}")
    session.add(Event(at=now(), actor_id=actor.id, actor=actor.shown, kind=kind, label=label, detail=detail))


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Only what differs, as field → {before, after}, in values JSON can hold."""
    return {
        name: {"before": _plain(before.get(name)), "after": _plain(value)} for name, value in after.items() if before.get(name) != value
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return str(value) if isinstance(value, UUID) else value
