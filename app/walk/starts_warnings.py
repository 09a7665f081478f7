"""How scenarios of early warnings begin: petitions of one county, then the month's work for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.petitions import identity
from app.petitions.models import Enterprise, Petition
from app.walk.play import Play, allow
from app.walk.scenarios import Move
from app.warnings import periodic, services
from workflows import time as clock_time
from workflows.store import new_id
from workflows.tables import Case

POLLUTER, PLACE = "沁澜金属表面处理厂", "罗家镇栖塘路西侧水渠"


def month(play: Play, args: dict[str, Any]) -> None:
    """``petitions`` so many of one polluter in ``county``, answered long ago; then its letter of the month before the play's day."""
    play.verbs["paper_answer"] = lambda move: _paper_answer(play, move)
    county, at = str(args.get("county", "360111")), clock_time.now()
    with play.begin() as session:
        for index in range(int(args.get("petitions", 0))):
            play.before.add(_petition(session, county, at - timedelta(days=30 - index), index + 1).case_id)
    with play.begin() as session:
        key = next(key for key in periodic.units(session, at) if key.endswith(f":{county}"))
        periodic.run(session, key, at)
    play.case_id = play._case_of("early_warning")


def _petition(session: Session, county: str, at: datetime, number: int) -> Petition:
    """A petition that was answered and filed; each of another household, so that they count as a cluster and not as repeats."""
    key = identity.enterprise_key(POLLUTER)
    source = session.query(Enterprise).filter_by(key=key).first() or Enterprise(key=key, name=POLLUTER, county=county)
    case = Case(
        id=new_id(), city="360100", title=f"{POLLUTER}水污染", attrs={}, facets={"county": county}, tags=[], status="closed", created_at=at,
        closed_at=at,
    )  # fmt: skip
    session.add_all([source, case])
    session.flush()
    who, address = f"万砚{number}", f"罗家镇栖塘路 {number} 号"
    petition = Petition(
        case_id=case.id, number=f"示例〔{at.year}〕{county}-{number:03d}", title=case.title, channel="web", received_at=at, name=who,
        address=address, household=identity.household(who, None, address), statement="夜里往水渠排黄水。", county=county, kind="water",
        enterprise_id=source.id, enterprise=POLLUTER, place=PLACE, place_key=identity.place_key(PLACE), gravity="ordinary", klass="claim",
        asks="penalise", about="enterprise",
    )  # fmt: skip
    session.add(petition)
    session.flush()
    return petition


def _paper_answer(play: Play, move: Move) -> None:
    """The county's answer came on paper: the petition office enters it."""
    with play.begin() as session:
        case = session.get_one(Case, play._case_of("early_warning"))
        office = session.get_one(Person, directory.people(session, directory.resolve(session, "office", "nc"))[0])
        allow(office, "case.supplement", case)
        services.enter_answer(session, office, case.id, play._words(dict(move.about)))
    play._settle()


STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {"month": month}
