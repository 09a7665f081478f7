"""How a bureau's file begins besides 案源: asked by a petition, by 检察意见, by 立案 without a living file, by an opinion to penalise."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.transfers import carry, circle, hold, penalties, services
from app.transfers.models import Transfer, TransferFile, TransferLetter, TransferQuestion
from app.transfers.words import letter_title
from tests.petitions.builders import register
from tests.transfer.bureau_builders import (
    PAUSE,
    POLICE,
    PROCURATORATE,
    UNIT,
    Elsewhere,
    arrive,
    case,
    clock,
    do,
    go,
    no_clock_left,
    officers,
    person,
    source,
    to_sent,
    transfer,
    work,
)
from workflows import time as clock_time
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor
from workflows.step import Step
from workflows.tables import Link

REASON = "经研究，认为违法事实显著轻微，尚不构成犯罪，不予移送公安机关"


def brought(
    session: Session, from_case: UUID, number: str, name: str, kind: str, *, sender: str, organ: str = UNIT, **body: object
) -> TransferLetter:
    """A letter that opens a file of its own at the bureau."""
    letter = TransferLetter(
        transfer_no=number, letter_no=carry.allot(session, number, sender), seq=1, name=name, kind=kind, from_organ=sender, to_organ=organ,
        title=letter_title(name, kind), body=dict(body), decided_at=clock_time.now(), sent_at=clock_time.now(), by="检察官", via="exchange",
        confined=circle.organs(session, sender, organ),
    )  # fmt: skip
    session.add(letter)
    session.flush()
    get_engine().send(
        session, from_case, name if name != "police_notice" else "police_notice_alone", carry.payload_of(letter), Actor.system("交换")
    )
    work(session)
    clock_time.freeze(clock_time.now() + PAUSE)
    return letter


def newest(session: Session, number: str) -> UUID:
    query = select(TransferFile.case_id).where(TransferFile.transfer_no == number, TransferFile.organ == UNIT)
    return session.scalars(query.order_by(TransferFile.started_at.desc(), TransferFile.case_id.desc())).first()  # type: ignore[return-value]


def refused(session: Session) -> UUID:
    case_id = source(session)
    go(session, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion")
    do(session, case_id, "decide", decision="refuse", reason=REASON)
    return case_id


def test_an_opinion_after_a_refusal_must_be_followed(bureau_work: Session, elsewhere: Elsewhere) -> None:
    before = refused(bureau_work)
    number = transfer(bureau_work, before).transfer_no
    brought(bureau_work, before, number, "procurator_opinion", "opinion", sender=PROCURATORATE, text="应当移送")
    case_id = newest(bureau_work, number)
    assert case_id != before and case(bureau_work, case_id).number == f"{number}（之二）"
    due = clock(bureau_work, case_id, "procurator_opinion")
    assert due.status == "running" and "检察意见" in case(bureau_work, case_id).tags
    go(bureau_work, case_id, "form_team", "write_report", "legal_opinion")
    with pytest.raises(FormError) as error:
        do(bureau_work, case_id, "decide", decision="refuse", reason=REASON)
    assert "decision" in error.value.errors
    do(bureau_work, case_id, "decide", decision="approve")
    go(bureau_work, case_id, "assemble")
    assert clock(bureau_work, case_id, "procurator_opinion").status == "met"
    assert elsewhere.last("transfer_sent")["transfer_no"] == number


def test_filed_after_the_penalty_opens_a_file_that_begins_with_the_hand_over(bureau_work: Session, elsewhere: Elsewhere) -> None:
    before = source(bureau_work)
    to_sent(bureau_work, before)
    arrive(bureau_work, before, "transfer_receipt", "received")
    arrive(bureau_work, before, "police_notice", "refused", reasons="没有犯罪事实")
    do(bureau_work, before, "choose_way", way="accept", reason="公安机关理由成立，不再提出异议")
    do(bureau_work, before, "accept_way", agreed=True, reason="经研究，公安机关不予立案的理由成立，决定不提出异议")
    do(bureau_work, before, "decide_penalty", penalty="none")
    number = transfer(bureau_work, before).transfer_no
    brought(bureau_work, before, number, "police_notice", "filed", sender=POLICE)
    case_id = newest(bureau_work, number)
    assert case_id != before
    go(bureau_work, case_id, "form_team", "handover")
    assert len(hold.open_holds(bureau_work, case_id)) == 2
    arrive(bureau_work, case_id, "criminal_outcome", "acquitted", sender=PROCURATORATE)
    do(bureau_work, case_id, "decide_penalty")
    no_clock_left(bureau_work, case_id)


def test_an_opinion_to_penalise_after_the_case_is_a_linkage_alone(bureau_work: Session, elsewhere: Elsewhere) -> None:
    before = refused(bureau_work)
    number = transfer(bureau_work, before).transfer_no
    letter = brought(
        bureau_work, before, number, "penalty_opinion", "opinion", sender=PROCURATORATE, text="建议罚款", reply_by="2026-12-01"
    )
    case_id = newest(bureau_work, number)
    assert case(bureau_work, case_id).attrs["procuratorate"] == PROCURATORATE
    do(bureau_work, case_id, "decide_penalty")
    assert elsewhere.last("penalty_result")["in_reply_to"] == letter.letter_no
    assert case(bureau_work, case_id).status == "closed"
    no_clock_left(bureau_work, case_id)


# --- a petition asks ----------------------------------------------------------------------------------------------------


def asked(session: Session) -> tuple[UUID, UUID, UUID]:
    """A petition whose investigation puts the question: the petition, its link, the bureau's file."""
    subject = register(session, received_at="2026-09-18T09:00:00+08:00")
    handler = officers(session)[0]
    get_engine().update_case(session, subject, person(session, "xinfang").actor(), attrs={"unit": UNIT, "handler": str(handler.id)})
    step = Step.on_case(get_engine(), session, subject, handler.actor())
    rule = get_engine().library.of_case(session, subject)[0].messages["transfer.question"]
    payload = {"case_id": str(subject)}
    link = step.links.for_message(rule, payload)
    assert link is not None
    step.send("transfer.question", {**payload, "link_id": str(link.id)})
    step.save()
    work(session)
    return subject, link.id, session.scalars(select(Transfer.case_id).where(Transfer.subject_case == subject)).one()


def test_a_petition_cannot_end_before_its_question_is_answered(bureau_work: Session, elsewhere: Elsewhere) -> None:
    subject, link, case_id = asked(bureau_work)
    assert services.unanswered(bureau_work, subject) == 1 and services.answer_of(bureau_work, subject) is None
    bureau_work.commit()
    actor = person(bureau_work, "xinfang").actor()
    with pytest.raises(Conflict, match="移送问题还没有答复"):
        services.refuse_closing(bureau_work, subject, actor, "归档")
    events = [e for e in get_engine().trail(bureau_work, subject) if e.kind == services.BLOCKED]
    assert len(events) == 1 and "归档" in events[0].label  # the attempt is audited although it was refused
    go(bureau_work, case_id, "enter_facts")
    do(bureau_work, case_id, "confirm")
    assert bureau_work.get_one(Link, link, populate_existing=True).status == "open"
    go(bureau_work, case_id, "form_team", "write_report", "legal_opinion", "decide")
    answer = services.answer_of(bureau_work, subject)
    assert answer is not None and (answer.answer, answer.label) == ("approved", "批准移送")
    assert bureau_work.get_one(Link, link, populate_existing=True).status == "closed"
    services.refuse_closing(bureau_work, subject, actor)


def test_a_second_question_joins_and_is_answered_with_the_first(bureau_work: Session, elsewhere: Elsewhere) -> None:
    subject, _, case_id = asked(bureau_work)
    step = Step.on_case(get_engine(), bureau_work, subject, officers(bureau_work)[0].actor())
    link = step.links.open("transfer.question", "移送问题", holds=True)
    step.send("transfer.question", {"case_id": str(subject), "link_id": str(link.id)})
    step.save()
    work(bureau_work)
    assert services.unanswered(bureau_work, subject) == 2
    do(bureau_work, case_id, "enter_facts", toxic_kinds=None, ways=None, none=True)
    do(bureau_work, case_id, "confirm", suspected=False)
    rows = bureau_work.scalars(select(TransferQuestion).where(TransferQuestion.from_case == subject)).all()
    assert {r.answer for r in rows} == {"not_suspected"} and services.unanswered(bureau_work, subject) == 0


def test_the_petition_is_not_named_in_what_leaves(bureau_work: Session, elsewhere: Elsewhere) -> None:
    subject, _, case_id = asked(bureau_work)
    to_sent(bureau_work, case_id)
    said = str(elsewhere.sent)
    assert str(subject) not in said and "张晓苇" not in said and "13800001234" not in said
    assert elsewhere.last("transfer_sent")["source"] == "petition"


def test_penalty_and_question_are_tied(bureau_work: Session, elsewhere: Elsewhere) -> None:
    given = {
        "number": "洪环罚立〔2026〕1号",
        "party": "沁澜金属表面处理厂",
        "act": "私设暗管",
        "act_kind": "hidden",
        "filed_on": "2026-09-10",
    }
    made = penalties.register(bureau_work, person(bureau_work, "faguichuzhang"), {**given, "organ": UNIT})
    case_id = source(bureau_work, penalty=str(made.id))
    assert hold.held(bureau_work, made.id) and services.unanswered(bureau_work, None, made.id) == 1
    assert clock(bureau_work, case_id, "penalty").status == "running"


def test_not_prosecuted_after_the_file_was_opened_anew_names_the_parties_of_the_first(bureau_work: Session, elsewhere: Elsewhere) -> None:
    """The procuratorate knows the parties as 移送书 named them; the opinion reaches the step that waits for it all the same."""
    before = source(bureau_work)
    to_sent(bureau_work, before)
    named = [str(one.id) for one in hold.parties(bureau_work, before)]
    arrive(bureau_work, before, "transfer_receipt", "received")
    arrive(bureau_work, before, "police_notice", "refused", reasons="没有犯罪事实")
    do(bureau_work, before, "choose_way", way="accept", reason="公安机关理由成立，不再提出异议")
    do(bureau_work, before, "accept_way", agreed=True, reason="经研究，公安机关不予立案的理由成立，决定不提出异议")
    do(bureau_work, before, "decide_penalty", penalty="none")
    number = transfer(bureau_work, before).transfer_no
    brought(bureau_work, before, number, "police_notice", "filed", sender=POLICE)
    case_id = newest(bureau_work, number)
    go(bureau_work, case_id, "form_team", "handover")
    arrive(bureau_work, case_id, "criminal_outcome", "nonprosecuted", sender=PROCURATORATE, parties=named)
    assert clock(bureau_work, case_id, "review").status == "running"
    arrive(bureau_work, case_id, "penalty_opinion", "opinion", sender=PROCURATORATE, parties=named, text="建议罚款", reply_by="2026-12-01")
    assert clock(bureau_work, case_id, "review").status == "met" and clock(bureau_work, case_id, "reply").status == "running"
    do(bureau_work, case_id, "decide_penalty", penalty="fine")
    assert elsewhere.last("penalty_result")["parties"]
    no_clock_left(bureau_work, case_id)
