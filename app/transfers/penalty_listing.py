"""The list of the penalty register: by organ, what is open, what is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.models import Person
from app.transfers.models import PenaltyCase
from app.transfers.words import ACT_KINDS

PAGE = 40
EXPORT_MOST = 10000
STATES = {
    "open": "未决定", "late": "超过决定期限", "check": "待核实改正", "decided": "已决定", "closed": "已结案", "all": "全部",
}  # fmt: skip
SEARCH_MOST = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """One narrowing, read from the address; unknown values are dropped."""

    state: str = "open"
    kind: str = ""
    q: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Wanted:
        given = {f.name: args.get(f.name, "").strip()[:SEARCH_MOST] for f in fields(cls)}
        given["state"] = given["state"] if given["state"] in STATES else "open"
        given["kind"] = given["kind"] if given["kind"] in ACT_KINDS else ""
        return cls(**given)

    def having(self, **changes: str) -> dict[str, str]:
        changed = replace(self, **changes)
        return {f.name: v for f in fields(self) if (v := getattr(changed, f.name)) and (f.name, v) != ("state", "open")}


def page(
    session: Session, person: Person, wanted: Wanted, today: date, *, offset: int = 0, limit: int = PAGE
) -> tuple[list[PenaltyCase], int]:
    """One page, the newest first, and how many there are."""
    p = PenaltyCase
    conditions: list[ColumnElement[bool]] = [p.organ.in_(policy.organs_answered_for(person))]
    if wanted.state == "open":
        conditions.append(and_(p.decided_on.is_(None), p.closed_on.is_(None)))
    elif wanted.state == "late":
        conditions.append(and_(p.decided_on.is_(None), p.closed_on.is_(None), p.decide_by < today))
    elif wanted.state == "check":
        conditions.append(and_(p.decided_on.is_not(None), p.rectify_by.is_not(None), p.rectified_checked_on.is_(None)))
    elif wanted.state == "decided":
        conditions.append(and_(p.decided_on.is_not(None), p.closed_on.is_(None)))
    elif wanted.state == "closed":
        conditions.append(p.closed_on.is_not(None))
    if wanted.kind:
        conditions.append(p.act_kind == wanted.kind)
    if wanted.q:
        like = f"%{_plain(wanted.q)}%"
        conditions.append(or_(p.number.ilike(like), p.party.ilike(like), p.decision_no.ilike(like)))
    total = session.scalar(select(func.count()).select_from(p).where(*conditions)) or 0
    query = select(p).where(*conditions).order_by(p.filed_on.desc(), p.id.desc())
    return list(session.scalars(query.offset(offset).limit(limit))), total


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
