"""Facts change, so they are screened again, and what an answer did not speak of is asked anew (310号11, amendments §5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.transfers import facts, penalties, penalty_question, rescreening, screening, services
from app.transfers.models import PenaltyCase, Transfer, TransferQuestion
from tests.transfer.bureau_builders import HIDDEN, Elsewhere, case, do, go, officers, person, source, step, to_sent, transfer
from tests.transfer.test_bureau_origins import asked
from tests.transfer.test_penalties_register import FINE, blocked, decide, registered
from workflows.errors import Conflict, FormError
from workflows.tables import Case, Event, Link

ACTED = {"act_from": "2026-09-01", "act_to": "2026-09-02"}
FACTS = {**ACTED, "situations": [], **HIDDEN}  # 解释1(5)
WASTE = {**FACTS, "hw_t": 3}  # and 1(2)
REASON = "主观故意的证据不足，事实尚不能认定，决定不移送，继续行政调查。"


def screen(session: Session, made: PenaltyCase, answer: dict[str, Any]) -> str:
    return penalties.screen(session, person(session, "faguichuzhang"), made, answer)


def files(session: Session) -> list[Transfer]:
    return list(session.scalars(select(Transfer).order_by(Transfer.opened_at, Transfer.case_id)))


def refused(session: Session, case_id: UUID) -> None:
    """The head decides not to transfer."""
    go(session, case_id, "confirm", "form_team", "write_report", "legal_opinion")
    do(session, case_id, "decide", decision="refuse", reason=REASON)


# --- a penalty case -----------------------------------------------------------------------------------------------------


def test_a_fine_waits_for_the_screening(bureau_work: Session) -> None:
    made = registered(bureau_work, screening=None)
    refusal = decide(bureau_work, made)
    assert refusal is not None and "还没有涉罪筛查" in refusal.reason and files(bureau_work) == [] and len(blocked(bureau_work)) == 1
    assert decide(bureau_work, made, kinds=["stopped"], amount=None) is None  # 17号16 leaves it free


def test_facts_are_confirmed_as_none_or_entered_never_both(bureau_work: Session) -> None:
    made = registered(bureau_work, screening=None)
    for wrong in (ACTED, {**FACTS, "none": True}):
        with pytest.raises(FormError) as error:
            screen(bureau_work, made, wrong)
        assert "none" in error.value.errors
    assert "没有命中" in screen(bureau_work, made, {**ACTED, "none": True})
    assert decide(bureau_work, made) is None


def test_a_screening_that_hits_opens_the_file_at_legal_with_the_facts_entered_once(bureau_work: Session) -> None:
    made = registered(bureau_work, screening=None)
    assert "已转入移送审查" in screen(bureau_work, made, FACTS)
    (file,) = files(bureau_work)
    assert step(bureau_work, file.case_id, "confirm") and file.penalty_id == made.id
    (row,) = screening.all_of(bureau_work, file.case_id)
    assert screening.answer_of(row)["ways"] == ["hidden_pipe"]
    refusal = decide(bureau_work, made)
    assert refusal is not None and refusal.case_id == file.case_id and len(files(bureau_work)) == 1


def test_an_answer_covers_the_facts_it_was_given_on_and_no_others(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work, screening=None)
    screen(bureau_work, made, FACTS)
    (first,) = files(bureau_work)
    refused(bureau_work, first.case_id)
    assert "已经答复过" in screen(bureau_work, made, FACTS) and len(files(bureau_work)) == 1
    assert "已转入移送审查" in screen(bureau_work, made, WASTE)
    _, second = files(bureau_work)
    refusal = decide(bureau_work, made)
    assert refusal is not None and refusal.case_id == second.case_id and made.decided_on is None
    refused(bureau_work, second.case_id)
    assert decide(bureau_work, made) is None and made.decided_on is not None


def test_more_of_the_same_item_is_another_fact(bureau_work: Session, elsewhere: Elsewhere) -> None:
    """Three tons were refused; thirty are asked again although the item is the same."""
    made = registered(bureau_work, screening={**ACTED, "hw_t": 3})
    assert decide(bureau_work, made) is not None
    refused(bureau_work, files(bureau_work)[0].case_id)
    made.screening = {**ACTED, "hw_t": 30}
    assert penalty_question.screened(bureau_work, made) == ["1(2)"]
    assert decide(bureau_work, made) is not None and len(files(bureau_work)) == 2


def test_a_case_is_not_closed_on_changed_facts(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work, act_kind="noise", act="夜间施工噪声", screening=FACTS)
    assert decide(bureau_work, made) is not None
    refused(bureau_work, files(bureau_work)[0].case_id)
    assert decide(bureau_work, made) is None
    made.screening = WASTE
    bureau_work.commit()
    with pytest.raises(Conflict, match="移送问题答复以前不能结案"):
        penalties.change(bureau_work, person(bureau_work, "faguichuzhang"), made, {"closed_on": "2026-09-21"})


def test_facts_that_change_before_the_answer_go_to_the_same_file(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work, screening=None)
    screen(bureau_work, made, FACTS)
    (file,) = files(bureau_work)
    screen(bureau_work, made, WASTE)  # legal has the step, with the table's answer to the facts before
    assert len(files(bureau_work)) == 1 and services.unanswered(bureau_work, None, made.id) == 2
    do(bureau_work, file.case_id, "confirm")
    newest = screening.latest(bureau_work, file.case_id)
    assert newest is not None and (newest.hits, newest.suspected) == (["1(2)", "1(5)"], True)
    go(bureau_work, file.case_id, "form_team", "write_report", "legal_opinion")
    do(bureau_work, file.case_id, "decide", decision="refuse", reason=REASON)
    assert services.unanswered(bureau_work, None, made.id) == 0 and decide(bureau_work, made) is None


def test_facts_that_change_under_the_transfer_are_told_and_the_approval_stands(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work)
    case_id = source(bureau_work, penalty=str(made.id))
    to_sent(bureau_work, case_id)
    screen(bureau_work, made, WASTE)
    assert len(files(bureau_work)) == 1 and next(r.hits for r in screening.all_of(bureau_work, case_id)) == ["1(2)", "1(5)"]
    refusal = decide(bureau_work, made)
    assert refusal is not None and "正在移送公安机关办理" in refusal.reason
    rows = bureau_work.scalars(select(TransferQuestion).where(TransferQuestion.penalty_id == made.id)).all()
    assert [q.answer for q in rows] == ["approved", "approved"]


# --- a file that has ended ----------------------------------------------------------------------------------------------


def again(session: Session, case_id: UUID, **facts: Any) -> str:
    said = rescreening.again(session, officers(session)[0], transfer(session, case_id), {**ACTED, **facts})
    while get_engine().deliver_next(session):
        session.flush()
    return said


def cleared(session: Session, case_id: UUID) -> None:
    do(session, case_id, "enter_facts", **ACTED, toxic_kinds=None, ways=None, none=True)
    do(session, case_id, "confirm", suspected=False)
    assert case(session, case_id).status == "closed"


def test_new_facts_of_an_ended_file_are_a_new_source(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    cleared(bureau_work, case_id)
    assert "没有命中" in again(bureau_work, case_id, hw_t=2.9) and len(files(bureau_work)) == 1
    assert "没有变化" in again(bureau_work, case_id, hw_t=2.9)
    assert "新的案源" in again(bureau_work, case_id, hw_t=3)
    old, new = files(bureau_work)
    assert (new.party, new.act, new.unit, new.source) == (old.party, old.act, old.unit, "inspection")
    assert new.transfer_no != old.transfer_no and old.transfer_no in (new.source_note or "")
    assert case(bureau_work, new.case_id).attrs["officer"] == case(bureau_work, old.case_id).attrs["officer"]
    again(bureau_work, case_id, hw_t=4)  # it changes once more while the new one is open: no third
    assert len(files(bureau_work)) == 2
    do(bureau_work, new.case_id, "confirm")
    assert transfer(bureau_work, new.case_id).suspected and screening.latest(bureau_work, new.case_id).hits == ["1(2)"]  # type: ignore[union-attr]


def test_a_petition_waits_again_when_the_facts_change(bureau_work: Session, elsewhere: Elsewhere) -> None:
    subject, link, case_id = asked(bureau_work)
    cleared(bureau_work, case_id)
    assert bureau_work.get_one(Link, link, populate_existing=True).status == "closed"
    again(bureau_work, case_id, hw_t=3)
    _, new = files(bureau_work)
    assert new.subject_case == subject and services.unanswered(bureau_work, subject) == 1
    waiting = select(Link).where(Link.case_id == subject, Link.kind == "transfer.question", Link.status == "open")
    assert bureau_work.scalars(waiting).one().holds
    refused(bureau_work, new.case_id)
    assert bureau_work.scalars(waiting).first() is None and services.unanswered(bureau_work, subject) == 0


def test_an_archived_petition_is_left_alone(bureau_work: Session, elsewhere: Elsewhere) -> None:
    subject, _, case_id = asked(bureau_work)
    cleared(bureau_work, case_id)
    bureau_work.execute(update(Case).where(Case.id == subject).values(status="closed"))
    bureau_work.expire_all()
    again(bureau_work, case_id, hw_t=3)
    _, new = files(bureau_work)
    assert new.subject_case == subject and services.unanswered(bureau_work, case_id) == 1
    assert bureau_work.scalar(select(func.count()).select_from(Link).where(Link.case_id == subject, Link.status == "open")) == 0
    assert services.unanswered(bureau_work, subject) == 0


def test_what_the_file_claims_is_not_lost_to_what_the_register_says(bureau_work: Session, elsewhere: Elsewhere) -> None:
    made = registered(bureau_work)
    case_id = source(bureau_work, penalty=str(made.id))
    go(bureau_work, case_id, "enter_facts")  # 暗管, by the team
    screen(bureau_work, made, {**ACTED, "hw_t": 3})
    do(bureau_work, case_id, "confirm")
    newest = screening.latest(bureau_work, case_id)
    assert newest is not None and newest.hits == ["1(2)", "1(5)"] and newest.facts["act_to"] == "2026-09-20"


def test_facts_of_two_records_together() -> None:
    one = {**ACTED, "hw_t": 5, "ways": ["hidden_pipe"], "measured": [{"pollutant": "铬", "measured": 3, "standard": 1}], "none": None}
    two = {
        "act_from": "2026-08-30",
        "hw_t": 3,
        "loss": 10,
        "ways": ["seepage_pit"],
        "measured": [{"pollutant": "铬", "measured": 4, "standard": 1}],
    }
    both = facts.together(one, two)
    assert (both["act_from"], both["act_to"], both["hw_t"], both["loss"]) == ("2026-08-30", "2026-09-02", 5, 10)
    assert both["ways"] == ["hidden_pipe", "seepage_pit"] and [row["measured"] for row in both["measured"]] == [4] and both["none"] is False
    assert facts.together({"none": True}, {"none": True})["none"] is True


def test_the_usual_fine_is_still_a_fine(bureau_work: Session) -> None:
    """Nothing of this stands in the way of the ordinary case."""
    made = registered(bureau_work)
    assert decide(bureau_work, made) is None and made.kinds == FINE["kinds"] and files(bureau_work) == []


def test_a_screening_of_a_penalty_case_is_audited_with_its_facts_and_the_tables_version(bureau_work: Session) -> None:
    made = registered(bureau_work, screening=None)
    screen(bureau_work, made, {**ACTED, "hw_t": 2.9})
    screen(bureau_work, made, {**ACTED, "none": True})
    first, second = bureau_work.scalars(select(Event).where(Event.label == "涉罪筛查").order_by(Event.id)).all()
    assert first.detail["事实"][0] == "未筛查" and "2.9 吨" in first.detail["事实"][1] and first.detail["筛查表版本"]
    assert "2.9 吨" in second.detail["事实"][0] and second.detail["事实"][1].endswith("均不涉及")
