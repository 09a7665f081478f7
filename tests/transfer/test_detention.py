"""移送行政拘留 at the bureau: who asks, what is waited for, what the answer frees, who may see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import detention, detention_orders, opening, penalties, services
from app.transfers.detention_words import ANSWERS
from app.transfers.models import Detention, PenaltyCase, Transfer, TransferQuestion
from app.walk.answers import fill
from tests.petitions.builders import register
from tests.transfer.bureau_builders import UNIT, Elsewhere, arrive, clock, no_clock_left, officers, person, source, step, to_sent, work
from tests.transfer.bureau_builders import do as criminal
from tests.transfer.test_bureau_origins import brought, newest
from workflows import time as clock_time
from workflows.errors import Conflict, FormError
from workflows.tables import Case, Task

FACTS = {"act_from": "2026-08-20", "act_to": "2026-09-10", "escape": "hidden_pipe", "no_crime": True, "none": False}
FORM = {"persons": [{"name": "邓某", "role": "in_charge", "act": "决定使用暗管"}], "approver": "head"}
NONE = {"act_from": "2026-08-20", "act_to": "2026-08-25", "none": True}
DECISION = {"decided_on": "2026-09-21", "decision_no": "青环罚〔2026〕7号", "kinds": ["fine"], "amount": 100000}


def penalty_of(session: Session, **more: Any) -> PenaltyCase:
    given = {
        "number": "青环罚立〔2026〕7号", "party": "沁澜金属表面处理厂", "act": "私设暗管", "act_kind": "hidden", "filed_on": "2026-09-01",
        "organ": UNIT, "screening": NONE, **more,
    }  # fmt: skip
    return penalties.register(session, officers(session)[0], given)


def opened(session: Session, penalty: PenaltyCase | None = None, subject: UUID | None = None) -> UUID:
    lead, second, *_ = sorted(officers(session), key=lambda p: not p.has_role("handler"))
    matter = detention.Matter("沁澜金属表面处理厂", "私设暗管", UNIT, str(lead.id), str(second.id), penalty, subject)
    return detention.open_for(session, lead.actor(), matter)


def do(session: Session, case_id: UUID, element: str, **given: Any) -> None:
    """Somebody who holds the step answers it."""
    task, engine = step(session, case_id, element), get_engine()
    actor = session.get_one(Person, directory.people(session, task.holder)[0])
    form, context = engine.form(session, task), engine.task_data(session, task)
    answer = fill(form, context, given, lambda f, values: engine.hooks.choices(session, task, f, values)[0][0])  # type: ignore[attr-defined]
    engine.complete(session, task.id, actor.actor(), answer)
    session.flush()
    work(session)


def of(session: Session, case_id: UUID) -> Detention:
    return session.get_one(Detention, case_id, populate_existing=True)


def open_steps(session: Session, case_id: UUID) -> list[str]:
    return list(session.scalars(select(Task.element).where(Task.case_id == case_id, Task.status == "open")))


def test_it_waits_for_the_penalty_decision_and_goes_on_with_it(bureau_work: Session) -> None:
    penalty = penalty_of(bureau_work)
    case_id = opened(bureau_work, penalty)
    do(bureau_work, case_id, "enter_facts_d", **FACTS)
    assert open_steps(bureau_work, case_id) == [] and of(bureau_work, case_id).check_why == ["青环罚立〔2026〕7号 还没有作出处罚决定"]
    assert penalties.decide(bureau_work, officers(bureau_work)[0], penalty, DECISION) is None  # the open question does not hold the fine
    work(bureau_work)
    assert open_steps(bureau_work, case_id) == ["fill_form"] and of(bureau_work, case_id).check_state == "ready"


def test_a_decision_of_the_bureau_is_followed_up_by_its_own_people(bureau_work: Session) -> None:
    """Not by those of a branch, although they are under the bureau: it penalises and transfers in its own name."""
    penalty = penalty_of(bureau_work, organ="nc")
    assert penalties.decide(bureau_work, person(bureau_work, "zhidui1"), penalty, DECISION) is None
    found = bureau_work.scalars(select(Detention)).one()
    assert (found.organ, found.unit, found.police) == ("nc", "nc-inspect", "ps-360100")
    assert opening.by_penalty(bureau_work, person(bureau_work, "zhidui1").actor(), penalty, ["1(5)"])
    assert bureau_work.scalars(select(Transfer.unit)).one() == "nc-inspect"


def test_a_decision_opens_one_file_where_a_ground_may_lie(bureau_work: Session) -> None:
    penalty = penalty_of(bureau_work)
    assert penalties.decide(bureau_work, officers(bureau_work)[0], penalty, DECISION) is None
    files = bureau_work.scalars(select(Detention).where(Detention.penalty_id == penalty.id)).all()
    assert [d.number for d in files] == ["洪环拘移〔2026〕1号"]
    assert detention.by_penalty(bureau_work, officers(bureau_work)[0].actor(), penalty) == files[0].case_id
    noise = penalty_of(bureau_work, number="青环罚立〔2026〕8号", act_kind="noise", party="鹭洲搅拌站")
    assert penalties.decide(bureau_work, officers(bureau_work)[0], noise, {**DECISION, "decision_no": "青环罚〔2026〕8号"}) is None
    assert bureau_work.scalar(select(func.count()).select_from(Detention)) == 1


def test_a_refused_order_waits_for_its_service_and_the_refusal(bureau_work: Session) -> None:
    penalty = penalty_of(bureau_work, act_kind="permit")
    penalties.decide(bureau_work, officers(bureau_work)[0], penalty, DECISION)
    case_id = detention.by_penalty(bureau_work, officers(bureau_work)[0].actor(), penalty)
    assert case_id is not None
    do(bureau_work, case_id, "enter_facts_d", **{**FACTS, "escape": None, "orders": ["permit_stop"], "order_served_on": "2026-09-12"})
    assert of(bureau_work, case_id).check_why == ["还没有再次检查发现拒不执行"]
    more = {"order_no": "青环责停〔2026〕3号", "refusal": "again", "refusal_on": "2026-09-18"}
    detention_orders.record(bureau_work, officers(bureau_work)[0], of(bureau_work, case_id), more)
    work(bureau_work)
    assert open_steps(bureau_work, case_id) == ["fill_form"]
    with pytest.raises(Conflict):
        detention_orders.record(bureau_work, officers(bureau_work)[0], of(bureau_work, case_id), more)


def test_the_register_tells_of_the_refusal_too(bureau_work: Session) -> None:
    penalty = penalty_of(bureau_work, act_kind="permit")
    person = officers(bureau_work)[0]
    penalties.decide(bureau_work, person, penalty, DECISION)
    case_id = detention.by_penalty(bureau_work, person.actor(), penalty)
    assert case_id is not None
    do(bureau_work, case_id, "enter_facts_d", **{**FACTS, "escape": None, "orders": ["permit_stop"]})
    assert of(bureau_work, case_id).check_why == ["责令决定还没有送达", "还没有再次检查发现拒不执行"]
    told = {"served_on": "2026-09-21", "rectify_order": "停止排污", "recheck_on": "2026-09-21", "recheck_result": "refused"}
    penalties.change(bureau_work, person, penalty, told)
    work(bureau_work)
    assert open_steps(bureau_work, case_id) == ["fill_form"]


def test_what_may_be_a_crime_waits_for_the_criminal_question(bureau_work: Session) -> None:
    penalty = penalty_of(bureau_work)
    penalties.decide(bureau_work, officers(bureau_work)[0], penalty, DECISION)
    case_id = detention.by_penalty(bureau_work, officers(bureau_work)[0].actor(), penalty)
    assert case_id is not None
    do(bureau_work, case_id, "enter_facts_d", **{**FACTS, "no_crime": False})
    assert of(bureau_work, case_id).check_why == ["是否涉嫌犯罪还没有答复，请先作涉罪筛查"]


def test_the_criminal_way_decides_about_the_detention(bureau_work: Session, elsewhere: Elsewhere) -> None:
    """853号第二条 for what is no crime: a file that waits ends with 立案; one asked after the criminal way is over goes on."""
    penalty = penalty_of(bureau_work)
    before = source(bureau_work, penalty=str(penalty.id))
    to_sent(bureau_work, before)
    arrive(bureau_work, before, "transfer_receipt", "received")
    arrive(bureau_work, before, "police_notice", "refused", reasons="没有犯罪事实")
    for element, more in (("choose_way", {"way": "accept"}), ("accept_way", {"agreed": True}), ("decide_penalty", {"penalty": "none"})):
        criminal(bureau_work, before, element, reason="经研究，公安机关不予立案的理由成立，决定不提出异议", **more)
    waits = opened(bureau_work, penalty)
    do(bureau_work, waits, "enter_facts_d", **FACTS)
    assert of(bureau_work, waits).check_why == ["青环罚立〔2026〕7号 还没有作出处罚决定"]  # the crime is no question any more
    number = bureau_work.get_one(Transfer, before).transfer_no
    brought(bureau_work, before, number, "police_notice", "filed", sender="ps-360111")  # 立案 after all, as a supervision ordered it
    criminal(bureau_work, newest(bureau_work, number), "form_team")
    ended = of(bureau_work, waits)
    said = detention.answer_of(bureau_work, penalty_id=penalty.id)
    assert ended.closed_at is not None and said is not None and (said.answer, said.label) == ("criminal", ANSWERS["criminal"])


def test_the_asking_case_cannot_end_before_the_answer(transfers: Flask) -> None:
    with transfers.app_context():
        with db.transaction() as session:
            subject = register(
                session, enterprise="沁澜金属表面处理厂", county="360111", kind="water", received_at="2026-09-20T09:00:00+08:00"
            )
            penalty = penalty_of(session)
            case_id = opened(session, penalty, subject)
            lead = officers(session)[0]
            assert opened(session, penalty, subject) == case_id  # one instance a case, one question
            assert session.scalar(select(func.count()).select_from(TransferQuestion)) == 1
            assert detention.answer_of(session, subject) is None and detention.unanswered(session, subject)
        with db.transaction() as session, pytest.raises(Conflict, match="行政拘留"):
            services.refuse_closing(session, subject, lead.actor())
        with db.transaction() as session:
            do(session, case_id, "enter_facts_d", **{**FACTS, "escape": None, "none": True})
            answer = detention.answer_of(session, subject)
            assert answer is not None and answer.label == "没有拘留事由" and answer == detention.answer_of(session, penalty_id=penalty.id)
            services.refuse_closing(session, subject, lead.actor())
            assert session.get_one(Case, case_id, populate_existing=True).status == "closed"
            no_clock_left(session, case_id)


def test_a_penalty_case_is_not_closed_before_the_answer(transfers: Flask) -> None:
    with transfers.app_context():
        with db.transaction() as session:
            penalty = penalty_of(session)
            penalties.decide(session, officers(session)[0], penalty, DECISION)
        with db.transaction() as session, pytest.raises(Conflict, match="行政拘留"):
            penalties.change(session, officers(session)[0], session.get_one(PenaltyCase, penalty.id), {"closed_on": "2026-09-21"})


def ready(session: Session, **facts: Any) -> UUID:
    penalty = penalty_of(session)
    penalties.decide(session, officers(session)[0], penalty, DECISION)
    case_id = detention.by_penalty(session, officers(session)[0].actor(), penalty)
    assert case_id is not None
    do(session, case_id, "enter_facts_d", **{**FACTS, **facts})
    do(session, case_id, "fill_form", **FORM)
    return case_id


def test_refusing_the_acts_of_1108_needs_that_it_is_not_this_act(bureau_work: Session) -> None:
    case_id = ready(bureau_work)
    with pytest.raises(FormError) as refused:
        do(bureau_work, case_id, "decide_detention", decision="refuse", not_act=False)
    assert set(refused.value.errors) == {"not_act"}
    do(bureau_work, case_id, "decide_detention", decision="refuse", not_act=True, reason="查明为雨水管，不属于该行为。")
    answer = detention.answer_of(bureau_work, case_id)
    assert answer is not None and answer.answer == "refused" and answer.reason.startswith("查明不属于")
    no_clock_left(bureau_work, case_id)


def test_an_old_hidden_pipe_decided_now_is_held_to_1108_too(bureau_work: Session) -> None:
    case_id = ready(bureau_work, act_from="2026-07-01", act_to="2026-08-14")
    d = of(bureau_work, case_id)
    assert [r["item"] for r in d.grounds] == ["环保法63(3)"] and [r["item"] for r in d.other_law] == ["法典1108"] and d.lighter == "法典"
    with pytest.raises(FormError):
        do(bureau_work, case_id, "decide_detention", decision="refuse", not_act=False)


def test_banned_pesticides_are_transferred_by_agriculture(bureau_work: Session) -> None:
    served = {"order_served_on": "2026-09-12", "refusal": "again", "refusal_on": "2026-09-18"}
    case_id = ready(bureau_work, escape=None, orders=["pesticide"], **served)
    with pytest.raises(FormError) as refused:
        do(bureau_work, case_id, "decide_detention", decision="approve")
    assert set(refused.value.errors) == {"decision"}


def test_three_working_days_over_the_holiday(bureau_work: Session) -> None:
    case_id = ready(bureau_work)
    clock_time.freeze(datetime(2026, 9, 30, 15, tzinfo=clock_time.ZONE))
    do(bureau_work, case_id, "decide_detention", decision="approve")
    due = clock_time.local(clock(bureau_work, case_id, "send").due_at)
    assert due == datetime(2026, 10, 11, 0, 0, tzinfo=clock_time.ZONE)  # 10-10, a make-up Saturday, to its end


def test_pages_of_the_bureau(transfers: Flask, login: Any) -> None:
    with transfers.app_context(), db.transaction() as session:
        case_id = ready(session)
        do(session, case_id, "decide_detention", decision="approve")
        lead = session.get_one(Case, case_id).attrs["handler"]
        account = session.get_one(Person, UUID(lead)).account
    mine = transfers.test_client()
    login(mine, account)
    listed = mine.get("/transfers/detentions").text
    assert "洪环拘移〔2026〕1号" in listed and "法典1108" in listed and "移送原件" in listed
    assert "洪环拘移" not in mine.get("/transfers/detentions?group=wait").text
    assert "洪环拘移" in mine.get("/transfers/detentions?group=send&state=all").text
    page = mine.get(f"/transfers/detentions/{case_id}/grounds")
    assert page.status_code == 200 and "第一千一百零八条" in page.text and "命中" in page.text
    assert mine.get("/transfers/detentions/table.dmn").data.startswith(b"<?xml")
    assert "逃避监管" in mine.get(f"/cases/{case_id}").text
    shown = mine.get(f"/transfers/detentions/{case_id}/material").text
    assert "（六）行政处罚决定等材料" in shown and "还没有材料" in shown
    wrong = mine.post(f"/transfers/detentions/{case_id}/material", data={"kind": "evidence"})
    assert wrong.status_code == 422
    none = {"kind": "things", "name": "物品清单", "missing_reason": "现场没有查封、扣押物品。"}
    right = mine.post(f"/transfers/detentions/{case_id}/material", data=none)
    assert right.status_code == 303
    assert "现场没有查封" in mine.get(f"/transfers/detentions/{case_id}/material").text
    assert mine.get(f"/transfers/detentions/{case_id}/order").status_code == 200
    assert mine.post(f"/transfers/detentions/{case_id}/order", data={"order_no": "x号", "order_served_on": "2026-09-20"}).status_code == 422


def test_another_county_and_a_stranger_get_nothing(transfers: Flask, login: Any) -> None:
    with transfers.app_context(), db.transaction() as session:
        case_id = ready(session)
    far = transfers.test_client()
    login(far, "xihu-jingban")
    assert "洪环拘移" not in far.get("/transfers/detentions").text
    for path in ("grounds", "material", "order"):
        assert far.get(f"/transfers/detentions/{case_id}/{path}").status_code == 404
    assert transfers.test_client().get(f"/transfers/detentions/{case_id}/grounds").status_code in (302, 303, 401)


def test_opening_by_hand_on_the_page(transfers: Flask, login: Any) -> None:
    with transfers.app_context(), db.transaction() as session:
        lead, second, *_ = sorted(officers(session), key=lambda p: not p.has_role("handler"))
        account, ids = lead.account, (str(lead.id), str(second.id))
    mine = transfers.test_client()
    login(mine, account)
    assert mine.get("/transfers/detentions/new").status_code == 200
    typed = {"party": "沁澜金属表面处理厂", "act": "私设暗管", "unit": UNIT, "handler": ids[0], "officer": ids[0]}
    assert mine.post("/transfers/detentions/new", data=typed).status_code == 422
    made = mine.post("/transfers/detentions/new", data={**typed, "officer": ids[1]})
    assert made.status_code == 303 and "/cases/" in made.headers["Location"]
