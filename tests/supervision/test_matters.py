"""Matters on the real engine: who is supervised by whom, requests that join, one letter for one lateness, what keeps a matter open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app import db
from app.engine import get_engine
from app.inbox.models import Notice
from app.papers.models import Paper
from app.supervision import addressing, services
from app.supervision.models import Matter, MatterLetter, MatterReferral, MatterRequest
from app.worker import work_off
from tests.petitions.builders import case, complete, person, register, to_branch
from tests.supervision.builders import asked, does, open_steps, opened, step
from workflows import time as clock_time
from workflows.errors import FormError, NobodyThere, WorkflowError
from workflows.step import Step
from workflows.tables import Clock, Event, Instance, Link, Message, Task


def made(bureau: Flask) -> UUID:
    """A petition at 青山湖分局 with a handler."""
    with bureau.app_context():
        with db.transaction() as session:
            case_id = register(session)
            to_branch(session, case_id)
        work_off()
        return case_id


def pass_time(bureau: Flask, moment: datetime) -> None:
    clock_time.freeze(moment)
    with bureau.app_context():
        work_off()


def after(bureau: Flask, case_id: UUID, slot: str) -> None:
    """Just past the due moment of a running clock."""
    with bureau.app_context(), db.transaction() as session:
        due = session.scalars(select(Clock.due_at).where(Clock.case_id == case_id, Clock.slot == slot, Clock.status == "running")).one()
    pass_time(bureau, clock_time.local(due) + timedelta(minutes=5))


# --- who -----------------------------------------------------------------------------------------------------------------------------


def test_the_desk_is_never_of_the_supervised_unit(bureau: Flask) -> None:
    with bureau.app_context(), db.transaction() as session:
        assert addressing.desk_of(session, "br-360111") == "nc-petition"
        assert addressing.desk_of(session, "nc-inspect") == "nc-petition"
        assert addressing.desk_of(session, "nc-petition") == "nc-office"
        assert addressing.desk_of(session, "nc-office") == "nc-petition"
        assert addressing.bureau_of(session, "nc-petition") == "nc"
        with pytest.raises(NobodyThere):
            addressing.desk_of(session, "nc")  # its only desks are its own


def test_who_is_supervised_is_whose_duty_is_late(bureau: Flask) -> None:
    with bureau.app_context(), db.transaction() as session:
        subject = case(session, register(session))
        subject.attrs = {**subject.attrs, "unit": "br-360111", "execute_org": "nc-solid"}
        assert addressing.supervised_unit({"rule": "petition.notify"}, subject) == "nc-petition"
        assert addressing.supervised_unit({"rule": "petition.handle"}, subject) == "br-360111"
        assert addressing.supervised_unit({"unit": "nc-solid", "rule": "petition.notify"}, subject) == "nc-solid"
        for slot, unit in (
            ("notify", "nc-petition"),
            ("notify_forwarded", "br-360111"),
            ("execution", "nc-solid"),
            ("answer", "br-360111"),
        ):
            assert addressing.supervised_unit({"rule": "petition.notify_forwarded"}, subject, Clock(slot=slot)) == unit
        with pytest.raises(WorkflowError):
            addressing.supervised_unit({}, None)


def test_the_petition_office_late_with_its_notice_is_supervised_by_the_general_office(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            petition = register(session)
        work_off()
    after(bureau, petition, "notify")
    with bureau.app_context(), db.transaction() as session:
        matter = session.scalars(select(Matter)).one()
        assert (matter.unit, matter.desk_org, matter.subject_case, matter.trigger) == ("nc-petition", "nc-office", petition, "period_past")
        assert session.scalars(select(MatterRequest.rule)).all() == ["petition.notify"]
        letter = session.scalars(select(MatterLetter)).one()
        assert "条例" in str(letter.breach) and "2026年10月15日届满" in str(letter.breach)
        assert open_steps(session, matter.case_id) == {"sign_for": "o:nc-petition:unit_clerk"}


def test_a_unit_without_clerk_or_head_cannot_be_supervised(bureau: Flask) -> None:
    with bureau.app_context(), db.transaction() as session:
        answer = {"unit": "nc-archive", "trigger": "by_hand", "asked": "", "grounds": "理由已经写明，请督办。"}
        services.open_by_hand(session, person(session, "xinfangkezhang"), answer)  # 档案室 has both
        with pytest.raises(FormError) as error:
            services.open_by_hand(session, person(session, "xinfangkezhang"), {**answer, "unit": "nc"})
        assert "unit" in error.value.errors


def test_measures_need_somebody_who_carries_them_out(bureau: Flask) -> None:
    matter = opened(bureau, unit="nc-legal")  # 宣传法规处 has no handler
    does(bureau, matter, "sign_for")
    with pytest.raises(FormError) as error:
        does(bureau, matter, "reply", measures=True, promised_by="2026-10-20", plan="完善制度，明确责任人。")
    assert "measures" in error.value.errors
    does(bureau, matter, "reply")


# --- one letter for one lateness, requests that join ---------------------------------------------------------------------------------


def test_a_late_petition_is_chased_once_and_its_letter_taken_over(bureau: Flask) -> None:
    petition = made(bureau)
    after(bureau, petition, "answer")
    with bureau.app_context(), db.transaction() as session:
        matter = session.scalars(select(Matter).where(Matter.subject_case == petition)).one()
        letters = session.scalars(select(Paper).where(Paper.kind == "催办通知书")).all()
        assert [paper.case_id for paper in letters] == [petition] and matter.adopted_paper == letters[0].id
        sent = session.scalars(select(MatterLetter).where(MatterLetter.case_id == matter.case_id)).one()
        assert sent.number == letters[0].number and sent.sent_at is not None
        link = session.scalars(select(Link).where(Link.case_id == petition, Link.kind == "supervision_requested")).one()
        assert link.status == "open" and link.detail["file"] == str(matter.case_id) and link.closable_by is None
        told = session.scalars(select(Notice.text).where(Notice.case_id == matter.case_id)).all()
        assert any("催办通知书" in text for text in told)
        subject = case(session, matter.case_id)
        assert subject.facets["county"] == "360111" and subject.attrs["handler"] == case(session, petition).attrs["handler"]
        assert "张晓苇" not in subject.title


def test_later_requests_join_the_open_matter(bureau: Flask) -> None:
    petition = made(bureau)
    first = asked(bureau, petition)
    second = asked(bureau, petition, trigger="rating_failed")
    assert first == second
    with bureau.app_context(), db.transaction() as session:
        found = session.scalars(select(MatterRequest).where(MatterRequest.case_id == first)).all()
        assert [row.trigger for row in found] == ["period_past", "rating_failed"] and all(row.link_id for row in found)
        assert "评价不满意" in case(session, first).tags
        assert session.scalar(select(Notice.id).where(Notice.case_id == first, Notice.holder == "o:nc-petition:supervisor")) is not None
        assert open_steps(session, first) == {"sign_for": "o:br-360111:unit_clerk"}


def test_a_graver_request_that_joined_escalates_at_the_next_judging(bureau: Flask) -> None:
    petition = made(bureau)
    matter = asked(bureau, petition)
    asked(bureau, petition, trigger="evasion")
    does(bureau, matter, "sign_for")
    does(bureau, matter, "reply")
    does(bureau, matter, "judge", verdict="done")
    with bureau.app_context(), db.transaction() as session:
        assert set(open_steps(session, matter)) == {"draft_letter"}
        assert session.get_one(Matter, matter).rounds == 1
        line = session.scalars(select(Event).where(Event.case_id == matter, Event.label == "督办升级：督办函")).one()
        assert line.detail["原因"] == "有更高一级的督办事由并入"
    does(bureau, matter, "draft_letter")
    does(bureau, matter, "sign_leader")
    does(bureau, matter, "sign_for")
    does(bureau, matter, "reply")
    does(bureau, matter, "judge")
    with bureau.app_context(), db.transaction() as session:
        assert set(open_steps(session, matter)) == {"confirm_leader"}  # a letter is no lower than what joined


def test_the_end_answers_everybody_and_a_new_request_opens_a_new_matter(bureau: Flask) -> None:
    petition = made(bureau)
    matter = asked(bureau, petition)
    asked(bureau, petition, trigger="rating_failed")
    for element in ("sign_for", "reply", "judge", "confirm_desk"):
        does(bureau, matter, element)
    with bureau.app_context(), db.transaction() as session:
        row = session.get_one(Matter, matter)
        assert row.closed_at is not None and row.way == "closed" and case(session, matter).status == "closed"
        links = session.scalars(select(Link).where(Link.case_id == petition, Link.kind == "supervision_requested")).all()
        assert {link.status for link in links} == {"closed"} and links[0].result["matter_no"] == row.number
        assert all(r.answered_at for r in session.scalars(select(MatterRequest).where(MatterRequest.case_id == matter)))
        assert session.scalars(select(Clock).where(Clock.case_id == matter, Clock.status == "running")).all() == []
    again = asked(bureau, petition)
    assert again != matter


def test_a_matter_cannot_be_the_subject_of_another(bureau: Flask) -> None:
    matter = opened(bureau)
    with pytest.raises(FormError) as error:
        asked(bureau, matter)
    assert "subject" in error.value.errors


# --- the way up and the way out ------------------------------------------------------------------------------------------------------


def test_a_matter_stays_open_while_the_transfer_question_is_unanswered(bureau: Flask) -> None:
    petition = made(bureau)
    matter = asked(bureau, petition)
    with bureau.app_context(), db.transaction() as session:
        inner = Step.on_case(get_engine(), session, petition, person(session, "xinfang").actor())
        link_id = inner.links.open("transfer.question", "是否移送公安机关", holds=True, closable_by="organ_head@nc").id
        inner.save()
    for element in ("sign_for", "reply", "judge"):
        does(bureau, matter, element)
    with pytest.raises(FormError) as error:
        does(bureau, matter, "confirm_desk")
    with bureau.app_context(), db.transaction() as session:
        assert str(case(session, petition).number) in error.value.errors["closed"]
        get_engine().close_link(
            session, link_id, person(session, "juzhang").actor(), {"result": "不移送", "reason": "不涉嫌犯罪，理由已记录"}
        )
    does(bureau, matter, "confirm_desk")


def test_finishing_the_late_step_does_not_end_the_matter(bureau: Flask) -> None:
    """The reply is still owed though the petition was answered meanwhile."""
    petition = made(bureau)
    after(bureau, petition, "answer")
    with bureau.app_context(), db.transaction() as session:
        matter = session.scalars(select(Matter.case_id)).one()
        session.scalars(select(Clock).where(Clock.case_id == petition, Clock.slot == "answer")).one().status = "met"
    after(bureau, matter, "remind")
    with bureau.app_context(), db.transaction() as session:
        assert set(open_steps(session, matter)) == {"sign_for", "draft_letter"}


def test_measures_done_before_the_desk_has_judged_are_not_lost(bureau: Flask) -> None:
    matter = opened(bureau)
    does(bureau, matter, "sign_for")
    does(bureau, matter, "reply", measures=True, promised_by="2026-10-20", plan="更换破损的管段并恢复路面。")
    does(bureau, matter, "do_measures")
    with bureau.app_context(), db.transaction() as session:
        waiting = select(Message.status).where(Message.case_id == matter, Message.name == "supervision.result")
        assert session.scalars(waiting).all() == ["waiting"]
    does(bureau, matter, "judge", verdict="measures")
    with bureau.app_context(), db.transaction() as session:
        assert set(open_steps(session, matter)) == {"judge"}
        clock = session.scalars(select(Clock).where(Clock.case_id == matter, Clock.slot == "rectify")).one()
        assert clock.status == "running" and clock.due_at == clock_time.end_of_day(datetime(2026, 10, 20).date())
    does(bureau, matter, "judge")
    with bureau.app_context(), db.transaction() as session:
        assert session.scalars(select(Clock.status).where(Clock.case_id == matter, Clock.slot == "rectify")).all() == ["met"]


def test_the_day_of_rectification_moves_once_within_its_limit(bureau: Flask) -> None:
    matter = opened(bureau)
    does(bureau, matter, "sign_for")
    with pytest.raises(FormError) as error:
        does(bureau, matter, "reply", measures=True, promised_by="2026-11-30", plan="更换破损的管段并恢复路面。")
    assert "30 日" in error.value.errors["promised_by"]
    does(bureau, matter, "reply", measures=True, promised_by="2026-10-20", plan="更换破损的管段并恢复路面。")
    does(bureau, matter, "judge", verdict="measures")
    does(bureau, matter, "do_measures", done=False)
    with pytest.raises(FormError):
        does(bureau, matter, "judge", verdict="measures", new_by="2026-12-30")
    does(bureau, matter, "judge", verdict="measures", new_by="2026-10-30")
    with bureau.app_context(), db.transaction() as session:
        clocks = session.scalars(select(Clock).where(Clock.case_id == matter, Clock.slot == "rectify")).all()
        assert [clock_time.local(c.due_at).date().isoformat() for c in clocks] == ["2026-10-31"]  # 10-30 24:00
        assert session.get_one(Matter, matter).moved
    does(bureau, matter, "do_measures", done=False)
    pass_time(bureau, datetime(2026, 10, 29, 9, tzinfo=clock_time.ZONE))
    does(bureau, matter, "judge", verdict="measures")  # still within: nothing to move any more
    after(bureau, matter, "rectify")
    with bureau.app_context(), db.transaction() as session:
        assert set(open_steps(session, matter)) == {"do_measures", "draft_letter"}


def test_a_reply_that_comes_after_the_escalation_is_kept_and_told(bureau: Flask) -> None:
    matter = opened(bureau)
    does(bureau, matter, "sign_for")
    after(bureau, matter, "remind")
    does(bureau, matter, "reply")
    with bureau.app_context(), db.transaction() as session:
        assert set(open_steps(session, matter)) == {"draft_letter"}
        letter = session.scalars(select(MatterLetter).where(MatterLetter.case_id == matter, MatterLetter.step == "remind")).one()
        assert letter.replied_at is not None
        told = session.scalars(select(Notice.text).where(Notice.case_id == matter, Notice.holder == "o:nc-petition:supervisor")).all()
        assert any("升级以后才书面回复" in text for text in told)
        clock = session.scalars(select(Clock).where(Clock.case_id == matter, Clock.slot == "remind")).one()
        assert clock.status == "met" and clock.overdue_at is not None


def test_the_line_of_a_late_draft_is_written_once(bureau: Flask) -> None:
    matter = opened(bureau, asked="letter")
    after(bureau, matter, "draft")
    does(bureau, matter, "draft_letter")
    does(bureau, matter, "sign_leader", signed=False, reason="事实部分写得不够清楚，请补充。")
    with bureau.app_context(), db.transaction() as session:
        lines = session.scalars(select(Event.label).where(Event.case_id == matter, Event.label.like("拟制、签发%"))).all()
        assert len(lines) == 1


def test_liability_names_stay_out_of_what_the_unit_reads(bureau: Flask) -> None:
    matter = opened(bureau, asked="circular", trigger="falsification")
    does(bureau, matter, "draft_letter", scope="各分局")
    does(bureau, matter, "sign_head")
    after(bureau, matter, "reply")
    does(
        bureau,
        matter,
        "refer_liability",
        persons=[{"name": "贺兰溪", "post": "执法员"}],
        clue="伪造整改照片，经与卫星影像比对属实，证据材料附后。",
    )
    with bureau.app_context(), db.transaction() as session:
        referral = session.scalars(select(MatterReferral)).one()
        assert referral.number and referral.codes == ["c45_1"]
        for paper in session.scalars(select(Paper).where(Paper.case_id == matter)):
            assert "贺兰溪" not in str(paper.content) and "伪造整改照片" not in str(paper.content)
        shown = session.scalars(select(Event.detail).where(Event.case_id == matter, Event.detail.is_not(None))).all()
        assert "贺兰溪" not in str(shown) and "45条" not in str(shown)
        assert (
            session.scalar(select(Instance.status).where(Instance.case_id == matter, Instance.process == "supervision_reply")) == "running"
        )
        assert step(session, matter, "sign_for").holder == "o:br-360111:unit_clerk"


def test_the_supervised_unit_s_people_see_their_matter_and_nothing_of_others(bureau: Flask) -> None:
    from app.accounts.policy import can

    matter = opened(bureau)
    with bureau.app_context(), db.transaction() as session:
        row = case(session, matter)
        assert can(person(session, "qingshanhu-guzhang"), "case.see", row) and can(person(session, "fenguan"), "case.see", row)
        assert not can(person(session, "anyi-guzhang"), "case.see", row)
        assert can(person(session, "xinfangkezhang"), "case.see", row)
        mine = session.scalars(select(Task).where(Task.case_id == matter)).all()
        assert [t.element for t in mine] == ["sign_for"] and mine[0].slot == "remind" and mine[0].due_at is not None


def test_the_reply_by_of_a_letter_is_never_later_than_the_rule(bureau: Flask) -> None:
    matter = opened(bureau, asked="letter")
    with pytest.raises(FormError) as error:
        does(bureau, matter, "draft_letter", reply_by="2026-10-30")
    assert "2026-10-23" in error.value.errors["reply_by"]
    does(bureau, matter, "draft_letter", reply_by="2026-10-15")
    does(bureau, matter, "sign_leader")
    with bureau.app_context(), db.transaction() as session:
        assert clock_time.local(step(session, matter, "sign_for").due_at) == clock_time.end_of_day(datetime(2026, 10, 15).date())
    complete_as_stranger(bureau, matter)


def complete_as_stranger(bureau: Flask, matter: UUID) -> None:
    """Somebody of another unit does not hold the step."""
    from app.accounts.policy import can

    with bureau.app_context(), db.transaction() as session:
        assert not can(person(session, "anyi-chuangkou"), "task.complete", step(session, matter, "sign_for"))
        complete(session, matter, "sign_for", "qingshanhu-chuangkou", signed_at=clock_time.now().isoformat())
