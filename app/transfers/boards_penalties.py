"""The boards' rules about the register of penalties: closed cases that hit the table, fines instead of control, fines instead of crime."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.engine import get_engine
from app.transfers import penalty_question, screening
from app.transfers.boards import MOST, Finding, Look, rule
from app.transfers.facts import inputs
from app.transfers.models import PenaltyCase, Transfer, TransferHold, TransferParty, TransferScreening
from workflows.tables import Case
from workflows.time import start_of_day

AT_ORGAN = ("legal", "organ_head")
FINE = "fine"


def _mine(at: Look) -> list[Any]:
    """Condition on the register: the organs this person reads."""
    organs = at.register()
    return [] if organs is None else [PenaltyCase.organ.in_(organs)]


def _fines(*conditions: Any) -> list[Any]:
    return [PenaltyCase.kinds.contains([FINE]), PenaltyCase.decided_on.is_not(None), *conditions]


def _finding(p: PenaltyCase, name: str, what: str, since: date, title: str = "") -> Finding:
    return Finding(
        rule=name, key=p.id, number=p.number, title=title or f"{p.party}：{p.act}", organ=p.organ, roles=AT_ORGAN,
        since=start_of_day(since), what=what, penalty_id=p.id,
    )  # fmt: skip


# --- 有案不移 -----------------------------------------------------------------------------------------------------------


@rule("not_sent", "closed_penalty", "已经结案的处罚案件，按今天的筛查表触及追诉条款，而移送问题没有答复过", "310号规定第五条、第十八条")
def closed_penalty(at: Look) -> list[Finding]:
    """The facts the register keeps are asked again, of the table in force."""
    living = exists().where(Case.id == Transfer.case_id, Case.status == "open")
    sent = exists().where(Transfer.penalty_id == PenaltyCase.id, or_(Transfer.answer == "approved", living))
    query = select(PenaltyCase).where(PenaltyCase.closed_on.is_not(None), PenaltyCase.screening.is_not(None), ~sent, *_mine(at))
    found: list[Finding] = []
    for p in at.session.scalars(query.order_by(PenaltyCase.closed_on)):
        hits = _asked(at, p.screening or {})
        if hits and p.closed_on is not None and len(found) < MOST and not penalty_question.answered(at.session, p, hits):
            found.append(_finding(p, "not_sent.closed_penalty", f"触及{'、'.join(hits)}，补作移送审查", p.closed_on))
    return found


def _asked(at: Look, facts: dict[str, Any]) -> Sequence[str]:
    """What the table says; the same facts are asked once for each version of the table."""
    version = screening.version(get_engine().library.current(at.session, screening.PROCESS))
    key = (version, json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str))
    if key not in _ANSWERS:
        if len(_ANSWERS) >= ANSWERS_MOST:
            _ANSWERS.clear()
        _ANSWERS[key] = tuple(screening.ask(at.session, inputs(facts)).hits)
    return _ANSWERS[key]


ANSWERS_MOST = 20_000
_ANSWERS: dict[tuple[str, str], Sequence[str]] = {}


# --- 以罚代管 -----------------------------------------------------------------------------------------------------------


@rule(
    "fine_for_control",
    "again",
    lambda n: f"同一当事人同一类违法行为 {n.fines_months} 个月内罚款 {n.fines_least} 次以上，最后一次以后没有复查",
    "行政处罚法第二十八条，本局规定",
)
def again(at: Look) -> list[Finding]:
    """Listed once for a party and kind of act, at the newest fine."""
    since = _months_back(at.today, at.numbers.fines_months)
    group = (
        select(
            PenaltyCase.party_key, PenaltyCase.act_kind, PenaltyCase.organ, func.count().label("n"),
            func.max(PenaltyCase.decided_on).label("last"),
        )
        .where(*_fines(PenaltyCase.decided_on > since, PenaltyCase.decided_on <= at.today), *_mine(at))
        .group_by(PenaltyCase.party_key, PenaltyCase.act_kind, PenaltyCase.organ)
        .having(func.count() >= at.numbers.fines_least)
        .subquery()
    )  # fmt: skip
    same = and_(
        PenaltyCase.party_key == group.c.party_key, PenaltyCase.act_kind == group.c.act_kind, PenaltyCase.organ == group.c.organ,
        PenaltyCase.decided_on == group.c.last,
    )  # fmt: skip
    other = aliased(PenaltyCase)
    checked = exists().where(
        other.party_key == group.c.party_key, other.act_kind == group.c.act_kind, other.organ == group.c.organ,
        other.recheck_on >= group.c.last,
    )  # fmt: skip
    query = select(PenaltyCase, group.c.n).join(group, same).where(*_fines(), ~checked).order_by(PenaltyCase.decided_on, PenaltyCase.id)
    found: dict[tuple[str, str, str], Finding] = {}
    for p, count in at.session.execute(query.limit(MOST)):
        found[p.organ, p.party_key, p.act_kind] = _finding(p, "fine_for_control.again", f"已罚款 {count} 次，复查改正情况", p.decided_on)
    return list(found.values())


def _months_back(day: date, months: int) -> date:
    """The same day that many months before; the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@rule("fine_for_control", "unverified", "罚款案件已经结案，没有核实改正", "行政处罚法第二十八条")
def unverified(at: Look) -> list[Finding]:
    query = select(PenaltyCase).where(
        *_fines(PenaltyCase.closed_on.is_not(None), PenaltyCase.rectified_checked_on.is_(None)),
        func.coalesce(PenaltyCase.recheck_result, "") != "rectified", *_mine(at),
    )  # fmt: skip
    rows = at.session.scalars(query.order_by(PenaltyCase.closed_on).limit(MOST))
    return [_finding(p, "fine_for_control.unverified", "核实改正情况", p.closed_on) for p in rows if p.closed_on is not None]


# --- 以罚代刑 -----------------------------------------------------------------------------------------------------------


@rule("fine_for_crime", "before_answer", "筛查命中以后、移送问题答复以前作出罚款决定", "310号规定第十一条，17号第十六条")
def before_answer(at: Look) -> list[Finding]:
    """The day of the hit counts; on the day of the answer a fine is free again."""
    hit_on = (
        select(func.min(TransferScreening.entered_at))
        .where(TransferScreening.case_id == Transfer.case_id, func.jsonb_array_length(TransferScreening.hits) > 0)
        .scalar_subquery()
    )
    same = or_(
        Transfer.penalty_id == PenaltyCase.id,
        and_(PenaltyCase.subject_case.is_not(None), Transfer.subject_case == PenaltyCase.subject_case),
    )
    query = (
        select(PenaltyCase, Transfer.transfer_no)
        .join(Transfer, same)
        .where(*_fines(PenaltyCase.decided_on >= _day(hit_on)), *_mine(at))
        .where(or_(Transfer.answered_at.is_(None), PenaltyCase.decided_on < _day(Transfer.answered_at)))
        .order_by(PenaltyCase.decided_on)
        .limit(MOST)
    )
    return [
        _finding(p, "fine_for_crime.before_answer", f"{number} 答复以前已罚款，审查处罚决定", p.decided_on)
        for p, number in at.session.execute(query)
        if p.decided_on is not None
    ]


@rule("fine_for_crime", "after_court", "同一违法行为已由人民法院判处罚金，以后又作出罚款决定", "行政处罚法第三十五条")
def after_court(at: Look) -> list[Finding]:
    query = (
        select(PenaltyCase, TransferParty.name)
        .join(TransferHold, TransferHold.penalty_id == PenaltyCase.id)
        .join(TransferParty, or_(TransferParty.id == TransferHold.party_id, and_(TransferHold.party_id.is_(None), _of_file())))
        .where(
            *_fines(PenaltyCase.decided_on > _day(TransferParty.outcome_at)), *_mine(at), TransferParty.outcome == "convicted",
            TransferParty.fine > 0,
        )
        .order_by(PenaltyCase.decided_on)
        .limit(MOST)
    )  # fmt: skip
    found: dict[Any, Finding] = {}
    for p, name in at.session.execute(query):
        if p.decided_on is not None:
            found[p.id] = _finding(p, "fine_for_crime.after_court", f"{name}已判处罚金，撤销罚款决定", p.decided_on)
    return list(found.values())


def _of_file() -> Any:
    return TransferParty.case_id == TransferHold.case_id


def _day(moment: Any) -> Any:
    """The calendar day of a moment in China."""
    return func.date(func.timezone("Asia/Shanghai", moment))
