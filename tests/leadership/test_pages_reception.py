"""Reception days over HTTP: set, refused where they meet, the line, written down on the spot."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import db
from app.leadership.models import LeaderPromise, LeaderVisit, ReceptionDay, ReceptionVisitor
from tests.accounts.fixtures import Login
from tests.leadership import pages_builders as make
from tests.petitions.builders import complete, person
from workflows import time as clock_time

PLACE = "一楼接待室"


@pytest.fixture
def office(bureau: Flask, client: FlaskClient, login: Login) -> FlaskClient:
    login(client, make.OFFICE)
    return client


def leader(app: Flask, account: str = make.OWNER) -> str:
    with app.app_context(), db.transaction() as session:
        return str(person(session, account).id)


def typed(app: Flask, day: str = "2026-10-08", starts: str = "09:00", ends: str = "11:30", **changes: str) -> dict[str, str]:
    return {"leader": leader(app), "day": day, "starts": starts, "ends": ends, "place": PLACE, **changes}


def a_day(app: Flask, client: FlaskClient, **changes: str) -> UUID:
    answer = client.post("/receptions/new", data=typed(app, **changes))
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.rpartition("/")[2])


def line(app: Flask, day_id: UUID) -> list[ReceptionVisitor]:
    with app.app_context(), db.transaction() as session:
        query = select(ReceptionVisitor).where(ReceptionVisitor.reception_day_id == day_id).order_by(ReceptionVisitor.place_in_line)
        return list(session.scalars(query))


def test_the_office_sets_a_day_and_the_leader_finds_it(bureau: Flask, office: FlaskClient, login: Login) -> None:
    day_id = a_day(bureau, office, day="2026-10-14")
    month = office.get("/receptions?month=2026-10").text
    assert "2026 年 10 月　1 次接访" in month and f'href="/receptions/{day_id}"' in month and "龚致远" in month
    other = bureau.test_client()
    login(other, make.OWNER)
    assert "接访日 10月14日 周三" in other.get("/desk").text
    assert other.get(f"/receptions/{day_id}").status_code == 200


def test_the_same_leader_cannot_sit_twice_at_one_time(bureau: Flask, office: FlaskClient) -> None:
    a_day(bureau, office)
    again = office.post("/receptions/new", data=typed(bureau, starts="11:00", ends="12:00", place="二楼会议室"))
    assert again.status_code == 422 and "龚致远这一天 09:00–11:30 在一楼接待室已有接访日" in again.text and "二楼会议室" in again.text
    a_day(bureau, office, starts="11:30", ends="12:00")  # the minute it ends is free
    a_day(bureau, office, leader=leader(bureau, make.HEAD))  # and so is another leader


def test_what_is_wrong_with_a_day_is_said(bureau: Flask, office: FlaskClient) -> None:
    past = office.post("/receptions/new", data=typed(bureau, day="2026-10-07"))
    assert past.status_code == 422 and "请选择日期，不能早于今天" in past.text
    order = office.post("/receptions/new", data=typed(bureau, starts="10:00", ends="09:00"))
    assert order.status_code == 422 and "结束时间要晚于开始时间" in order.text
    nobody = office.post("/receptions/new", data=typed(bureau, leader=leader(bureau, "donghu-juzhang")))
    assert nobody.status_code == 422 and "请从列出的领导中选择" in nobody.text


def test_a_day_is_changed_and_called_off(bureau: Flask, office: FlaskClient) -> None:
    day_id = a_day(bureau, office, day="2026-10-14")
    assert office.post(f"/receptions/{day_id}/edit", data=typed(bureau, day="2026-10-15")).status_code == 303
    assert "10月15日 周四" in office.get(f"/receptions/{day_id}").text
    office.post(f"/receptions/{day_id}/cancel", data={"reason": ""})
    assert "请写明为什么取消" in office.get(f"/receptions/{day_id}").text
    office.post(f"/receptions/{day_id}/cancel", data={"reason": "局长会议改期"})
    shown = office.get(f"/receptions/{day_id}").text
    assert "已取消" in shown and "局长会议改期" in shown
    a_day(bureau, office, day="2026-10-15")  # the time is free again


def test_the_line_is_filled_ordered_and_thinned(bureau: Flask, office: FlaskClient) -> None:
    with bureau.app_context(), db.transaction() as session:
        petition_id = make.petition(session)
        case_id = make.carried(session, petition_id)
    day_id = a_day(bureau, office)
    assert "洪环包" in office.get(f"/receptions/{day_id}").text  # what the leader owns is offered
    for chosen in ({"case": str(case_id)}, {"topic": "反映水泵噪声"}, {"topic": "反映工地扬尘"}):
        assert office.post(f"/receptions/{day_id}/visitors", data=chosen).status_code == 303
    twice = office.post(f"/receptions/{day_id}/visitors", data={"case": str(case_id)})
    assert twice.status_code == 422 and "这一件已经排在第 1 位" in twice.text
    empty = office.post(f"/receptions/{day_id}/visitors", data={})
    assert empty.status_code == 422 and "请选择事项，或写明反映什么事" in empty.text
    first, second, third = line(bureau, day_id)
    office.post(f"/receptions/{day_id}/visitors/{third.id}/up")
    assert [row.topic for row in line(bureau, day_id)][1:] == ["反映工地扬尘", "反映水泵噪声"]
    office.post(f"/receptions/{day_id}/visitors/{first.id}/up")  # the first stays the first
    office.post(f"/receptions/{day_id}/visitors/{second.id}/drop")
    assert [row.id for row in line(bureau, day_id)] == [first.id, third.id]


def test_a_visitor_of_an_ownership_is_recorded_as_its_visit(bureau: Flask, office: FlaskClient, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        case_id = make.carried(session, make.petition(session))
    day_id = a_day(bureau, office)
    office.post(f"/receptions/{day_id}/visitors", data={"case": str(case_id)})
    visitor = line(bureau, day_id)[0]
    secretary = bureau.test_client()
    login(secretary, make.SECRETARY)
    form = secretary.get(f"/receptions/{day_id}/visitors/{visitor.id}").text
    assert "见了谁" in form and f'value="{PLACE}"' in form and "答应的事" in form
    answer = {
        "kind": "receive", "held_at": "2026-10-08T08:50", "place": PLACE, "persons": "张晓苇", "by_owner": "true",
        "record": "听取了粪污外溢的经过。", "promises-0-what": "拿出腾退方案", "promises-0-by": "2026-10-20",
    }  # fmt: skip
    short = secretary.post(f"/receptions/{day_id}/visitors/{visitor.id}", data={**answer, "record": "短"})
    assert short.status_code == 422 and "请用至少 10 个字" in short.text and "拿出腾退方案" in short.text
    assert secretary.post(f"/receptions/{day_id}/visitors/{visitor.id}", data=answer).status_code == 303
    with bureau.app_context(), db.transaction() as session:
        visit = session.scalars(select(LeaderVisit).where(LeaderVisit.case_id == case_id)).one()
        promise = session.scalars(select(LeaderPromise).where(LeaderPromise.case_id == case_id)).one()
        row = session.get_one(ReceptionVisitor, visitor.id)
        assert (row.status, row.leader_visit_id, row.recorded_by) == ("received", visit.id, "卞知微代龚致远")
        assert promise.due_on == date(2026, 10, 20) and visit.recorded_by == "卞知微代龚致远"
    shown = secretary.get(f"/receptions/{day_id}").text
    assert "已接访" in shown and "答应的 1 件，1 件未兑现" in shown and "张晓苇" not in shown
    again = secretary.get(f"/receptions/{day_id}/visitors/{visitor.id}", follow_redirects=True)
    assert "已经登记过接访" in again.text


def test_a_topic_is_recorded_plainly_and_absence_too(bureau: Flask, office: FlaskClient) -> None:
    day_id = a_day(bureau, office)
    for topic in ("反映水泵噪声", "反映工地扬尘"):
        office.post(f"/receptions/{day_id}/visitors", data={"topic": topic})
    one, two = line(bureau, day_id)
    assert office.post(f"/receptions/{day_id}/visitors/{one.id}", data={"record": "当场答复由分局两天内核查。"}).status_code == 303
    office.post(f"/receptions/{day_id}/visitors/{two.id}/absent")
    shown = office.get(f"/receptions/{day_id}").text
    assert "当场答复由分局两天内核查。" in shown and "未到" in shown
    kept = office.post(f"/receptions/{day_id}/visitors/{one.id}/drop", follow_redirects=True)
    assert "已经登记的来访人不能去掉" in kept.text
    fixed = office.post(f"/receptions/{day_id}/edit", data=typed(bureau, day="2026-10-15"))
    assert fixed.status_code == 409 and "这一天已经登记了接访" in fixed.text


def test_nothing_is_recorded_before_the_day(bureau: Flask, office: FlaskClient, login: Login) -> None:
    day_id = a_day(bureau, office, day="2026-10-14")
    office.post(f"/receptions/{day_id}/visitors", data={"topic": "反映水泵噪声"})
    visitor = line(bureau, day_id)[0]
    early = office.get(f"/receptions/{day_id}/visitors/{visitor.id}", follow_redirects=True)
    assert "到那天再登记" in early.text
    clock_time.freeze(make.at(10, 15))
    login(office, make.OFFICE)
    late = office.get(f"/receptions/{day_id}").text
    assert "这一天已经过去" in late and "登记接访" in late
    assert office.post(f"/receptions/{day_id}/visitors", data={"topic": "晚来的"}).status_code == 409


def test_a_petition_goes_to_its_own_step(bureau: Flask, office: FlaskClient, login: Login) -> None:
    with bureau.app_context(), db.transaction() as session:
        owner = person(session, make.OWNER)
        case_id = make.heard_by_leader(session, owner)
    day_id = a_day(bureau, office)
    offered = office.get(f"/receptions/{day_id}").text
    assert "已约 10-08 09:30 一楼接待室" in offered
    office.post(f"/receptions/{day_id}/visitors", data={"case": str(case_id)})
    leads = bureau.test_client()
    login(leads, make.OWNER)
    assert "登记领导接访" in leads.get(f"/receptions/{day_id}").text
    secretary = bureau.test_client()
    login(secretary, make.SECRETARY)
    assert "由龚致远本人登记" in secretary.get(f"/receptions/{day_id}").text
    with bureau.app_context(), db.transaction() as session:
        complete(
            session, case_id, "leader_reception", make.OWNER, held_at="2026-10-08T09:00:00+08:00", reception_result="held",
            attendees=[{"name": "张晓苇"}], statement="反映夜间排水，要求查处。", signed=True,
        )  # fmt: skip
    assert "已接访" in leads.get(f"/receptions/{day_id}").text


def test_a_day_of_others_is_not_there(bureau: Flask, office: FlaskClient, login: Login) -> None:
    day_id = a_day(bureau, office)
    for account, status in ((make.HEAD, 404), ("donghu-juzhang", 404), ("donghu-chuangkou", 404), ("qingshanhu-jingban", 403)):
        other = bureau.test_client()
        login(other, account)
        assert other.get(f"/receptions/{day_id}").status_code == status, account
        assert other.post(f"/receptions/{day_id}/cancel", data={"reason": "不该能取消"}).status_code == status
    with bureau.app_context(), db.transaction() as session:
        assert session.get_one(ReceptionDay, day_id).cancelled_at is None
