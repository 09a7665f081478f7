"""How scenarios of 领导包案 begin, and what happens in them beside the drawn steps: visits, changes, months, nights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.leadership import candidates, duties, periodic, services
from app.leadership.models import LeaderCase, LeaderCasePetition
from app.leadership.options import DUTIES
from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from app.walk.play import Play, allow
from app.walk.scenarios import Move, scenario
from workflows import time as clock_time
from workflows.handlers import Actor
from workflows.store import new_id
from workflows.tables import Case, Task

POLLUTER = "沁澜金属表面处理厂"
GROUNDS = "多次反映未能化解，群众反映强烈，需要领导包案。"


def by_hand(play: Play, args: dict[str, Any]) -> None:
    """The petition office proposes one item by hand; ``answered``: its answer was sent before."""
    with play.begin() as session:
        petition = _petition(play, session, **args)
    with play.begin() as session:
        office = play._account(session, "xinfang")
        allow(office, "leadership.open")
        opened = services.open_by_hand(session, office, [petition], GROUNDS)
    play.case_id = opened.case_id
    _verbs(play)


def proposed(play: Play, args: dict[str, Any]) -> None:
    """A proposal by message, with the facts as given; those left out say nothing."""
    facts = {"repeats": 1, "households": 1, "is_group": False, "irregular": False, "source": "petitioner", "flagged": False, **args}
    with play.begin() as session:
        petition = _petition(play, session)
    with play.begin() as session:
        payload = {"case_id": str(petition), "reasons": [], **facts}
        get_engine().send(session, petition, candidates.PROPOSE, payload, Actor.system())
    play._drain()
    play.case_id = play._case_of("leader_case")
    _verbs(play)


def registered(play: Play, args: dict[str, Any]) -> None:
    """A petition is registered with ``args``; its own diagram proposes it."""
    from app.walk.driver import Drive  # it plays petitions with what this module begins

    plan = scenario("S01_own_track6_support")
    plan = replace(plan, register={**plan.register, **args}, steps=[])
    Drive(play.engine, play.begin, plan, at=play.started, checking=False).run()
    play.case_id = play._case_of("leader_case")
    _verbs(play)


STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {
    "case_by_hand": by_hand,
    "case_proposed": proposed,
    "case_registered": registered,
}


def _verbs(play: Play) -> None:
    """What a scenario of 领导包案 may say besides its steps."""
    play.verbs |= {
        "visit": lambda move: _visit(play),
        "change": lambda move: _change(play),
        "no_change": lambda move: _no_change(play),
        "months": lambda move: _months(play),
        "night": lambda move: _night(play),
        "another": lambda move: _another(play, move),
        "answered": lambda move: _answered(play),
        "members": lambda move: _members(play, int(move.about)),
    }


def usual_now(session: Session, task: Task) -> dict[str, Any] | None:
    """What a simulation answers in ``work``: a 接访 by the owner until there is one, then the exit; None for every other step."""
    if task.process != "leader_case" or task.element != "work":
        return None
    lc = session.get_one(LeaderCase, task.case_id)
    if DUTIES["visit"] not in duties.missing(session, lc):
        return {"work_step": "exit"}
    return {
        "work_step": "visit", "kind": "receive", "place": "局接访室", "persons": "来访群众", "by_owner": True,
        "record": "当面听取诉求，说明查处进展和下一步安排。",
    }  # fmt: skip


def _petition(play: Play, session: Session, *, answered: bool = True, number: int = 1, **more: Any) -> UUID:
    """A registered item of one polluter, each of another household; not of the play's family: its own way is told elsewhere."""
    at = clock_time.now()
    key = identity.enterprise_key(POLLUTER)
    source = session.scalars(select(Enterprise).where(Enterprise.key == key)).first() or Enterprise(key=key, name=POLLUTER, county="360111")
    case = Case(
        id=new_id(), city="360100", title=f"{POLLUTER}水污染", attrs={"intake_org": "nc-petition"}, facets={"county": "360111"}, tags=[],
        status="open", created_at=at,
    )  # fmt: skip
    session.add_all([source, case])
    session.flush()
    who, address = f"万砚{'一二三四五六七八九'[number - 1]}", f"罗家镇栖塘路 {number} 号"
    phone = f"1380000{number:04d}"
    petition = Petition(
        case_id=case.id, number=f"示例〔{at.year}〕{number:05d}", title=case.title, channel="visit", received_at=at, name=who,
        address=address, phone=phone, phone_digits=phone, household=identity.household(who, None, address),
        statement="夜里往水渠排黄水。", county="360111", kind="water", enterprise_id=source.id, enterprise=POLLUTER, gravity="ordinary",
        klass="claim", asks="penalise", about="enterprise", sent_on=at.date() if answered else None, **more,
    )  # fmt: skip
    session.add(petition)
    session.flush()
    play.before.add(case.id)
    return petition.case_id


def _visit(play: Play) -> None:
    """The button 接访下访登记, by the owner."""
    with play.begin() as session:
        case = session.get_one(Case, play.case)
        person = session.get_one(Person, UUID(case.attrs["owner"]))
        allow(person, "leadership.visit", case)
        services.start_visit(session, person.actor(), case.id)
    play._settle()


def _change(play: Play) -> None:
    """The button 更换包案领导, by the petition office."""
    with play.begin() as session:
        case, office = session.get_one(Case, play.case), play._account(session, "xinfang")
        allow(office, "leadership.change", case)
        services.start_change(session, office.actor(), case.id)
    play._settle()


def _no_change(play: Play) -> None:
    """Before a leader owns the matter, and while a change waits, nothing can be changed."""
    with play.begin() as session:
        if services.why_no_change(session, session.get_one(Case, play.case)) is None:
            raise AssertionError("the owner could be changed")


def _months(play: Play) -> None:
    """The first of a month: every file is asked for its report, as the calendar's work does."""
    with play.begin() as session:
        for key in list(periodic.MONTHS.units(session, clock_time.now())):
            periodic.MONTHS.run(session, key, clock_time.now())
    play._settle()


def _night(play: Play) -> None:
    """The nightly search of one county."""
    with play.begin() as session:
        candidates.propose_found(session, clock_time.now(), "360111")
    play._settle()


def _another(play: Play, move: Move) -> None:
    """A further item of the same source is proposed: it joins the open file."""
    with play.begin() as session:
        petition = _petition(play, session, **dict(move.about or {}))
    with play.begin() as session:
        payload = {"case_id": str(petition), "reasons": ["strong_reaction"], "households": 6}
        get_engine().send(session, petition, candidates.PROPOSE, payload, Actor.system())
    play._settle()


def _answered(play: Play) -> None:
    """The answer of every item in the file goes out."""
    with play.begin() as session:
        members = select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == play.case)
        for petition in session.scalars(select(Petition).where(Petition.case_id.in_(members))):
            petition.sent_on = clock_time.now().date()


def _members(play: Play, wanted: int) -> None:
    """How many items the file holds, and that no other file of the matter is open."""
    with play.begin() as session:
        members = session.scalars(select(LeaderCasePetition).where(LeaderCasePetition.case_id == play.case)).all()
        files = session.scalars(select(LeaderCase.case_id).where(LeaderCase.ended_at.is_(None))).all()
    if len(members) != wanted or len(files) != 1:
        raise AssertionError(f"{len(members)} items in {len(files)} open files, expected {wanted} in one")
