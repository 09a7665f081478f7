"""Which petitions ought to be owned by a leader: the entry table asked of facts, and the nightly search that proposes what it finds.

The table (bpmn/leader_case/entry.dmn) and its limits (settings.yaml) are the only place where it is decided what is important enough;
at registration the petition's own diagram asks the same rules and sends the same proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderProposal
from app.leadership.options import REASONS
from app.petitions import briefs, matters
from app.petitions.matters import Matter
from workflows.handlers import Actor
from workflows.library import Procedure
from workflows.script_engine import ClosedEngine

PROCESS = "leader_case"
PROPOSE = "leader_case.propose"
ENTRY = "check_entry"  # the step of the diagram that asks the table
NIGHT = "夜间查找"
# The engine takes the same lock while it opens a file of this process for a message, so a matter never gets two files.
_OPENING = text("SELECT pg_advisory_xact_lock(hashtext('wf.open'), hashtext(:process))")


def procedure(session: Session) -> Procedure:
    """The deployed procedure of 领导包案."""
    return get_engine().library.current(session, PROCESS)


def setting(session: Session, name: str) -> int:
    """A number of settings.yaml."""
    return int(procedure(session).settings[name]["value"])


def decide(session: Session, facts: Mapping[str, Any]) -> list[str]:
    """The reasons the entry table finds in these facts; empty when there is none."""
    deployed = procedure(session)
    spec, _ = deployed.specs(PROCESS)
    asked = SimpleNamespace(data={**deployed.initial_data, **facts}, workflow=SimpleNamespace(script_engine=ClosedEngine()))
    found: dict[str, Any] = spec.task_specs[ENTRY].dmnEngine.result(asked)
    return named(found.get("reasons") or [])


def named(found: Iterable[Any]) -> list[str]:
    """Reasons as the table or a proposal gives them, each once, without the row that says "none"."""
    return [reason for reason in dict.fromkeys(map(str, found)) if reason in REASONS]


def labels(reasons: Iterable[Any]) -> str:
    return "、".join(REASONS[reason] for reason in named(reasons))


def living_of(session: Session, petition_id: UUID) -> LeaderCase | None:
    """The open file this petition belongs to or would join: its own, that of its source, that of the same petitioner on the same matter.

    A petition without a known source joins its petitioner's file; one with a source joins a file by its petitioner only where that
    file has no source of its own.
    """
    living = select(LeaderCase).where(LeaderCase.ended_at.is_(None))
    own = living.join(LeaderCasePetition, LeaderCasePetition.case_id == LeaderCase.case_id)
    found = session.scalars(own.where(LeaderCasePetition.petition_id == petition_id).limit(1)).first()
    if found is not None:
        return found
    key = briefs.source_key(session, petition_id)
    if key is not None and (found := session.scalars(living.where(LeaderCase.matter_key == key)).first()) is not None:
        return found
    others = briefs.same_person(session, petition_id)
    same = own.where(LeaderCasePetition.petition_id.in_(others)).order_by(LeaderCase.opened_at, LeaderCase.case_id)
    if key is not None:
        same = same.where(LeaderCase.matter_key.startswith("g:"))
    return session.scalars(same.limit(1)).first() if others else None


def lock_opening(session: Session) -> None:
    """Until the end of the transaction nobody else opens a file: whoever looked for a living one may rely on the answer."""
    session.execute(_OPENING, {"process": PROCESS})


def remember(session: Session, petition_id: UUID, reasons: Iterable[str], origin: str, at: datetime) -> None:
    """Keep that this petition was proposed for these reasons."""
    row = insert(LeaderProposal).values(petition_id=petition_id, reasons=_joined(reasons), at=at, origin=origin)
    session.execute(row.on_conflict_do_nothing())


def _joined(reasons: Iterable[str]) -> str:
    return ",".join(sorted(reasons))


def found(session: Session, now: datetime, county: str | None = None, newest: int | None = None) -> list[tuple[Matter, list[str]]]:
    """Open petitions that fit the table and are in no open file, with the reasons; ``newest``: only so many are looked at."""
    asked = matters.open_items(session, setting(session, "households_days"), now, county=county, without=_owned(), limit=newest)
    answers = ((matter, decide(session, matter.as_data())) for matter in asked)
    return [(matter, reasons) for matter, reasons in answers if reasons]


def _owned() -> Select[Any]:
    """SQL: petitions in an open file."""
    members = select(LeaderCasePetition.petition_id).join(LeaderCase, LeaderCase.case_id == LeaderCasePetition.case_id)
    return members.where(LeaderCase.ended_at.is_(None))


def propose_found(session: Session, now: datetime, county: str) -> int:
    """The nightly work for one county: propose what was found and was not proposed before for the same reasons; returns how many."""
    proposed, engine, actor = 0, get_engine(), Actor.system(NIGHT)
    wanted = found(session, now, county)
    asked = select(LeaderProposal.petition_id, LeaderProposal.reasons)
    rows = session.execute(asked.where(LeaderProposal.petition_id.in_([matter.case_id for matter, _ in wanted])))
    known = {(row.petition_id, row.reasons) for row in rows}
    for matter, reasons in wanted:
        if (matter.case_id, _joined(reasons)) in known:
            continue
        payload = {"case_id": str(matter.case_id), "reasons": reasons, **matter.as_data(), "origin": "nightly"}
        engine.send(session, matter.case_id, PROPOSE, payload, actor)
        remember(session, matter.case_id, reasons, "nightly", now)
        proposed += 1
    return proposed
