"""What the steps leave on the record, what ends with the file, who takes over, and that each month is asked for exactly once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.leadership import ledger_cells, periodic, services
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderMonth, LeaderOwnerChange, LeaderPromise, LeaderVisit
from app.papers import queries as papers
from tests.leadership import builders as b
from tests.petitions.builders import person, petition, register
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor
from workflows.tables import Case, Clock, Instance, Link, Message, Task

CONFIRMED = {"confirmed": True, "asked_petitioner": "2026-10-08", "reason": "电话核实，信访人认可处理结果。"}


def record(session: Session, case_id: object) -> LeaderCase:
    return session.get_one(LeaderCase, case_id, populate_existing=True)


def test_a_proposal_opens_a_file_of_its_own_that_names_nobody(work: Session) -> None:
    case_id = b.opened(work)
    lc, case = record(work, case_id), work.get_one(Case, case_id)
    assert lc.number == "洪环包〔2026〕1号" == case.number
    assert lc.title == case.title and "张晓苇" not in case.title
    assert lc.reasons == ["flagged"] and lc.matter_key == "s:沁澜金属表面处理厂"
    assert case.attrs == {"intake_org": "nc-petition", "bureau": "nc"}
    assert case.facets["county"] == "360111" and "领导包案" in case.tags
    assert b.steps(work, case_id) == ["propose_owner"]


def test_only_leaders_of_the_bureau_and_handlers_of_the_unit_are_taken(work: Session) -> None:
    case_id = b.opened(work)
    handler = b.somebody(work, "handler", "nc-inspect")
    answer = {
        "owner": str(person(work, "fenguan").id), "unit": "nc-inspect", "handler": str(handler.id),
        "proposal": "企业夜间偷排反复发生，需要局领导协调。", "recusal_checked": True,
    }  # fmt: skip
    for wrong, field in (
        ({"owner": str(handler.id)}, "owner"),
        ({"handler": str(person(work, "xinfang2").id)}, "handler"),
        ({"recusal_checked": False}, "recusal_checked"),
    ):
        with pytest.raises(FormError) as refused, work.begin_nested():
            b.complete(work, case_id, "propose_owner", "xinfang", **{**answer, **wrong})
        assert list(refused.value.errors) == [field]


def test_from_the_assignment_on_it_is_in_the_ledger_and_this_month_is_asked_for(work: Session) -> None:
    case_id = b.assigned(work)
    lc = record(work, case_id)
    assert (lc.status, lc.assigned_on, lc.assigned_by) == ("assigned", date(2026, 10, 8), "程砚秋")
    assert lc.month_next == date(2026, 11, 1)
    assert b.steps(work, case_id) == ["analyse", "progress"]
    assert [m.month for m in work.scalars(select(LeaderMonth))] == ["2026-10"]
    assert "领导包案登记表" in papers.kinds(work, case_id)


def test_each_month_is_asked_for_once_though_the_calendar_looks_again(work: Session) -> None:
    case_id = b.assigned(work)
    b.go_to(work, b.day(24))  # 2026-11-01
    for _ in range(3):
        for key in list(periodic.MONTHS.units(work, b.day(24))):
            periodic.MONTHS.run(work, key, b.day(24))
            periodic.MONTHS.run(work, key, b.day(24))  # a unit that is run again, as after a kill
        b.drain(work)
    months = select(LeaderMonth.month).where(LeaderMonth.case_id == case_id).order_by(LeaderMonth.month)
    assert list(work.scalars(months)) == ["2026-10", "2026-11"]
    assert list(periodic.MONTHS.units(work, b.day(24))) == []


def test_months_the_worker_slept_through_are_asked_for_one_after_the_other(work: Session) -> None:
    case_id = b.assigned(work)
    later = b.day(100)  # 2027-01-16
    asked = []
    while keys := list(periodic.MONTHS.units(work, later)):
        asked += keys
        periodic.MONTHS.run(work, keys[0], later)
    assert asked == [f"{month}:{case_id}" for month in ("2026-11", "2026-12", "2027-01")]


def test_a_missed_month_asks_for_supervision_once_and_may_still_be_reported(work: Session) -> None:
    case_id = b.carrying(work)
    b.go_to(work, b.day(40))
    asked = select(Message).where(Message.case_id == case_id, Message.name == "supervision_requested")
    found = list(work.scalars(asked))
    assert [m.payload["trigger"] for m in found] == ["missed_month"] and found[0].payload["unit"] == "nc-inspect"
    month = work.get_one(LeaderMonth, (case_id, "2026-10"))
    assert month.missed and month.reported_at is None
    assert {"月报缺报", "超期"} <= set(work.get_one(Case, case_id).tags)
    b.complete(work, case_id, "progress", b.handler_of(work, case_id), text="雨污分流已完成一半，下月全部完工。", state="hard")
    assert work.get_one(LeaderMonth, (case_id, "2026-10")).reported_at is not None
    assert "月报缺报" not in work.get_one(Case, case_id).tags
    assert len(list(work.scalars(asked))) == 1


def test_a_visit_is_logged_with_its_record_and_each_promise_has_its_clock(work: Session) -> None:
    case_id = b.carrying(work)
    promises = [{"what": "公布监测结果", "by": "2026-10-20"}, {"what": "逐户回访", "by": "2026-11-05"}]
    b.complete(work, case_id, "work", b.handler_of(work, case_id), **b.VISIT, promises=promises)
    visit = work.scalars(select(LeaderVisit)).one()
    assert visit.by_owner and visit.leader_id == person(work, "fenguan").id and visit.logged_at is not None
    clocks = list(work.scalars(select(Clock).where(Clock.case_id == case_id, Clock.slot == "promise").order_by(Clock.due_at)))
    kept = list(work.scalars(select(LeaderPromise).order_by(LeaderPromise.due_on)))
    assert [c.letter for c in clocks] == [str(p.id) for p in kept]
    assert b.steps(work, case_id) == ["keep_promise", "keep_promise", "progress", "work"]
    paper = papers.of_case(work, case_id)[-1]
    assert paper.kind == "接访记录"
    said = "".join(str(line) for line in [*paper.content, *paper.personal])
    assert "张晓苇" not in said and "13800001234" not in said and "张**" in said


def test_a_promise_kept_in_time_but_typed_late_is_in_time(work: Session) -> None:
    case_id = b.carrying(work)
    b.complete(work, case_id, "work", b.handler_of(work, case_id), **b.VISIT, promises=[{"what": "公布监测结果", "by": "2026-10-20"}])
    b.go_to(work, b.day(13))  # 2026-10-21
    assert work.scalars(select(LeaderPromise)).one().late
    b.complete(work, case_id, "keep_promise", b.handler_of(work, case_id), kept_on="2026-10-20", evidence="已在村口张贴监测结果。")
    clock = work.scalars(select(Clock).where(Clock.slot == "promise")).one()
    assert clock.status == "met" and clock.ended_at is not None and clock.ended_at < clock.due_at


def test_a_secretary_records_in_the_leaders_name(work: Session) -> None:
    case_id = b.carrying(work)
    secretary = person(work, "mishu").actor()
    actor = Actor(secretary.id, secretary.name, secretary.org, behalf="龚致远")
    visit_id = services.record_visit(work, actor, case_id, {k: v for k, v in b.VISIT.items() if k != "work_step"})
    b.drain(work)
    visit = work.get_one(LeaderVisit, visit_id)
    assert visit.recorded_by == "卞知微代龚致远" and visit.logged_at is not None


def test_closing_is_refused_while_something_is_open_and_says_what(work: Session) -> None:
    case_id = b.leaving(work)
    member = work.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == case_id)).one()
    visit = work.scalars(select(LeaderVisit)).one()
    work.add(LeaderPromise(case_id=case_id, visit_id=visit.id, what="公布监测结果", due_on=date(2026, 10, 20)))
    work.add(
        Link(
            id=visit.id, case_id=member, kind="transfer.question", label="是否移送公安机关", holds=True, status="open", detail={},
            opened_at=visit.held_at,
        )
    )  # fmt: skip
    work.flush()
    with pytest.raises(FormError) as refused, work.begin_nested():
        b.complete(work, case_id, "confirm_exit", "xinfang", **CONFIRMED)
    said = refused.value.errors["confirmed"]
    number = petition(work, member).number or ""
    assert f"{number} 还没有答复" in said and "是否移送公安机关还没有答复" in said and "公布监测结果" in said
    assert record(work, case_id).status == "exit_signed"
    b.complete(work, case_id, "confirm_exit", "xinfang", confirmed=False, reason="请先兑现答应群众的事情。")
    assert record(work, case_id).status == "carrying" and record(work, case_id).exit_way is None


def test_an_accusation_in_the_file_leaves_no_content_in_papers_and_ledger(work: Session) -> None:
    accusation = {"klass": "accusation", "about": "branch", "complained_unit": "br-360111", "enterprise": None}
    case_id = b.carrying(work, **accusation)
    b.complete(work, case_id, "work", b.handler_of(work, case_id), **b.VISIT)
    b.complete(work, case_id, "progress", b.handler_of(work, case_id), text="已找柳科长谈话，情况正在核实。", state="going")
    assert record(work, case_id).title == "检举控告事项"
    for paper in papers.of_case(work, case_id):
        assert paper.content == [["编号", "洪环包〔2026〕1号"], ["事项", "检举控告事项"], ["内容", "密封"]]
    cells = ledger_cells.cells(work, [case_id])[case_id]
    assert (cells["petitioner"], cells["plan"], cells["progress"], cells["enterprise"]) == ("密封", "密封", "密封", "")


def test_a_month_missed_after_the_exit_was_proposed_is_owed_before_the_closing(work: Session) -> None:
    case_id = b.leaving(work)
    for member in work.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == case_id)):
        petition(work, member).sent_on = date(2026, 10, 8)
    work.flush()
    b.go_to(work, b.day(30))
    with pytest.raises(FormError) as refused, work.begin_nested():
        b.complete(work, case_id, "confirm_exit", "xinfang", **CONFIRMED)
    assert "2026-10 的进展还没有报告" in refused.value.errors["confirmed"]
    b.complete(work, case_id, "progress", b.handler_of(work, case_id), text="雨污分流全部完工，监测达标。", state="near")
    b.complete(work, case_id, "confirm_exit", "xinfang", **CONFIRMED)
    assert record(work, case_id).status == "closed"


def test_closing_ends_what_runs_beside_the_file_and_the_petition_goes_on(work: Session) -> None:
    case_id = b.leaving(work)
    member = work.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == case_id)).one()
    petition(work, member).sent_on = date(2026, 10, 8)
    services.start_change(work, person(work, "xinfang").actor(), case_id)
    work.flush()
    b.complete(work, case_id, "confirm_exit", "xinfang", **CONFIRMED)
    lc = record(work, case_id)
    assert (lc.status, lc.closed_on, lc.month_next) == ("closed", date(2026, 10, 8), None)
    assert work.get_one(Case, case_id).status == "closed" and b.steps(work, case_id) == []
    assert not list(work.scalars(select(Clock).where(Clock.case_id == case_id, Clock.status == "running")))
    assert not list(work.scalars(select(Instance).where(Instance.case_id == case_id, Instance.status == "running")))
    assert work.get_one(Case, member).status == "open"
    assert services.why_no_visit(work, work.get_one(Case, case_id)) == "已经结案。"
    assert list(periodic.MONTHS.units(work, b.day(60))) == []


def test_a_new_owner_takes_over_what_waits_and_the_history_stays(work: Session) -> None:
    case_id = b.assigned(work)
    old, new = person(work, "fenguan"), person(work, "juzhang")
    services.start_change(work, person(work, "xinfang").actor(), case_id)
    with pytest.raises(Conflict):
        services.start_change(work, person(work, "xinfang").actor(), case_id)
    with pytest.raises(FormError) as refused, work.begin_nested():
        b.complete(work, case_id, "change_owner", "juzhang", change_ok=True, new_owner=str(old.id), reason="原包案领导分工调整。")
    assert list(refused.value.errors) == ["new_owner"]
    b.complete(work, case_id, "change_owner", "juzhang", change_ok=True, new_owner=str(new.id), reason="原包案领导分工调整。")
    task = b.step(work, case_id, "analyse")
    assert task.holder == task.pool == f"p:{new.id}"
    assert work.get_one(Case, case_id).attrs["owner"] == str(new.id) and record(work, case_id).owner_id == new.id
    change = work.scalars(select(LeaderOwnerChange)).one()
    assert (change.from_id, change.to_id, change.by) == (old.id, new.id, "程砚秋")


def test_a_step_the_old_owner_handed_on_stays_with_whom_it_was_handed_to(work: Session) -> None:
    case_id = b.assigned(work)
    other = person(work, "xinfangkezhang")
    task = b.step(work, case_id, "analyse")
    task.holder = f"p:{other.id}"
    work.flush()
    services.start_change(work, person(work, "xinfang").actor(), case_id)
    new = person(work, "juzhang")
    b.complete(work, case_id, "change_owner", "juzhang", change_ok=True, new_owner=str(new.id), reason="原包案领导分工调整。")
    task = b.step(work, case_id, "analyse")
    assert (task.holder, task.pool) == (f"p:{other.id}", f"p:{new.id}")


def test_the_petition_knows_its_owner_and_the_owners_light(work: Session) -> None:
    petition_id = register(work, **b.FLAGGED)
    assert services.ownership_of(work, petition_id) is None
    b.drain(work)
    early = services.ownership_of(work, petition_id)
    assert early is not None and early.owner == "" and early.status_label == "待提出"
    case_id = b.assigned(work, place="昌东大道 9 号", enterprise="瑞泽再生资源厂")
    member = work.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == case_id)).one()
    owned = services.ownerships_of(work, [member, petition_id])[member]
    assert (owned.owner, owned.unit, owned.clock.light, owned.closed) == ("龚致远", "市环境监察支队", "green", False)
    b.go_to(work, b.day(40))
    late = services.ownership_of(work, member)
    assert late is not None and late.clock.light == "red" and late.missed == 1


def test_opened_by_hand_with_a_reason_and_joined_where_the_matter_is_owned(work: Session) -> None:
    first, second = register(work), register(work, name="李四", phone="13900005678", address="罗家镇 3 号")
    office = person(work, "xinfang")
    with pytest.raises(FormError) as refused:
        services.open_by_hand(work, office, [], "短")
    assert set(refused.value.errors) == {"reason", "petitions"}
    opened = services.open_by_hand(work, office, [first], "群众多次到局里反映，需要领导协调。")
    assert not opened.joined and b.steps(work, opened.case_id) == ["propose_owner"]
    lc = record(work, opened.case_id)
    assert lc.origin == "hand" and lc.reasons == ["flagged"] and lc.hand_reason
    again = services.open_by_hand(work, office, [second], "群众多次到局里反映，需要领导协调。")
    assert again.joined and again.case_id == opened.case_id
    members = list(work.scalars(select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == opened.case_id)))
    assert set(members) == {first, second}


def test_nobody_puts_a_petition_into_a_file_that_they_may_not_see(work: Session) -> None:
    case_id = register(work)
    stranger = b.somebody(work, "handler", "br-360102")
    with pytest.raises(FormError) as refused:
        services.open_by_hand(work, stranger, [case_id], "群众多次到局里反映，需要领导协调。")
    assert list(refused.value.errors) == ["petitions"]


def test_every_step_of_a_leader_but_the_meeting_and_the_visit_is_the_leaders_own(work: Session) -> None:
    from app.engine import get_engine

    forms = get_engine().library.current(work, "leader_case").forms
    assert {name for name, form in forms.items() if form.spec.get("secretary")} == {"analyse", "record_visit"}


def test_saved_views_are_the_persons_own(work: Session) -> None:
    mine, other = person(work, "xinfang"), person(work, "juzhang")
    services.save_view(work, mine.id, "领导看的", ["number", "owner"], {"state": "all"})
    services.save_view(work, mine.id, "领导看的", ["number"], {})
    assert [(v.name, v.columns, v.filters) for v in services.views(work, mine.id)] == [("领导看的", ["number"], {})]
    assert services.views(work, other.id) == []
    services.drop_view(work, mine.id, "领导看的")
    assert services.views(work, mine.id) == []


def test_the_open_steps_are_held_by_those_the_file_names(work: Session) -> None:
    case_id = b.carrying(work)
    handler = work.get_one(Person, record(work, case_id).handler_id)
    holders = {t.element: t.holder for t in work.scalars(select(Task).where(Task.case_id == case_id, Task.status == "open"))}
    assert holders == {"work": f"p:{handler.id}", "progress": f"p:{handler.id}"}
