"""Verbs that change people and their logins. Each ends with a line in the audit: before → after, no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import directory, passwords, sessions, throttle
from app.accounts.audit import changes, record
from app.accounts.models import Organ, Person, Post
from app.accounts.roles import LABELS, ROLES, clashes
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor
from workflows.time import now

_ACCOUNT = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_PHONE = re.compile(r"[0-9 +()-]{5,24}")

PERSON_FIELDS = ("name", "certificate_no", "phone")


def _text(values: Mapping[str, str], name: str) -> str | None:
    """A typed text without blanks around it; None if nothing was typed."""
    return (values.get(name) or "").strip() or None


# --- people -----------------------------------------------------------------------------------------------------------


def _person_errors(values: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    name, phone = _text(values, "name"), _text(values, "phone")
    if name is None or len(name) > 40:
        errors["name"] = "填写姓名，不超过 40 字。"
    if phone is not None and not _PHONE.fullmatch(phone):
        errors["phone"] = "办公电话只填数字、空格和 + - ( )。"
    if len(_text(values, "certificate_no") or "") > 40:
        errors["certificate_no"] = "执法证号不超过 40 个字符。"
    return errors


def add_person(session: Session, values: Mapping[str, str], actor: Actor) -> tuple[Person, str]:
    """A new person and the first password, which is shown once and kept nowhere."""
    errors = _person_errors(values)
    account = (_text(values, "account") or "").lower()
    if not _ACCOUNT.fullmatch(account):
        errors["account"] = "账户用小写字母开头，2 至 32 位字母、数字或 . _ -。"
    elif session.scalar(select(Person.id).where(Person.account == account)) is not None:
        errors["account"] = "这个账户已有人用，请换一个。"
    if errors:
        raise FormError(errors)
    first = passwords.first_password()
    person = Person(account=account, password=passwords.hash_password(first), must_change=True, active=True)
    for field in PERSON_FIELDS:
        setattr(person, field, _text(values, field))
    session.add(person)
    session.flush()
    after = {"account": account, **{field: getattr(person, field) for field in PERSON_FIELDS}}
    _note(session, "account.person", f"新增人员 {person.name}", actor, person, changes({}, after))
    return person, first


def edit_person(session: Session, person: Person, values: Mapping[str, str], actor: Actor) -> None:
    errors = _person_errors(values)
    if errors:
        raise FormError(errors)
    before = {field: getattr(person, field) for field in PERSON_FIELDS}
    after = {field: _text(values, field) for field in PERSON_FIELDS}
    changed = changes(before, after)
    if changed:
        for field, value in after.items():
            setattr(person, field, value)
        session.flush()
        _note(session, "account.person", f"修改人员 {person.name}", actor, person, changed)


def set_person_active(session: Session, person: Person, active: bool, actor: Actor) -> None:
    """Let a person in again, or keep them out at once: their logins end."""
    if person.id == actor.id:
        raise Conflict("不能停用自己的账户，请由另一位系统管理员办理。")
    if person.active == active:
        return
    person.active = active
    session.flush()
    if not active:
        sessions.revoke_all(session, person.id, "admin")
    directory.forget(session)
    label = f"{'启用' if active else '停用'}账户 {person.name}"
    _note(session, "account.person", label, actor, person, changes({"active": not active}, {"active": active}))


def reset_password(session: Session, person: Person, actor: Actor) -> str:
    """A new first password, shown once; all logins of the person end."""
    first = passwords.first_password()
    person.password, person.must_change, person.password_at = passwords.hash_password(first), True, now()
    session.flush()
    sessions.revoke_all(session, person.id, "password")
    throttle.unlock(session, person.account)
    _note(session, "account.reset", f"重置 {person.name} 的密码", actor, person)
    return first


def unlock(session: Session, person: Person, actor: Actor) -> bool:
    """Forget the failed logins of an account. False if there were none."""
    if not throttle.unlock(session, person.account):
        return False
    _note(session, "account.unlock", f"解除 {person.name} 的登录锁定", actor, person)
    return True


def change_password(session: Session, person: Person, old: str, new: str, again: str) -> None:
    """The person's own change. All other logins of theirs end."""
    errors: dict[str, str] = {}
    if not passwords.matches(person.password, old):
        errors["old"] = "现在的密码不对，请重新填写。"
    elif new == old:
        errors["new"] = "新密码要与现在的不同。"
    elif problem := passwords.problem_with(new, person.account, person.name):
        errors["new"] = problem
    elif new != again:
        errors["again"] = "两次填写的新密码不一致，请重新填写。"
    if errors:
        raise FormError(errors)
    person.password, person.must_change, person.password_at = passwords.hash_password(new), False, now()
    session.flush()
    sessions.revoke_all(session, person.id, "password", keep=person.login_token)
    _note(session, "account.password", "修改自己的密码", person.actor(), person)


def revoke_session(session: Session, person: Person, session_id: str, actor: Actor, why: str) -> None:
    """End one login of a person, theirs or by an administrator."""
    if sessions.revoke(session, person.id, session_id, why):
        _note(session, "account.session", f"结束 {person.name} 的一处登录", actor, person)


def revoke_others(session: Session, person: Person) -> int:
    """End the person's logins everywhere but here."""
    ended = sessions.revoke_all(session, person.id, "self", keep=person.login_token)
    if ended:
        _note(session, "account.session", f"结束 {person.name} 的其他 {ended} 处登录", person.actor(), person)
    return ended


# --- posts ------------------------------------------------------------------------------------------------------------


def give_post(
    session: Session, person: Person, organ_id: str, role: str, actor: Actor, *, title: str | None = None, until: datetime | None = None
) -> Post:
    """Give a post; refused where one may not hold it beside what one holds (三员分立)."""
    errors: dict[str, str] = {}
    organ = session.get(Organ, organ_id)
    if organ is None or not organ.active:
        errors["organ_id"] = "选择一个在用的机构。"
    if role not in ROLES:
        errors["role"] = "选择岗位角色。"
    elif other := clashes(role, {post.role for post in person.posts}):
        errors["role"] = f"“{LABELS[role]}”不能与已有的“{LABELS[other]}”由同一人担任，请先结束原岗位或另选人员。"
    elif person.has_role(role, organ_id):
        errors["role"] = f"{person.name} 已在这个机构担任“{LABELS[role]}”。"
    moment = now()
    if until is not None and until <= moment:
        errors["until"] = "截止时间要在现在以后。"
    if errors:
        raise FormError(errors)
    _close_expired(session, person, organ_id, role, moment)
    post = Post(person_id=person.id, organ_id=organ_id, role=role, title=(title or "").strip() or None, since=moment, until=until)
    session.add(post)
    _reread(session, person)
    after = {"organ": organ_id, "role": role, "title": post.title, "until": until}
    _note(session, "account.post", f"{person.name} 任{post.organ.short}{LABELS[role]}", actor, person, changes({}, after))
    return post


def _close_expired(session: Session, person: Person, organ_id: str, role: str, moment: datetime) -> None:
    """An open post at an organisation that was closed and reopened would stand in the way of the new row."""
    for post in person.all_posts:
        if post.organ_id == organ_id and post.role == role and post.until is None:
            post.until = moment
    session.flush()


def end_post(session: Session, post: Post, actor: Actor) -> None:
    """The person leaves the post now. Tasks in its pool wait for whoever holds it next."""
    moment = now()
    if post.until is not None and post.until <= moment:
        return
    if post.role == "admin" and post.person_id == actor.id:
        raise Conflict("不能结束自己的系统管理员岗位，请由另一位系统管理员办理。")
    before, post.until = post.until, moment
    _reread(session, post.person)
    label = f"{post.person.name} 不再任{post.organ.short}{LABELS.get(post.role, post.role)}"
    detail = {"organ": {"before": post.organ_id, "after": None}, **changes({"until": before}, {"until": moment})}
    _note(session, "account.post", label, actor, post.person, detail)


def _reread(session: Session, person: Person) -> None:
    """Write posts down and read them anew, here and in the directory."""
    session.flush()
    session.expire(person, ["all_posts"])
    directory.forget(session)


def _note(session: Session, kind: str, label: str, actor: Actor, person: Person, changed: dict[str, Any] | None = None) -> None:
    about: dict[str, Any] = {"person": str(person.id), "account": person.account}
    record(session, kind, label, actor, {**about, "changes": changed} if changed else about)
