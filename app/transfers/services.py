"""What other areas and the pages ask of 两法衔接: files, the transfer question and its answer, the block on closing.

Nothing here commits; a refused attempt is the exception: it is written down in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.petitions import search
from app.transfers import carry, circle, routing
from app.transfers.models import PenaltyCase, Transfer, TransferFile, TransferLetter, TransferQuestion, TransferSearch
from app.transfers.words import ANSWERS
from workflows.errors import Conflict
from workflows.handlers import Actor, Ctx
from workflows.tables import Case

_UNANSWERED = text("SELECT transfer_unanswered(:asking, :penalty, :wanted)")
BLOCKED = "transfer.blocked"
LINK_CLOSED = "petition.link_closed"


@dataclass(frozen=True, slots=True)
class Answer:
    """How the transfer question of a case was answered, by whom, why, when."""

    answer: str  # words.ANSWERS
    name: str
    reason: str
    at: datetime

    @property
    def label(self) -> str:
        return ANSWERS.get(self.answer, self.answer)


# --- files --------------------------------------------------------------------------------------------------------------


def register_file(
    ctx: Ctx, transfer_no: str, organ: str, process: str | None = None, *, seen_by: Sequence[str | None] = ()
) -> TransferFile:
    """Say that this case is the file ``organ`` keeps for the transfer: first thing in its first service task.

    ``seen_by``: the other organs of the transfer, who have to find the file to write to it. Letters that came before are delivered now.
    """
    session = ctx.session
    organs = circle.of_transfer(session, transfer_no, organ, *seen_by)
    file = TransferFile(
        case_id=ctx.case.id, transfer_no=transfer_no, organ=organ, process=process or ctx.process, started_at=ctx.now, confined=organs
    )
    session.add(file)
    session.flush()
    for other in session.scalars(select(TransferFile).where(TransferFile.transfer_no == transfer_no, TransferFile.case_id != ctx.case.id)):
        other.confined = list(dict.fromkeys([*(other.confined or []), *organs]))
    mine = {name for name, processes in routing.FILES.items() if file.process in processes}
    for letter in carry.waiting_for(session, transfer_no, organ, mine):
        letter.to_case = ctx.case.id
        ctx.send(letter.name, carry.payload_of(letter))
    session.flush()
    return file


def transfer_of(session: Session, case_id: UUID) -> Transfer:
    """The bureau's record of a file; raises NoResultFound for a case of another kind."""
    return session.get_one(Transfer, case_id)


def letter(session: Session, letter_id: UUID) -> TransferLetter | None:
    return session.get(TransferLetter, letter_id)


# --- the question -------------------------------------------------------------------------------------------------------


def ask(
    session: Session, transfer: Transfer, *, from_case: UUID | None = None, penalty_id: UUID | None = None, link_id: UUID | None = None,
    asked: Sequence[Any] = (), kind: str = "crime", facts: str | None = None,
) -> TransferQuestion:  # fmt: skip
    """Put the question on a file; while it is open the asking case or penalty cannot be closed.

    ``facts``: the digest of what is asked about (``facts.digest``), where the asking side holds the facts itself.
    """
    asking = session.get(Case, from_case) if from_case is not None else None
    question = TransferQuestion(
        kind=kind, case_id=transfer.case_id, from_case=from_case, penalty_id=penalty_id, link_id=link_id, asked=list(asked),
        facts=facts,
        confined=circle.organs(session, transfer.organ, transfer.unit, *_organs_of(asking)),
    )  # fmt: skip
    session.add(question)
    session.flush()
    return question


def _organs_of(case: Case | None) -> list[str]:
    """The organisations that work on the asking case."""
    return [str(case.attrs[name]) for name in ("unit", "intake_org") if case.attrs.get(name)] if case is not None else []


def answer(ctx: Ctx, transfer: Transfer, said: str, reason: str) -> None:
    """The question is answered: on the file, on every asking case, whose link closes and whose closing is free again."""
    transfer.answer, transfer.answer_reason = said, reason
    transfer.answered_at, transfer.answered_by = ctx.now, ctx.actor.shown
    open_ones = select(TransferQuestion).where(TransferQuestion.case_id == transfer.case_id, TransferQuestion.answered_at.is_(None))
    for question in ctx.session.scalars(open_ones):
        question.answer, question.reason = said, reason
        question.answered_at, question.answered_by = ctx.now, ctx.actor.shown
        if question.from_case is not None and question.link_id is not None:
            payload = {
                "case_id": str(question.from_case),
                "link_id": str(question.link_id),
                "answer": said,
                "transfer_no": transfer.transfer_no,
            }
            ctx.send(LINK_CLOSED, payload, to_case=question.from_case)
    from app.transfers import detention  # it asks this module in turn

    detention.changed_in(ctx, transfer_case=transfer.case_id)
    ctx.event(f"移送问题：{ANSWERS[said]}", {"理由": reason} if reason else None)


def answer_of(session: Session, case_id: UUID) -> Answer | None:
    """How the question of a case was answered: of the asking case, or of the file itself. None: not asked, or still open."""
    if unanswered(session, case_id):
        return None
    either = (TransferQuestion.from_case == case_id) | (TransferQuestion.case_id == case_id)
    query = select(TransferQuestion).where(either, TransferQuestion.answered_at.is_not(None))
    found = session.scalars(query.order_by(TransferQuestion.answered_at.desc()).limit(1)).first()
    if found is None or found.answer is None or found.answered_at is None:
        return None
    return Answer(found.answer, found.answered_by or "", found.reason or "", found.answered_at)


def unanswered(session: Session, case_id: UUID | None = None, penalty_id: UUID | None = None, *, of_crime: bool = False) -> int:
    """How many questions are open for a case or a penalty, whoever asks."""
    return int(session.scalar(_UNANSWERED, {"asking": case_id, "penalty": penalty_id, "wanted": "crime" if of_crime else None}) or 0)


def open_questions(session: Session, case_id: UUID) -> list[TransferQuestion]:
    """The open ones this person's organs may see."""
    mine = (TransferQuestion.from_case == case_id) | (TransferQuestion.case_id == case_id)
    return list(session.scalars(select(TransferQuestion).where(mine, TransferQuestion.answered_at.is_(None))))


def questions(session: Session, case_id: UUID) -> list[TransferQuestion]:
    """All questions a file answers."""
    return list(session.scalars(select(TransferQuestion).where(TransferQuestion.case_id == case_id).order_by(TransferQuestion.asked_at)))


def refuse_closing(session: Session, case_id: UUID, actor: Actor, what: str = "结案") -> None:
    """Every service that closes a case asks here first. Raises Conflict naming the open question; the attempt is audited."""
    if not unanswered(session, case_id):
        return
    found = open_questions(session, case_id)
    if found and all(q.kind == "detention" for q in found):
        audit(case_id, actor, f"移送行政拘留的问题未答复，不能{what}", {"事项": what})
        raise Conflict(f"移送行政拘留的问题还没有答复，不能{what}（公治〔2014〕853号）。")
    numbers = [session.get(Transfer, q.case_id) for q in found]
    named = "、".join(t.transfer_no for t in numbers if t is not None)
    audit(case_id, actor, f"移送问题未答复，不能{what}", {"事项": what, "移送编号": named})
    raise Conflict(f"筛查有涉嫌犯罪的情形，移送问题还没有答复{f'（{named}）' if named else ''}，不能{what}（环环监〔2017〕17号第五条）。")


def audit(case_id: UUID | None, actor: Actor, label: str, detail: dict[str, Any]) -> None:
    """An attempt that was refused stays on record although its transaction is rolled back."""
    with db.transaction() as own:
        get_engine().note(own, case_id, actor, BLOCKED, label, detail)


def living_for(session: Session, from_case: UUID) -> UUID | None:
    """The open file that answers for a case: a further question joins it."""
    asked = exists().where(TransferQuestion.case_id == Transfer.case_id, TransferQuestion.from_case == from_case)
    query = select(Transfer.case_id).join(Case, Case.id == Transfer.case_id)
    query = query.where((Transfer.subject_case == from_case) | asked, Case.status == "open")
    return session.scalar(query.order_by(Transfer.opened_at.desc()).limit(1))


def index(session: Session, transfer: Transfer) -> None:
    """What a search finds the file by: number, party, act, place. In a table of its own, confined like the file."""
    found = search.vector(transfer.transfer_no, transfer.party, transfer.act, transfer.place, transfer.title)
    session.execute(
        insert(TransferSearch)
        .values(case_id=transfer.case_id, search=found)
        .on_conflict_do_update(index_elements=["case_id"], set_={"search": found})
    )


def home(session: Session, case_id: UUID) -> TransferFile:
    """The file a case is."""
    return session.get_one(TransferFile, case_id)


def penalised(session: Session, transfer: Transfer) -> bool:
    """Was the act penalised already? Then the decision belongs to the material (17号6 last sentence)."""
    penalty = session.get(PenaltyCase, transfer.penalty_id) if transfer.penalty_id else None
    return penalty is not None and penalty.decided_on is not None
