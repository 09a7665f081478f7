"""What people do with ownerships outside a drawn step, and what other areas ask about them. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.models import Organ, Person
from app.accounts.policy import visible_cases
from app.accounts.registrar import city_of
from app.clockwords import ClockView
from app.engine import get_engine
from app.inbox import clock_views
from app.leadership import candidates as entry
from app.leadership import ledger_history
from app.leadership.handlers import opening
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderMonth, LeaderVisit, LedgerView
from app.leadership.options import REASONS, STATUS, bureau_leaders
from app.petitions import briefs
from workflows import Started
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor
from workflows.step import Step
from workflows.tables import Case, Clock, Instance
from workflows.time import now

__all__ = [
    "Candidate", "Opened", "Ownership", "bureau_leaders", "candidates", "drop_view", "open_by_hand", "ownership_of", "ownerships_of",
    "record_visit", "save_view", "start_change", "start_visit", "views", "why_no_change", "why_no_visit",
]  # fmt: skip

REASON_LEAST = 10  # characters of the reason for opening by hand, as every reason in the forms
LOOKED_AT = 400  # open items the list of candidates looks at, the newest
VISIT, CHANGE = "leader_visit", "leader_change"
OVER = ClockView("met", "已结案")
NONE = ClockView("grey", "无时限")


# -- opened by hand ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """Where an ownership opened by hand is: a new file with its first step, or the living one the petitions joined."""

    case_id: UUID
    joined: bool
    task_ids: Sequence[UUID] = ()


def open_by_hand(session: Session, person: Person, petition_ids: Sequence[UUID], reason: str) -> Opened:
    """Propose these petitions for one leader, because the bureau says so (``flagged`` of the entry table) and why. Raises FormError.

    One open file for one matter: where one lives already, the petitions join it.
    """
    wanted, reason = list(dict.fromkeys(petition_ids)), reason.strip()
    errors = {}
    if len(reason) < REASON_LEAST:
        errors["reason"] = f"请用至少 {REASON_LEAST} 个字写明为什么要领导包案"
    seen = select(Case.id).where(Case.id.in_(wanted), visible_cases(person))
    known = briefs.of(session, session.scalars(seen), person)
    if not wanted or len(known) < len(wanted):
        errors["petitions"] = "请选择要包案的信访事项"
    if errors:
        raise FormError(errors)
    entry.lock_opening(session)
    found = {one.case_id: one for petition_id in wanted if (one := entry.living_of(session, petition_id)) is not None}
    if len(found) > 1:
        numbers = "、".join(one.number or "" for one in found.values())
        raise FormError({"petitions": f"这些事项分属不同的包案（{numbers}），请分别提出"})
    if found:
        return _join(session, person, next(iter(found)), wanted, reason)
    ids = [str(one) for one in wanted]
    data = {"from_case": ids[0], "petitions": ids, "flagged": True, "origin": "hand", "hand_reason": reason}
    started = get_engine().start(session, entry.PROCESS, person.actor(), city=city_of(person), data=data)
    return Opened(started.case_id, joined=False, task_ids=started.task_ids)


def _join(session: Session, person: Person, case_id: UUID, wanted: Iterable[UUID], reason: str) -> Opened:
    step = Step.on_case(get_engine(), session, case_id, person.actor())
    ctx = step.ctx()
    for petition_id in wanted:
        opening.join(ctx, {"from_case": str(petition_id), "reasons": ["flagged"], "origin": "hand"})
    ctx.event("人工列入包案", {"reason": reason})
    ledger_history.keep(ctx)
    step.save()
    return Opened(case_id, joined=True)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A petition that fits the entry table and is in no open file."""

    petition_id: UUID
    number: str
    title: str
    reasons: Sequence[str]


def candidates(session: Session, person: Person, limit: int = 50) -> list[Candidate]:
    """Petitions this person may see that ought to be owned, the newest first, with the reasons in words."""
    found = entry.found(session, now(), newest=LOOKED_AT)
    reasons = {matter.case_id: [REASONS[one] for one in why] for matter, why in found}
    seen = select(Case.id).where(Case.id.in_(reasons), visible_cases(person))
    known = briefs.of(session, session.scalars(seen), person)
    listed = [known[case_id] for case_id in reasons if case_id in known]
    return [Candidate(brief.case_id, brief.number, brief.title, reasons[brief.case_id]) for brief in listed[:limit]]


# -- beside the main path ------------------------------------------------------------------------------------------------


def why_no_visit(session: Session, case: Case) -> str | None:
    """Why no 接访 or 下访 can be recorded now; None when it can."""
    return _not_in_ledger(session, case) or _one_at_a_time(session, case, VISIT, "已有一次接访下访正在登记。")


def why_no_change(session: Session, case: Case) -> str | None:
    """Why the owner cannot be changed now; None when it can."""
    return _not_in_ledger(session, case) or _one_at_a_time(session, case, CHANGE, "已有一次更换包案领导正在等局长决定。")


def _not_in_ledger(session: Session, case: Case) -> str | None:
    lc = session.get(LeaderCase, case.id)
    if lc is None or lc.assigned_on is None:
        return "还没有确定包案领导。"
    return "已经结案。" if lc.ended_at is not None or case.status == "closed" else None


def _one_at_a_time(session: Session, case: Case, process: str, say: str) -> str | None:
    living = (Instance.case_id == case.id, Instance.process == process, Instance.status.in_(("running", "suspended")))
    return say if session.scalar(select(Instance.id).where(*living).limit(1)) is not None else None


def start_visit(session: Session, actor: Actor, case_id: UUID) -> Started:
    """接访下访登记: the step opens at the owner; a secretary may complete it. Raises Conflict."""
    _possible(why_no_visit(session, _locked(session, case_id)))
    return get_engine().start(session, VISIT, actor, case_id=case_id, link="接访下访登记")


def record_visit(session: Session, actor: Actor, case_id: UUID, answer: dict[str, Any]) -> UUID:
    """The same in one go, on the spot; the id of the visit. Raises FormError with the fields of ``record_visit``, or Conflict."""
    _possible(_not_in_ledger(session, _locked(session, case_id)))
    started = get_engine().start(session, VISIT, actor, case_id=case_id, link="接访下访登记")
    get_engine().complete(session, started.task_ids[0], actor, answer)
    return session.scalars(select(LeaderVisit.id).where(LeaderVisit.instance_id == started.instance_id)).one()


def start_change(session: Session, actor: Actor, case_id: UUID) -> Started:
    """更换包案领导: the decision waits for the head of the bureau. Raises Conflict."""
    _possible(why_no_change(session, _locked(session, case_id)))
    return get_engine().start(session, CHANGE, actor, case_id=case_id, link="更换包案领导")


def _locked(session: Session, case_id: UUID) -> Case:
    query = select(Case).where(Case.id == case_id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _possible(why_not: str | None) -> None:
    if why_not is not None:
        raise Conflict(why_not)


@dataclass(frozen=True, slots=True)
class Names:
    """The people and the unit of a file by name."""

    owner: str
    unit: str
    handler: str


def names_of(session: Session, lc: LeaderCase) -> Names:
    wanted = [one for one in (lc.owner_id, lc.handler_id) if one]
    known = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))}
    unit = session.scalar(select(Organ.name).where(Organ.id == lc.unit)) if lc.unit else ""
    return Names(known.get(lc.owner_id, "") if lc.owner_id else "", unit or "", known.get(lc.handler_id, "") if lc.handler_id else "")


# -- what others ask -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ownership:
    """A petition's owner and the owner's light, as other pages show them."""

    case_id: UUID
    number: str
    title: str
    owner_id: UUID | None
    owner: str
    unit: str
    status: str
    status_label: str
    clock: ClockView
    missed: int
    closed: bool


def ownership_of(session: Session, petition_case_id: UUID) -> Ownership | None:
    """The file that owns a petition: the open one, else the last closed one."""
    return ownerships_of(session, [petition_case_id]).get(petition_case_id)


def ownerships_of(session: Session, petition_ids: Iterable[UUID]) -> dict[UUID, Ownership]:
    """petition → its ownership; three queries, however many. A file that was not entered owns nothing."""
    member, lc = LeaderCasePetition, LeaderCase
    query = (
        select(member.petition_id, lc, Person.name.label("owner"), Organ.name.label("organ"))
        .join(lc, lc.case_id == member.case_id)
        .outerjoin(Person, Person.id == lc.owner_id)
        .outerjoin(Organ, Organ.id == lc.unit)
        .where(member.petition_id == any_(cast(list(petition_ids), ARRAY(PgUUID(as_uuid=True)))), lc.status != "not_entered")
        .order_by(member.petition_id, lc.ended_at.desc().nulls_first())
    )
    rows = session.execute(query.ext(distinct_on(member.petition_id))).all()
    ids = [row.LeaderCase.case_id for row in rows]
    clocks, missed = _clocks(session, ids), _missed(session, ids)
    return {row.petition_id: _ownership(row.LeaderCase, row.owner, row.organ, clocks.get(row.LeaderCase.case_id), missed) for row in rows}


def _ownership(lc: LeaderCase, owner: str | None, organ: str | None, clock: Clock | None, missed: dict[UUID, int]) -> Ownership:
    closed, entered = lc.ended_at is not None, lc.assigned_on is not None
    return Ownership(
        lc.case_id, lc.number or "", lc.title, lc.owner_id if entered else None, (owner or "") if entered else "", organ or "", lc.status,
        STATUS.get(lc.status, lc.status), OVER if closed else _view(clock, now()), 0 if closed else missed.get(lc.case_id, 0), closed,
    )  # fmt: skip


def _clocks(session: Session, ids: Sequence[UUID]) -> dict[UUID, Clock]:
    """file → its running clock that is due first."""
    running = (Clock.case_id.in_(ids), Clock.status == "running")
    query = select(Clock).where(*running).ext(distinct_on(Clock.case_id)).order_by(Clock.case_id, Clock.due_at)
    return {clock.case_id: clock for clock in session.scalars(query)}


def _missed(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    """file → months that were not reported in time and still have no report."""
    m = LeaderMonth
    query = select(m.case_id, func.count()).where(m.case_id.in_(ids), m.missed, m.reported_at.is_(None)).group_by(m.case_id)
    return dict(session.execute(query).all())


def _view(clock: Clock | None, moment: datetime) -> ClockView:
    if clock is None:
        return NONE
    rule = clock_views.rule_of(clock.rule, clock.from_at)
    return clockwords.view(
        clock.due_at, clock.warn_at, moment, rule.label if rule else "时限", counted=clock_views.counted(rule, clock.from_at),
        citation=f"{rule.citation}：{rule.text}" if rule else "", check=rule is not None and rule.status == "check",
    )  # fmt: skip


# -- saved views of the ledger -------------------------------------------------------------------------------------------


def views(session: Session, person_id: UUID) -> list[LedgerView]:
    return list(session.scalars(select(LedgerView).where(LedgerView.person_id == person_id).order_by(LedgerView.name)))


def save_view(session: Session, person_id: UUID, name: str, columns: Sequence[str], filters: dict[str, str]) -> None:
    """Keep columns and filters under a name; the same name is written over."""
    row = {"columns": list(columns), "filters": filters, "saved_at": now()}
    statement = insert(LedgerView).values(person_id=person_id, name=name.strip(), **row)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id", "name"], set_=row))


def drop_view(session: Session, person_id: UUID, name: str) -> None:
    kept = session.get(LedgerView, (person_id, name))
    if kept is not None:
        session.delete(kept)
        session.flush()
