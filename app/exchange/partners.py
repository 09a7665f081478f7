"""Who is exchanged with: partners, their organisations, the keys they are trusted by. Changed by operators on the command line."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organ
from app.engine import get_engine
from app.exchange import signing
from app.exchange.models import Partner, PartnerKey, PartnerOrgan
from workflows.errors import Conflict, NotFound
from workflows.handlers import Actor
from workflows.time import now

ID = re.compile(r"[a-z0-9][a-z0-9-]{2,39}")
CHANGED = "exchange.partner"


def of_organ(session: Session, organ: str) -> str | None:
    """The partner whose installation an organisation works in; None: this one."""
    query = select(PartnerOrgan.partner_id).join(Partner).where(PartnerOrgan.organ_id == organ, Partner.active)
    return session.scalar(query)


def get(session: Session, partner_id: str) -> Partner:
    found = session.get(Partner, partner_id)
    if found is None:
        raise NotFound(f"没有登记对方平台 {partner_id}。")
    return found


def add(session: Session, partner_id: str, name: str, url: str, actor: Actor) -> Partner:
    """A new partner, or a new name and address for one."""
    if not ID.fullmatch(partner_id):
        raise Conflict("平台名称只能用小写字母、数字和连字符，3 到 40 个字符。")
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Conflict("地址要写成 https://… 的形式。")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Conflict("与其他机器交换必须用 https。")
    found = session.get(Partner, partner_id)
    before = [found.name, found.url] if found is not None else None
    if found is None:
        found = Partner(id=partner_id, name=name, url=url.rstrip("/"))
        session.add(found)
    found.name, found.url, found.active = name, url.rstrip("/"), True
    found.next_at = None
    session.flush()
    get_engine().note(
        session, None, actor, CHANGED, f"登记对方平台：{name}", {"partner": partner_id, "address": [before, [name, found.url]]}
    )
    return found


def works_there(session: Session, partner_id: str, organs: Sequence[str], actor: Actor) -> None:
    """Say which organisations work in a partner's installation."""
    get(session, partner_id)
    for organ in organs:
        home = session.get(Organ, organ)
        if home is None:
            raise NotFound(f"没有机构 {organ}。")
        before = session.get(PartnerOrgan, organ)
        was = before.partner_id if before is not None else None
        session.merge(PartnerOrgan(organ_id=organ, partner_id=partner_id))
        get_engine().note(session, None, actor, CHANGED, f"{home.name}在对方平台办案", {"organ": organ, "partner": [was, partner_id]})
    session.flush()


def works_here(session: Session, organ: str, actor: Actor) -> None:
    """An organisation works in this installation again."""
    found = session.get(PartnerOrgan, organ)
    if found is None:
        raise NotFound(f"{organ} 本来就在本平台。")
    was = found.partner_id
    session.delete(found)
    session.flush()
    get_engine().note(session, None, actor, CHANGED, "机构改在本平台办案", {"organ": organ, "partner": [was, None]})


def trust(session: Session, given: Mapping[str, Any], actor: Actor) -> PartnerKey:
    """Trust the key of a handover file. The partner must be registered under the name in it."""
    if given.get("format") != signing.FORMAT:
        raise Conflict("这不是公钥移交文件。")
    partner, key_id, public = get(session, str(given["installation"])), str(given["key_id"]), str(given["public"])
    if str(given["algorithm"]) not in signing.VERIFIERS:
        raise Conflict(f"本平台不能验证 {given['algorithm']} 签名。")
    if signing.fingerprint(public) != given.get("fingerprint") or not base64.b64decode(public):
        raise Conflict("文件里的指纹与公钥不符，请重新取得移交文件。")
    known = session.get(PartnerKey, key_id)
    if known is not None:
        if (known.partner_id, known.public) != (partner.id, public):
            raise Conflict(f"密钥编号 {key_id} 已被另一把公钥占用。")
        if known.revoked_at is not None:
            raise Conflict(f"密钥 {key_id} 已经吊销，不能再信任，请对方换一把。")
        return known
    made = PartnerKey(id=key_id, partner_id=partner.id, algorithm=str(given["algorithm"]), public=public, trusted_by=actor.shown)
    session.add(made)
    partner.next_at = None
    session.flush()
    detail = {"partner": partner.id, "key": key_id, "fingerprint": signing.fingerprint(public)}
    get_engine().note(session, None, actor, CHANGED, f"信任{partner.name}的公钥", detail)
    return made


def revoke(session: Session, key_id: str, actor: Actor) -> PartnerKey:
    """What is signed with this key from now on is refused; what was taken in before stays."""
    found = session.get(PartnerKey, key_id)
    if found is None or found.revoked_at is not None:
        raise NotFound(f"没有可以吊销的密钥 {key_id}。")
    found.revoked_at, found.revoked_by = now(), actor.shown
    session.flush()
    get_engine().note(session, None, actor, CHANGED, "吊销公钥", {"partner": found.partner_id, "key": key_id})
    return found


def trusted(session: Session, key_id: str) -> bool:
    """Is this the key of a partner, and not revoked?"""
    key = session.get(PartnerKey, key_id)
    return key is not None and key.revoked_at is None


def holder(session: Session, context: str, key_id: str, text: str, signature: str) -> Partner | None:
    """The partner that signed a text; None when no trusted key did."""
    key = session.get(PartnerKey, key_id)
    if key is None or key.revoked_at is not None:
        return None
    partner = session.get(Partner, key.partner_id)
    if partner is None or not partner.active or not signing.verified(key.algorithm, key.public, context, text, signature):
        return None
    return partner


def signed_by(session: Session, partner_id: str, context: str, given: Mapping[str, Any]) -> str | None:
    """The text of a signed answer, when it is this partner's; None otherwise."""
    text = given.get("text")
    if not isinstance(text, str):
        return None
    found = holder(session, context, str(given.get("key_id")), text, str(given.get("signature")))
    return text if found is not None and found.id == partner_id else None
