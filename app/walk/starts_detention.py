"""How scenarios of 移送行政拘留 begin: by hand at 查处, or by a penalty decision; with a criminal question beside it where one is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.transfers import detention, opening, penalties
from app.transfers.models import PenaltyCase
from app.walk.play import Play
from workflows import time as clock_time

UNIT, PARTY, ACT = "br-360111", "沁澜金属表面处理厂", "私设暗管排放含铬废水"
DECISION = {"kinds": ["fine", "stopped"], "amount": 150000}


def _officers(session: Session, unit: str) -> tuple[Person, Person]:
    """The first handler of a unit who is certified, and a second officer."""
    found = opening.certified(session, [unit])
    lead = next(p for p in found if p.has_role("handler"))
    return lead, next(p for p in found if p.id != lead.id)


def _penalty(session: Session, lead: Person, args: dict[str, Any]) -> PenaltyCase:
    """A penalty case filed some days ago; its number tells the plays of one database apart."""
    today = clock_time.now().date()
    before = session.scalar(select(func.count()).select_from(PenaltyCase)) or 0
    number = args.get("number") or f"青环罚立〔{today.year}〕{before + 1}号"
    given = {
        "number": number, "party": args.get("party", PARTY), "act": args.get("act", ACT), "act_kind": args.get("act_kind", "hidden"),
        "filed_on": (today - timedelta(days=args.get("filed_before", 20))).isoformat(),
        "screening": {"act_from": "2026-08-20", "act_to": "2026-08-25", "none": True},
    }  # fmt: skip
    return penalties.register(session, lead, given)


def by_hand(play: Play, args: dict[str, Any]) -> None:
    """An officer puts the question at 查处. ``penalty``: a case is filed, not decided; ``crime``: the criminal question is open too."""
    unit = args.get("unit", UNIT)
    with play.begin() as session:
        lead, second = _officers(session, unit)
        play.known |= {"$lead": str(lead.id), "$second": str(second.id)}
        about = {"party": args.get("party", PARTY), "act": args.get("act", ACT)}
        answer = {**about, "unit": unit, "handler": str(lead.id), "officer": str(second.id)}
        if args.get("penalty"):
            answer["penalty"] = str(_penalty(session, lead, args).id)
        play.case_id = detention.by_hand(session, lead, answer)
        if args.get("crime"):
            opening.by_hand(session, lead, {**answer, "source": "penalty", "found_on": clock_time.now().date().isoformat()})


def decided(play: Play, args: dict[str, Any]) -> None:
    """A penalty is decided: the decision itself opens the file (a service)."""
    unit = args.get("unit", UNIT)
    with play.begin() as session:
        lead, _ = _officers(session, unit)
        penalty = _penalty(session, lead, args)
        day = clock_time.now().date().isoformat()
        refusal = penalties.decide(session, lead, penalty, {**DECISION, "decided_on": day, "decision_no": f"{penalty.number}决"})
        if refusal is not None:
            raise AssertionError(refusal.reason)
        found = detention.by_penalty(session, lead.actor(), penalty)
        if found is None:
            raise AssertionError("the decision opened no file")
        play.case_id = found


STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {"detention_by_hand": by_hand, "penalty_decided": decided}
