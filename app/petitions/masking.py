"""Who may see who the petitioner is (RULES §9, amendments §11). Templates get only what these functions return.

full    desk and office of the registering organisation, the handler, whoever holds an open step that serves or receives the petitioner
masked  everybody else with a part in the case, auditors too: 张**, 138****1234; a reveal needs a reason and is logged
sealed  检举控告: the registrar and one named person of the office see it, nobody else, and nobody reveals it
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.petitions import search, titles
from app.petitions.models import Petition
from workflows.errors import NobodyThere
from workflows.handlers import Actor
from workflows.tables import Case, Task

Level = Literal["full", "masked", "sealed"]

# steps that serve the petitioner or receive them: whoever holds one needs the address while it is open
SERVING = frozenset({
    "send_notice", "sent_down_notice", "unit_notice", "request_supplement", "simple_answer", "arrange", "hold_reception",
    "leader_reception", "mediate", "hearing", "deliver", "deliver_extension", "stop_notice", "appeal_intake", "appeal_hearing",
    "appeal_deliver", "deliver_refusal", "call_back", "counsel", "verify_stop",
})  # fmt: skip
SEALED_WORDS = "检举控告，身份和内容密封"


def visible(session: Session, person: Person, petition: Petition, case: Case) -> Level:
    """How much of the petitioner this person sees."""
    if petition.sealed:
        return "full" if person.id in (petition.registrar_id, petition.sealed_person) else "sealed"
    keys = person.holder_keys()
    if case.attrs.get("handler") == str(person.id) or _registers(session, keys, case):
        return "full"
    serving = (Task.case_id == case.id, Task.status == "open", Task.element.in_(SERVING), Task.holder.in_(sorted(keys)))
    return "full" if session.scalar(select(Task.id).where(*serving).limit(1)) is not None else "masked"


def of_case(session: Session, person: Person, case_id: UUID) -> tuple[Level, Callable[[str], str]]:
    """The level for a case, and how to read free text of it: with names covered unless the level is full."""
    petition = session.get(Petition, case_id)
    if petition is None:
        return "full", str
    level = visible(session, person, petition, session.get_one(Case, case_id))
    return level, str if level == "full" else lambda text: hide(petition, text)


def sealed_from(session: Session, person: Person, case_id: UUID) -> bool:
    """Is the content of this case, its files too, sealed from this person?"""
    return of_case(session, person, case_id)[0] == "sealed"


def _registers(session: Session, keys: frozenset[str], case: Case) -> bool:
    """Is one of these the desk or the office that serves the registering organisation?"""
    for role in ("desk", "office"):
        try:
            if directory.resolve(session, role, str(case.attrs.get("intake_org") or "")) in keys:
                return True
        except NobodyThere:
            continue
    return False


def sees_names(session: Session, person: Person) -> ColumnElement[bool]:
    """SQL: the petitions whose names this person may search for. Narrower than ``visible``: no step that happens to be open."""
    at = [post.organ_id for post in person.posts if post.role in ("desk", "office")]
    parents = select(Organ.parent_id).where(Organ.id.in_(at), Organ.kind == "department")
    intake = Case.attrs["intake_org"].astext
    registers = or_(intake.in_(at), intake.in_(parents))
    named = or_(Petition.registrar_id == person.id, Petition.sealed_person == person.id)
    handles = Case.attrs["handler"].astext == str(person.id)
    return or_(and_(~Petition.sealed, or_(registers, handles)), and_(Petition.sealed, named))


def identity(petition: Petition, level: Level) -> str:
    """Name, phone and address in one line, as far as the level goes."""
    if level == "sealed":
        return SEALED_WORDS
    if petition.anonymous or not petition.name:
        who = "匿名" if petition.anonymous else "未留姓名"
    else:
        who = petition.name if level == "full" else mask_name(petition.name)
    parts = [who]
    if petition.phone:
        parts.append(petition.phone if level == "full" else mask_phone(petition.phone))
    if petition.address:
        parts.append(petition.address if level == "full" else "住址已遮盖")
    return "　".join(parts)


def representatives(petition: Petition, level: Level) -> str:
    """来访代表, names masked unless the level is full."""
    if level == "sealed":
        return ""
    return "、".join(str(row.get("name")) if level == "full" else mask_name(str(row.get("name", ""))) for row in petition.representatives)


def statement(petition: Petition, level: Level) -> str:
    """What was complained of: whole, without the names in it, or not at all."""
    if level == "sealed":
        return "检举控告的内容由指定人员办理，此处不显示。"
    return petition.statement if level == "full" else hide(petition, petition.statement)


def hide(petition: Petition, text: str) -> str:
    """A text with the petitioner's name, phone and address taken out."""
    for word in titles.secrets(petition):
        text = text.replace(word, "＊＊")
    return text


def mask_name(name: str) -> str:
    """张晓苇 → 张**; an organisation keeps its first two characters."""
    name = search.plain(name).strip().upper() if name.isascii() else name.strip()
    if not name:
        return ""
    return f"{name[:1]}**" if len(name) <= 4 else f"{name[:2]}****"


def mask_phone(phone: str) -> str:
    """13800001234 → 138****1234; a short number keeps its last two digits."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else f"****{digits[-2:]}"


def log_reveal(case_id: UUID, number: str | None, actor: Actor, reason: str) -> None:
    """The reveal in the audit, committed on its own before anything is shown."""
    from app.engine import get_engine

    with db.transaction() as session:
        get_engine().note(session, case_id, actor, "identity.reveal", "查看信访人身份", {"reason": reason, "number": number or ""})
