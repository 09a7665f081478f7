"""The ledger: live from the records, masked for the viewer, its history in the same transaction, a past day from the history alone."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.leadership import ledger, ledger_cells, ledger_history, periodic, services
from app.leadership.ledger import BY_KEY, COLUMNS, Filters
from app.leadership.models import LedgerCell
from tests.leadership import builders as b
from tests.petitions.builders import person, petition
from workflows import time as clock_time
from workflows.tables import Event

RULES_3 = (
    "编号 事项 信访人 来源 问题类型 涉及企业 属地 包案领导 责任单位 责任人"
    " 包案日期 化解方案 化解时限 进展 接访下访次数 当前状态 结案日期 结案方式 满意度"
)


def row(session: Session, account: str, case_id: UUID, at: datetime | None = None, **filters: str) -> ledger.Row:
    found = ledger.rows(session, person(session, account), Filters.parse({"state": "all", **filters}), at).rows
    return next(row for row in found if row.case_id == case_id)


def whole_life(session: Session) -> UUID:
    """A file from its proposal to its closing, two months, a visit, a returned exit and a new owner in it."""
    case_id = b.carrying(session)
    handler = b.handler_of(session, case_id)
    b.complete(session, case_id, "work", handler, **b.VISIT)
    b.complete(session, case_id, "progress", handler, text="张晓苇家旁的水渠已清淤一半。", state="going")
    b.go_to(session, b.day(26))
    for key in list(periodic.MONTHS.units(session, clock_time.now())):
        periodic.MONTHS.run(session, key, clock_time.now())
    b.drain(session)
    services.start_change(session, person(session, "xinfang").actor(), case_id)
    new = str(person(session, "juzhang").id)
    b.complete(session, case_id, "change_owner", "juzhang", change_ok=True, new_owner=new, reason="原包案领导分工调整。")
    b.go_to(session, b.day(56))  # the second month was missed
    b.complete(session, case_id, "progress", handler, text="雨污分流全部完工，监测达标。", state="near")
    b.complete(session, case_id, "work", handler, work_step="exit")
    b.complete(session, case_id, "propose_exit", handler, **b.EXIT)
    b.complete(session, case_id, "sign_exit", "juzhang", signed=False, reason="监测数据只有一次，请再测一次。")
    b.go_to(session, b.day(60))
    b.complete(session, case_id, "work", handler, work_step="exit")
    b.complete(session, case_id, "propose_exit", handler, **b.EXIT)
    b.complete(session, case_id, "sign_exit", "juzhang", signed=True)
    for member in ledger_cells._members(session, [case_id], None)[case_id]:
        petition(session, member.case_id).sent_on = date(2026, 12, 1)
    session.flush()
    answer = {"confirmed": True, "asked_petitioner": "2026-12-07", "reason": "电话核实，信访人认可处理结果。"}
    b.complete(session, case_id, "confirm_exit", "xinfang", **answer)
    return case_id


def test_every_field_of_the_rules_is_a_column() -> None:
    assert " ".join(column.label for column in COLUMNS) == RULES_3


def test_a_row_says_what_the_records_say(work: Session) -> None:
    case_id = b.carrying(work)
    handler = b.handler_of(work, case_id)
    b.complete(work, case_id, "work", handler, **b.VISIT)
    b.complete(work, case_id, "work", handler, **{**b.VISIT, "kind": "go_down", "by_owner": False})
    b.complete(work, case_id, "progress", handler, text="雨污分流已完成一半，下月全部完工。", state="going")
    found = row(work, "xinfang", case_id)
    assert set(found.cells) == set(BY_KEY)
    assert found.cells == {
        "number": "洪环包〔2026〕1号", "title": "沁澜金属表面处理厂水污染", "petitioner": "张晓苇", "source": "网络", "kind": "水",
        "enterprise": "沁澜金属表面处理厂", "county": "青山湖区", "owner": "龚致远", "unit": "市环境监察支队",
        "handler": b.somebody(work, "handler", "nc-inspect").name, "assigned_on": "2026-10-08",
        "plan": "1. 封堵雨水沟暗管（市环境监察支队，2026-11-10 前）", "deadline": "2027-03-31",
        "progress": "2026-10（正常推进）：雨污分流已完成一半，下月全部完工。", "visits": "2（接访 1，下访 1）", "status": "化解中",
        "closed_on": "", "exit_way": "", "satisfaction": "",
    }  # fmt: skip
    assert (found.light, found.missed) == ("green", 0)


def test_a_proposal_is_not_in_the_ledger_yet(work: Session) -> None:
    case_id = b.proposed(work)
    assert ledger.rows(work, person(work, "xinfang"), Filters()).total == 0
    assert [r.case_id for r in ledger.rows(work, person(work, "xinfang"), Filters(state="proposed")).rows] == [case_id]
    assert not list(work.scalars(select(LedgerCell)))


@pytest.mark.parametrize(("account", "who"), [("xinfang", "张晓苇"), ("fenguan", "张**"), ("juzhang", "张**"), ("shenji", "张**")])
def test_names_are_masked_as_in_the_petition_in_texts_too(work: Session, account: str, who: str) -> None:
    case_id = b.carrying(work)
    b.complete(work, case_id, "progress", b.handler_of(work, case_id), text="已到张晓苇家核实，电话 13800001234 回访。", state="going")
    cells = row(work, account, case_id).cells
    assert cells["petitioner"] == who
    assert ("张晓苇" in cells["progress"]) == (who == "张晓苇") == ("13800001234" in cells["progress"])


def test_nobody_sees_files_that_are_not_theirs(work: Session) -> None:
    case_id = b.carrying(work)
    assert ledger.rows(work, b.somebody(work, "handler", "br-360102"), Filters(state="all")).total == 0
    assert ledger.rows(work, b.somebody(work, "handler", "br-360102"), Filters(state="all"), b.day(1)).total == 0
    assert row(work, b.handler_of(work, case_id), case_id)


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        ({}, True), ({"state": "closed"}, False), ({"unit": "nc-inspect"}, True), ({"unit": "br-360102"}, False),
        ({"county": "360111"}, True), ({"county": "360102"}, False),
        ({"kind": "water"}, True), ({"kind": "air"}, False), ({"reason": "flagged"}, True),
        ({"reason": "repeated"}, False), ({"q": "沁澜"}, True), ({"q": "洪环包〔2026〕1号"}, True), ({"q": "瑞泽"}, False),
        ({"light": "green"}, True), ({"light": "red"}, False), ({"since": "2026-10-08", "until": "2026-10-08"}, True),
        ({"since": "2026-10-09"}, False), ({"owner": "not-a-person"}, False), ({"state": "nonsense", "since": "gestern"}, True),
    ],
)  # fmt: skip
def test_filters(work: Session, filters: dict[str, str], there: bool) -> None:
    b.carrying(work)
    wanted, viewer = Filters.parse(filters), person(work, "xinfang")
    assert ledger.rows(work, viewer, wanted).total == there
    if not ({"light", "owner"} & set(filters)):  # what the history does not hold as texts
        assert ledger.rows(work, viewer, wanted, clock_time.now()).total == there
    assert Filters.parse(wanted.as_args()) == wanted


def test_the_owner_filter_knows_the_owner_of_that_day(work: Session) -> None:
    case_id = b.assigned(work)
    old, new, viewer = person(work, "fenguan"), person(work, "juzhang"), person(work, "xinfang")
    before = clock_time.now()
    b.go_to(work, b.day(2))
    services.start_change(work, viewer.actor(), case_id)
    b.complete(work, case_id, "change_owner", "juzhang", change_ok=True, new_owner=str(new.id), reason="原包案领导分工调整。")
    by_old, by_new = Filters(owner=str(old.id)), Filters(owner=str(new.id))
    assert (ledger.rows(work, viewer, by_old).total, ledger.rows(work, viewer, by_new).total) == (0, 1)
    assert (ledger.rows(work, viewer, by_old, before).total, ledger.rows(work, viewer, by_new, before).total) == (1, 0)


def test_the_history_is_what_the_audit_says_at_every_moment(work: Session) -> None:
    case_id = whole_life(work)
    moments = sorted(set(work.scalars(select(Event.at).where(Event.kind == ledger_history.KIND))))
    assert len(moments) > 4
    for moment in [b.day(-1), *moments, b.day(80)]:
        stood = {case: cells for case, cells in ledger_history.from_audit(work, moment).items() if cells}
        assert ledger_history.as_of(work, moment) == stood
    live = {key: text for key, text in ledger_cells.cells(work, [case_id])[case_id].items() if text}
    assert ledger_history.as_of(work, clock_time.now())[case_id] == live
    assert live["status"] == "已结案" and live["exit_way"] == "息诉息访" and live["closed_on"] == "2026-12-07"


def test_the_history_names_no_petitioner(work: Session) -> None:
    whole_life(work)
    for text in [
        *work.scalars(select(LedgerCell.value)),
        *map(str, work.scalars(select(Event.detail).where(Event.kind == ledger_history.KIND))),
    ]:
        assert "张晓苇" not in text and "13800001234" not in text


def test_a_past_day_shows_what_it_showed(work: Session) -> None:
    case_id = whole_life(work)
    early = row(work, "xinfang", case_id, b.day(1))
    assert (early.cells["owner"], early.cells["status"], early.cells["closed_on"]) == ("龚致远", "化解中", "")
    late = row(work, "xinfang", case_id, b.day(55))
    assert (late.cells["owner"], late.cells["status"]) == ("程砚秋", "化解中，2026-11 缺报")
    assert early.cells["petitioner"] == "张**"
    assert ledger.rows(work, person(work, "xinfang"), Filters(state="all"), b.day(-1)).total == 0


def test_the_history_of_a_cell_says_who_changed_it_and_when(work: Session) -> None:
    case_id = whole_life(work)
    owners = ledger_history.history(work, case_id, "owner")
    assert [(p.value, p.actor, p.to_at is None) for p in owners] == [("程砚秋", "程砚秋", True), ("龚致远", "程砚秋", False)]
    assert owners[0].from_at == owners[1].to_at
    ways = [p.value for p in ledger_history.history(work, case_id, "exit_way")]
    assert ways == ["息诉息访", "息诉息访"]  # proposed, returned, proposed again


def test_what_changes_without_a_step_comes_into_the_history_the_night_after(work: Session) -> None:
    case_id = b.assigned(work)
    person(work, "fenguan").name = "龚志远"
    work.flush()
    assert row(work, "xinfang", case_id).cells["owner"] == "龚志远"
    assert list(periodic.LEDGER.units(work, b.day(1))) == ["2026-10-09"]
    clock_time.freeze(b.day(1))
    periodic.LEDGER.run(work, "2026-10-09", b.day(1))
    assert [(p.value, p.actor) for p in ledger_history.history(work, case_id, "owner")] == [("龚志远", "台账核对"), ("龚致远", "程砚秋")]
    lines = len(list(work.scalars(select(Event).where(Event.kind == ledger_history.KIND))))
    periodic.LEDGER.run(work, "2026-10-09", b.day(1))
    assert len(list(work.scalars(select(Event).where(Event.kind == ledger_history.KIND)))) == lines


def test_more_files_ask_no_more_questions(work: Session) -> None:
    def asked(account: str) -> int:
        count = 0

        def heard(*_: object) -> None:
            nonlocal count
            count += 1

        connection = work.connection()
        event.listen(connection, "before_cursor_execute", heard)
        ledger.rows(work, person(work, account), Filters(state="all"))
        event.remove(connection, "before_cursor_execute", heard)
        return count

    b.assigned(work)
    asked("juzhang")
    one = asked("juzhang")
    for number in range(3):
        b.assigned(
            work, enterprise=f"瑞泽再生资源厂第 {number} 车间", phone=f"1390000{number:04d}", address=f"罗家镇 {number} 号", name="李四"
        )
    assert ledger.rows(work, person(work, "juzhang"), Filters(state="all")).total == 4
    assert asked("juzhang") == one
