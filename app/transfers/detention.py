"""What the rest of the system asks of 移送行政拘留: open the question, its answer, tell it that something changed. Nothing here commits.

One instance a case: the penalty decision opens it, or an officer does at 查处; whoever asks again is tied to the same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Organ, Person
from app.engine import get_engine
from app.petitions import briefs
from app.transfers import circle, opening, services
from app.transfers.detention_words import ANSWERS, ASKED_OF, PROCESS, QUESTION_KIND, READY
from app.transfers.models import Detention, PenaltyCase, Transfer, TransferQuestion
from app.transfers.words import ACT_KINDS
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor, Ctx
from workflows.step import Step
from workflows.tables import Case
from workflows.time import now

ATTRIBUTES = ("unit", "handler", "officer", "bureau", "police")
REOPENED = ("criminal", "no_ground")  # ended so, the question may be put again


@dataclass(frozen=True, slots=True)
class Answer:
    """How the detention question of a case was answered, by whom, why, when."""

    answer: str  # detention_words.ANSWERS
    name: str
    reason: str
    at: datetime

    @property
    def label(self) -> str:
        return ANSWERS.get(self.answer, self.answer)


@dataclass(frozen=True, slots=True)
class Matter:
    """What the question is about and who works on it. ``unit``, ``handler``, ``officer`` as the case's attributes."""

    party: str
    act: str
    unit: str
    handler: str
    officer: str = ""
    penalty: PenaltyCase | None = None
    subject_case: UUID | None = None
    transfer_case: UUID | None = None
    act_from: date | None = None
    act_to: date | None = None


# --- opening ------------------------------------------------------------------------------------------------------------


def by_penalty(session: Session, actor: Actor, penalty: PenaltyCase) -> UUID | None:
    """A penalty was decided: its file, or the living one told that it may go on. None where no ground can lie in that kind of act."""
    found = _existing(session, penalty.id, penalty.subject_case)
    if found is not None and (found.closed_at is None or found.outcome != "criminal"):
        found.penalty_id = found.penalty_id or penalty.id
        changed(session, actor, penalty_id=penalty.id, subject_case=penalty.subject_case)
        return found.case_id
    if penalty.act_kind not in ASKED_OF:
        return None
    unit, handler, officer = who_handles(session, penalty.organ, penalty.subject_case)
    matter = Matter(
        penalty.party, penalty.act, unit, handler, officer, penalty, penalty.subject_case, act_from=penalty.act_from, act_to=penalty.act_to
    )
    return open_for(session, actor, matter)


def by_case(session: Session, actor: Actor, case_id: UUID, *, link_id: UUID | None = None) -> UUID:
    """查处 with a ground: a petition's investigation puts the question; ``link_id`` holds its closing until the answer."""
    case = session.get_one(Case, case_id)
    unit, handler = str(case.attrs.get("unit") or ""), str(case.attrs.get("handler") or "")
    if not unit or not handler:
        raise Conflict("这一件还没有承办单位和承办人，不能提出移送行政拘留的问题。")
    brief = briefs.of(session, [case_id], None).get(case_id)
    party = brief.enterprise if brief is not None and brief.enterprise else opening.UNKNOWN
    act = ACT_KINDS.get(brief.kind if brief is not None else "", "") or "环境违法行为"
    return open_for(session, actor, Matter(party, act, unit, handler, subject_case=case_id), link_id=link_id)


def asked(session: Session, case_id: UUID) -> bool:
    """Was the question of detention put about this case before?"""
    query = select(TransferQuestion.id).where(TransferQuestion.from_case == case_id, TransferQuestion.kind == QUESTION_KIND)
    return session.scalar(query.limit(1)) is not None


def by_hand(session: Session, person: Person, answer: Mapping[str, Any]) -> UUID:
    """An officer opens it: ``party``, ``act``, ``unit``, ``handler``, ``officer``, ``penalty``. Raises FormError, Conflict."""
    unit, handler, officer = (str(answer.get(name) or "") for name in ("unit", "handler", "officer"))
    if handler == officer:
        raise FormError({"officer": "两名执法人员不能是同一人"})
    penalty = session.get(PenaltyCase, UUID(str(answer["penalty"]))) if answer.get("penalty") else None
    found = _existing(session, penalty.id, penalty.subject_case) if penalty is not None else None
    if found is not None and (found.closed_at is None or found.outcome not in REOPENED):
        raise Conflict(f"这个案件已经提出过移送行政拘留的问题（{found.number}）。")
    return open_for(
        session, person.actor(),
        Matter(
            str(answer["party"]).strip(), str(answer["act"]).strip(), unit, handler, officer, penalty,
            penalty.subject_case if penalty is not None else None,
        ),
        again=True,
    )  # fmt: skip


def open_for(session: Session, actor: Actor, matter: Matter, *, link_id: UUID | None = None, again: bool = False) -> UUID:
    """The file that answers for this matter: the one there is, else a new one. ``again``: a new one though an earlier one has ended."""
    penalty_id = matter.penalty.id if matter.penalty is not None else None
    key = str(penalty_id or matter.subject_case or "")
    if key:  # two askers at once wait for each other
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"detention:{key}"))))
    found = _existing(session, penalty_id, matter.subject_case)
    if found is not None and (found.closed_at is None or not (again or found.outcome == "criminal")):
        _ask(session, found, matter, link_id)
        return found.case_id
    return _open(session, actor, matter, link_id)


def _existing(session: Session, penalty_id: UUID | None, subject_case: UUID | None) -> Detention | None:
    """The newest file about a penalty or a case."""
    ways = [Detention.penalty_id == penalty_id] if penalty_id else []
    ways += [Detention.subject_case == subject_case] if subject_case else []
    if not ways:
        return None
    query = select(Detention).where(or_(*ways)).order_by(Detention.closed_at.is_not(None), Detention.opened_at.desc())
    return session.scalars(query.limit(1)).first()


def _open(session: Session, actor: Actor, matter: Matter, link_id: UUID | None) -> UUID:
    organ = opening.transferring(session, matter.unit)
    home = session.get_one(Organ, organ)
    attrs = opening.attrs_of(session, organ, matter.unit, matter.handler, matter.officer)
    title = f"{matter.party}移送行政拘留"
    step = Step.new_case(
        get_engine(), session, actor, title=title, city=home.city, attrs={k: v for k, v in attrs.items() if k in ATTRIBUTES}
    )
    made = Detention(
        case_id=step.case.id, number=str(step.case.id), organ=organ, unit=matter.unit, county=home.county, police=attrs.get("police"),
        penalty_id=matter.penalty.id if matter.penalty is not None else None, subject_case=matter.subject_case,
        transfer_case=matter.transfer_case, title=title, party=matter.party, act=matter.act, act_from=matter.act_from,
        act_to=matter.act_to, state="facts", opened_at=now(), opened_by=actor.shown,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _ask(session, made, matter, link_id)
    step.begin(PROCESS, {})
    step.save()
    return step.case.id


def _ask(session: Session, d: Detention, matter: Matter, link_id: UUID | None) -> None:
    """Whoever asks waits for the answer; asked after it, the answer stands at once."""
    penalty_id = matter.penalty.id if matter.penalty is not None else None
    d.penalty_id, d.subject_case = d.penalty_id or penalty_id, d.subject_case or matter.subject_case
    known = select(TransferQuestion.id).where(
        TransferQuestion.case_id == d.case_id, TransferQuestion.from_case.is_not_distinct_from(matter.subject_case),
        TransferQuestion.penalty_id.is_not_distinct_from(penalty_id), TransferQuestion.link_id.is_not_distinct_from(link_id),
    )  # fmt: skip
    if session.scalar(known.limit(1)) is not None:
        return
    asking = session.get(Case, matter.subject_case) if matter.subject_case else None
    organs = [str(asking.attrs[name]) for name in ("unit", "intake_org") if asking.attrs.get(name)] if asking is not None else []
    question = TransferQuestion(
        kind=QUESTION_KIND, case_id=d.case_id, from_case=matter.subject_case, penalty_id=penalty_id, link_id=link_id,
        confined=circle.organs(session, d.organ, d.unit, *organs),
    )  # fmt: skip
    session.add(question)
    session.flush()
    before = answer_of(session, d.case_id)
    if before is not None:
        question.answer, question.reason, question.answered_at, question.answered_by = before.answer, before.reason, before.at, before.name
        session.flush()


def who_handles(session: Session, organ: str, subject_case: UUID | None) -> tuple[str, str, str]:
    """Unit and two officers: of the petition the penalty came from, else the first certified ones of the organ itself."""
    case = session.get(Case, subject_case) if subject_case else None
    if case is not None and case.attrs.get("unit") and case.attrs.get("handler"):
        return str(case.attrs["unit"]), str(case.attrs["handler"]), ""
    unit, officers = opening.acting_unit(session, organ)
    return unit, str(officers[0].id), str(officers[1].id) if len(officers) > 1 else ""


# --- the answer ---------------------------------------------------------------------------------------------------------


def answer(ctx: Ctx, d: Detention, said: str, reason: str) -> None:
    """The question is answered: on every asking case, whose link closes and whose closing is free again."""
    open_ones = select(TransferQuestion).where(TransferQuestion.case_id == d.case_id, TransferQuestion.answered_at.is_(None))
    for question in ctx.session.scalars(open_ones):
        question.answer, question.reason = said, reason
        question.answered_at, question.answered_by = ctx.now, ctx.actor.shown
        if question.from_case is not None and question.link_id is not None:
            payload = {"case_id": str(question.from_case), "link_id": str(question.link_id), "answer": said, "transfer_no": d.number}
            ctx.send(services.LINK_CLOSED, payload, to_case=question.from_case)
    ctx.event(f"移送行政拘留：{ANSWERS[said]}", {"理由": reason} if reason else None)
    ctx.session.flush()


def answer_of(session: Session, case_id: UUID | None = None, penalty_id: UUID | None = None) -> Answer | None:
    """How the question was answered: of the asking case, the penalty case or the file itself. None: not asked, or still open."""
    mine = _about(case_id, penalty_id)
    if mine is None or unanswered(session, case_id, penalty_id):
        return None
    query = select(TransferQuestion).where(mine, TransferQuestion.kind == QUESTION_KIND, TransferQuestion.answered_at.is_not(None))
    found = session.scalars(query.order_by(TransferQuestion.answered_at.desc()).limit(1)).first()
    if found is None or found.answer is None or found.answered_at is None:
        return None
    return Answer(found.answer, found.answered_by or "", found.reason or "", found.answered_at)


def unanswered(session: Session, case_id: UUID | None = None, penalty_id: UUID | None = None) -> list[TransferQuestion]:
    """The open questions of detention of a case or a penalty, as far as this person's organs see them."""
    mine = _about(case_id, penalty_id)
    if mine is None:
        return []
    query = select(TransferQuestion).where(mine, TransferQuestion.kind == QUESTION_KIND, TransferQuestion.answered_at.is_(None))
    return list(session.scalars(query))


def _about(case_id: UUID | None, penalty_id: UUID | None) -> Any:
    ways: list[Any] = []
    if case_id is not None:
        ways += [TransferQuestion.from_case == case_id, TransferQuestion.case_id == case_id]
    if penalty_id is not None:
        ways.append(TransferQuestion.penalty_id == penalty_id)
    return or_(*ways) if ways else None


# --- something changed --------------------------------------------------------------------------------------------------


def waiting(
    session: Session, *, penalty_id: UUID | None = None, subject_case: UUID | None = None, transfer_case: UUID | None = None
) -> list[UUID]:  # fmt: skip
    """Files that wait for something about this penalty, case or transfer."""
    ways = [Detention.penalty_id == penalty_id] if penalty_id else []
    ways += [Detention.subject_case == subject_case] if subject_case else []
    if transfer_case:
        ways.append(Detention.transfer_case == transfer_case)
        transfer = session.get(Transfer, transfer_case)
        if transfer is not None and transfer.penalty_id:
            ways.append(Detention.penalty_id == transfer.penalty_id)
        if transfer is not None and transfer.subject_case:
            ways.append(Detention.subject_case == transfer.subject_case)
    if not ways:
        return []
    return list(session.scalars(select(Detention.case_id).where(or_(*ways), Detention.state == "wait").order_by(Detention.case_id)))


def changed(session: Session, actor: Actor, **about: UUID | None) -> int:
    """From a page: the penalty was decided or served, a refusal found. Every file that waits for it looks again."""
    found = waiting(session, **about)
    for case_id in found:
        get_engine().send(session, case_id, READY, {"case_id": str(case_id)}, actor)
    return len(found)


def changed_in(ctx: Ctx, **about: UUID | None) -> int:
    """The same from a step of another file (the criminal question answered, 立案): only the delivery locks the waiting file."""
    found = waiting(ctx.session, **about)
    for case_id in found:
        ctx.send(READY, {"case_id": str(case_id)}, to_case=case_id)
    return len(found)


def of(session: Session, case_id: UUID) -> Detention | None:
    return session.get(Detention, case_id)


def of_penalties(session: Session, ids: Iterable[UUID]) -> Sequence[Detention]:
    """Files about these penalty cases, the newest first."""
    return session.scalars(select(Detention).where(Detention.penalty_id.in_(list(ids))).order_by(Detention.opened_at.desc())).all()
