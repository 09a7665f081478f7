"""What the scenarios do not say: last days, letters that come too late, a second try, what a stop leaves behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.inbox.models import Notice
from app.petitions import actions
from app.transfers import detention, screening
from app.transfers.models import Detention, Transfer
from app.walk import checks
from app.walk.answers import fill
from app.walk.driver import Drive, Stuck
from app.walk.scenarios import Move, Scenario, moves, read, scenario
from app.worker import work_off
from tests.petition.test_scenarios import workflow  # noqa: F401
from workflows import Engine
from workflows import time as clock_time
from workflows.errors import Conflict, FormError, TaskClosed
from workflows.tables import Case, Clock, Event, Link, Message, Task
from workflows.time import local

START = local(datetime(2026, 8, 3, 9, 0))


def case(engine: Engine, *steps: Any, at: datetime = START, **register: Any) -> Drive:
    """A case brought through ``steps``, which are written as in scenarios.yaml; it goes on from there."""
    plan = Scenario("beside", "试件", at, register, [], {}, [*moves(list(steps), read()["parts"]), Move("stop", {})], {})
    drive = Drive(engine, db.transaction, plan, checking=False)
    with pytest.raises(Stuck, match="stop is not open"):
        drive.run()
    return drive


def go(drive: Drive, *steps: Any) -> None:
    for move in moves(list(steps), read()["parts"]):
        drive._make(move)


def part(name: str) -> dict[str, str]:
    return {"part": name}


def message(session: Session, drive: Drive, name: str) -> Message:
    query = select(Message).where(Message.case_id == drive.case, Message.name == name).order_by(Message.seq.desc())
    return session.scalars(query).first()  # type: ignore[return-value]


def clock(session: Session, drive: Drive, slot: str) -> Clock:
    return session.scalars(select(Clock).where(Clock.case_id == drive.case, Clock.slot == slot).order_by(Clock.id.desc())).first()  # type: ignore[return-value]


ANSWERED = [part("accept6"), part("to_detachment"), part("explained"), part("delivered")]


def test_a_request_posted_on_the_last_day_counts(workflow: Engine) -> None:  # noqa: F811
    """条例35: 30 days from receipt; what was posted in time is taken though it comes some days later (house)."""
    drive = case(workflow, *ANSWERED)
    go(drive, {"day": 38}, {"message": {"name": "petition.review_requested", "asked_at": "day 30", "doc": "当日寄出的复查请求。"}})
    with db.transaction() as session:
        assert message(session, drive, "petition.review_requested").status == "delivered"
        assert clock(session, drive, "review_request").status == "met"
        checks.now(session, drive.case, {"open": {"appeal_intake": "o:jx:appeal_clerk"}})


def test_after_the_days_of_posting_the_right_is_gone(workflow: Engine) -> None:  # noqa: F811
    drive = case(workflow, *ANSWERED, {"clock": "review_request"})
    with db.transaction() as session:
        assert clock(session, drive, "review_request").status == "lapsed"
        assert session.get_one(Case, drive.case).overdue_at is None, "a right that lapses makes nobody late"
    with db.transaction() as session:
        office = drive._office(session)
        assert "review_request" not in {action.name for action in actions.offered(session, office, session.get_one(Case, drive.case))}
        payload = {"case_id": str(drive.case), "asked_at": "2026-09-30", "doc": "过期的复查请求。"}
        workflow.send(session, drive.case, "petition.review_requested", payload, office.actor())
    drive._settle()
    with db.transaction() as session:
        assert message(session, drive, "petition.review_requested").status == "late"
        assert session.scalar(select(Notice.id).where(Notice.case_id == drive.case, Notice.kind == "late_message")) is not None


def test_a_withdrawal_after_the_signature_comes_too_late(workflow: Engine) -> None:  # noqa: F811
    """People decide in petition_stop; when the answer was signed meanwhile the result stops nothing."""
    drive = case(workflow, part("accept6"), part("to_detachment"), part("explained"), {"start": "petition_stop"})
    go(drive, {"verify_stop": {"stop_kind": "withdrawn"}}, part("delivered"), {"approve_stop": {"stop_decision": "approve"}})
    with db.transaction() as session:
        assert message(session, drive, "petition.withdrawn").status == "late"
        assert clock(session, drive, "answer").status == "met"
        assert checks.papers(session, drive.case).count("处理意见书") == 1


def test_a_stop_ends_what_runs_beside(workflow: Engine) -> None:  # noqa: F811
    """An extension under way ends with the case; the leader's instruction is still owed."""
    drive = case(workflow, part("accept6"), part("to_detachment"), {"start": "petition_extension"}, {"start": "petition_instruction"})
    go(drive, {"register_instruction": {"due_on": "day 9"}}, {"start": "petition_stop"}, {"verify_stop": {"stop_kind": "withdrawn"}})
    go(drive, {"approve_stop": {"stop_decision": "approve"}}, "stop_notice")
    with db.transaction() as session:
        checks.now(
            session,
            drive.case,
            {"open": {"carry_out": "o:nc-inspect:handler"}, "clocks": {"answer": ["cancelled"], "instruction": ["running"]}},
        )
        extension = select(Link.status).where(Link.case_id == drive.case, Link.kind == "petition_extension")
        assert session.scalar(extension) == "closed"
        keep = session.scalars(select(Event.detail).where(Event.case_id == drive.case, Event.label.startswith("终止办理"))).first()
        assert keep and keep["保留线索"] == "是"
    go(drive, "carry_out", {"read_report": {"report_decision": "ok"}}, part("filed"))
    with db.transaction() as session:
        checks.ended(session, drive.case)


def test_a_second_extension_is_refused(workflow: Engine) -> None:  # noqa: F811
    """条例34: once."""
    drive = case(workflow, part("accept6"), part("to_detachment"), {"start": "petition_extension"})
    go(drive, {"request_extension": {"days": 10}}, {"approve_extension": {"extension_decision": "approve"}}, "deliver_extension")
    with pytest.raises(Conflict, match="只能延期一次"):
        go(drive, {"start": "petition_extension"})


def test_an_extension_is_approved_by_the_head_of_the_organ_that_answers(workflow: Engine) -> None:  # noqa: F811
    """条例34 本机关、单位负责人: at a branch its own head, never a department's."""
    drive = case(workflow, part("accept6_down"), part("to_branch"), {"start": "petition_extension"}, {"request_extension": {"days": 10}})
    with db.transaction() as session:
        task = session.scalars(select(Task).where(Task.case_id == drive.case, Task.element == "approve_extension")).one()
        assert task.holder == "o:br-360111:organ_head"


def test_each_co_unit_keeps_its_own_opinion(workflow: Engine) -> None:  # noqa: F811
    steps = [part("accept6"), part("to_detachment"), {"plan": {"co_units": ["nc-monitor", "nc-solid", "nc-info"]}}]
    drive = case(workflow, *steps)
    for word in ("监测站：夜间采样超标", "固废中心：未见危险废物", "信息中心：在线数据完整"):
        go(drive, {"co_handle": {"opinion": f"{word}，详见附件。"}})
    with db.transaction() as session:
        rows = session.execute(select(Task.item, Task.answer).where(Task.case_id == drive.case, Task.element == "co_handle")).all()
        assert {row.item for row in rows} == {"nc-monitor", "nc-solid", "nc-info"}
        assert len({row.answer["opinion"] for row in rows}) == 3
        assert session.scalar(select(Task.element).where(Task.case_id == drive.case, Task.status == "open")) == "findings"


def test_who_comes_second_reads_who_was_first(workflow: Engine) -> None:  # noqa: F811
    drive = case(workflow)
    with db.transaction() as session:
        task = drive._open(session, "screen")
        second = session.get_one(Person, directory.people(session, task.holder)[-1]).actor()
    go(drive, part("accept6"))
    with pytest.raises(TaskClosed) as refusal, db.transaction() as session:
        workflow.complete(session, task.id, second, {})
    with db.transaction() as session:
        assert str(session.get_one(Task, task.id).closed_name) in refusal.value.message


def test_the_answer_is_chased_until_sent(workflow: Engine) -> None:  # noqa: F811
    """Signed in time but sent late is late: the clock is met on the day of sending."""
    drive = case(workflow, part("accept6"), part("to_detachment"), part("explained"), {"day": 65}, part("passed"))
    with db.transaction() as session:
        answer = clock(session, drive, "answer")
        assert local(answer.due_at) - timedelta(seconds=1) < local(datetime(2026, 10, 9)), "60 days end on 10-08, after the holiday"
    go(drive, {"clock": "answer"}, "deliver")
    with db.transaction() as session:
        answer = clock(session, drive, "answer")
        assert answer.status == "met" and answer.overdue_at is not None
        assert session.get_one(Case, drive.case).overdue_at == answer.overdue_at
        assert checks.papers(session, drive.case).count("催办通知书") == 1


def test_a_late_notice_asks_for_supervision_once(workflow: Engine) -> None:  # noqa: F811
    drive = case(workflow, {"clock": "notify"}, {"day": 40})
    with db.transaction() as session:
        found = session.scalars(select(Link).where(Link.case_id == drive.case, Link.kind == "supervision_requested")).all()
        assert len(found) == 1 and not found[0].detail.get("more")
        kinds = session.scalars(select(Notice.kind).where(Notice.case_id == drive.case)).all()
        assert {"warned", "overdue"} <= set(kinds), "holder and head are told before and after"


def test_what_was_done_is_dated_by_the_event_and_by_its_entry(workflow: Engine) -> None:  # noqa: F811
    """Both are kept: the notice went out on Monday, it was entered on Thursday."""
    drive = case(workflow, {"screen": {"track": "5", "intake_outcome": "accept", "hear_required": False}}, {"day": 3})
    go(drive, {"send_notice": {"served_at": "day 0"}})
    with db.transaction() as session:
        notice = clock(session, drive, "notify")
        task = session.scalars(select(Task).where(Task.case_id == drive.case, Task.element == "send_notice")).one()
        assert notice.ended_at is not None and local(notice.ended_at).date() == START.date()
        assert task.closed_at is not None and local(task.closed_at).date() == (START + timedelta(days=3)).date()


def test_a_simple_item_is_only_for_first_comers(workflow: Engine) -> None:  # noqa: F811
    """国信办发〔2022〕17号: not for what a superior assigned."""
    drive = case(workflow, channel="superior")
    go(drive, {"screen": {"track": "6", "intake_outcome": "accept", "simple": True, "hear_required": True}})
    with db.transaction() as session:
        assert clock(session, drive, "answer").rule == "petition.handle"


def test_what_a_superior_set_is_owed_with_a_report(workflow: Engine) -> None:  # noqa: F811
    """条例22(3): its own clock, met by the report."""
    drive = case(
        workflow, part("accept5"), part("to_detachment"), part("done"), part("delivered"), channel="superior", superior_due="2026-09-01"
    )
    with db.transaction() as session:
        checks.now(session, drive.case, {"open": {"report_up": "o:nc-petition:office"}, "due": {"assigned": "2026-09-01"}})
    go(drive, "report_up")
    with db.transaction() as session:
        assert clock(session, drive, "assigned").status == "met"


def test_scenarios_are_the_thirty_five_and_more() -> None:
    from app.walk.scenarios import names

    assert {name[:3] for name in names()} >= {f"S{n:02d}" for n in range(1, 36)}
    assert all(scenario(name).title for name in names())
    assert clock_time.now().tzinfo is not None


def test_a_ground_of_detention_holds_the_closing_until_it_is_answered(workflow: Engine) -> None:  # noqa: F811
    """查处 with 暗管: a file of its own asks, once; the petition cannot be closed before its answer (公治〔2014〕853号)."""
    found = {"violation": True, "screening_none": True, "detention": ["evasion"], "fact": "现场检查发现通过暗管排放废水，已立案调查。"}
    drive = case(workflow, part("accept6"), part("to_detachment"), "plan", {"findings": found})
    with db.transaction() as session:
        link = session.scalars(select(Link).where(Link.case_id == drive.case, Link.kind == "detention.question")).one()
        file = session.scalars(select(Detention).where(Detention.subject_case == drive.case)).one()
        assert (link.holds, link.status, file.state) == (True, "open", "facts")
        assert detention.unanswered(session, drive.case)
    go(drive, {"draft_answer": {"result": "explain"}}, {"unit_review": {"unit_decision": "rework"}}, "plan", {"findings": found})
    with db.transaction() as session:
        assert len(session.scalars(select(Detention).where(Detention.subject_case == drive.case)).all()) == 1
        task = session.scalars(select(Task).where(Task.case_id == file.case_id, Task.status == "open")).one()
        officer = session.get_one(Person, directory.people(session, task.holder)[0])
        answer = {"act_from": "2026-07-20", "act_to": "2026-07-21", "act": "私设暗管", "none": True, "no_crime": True}
        form, context = workflow.form(session, task), workflow.task_data(session, task)
        workflow.complete(session, task.id, officer.actor(), fill(form, context, answer, lambda f, values: None))
    work_off()
    with db.transaction() as session:
        assert session.get_one(Link, link.id).status == "closed" and not detention.unanswered(session, drive.case)


def test_every_violation_goes_to_legal_and_changed_values_are_screened_again(workflow: Engine) -> None:  # noqa: F811
    """Nothing ticked, yet legal confirms; a value measured on the second visit reaches the same file (amendments §5)."""
    found = {
        "violation": True,
        "screening_none": True,
        "facts": "现场检查发现未按规定清洗场地，有少量废水流入雨水沟，已当场责令改正并要求限期清理。" * 2,
    }
    measured = [{"factor": "铬", "value": 4.5, "standard": 1.5, "unit": "mg/L"}]  # three times: 解释1(3)
    back = [{"draft_answer": {"result": "explain"}}, {"unit_review": {"unit_decision": "rework"}}, "plan"]
    drive = case(workflow, part("accept6"), part("to_detachment"), "plan", {"findings": found})
    with db.transaction() as session:
        link = session.scalars(select(Link).where(Link.case_id == drive.case, Link.kind == "transfer.question")).one()
        file = session.scalars(select(Transfer).where(Transfer.subject_case == drive.case)).one()
        link_id, file_id = link.id, file.case_id
        assert (link.holds, link.status, file.title.endswith("涉罪筛查")) == (True, "open", True)
        answer(
            workflow,
            session,
            file.case_id,
            "enter_facts",
            act_from="2026-07-20",
            act_to="2026-07-21",
            none=True,
            toxic_kinds=None,
            ways=None,
        )
    work_off()
    go(drive, *back, {"findings": found})  # looked at again, nothing new: nothing is asked
    with db.transaction() as session:
        assert len(screening.all_of(session, file_id)) == 1
    go(drive, *back, {"findings": {**found, "measurements": measured}})
    work_off()
    with db.transaction() as session:
        newest = screening.latest(session, file_id)
        assert newest is not None and newest.hits == ["1(3)"] and newest.measured[0]["ratio"] == 3
        assert len(session.scalars(select(Transfer).where(Transfer.subject_case == drive.case)).all()) == 1
        with pytest.raises(FormError) as error:
            answer(workflow, session, file_id, "confirm", complete=True, suspected=False, added=None)
        session.rollback()
    assert "不能认定为不涉嫌" in error.value.errors["suspected"]
    with db.transaction() as session:
        answer(workflow, session, file_id, "confirm", complete=True, suspected=True, added=None)
        assert session.get_one(Transfer, file_id).title.endswith("涉嫌环境犯罪")
        assert session.get_one(Link, link_id).status == "open"


def answer(engine: Engine, session: Session, case_id: UUID, element: str, **given: Any) -> None:
    """The step's holder answers it on another file than the drive's."""
    task = session.scalars(select(Task).where(Task.case_id == case_id, Task.status == "open", Task.element == element)).one()
    person = session.get_one(Person, directory.people(session, task.holder)[0])
    form, context = engine.form(session, task), engine.task_data(session, task)
    engine.complete(session, task.id, person.actor(), fill(form, context, given, lambda f, values: None))
    session.flush()
    session.expire_all()
