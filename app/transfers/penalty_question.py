"""The transfer question of a penalty case: its facts screened, what an earlier answer covers, why a decision or the closing waits.

An answer covers the facts it was given on. Facts that changed since, and still hit the table, put the question again (310号11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.transfers import facts, hold, opening, rescreening, screening, services
from app.transfers.models import PenaltyCase, Transfer, TransferQuestion, TransferScreening
from workflows.handlers import Actor
from workflows.tables import Case

REGULATION = "行政执法机关移送涉嫌犯罪案件的规定第十一条"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision may not be made now. ``case_id``: the file that has to be answered first."""

    reason: str
    case_id: UUID | None = None


def screened(session: Session, penalty: PenaltyCase) -> list[str]:
    """What today's table says to the facts of a penalty case."""
    return screening.ask(session, facts.inputs(penalty.screening)).hits if penalty.screening else []


def why_not(session: Session, actor: Actor, penalty: PenaltyCase, kinds: Sequence[str], *, past: bool = False) -> Refusal | None:
    """What keeps these kinds of penalty from being decided now; each refusal is audited.

    ``past``: the decision was made before the register was kept here and is only entered; nobody screens it now.
    """
    waiting = hold.forbidden(kinds)
    refusal = _of_question(session, actor, penalty, waiting, past) if waiting else None
    if refusal is None and waiting and hold.held(session, penalty.id):
        said = hold.words(waiting)
        refusal = Refusal(
            f"案件正在移送公安机关办理，{said}要等不予立案、撤销案件、不起诉、无罪或者免予刑事处罚以后再决定（17号第十六条）。"
        )
    if refusal is None and "fine" in kinds and hold.fined_by_court(session, penalty) is not None:
        refusal = Refusal("同一违法行为已由人民法院判处罚金，不再给予罚款（行政处罚法第三十五条）。")
    if refusal is not None:
        services.audit(refusal.case_id, actor, f"处罚决定被拦下：{penalty.number}", {"种类": hold.words(kinds), "原因": refusal.reason})
    return refusal


def _of_question(session: Session, actor: Actor, penalty: PenaltyCase, waiting: Sequence[str], past: bool) -> Refusal | None:
    """The question that must be answered first: one that is open, or one the facts put now."""
    said, put = hold.words(waiting), None if past else put_now(session, actor, penalty)
    if _open(session, penalty):
        if put is None:
            return Refusal(f"移送问题还没有答复，不能决定{said}（{REGULATION}）。", _file(session, penalty))
        found = "、".join(screened(session, penalty))
        return Refusal(f"案件事实符合涉嫌犯罪的情形（{found}），已转入移送审查，答复以前不能决定{said}。", put)
    if penalty.screening is None and not past and not was_answered(session, penalty):
        return Refusal(f"这一件还没有涉罪筛查，请先在“涉罪筛查”里填写事实（没有的确认均不涉及），再决定{said}（{REGULATION}）。")
    return None


def why_open(session: Session, penalty: PenaltyCase) -> Refusal | None:
    """The question that keeps a penalty case open: of crime, of facts nobody asked about, of detention."""
    if _open(session, penalty):
        return Refusal(f"移送问题还没有答复，不能结案（{REGULATION}）。", _file(session, penalty))
    found = screened(session, penalty)
    if found and not answered(session, penalty, found):
        return Refusal(f"案件事实符合涉嫌犯罪的情形（{'、'.join(found)}），移送问题答复以前不能结案。请在“涉罪筛查”里提交，转入移送审查。")
    if services.unanswered(session, None, penalty.id):
        return Refusal("移送行政拘留的问题还没有答复，不能结案（公治〔2014〕853号）。")
    return None


def put_now(session: Session, actor: Actor, penalty: PenaltyCase) -> UUID | None:
    """Put the question the facts raise, unless it was put or answered for the same facts. The file that has to answer, or None."""
    found = screened(session, penalty)
    if not found or answered(session, penalty, found) or _asked(session, penalty):
        return None
    living = _living(session, penalty)
    if living is None:
        return opening.by_penalty(session, actor, penalty, found)
    known = facts.together(rescreening.before(session, living.case_id), penalty.screening or {})  # nothing the file claims is lost
    rescreening.take(session, actor, living, known)
    _ask_again(session, living, penalty, found)
    return living.case_id


def answered(session: Session, penalty: PenaltyCase, found: Sequence[str]) -> bool:
    """Was the question answered for the facts as they are now?"""
    now = facts.digest(penalty.screening or {})
    for question in _answers(session, penalty):
        rows = _known(session, question)
        if now in (question.facts, *(facts.digest(screening.answer_of(row)) for row in rows)):
            return True
        items = {*question.asked, *(item for row in rows for item in (*row.hits, *row.added))}
        if question.facts is None and items.issuperset(found):
            return True
    return False


def was_answered(session: Session, penalty: PenaltyCase) -> bool:
    """Was the question answered on a file of its own, whatever the facts?"""
    return next(_answers(session, penalty), None) is not None


# --- details ------------------------------------------------------------------------------------------------------------


def _known(session: Session, question: TransferQuestion) -> list[TransferScreening]:
    """The screenings the answer was given on."""
    until = question.answered_at
    return [row for row in screening.all_of(session, question.case_id) if until is not None and row.entered_at <= until]


def _answers(session: Session, penalty: PenaltyCase) -> Iterator[TransferQuestion]:
    query = _mine(penalty).where(TransferQuestion.answered_at.is_not(None)).order_by(TransferQuestion.answered_at.desc())
    yield from session.scalars(query)


def _asked(session: Session, penalty: PenaltyCase) -> bool:
    """Is the question open for these very facts?"""
    same = TransferQuestion.facts == facts.digest(penalty.screening or {})
    return session.scalar(_mine(penalty).where(TransferQuestion.answered_at.is_(None), same).limit(1)) is not None


def _mine(penalty: PenaltyCase) -> Select[TransferQuestion]:
    ways = [TransferQuestion.penalty_id == penalty.id]
    if penalty.subject_case is not None:
        ways.append(TransferQuestion.from_case == penalty.subject_case)
    return select(TransferQuestion).where(TransferQuestion.kind == "crime", or_(*ways))


def _open(session: Session, penalty: PenaltyCase) -> bool:
    return bool(services.unanswered(session, penalty.subject_case, penalty.id, of_crime=True))


def _living(session: Session, penalty: PenaltyCase) -> Transfer | None:
    """The open file that answers for this penalty case, or whose approved transfer still holds its fine."""
    ways = [Transfer.penalty_id == penalty.id]
    if penalty.subject_case is not None:
        ways.append(Transfer.subject_case == penalty.subject_case)
    query = select(Transfer).join(Case, Case.id == Transfer.case_id).where(or_(*ways), Case.status == "open")
    for one in session.scalars(query.order_by(Transfer.opened_at.desc())):
        if one.answer is None or (one.answer == "approved" and hold.held(session, penalty.id)):
            return one
    return None


def _ask_again(session: Session, living: Transfer, penalty: PenaltyCase, found: Sequence[str]) -> None:
    """A row for the changed facts; where the head has approved the transfer, his decision stands for them too."""
    question = services.ask(session, living, penalty_id=penalty.id, asked=found, facts=facts.digest(penalty.screening or {}))
    if living.answer is not None:
        question.answer, question.reason = living.answer, living.answer_reason
        question.answered_at, question.answered_by = living.answered_at, living.answered_by
        session.flush()


def _file(session: Session, penalty: PenaltyCase) -> UUID | None:
    query = select(Transfer.case_id).where(Transfer.penalty_id == penalty.id).order_by(Transfer.opened_at.desc())
    return session.scalar(query.limit(1))
