"""The nightly check: whoever must act is told, once for each case and rule."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.engine import get_engine
from app.inbox.services import tell
from app.periodic import PeriodicRun
from app.transfers import boards, routing
from app.transfers.boards import BOARDS, BoardRule, Finding, Look
from app.transfers.words import PROCESS
from workflows.errors import NobodyThere
from workflows.tables import Case

TOLD = "boards.told"  # rows of periodic_run: rule:case, so that nobody is told twice
# who of the bureau hears of it too, when others must act: the board is the bureau's
BESIDE = ("legal",)
KINDS = {"police": routing.OF_POLICE, "procuratorate": routing.OF_PROCURATORATE}


def check(session: Session, now: datetime) -> int:
    """Look at every board and tell what is new on it. Returns how many findings were told."""
    at, told = boards.look(session, now), 0
    for rule, found in boards.findings(at):
        for one in found:
            if _first(session, rule, one, now):
                _tell(at, rule, one)
                told += 1
    return told


def _first(session: Session, rule: BoardRule, one: Finding, now: datetime) -> bool:
    """Write down that this case is told for this rule; False when it was before."""
    row = insert(PeriodicRun).values(name=TOLD, key=f"{rule.id}:{one.key}", at=now, retry_at=None)
    return session.execute(row.on_conflict_do_nothing().returning(PeriodicRun.key)).first() is not None


def _tell(at: Look, rule: BoardRule, one: Finding) -> None:
    """Who must act, on the file they can open; and legal of the bureau, who keeps the board."""
    said = f"{one.number} 列入“{BOARDS[rule.board]}”：{rule.say(at.numbers)}。请{one.what}。"
    case_id = _their_case(at.session, one)
    tell(at.session, _holders(at.session, one.organ, one.roles), "note", said, case_id=case_id)
    home = at.session.get(Organ, one.organ)
    if home is not None and home.kind in KINDS and one.case_id is not None:
        bureau = _bureau(at.session, one)
        if bureau:
            told = (
                f"{one.number} 列入“{BOARDS[rule.board]}”：{rule.say(at.numbers)}。{directory.name(at.session, one.organ)}应当{one.what}。"
            )
            own = routing.file_of(at.session, one.transfer_no, bureau, *routing.OF_BUREAU)
            tell(at.session, _holders(at.session, bureau, BESIDE), "note", told, case_id=own)


def _their_case(session: Session, one: Finding) -> UUID | None:
    """The file of the organ that must act: a notice on another organ's file would not be seen."""
    home = session.get(Organ, one.organ)
    if home is None or home.kind not in KINDS or not one.transfer_no:
        return one.case_id
    return routing.file_of(session, one.transfer_no, one.organ, *KINDS[home.kind])


def _bureau(session: Session, one: Finding) -> str:
    case = session.get(Case, one.case_id)
    return str(case.attrs.get("bureau") or "") if case is not None else ""


def _holders(session: Session, organ: str, roles: tuple[str, ...]) -> list[str]:
    """Holder keys of these roles at or above an organ; posts nobody holds are left out."""
    found = []
    for role in roles:
        try:
            found.append(directory.resolve(session, role, organ))
        except NobodyThere:
            continue
    return list(dict.fromkeys(found))


def deployed(session: Session) -> bool:
    """Is there a procedure to look at?"""
    return get_engine().library.find(session, PROCESS) is not None
