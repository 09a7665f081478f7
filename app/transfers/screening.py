"""The screening table asked: on a file inside its diagram, and of any facts from outside (penalty decisions, closed cases).

The table is bpmn/criminal_transfer/screening.dmn of the deployed procedure; nothing here knows what it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.transfers import facts, law
from app.transfers.models import Transfer, TransferScreening
from workflows.errors import FormError
from workflows.handlers import Actor
from workflows.library import Procedure
from workflows.script_engine import ClosedEngine
from workflows.time import now

PROCESS, STEP, TABLE = "transfer_screening", "run_table", "screening.dmn"
NONE = "none"
GRAVE = ("2(", "3(")  # items of 解释2 and 3: 提前介入 is proposed at once


@dataclass(frozen=True, slots=True)
class Found:
    """What the table said: the items hit, those among them whose reading is 待核, the version of the table."""

    hits: list[str]
    marks: list[str]
    version: str

    @property
    def grave(self) -> bool:
        return is_grave(self.hits)


def is_grave(hits: Iterable[str]) -> bool:
    return any(hit.startswith(GRAVE) for hit in hits)


def named(found: Iterable[Any]) -> list[str]:
    """Items as the table gives them, each once, without the row that says "none"."""
    return [item for item in dict.fromkeys(map(str, found)) if item not in (NONE, "")]


def ask(session: Session, values: Mapping[str, Any]) -> Found:
    """The deployed table asked of these inputs (``facts.inputs``)."""
    procedure = get_engine().library.current(session, PROCESS)
    spec, _ = procedure.specs(PROCESS)
    asked = SimpleNamespace(data={**procedure.initial_data, **values}, workflow=SimpleNamespace(script_engine=ClosedEngine()))
    said: dict[str, Any] = spec.task_specs[STEP].dmnEngine.result(asked)
    return Found(named(said.get("hits") or []), named(said.get("hit_marks") or []), version(procedure))


def version(procedure: Procedure) -> str:
    """The table's own version: a hash of its text, so that it is known later which figures were asked."""
    return hashlib.sha256(procedure.files[TABLE].encode()).hexdigest()[:12]


def require_confirmed(answer: Mapping[str, Any], anything: Callable[[Mapping[str, Any]], bool] = facts.anything) -> None:
    """Either a fact is claimed (``anything`` says so) or it is confirmed that none applies, never both. Raises FormError."""
    claimed = anything(answer)
    if not claimed and not answer.get("none"):
        raise FormError({"none": "没有填任何情形的，请确认已逐项核对、均不涉及"})
    if claimed and answer.get("none"):
        raise FormError({"none": "已填写了情形，不能同时确认均不涉及"})


def keep(session: Session, case_id: UUID, answer: Mapping[str, Any], actor: Actor, table_version: str) -> TransferScreening:
    """A new row for facts as they were entered; the table's answer is added when it has been asked."""
    seq = (session.scalar(select(func.max(TransferScreening.seq)).where(TransferScreening.case_id == case_id)) or 0) + 1
    act_from, act_to = _day(answer.get("act_from")), _day(answer.get("act_to"))
    basis = law.of(act_from, act_to)
    row = TransferScreening(
        case_id=case_id, seq=seq, facts={k: v for k, v in answer.items() if k not in ("measured", "files")},
        measured=facts.with_ratios(answer.get("measured") or []), act_from=act_from, act_to=act_to, law=basis.id, law_text=basis.text,
        table_name=TABLE, table_version=table_version, flags=list(answer.get("flags") or []), by_hand=basis.id == law.BY_HAND.id,
        entered_by=actor.shown, entered_id=actor.id, entered_at=now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def keep_known(session: Session, case_id: UUID, answer: Mapping[str, Any], actor: Actor) -> TransferScreening | None:
    """Facts another record holds, if they are complete enough to be judged: the days of the act decide which law is applied."""
    if not answer.get("act_from") or not answer.get("act_to"):
        return None
    return keep(session, case_id, answer, actor, version(get_engine().library.current(session, PROCESS)))


def latest(session: Session, case_id: UUID) -> TransferScreening | None:
    query = select(TransferScreening).where(TransferScreening.case_id == case_id).order_by(TransferScreening.seq.desc()).limit(1)
    return session.scalars(query).first()


def all_of(session: Session, case_id: UUID) -> list[TransferScreening]:
    """Every screening of a file, the newest first."""
    query = select(TransferScreening).where(TransferScreening.case_id == case_id).order_by(TransferScreening.seq.desc())
    return list(session.scalars(query))


def answer_of(row: TransferScreening) -> dict[str, Any]:
    """The answer of the form as it was entered."""
    return {**row.facts, "measured": row.measured}


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def rescreen(session: Session, transfer: Transfer, answer: Mapping[str, Any], actor: Actor) -> TransferScreening:
    """Facts that changed outside the drawn step: a new row with the table's answer. The answer given before stays, the hits are shown."""
    found = ask(session, facts.inputs(answer))
    row = keep(session, transfer.case_id, answer, actor, found.version)
    row.hits, row.unsure = found.hits, found.marks
    transfer.grave = transfer.grave or found.grave
    session.flush()
    return row
