"""Counting what changed gives the same as tally everything anew; a part of a month the same as its lines; the edges of transactions."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db
from app.numbers import lines, periodic, queries, services
from app.numbers.period import Period
from app.numbers.queries import Narrow
from app.numbers.scope import Scope
from app.petitions.models import Petition
from tests.numbers.builders import appeal, asked, at, behind, clock, event, item, transfer
from workflows import time as clock_time
from workflows.tables import Case, Clock, Event


def state_of(session: Session) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    facts = session.execute(text("SELECT * FROM petition_fact ORDER BY case_id")).all()
    months = session.execute(text("SELECT * FROM number_month WHERE num <> 0 OR den <> 0 ORDER BY 1, 2, 3, 4, 5, 6")).all()
    return [tuple(r) for r in facts], [tuple(r) for r in months]


def test_refreshing_step_by_step_equals_rebuilding(tally: Session) -> None:
    """Two hundred random changes over months of shifted time, counted as they come."""
    dice = random.Random(8)
    day = datetime(2026, 1, 5, 10, tzinfo=clock_time.ZONE)
    clock_time.freeze(day)
    services.refresh(tally)
    cases: list[UUID] = []
    for step in range(200):
        day += timedelta(hours=dice.randint(1, 40))
        clock_time.freeze(day)
        change(tally, dice, day, cases)
        if step % 7 == 0:
            services.refresh(tally)
    services.refresh(tally)
    kept = state_of(tally)
    services.rebuild(tally)
    assert state_of(tally) == kept
    assert kept[0] and kept[1]


def change(session: Session, dice: random.Random, day: datetime, cases: list[UUID]) -> None:
    """Something that happens to petitions: a new one, a period, an answer, a rating, another unit, nothing but time."""
    what = dice.randint(0, 7) if cases else 0
    chosen = dice.choice(cases) if cases else None
    last = (day + timedelta(days=dice.randint(-3, 20))).date().isoformat()
    if what <= 1 or chosen is None:
        facts = {"phone_digits": f"1380000{dice.randint(0, 4)}", "repeats": dice.randint(1, 2), "county": dice.choice(["360111", "360102"])}
        cases.append(item(session, f"{day:%Y-%m-%d}", **facts))
        clock(session, cases[-1], dice.choice(["notify", "answer"]), last)
        return
    if what == 2:
        for row in session.query(Clock).filter_by(case_id=chosen, status="running"):
            row.status, row.ended_at = "met", day
    elif what == 3:
        clock(session, chosen, dice.choice(["answer", "execution", "feedback"]), last)
    elif what == 4 and not session.query(Clock).filter_by(case_id=chosen, slot="rating").count():
        asked(session, chosen, last, rated=f"{day:%Y-%m-%d}", scores=dice.choice([("满意", "满意"), ("不满意", "满意")]))
    elif what == 5:
        case = session.get_one(Case, chosen)
        case.attrs = {**case.attrs, "unit": dice.choice(["br-360102", "nc-inspect"])}
        session.get_one(Petition, chosen).kind = dice.choice(["water", "noise"])
        transfer(session, chosen, "br-360111", last, last, dice.choice(["agree", "refuse", "arbitrated"]))
    elif what == 6:
        appeal(session, chosen, f"{day:%Y-%m-%d}")
    event(session, chosen, f"{day:%Y-%m-%d}")


def test_time_alone_makes_late(tally: Session) -> None:
    case_id = item(tally)
    clock(tally, case_id, "answer", "2026-05-20")
    services.refresh(tally)
    assert behind(tally, "late", period="2026-05") == []
    clock_time.freeze(datetime(2026, 5, 21, tzinfo=clock_time.ZONE))
    services.refresh(tally)
    assert behind(tally, "late", period="2026-05") == [case_id]


def test_days_at_the_edges_of_a_period_are_read_line_by_line(tally: Session) -> None:
    for day in ("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-31", "2026-04-30", "2026-05-01", "2026-05-02"):
        item(tally, day, county="360102" if day < "2026-03-15" else "360111")
    services.refresh(tally)
    span = Period("range", date(2026, 2, 28), date(2026, 5, 2))
    assert queries.sums(tally, ("received",), span, "month", Narrow()) == {
        ("received", "2026-02"): (1, 1), ("received", "2026-03"): (2, 2), ("received", "2026-04"): (1, 1), ("received", "2026-05"): (1, 1),
    }  # fmt: skip
    assert queries.sums(tally, ("received",), span, "county", Narrow()) == {
        ("received", "360102"): (2, 2),
        ("received", "360111"): (3, 3),
    }
    inside = Period("range", date(2026, 3, 2), date(2026, 3, 31))
    assert queries.sums(tally, ("received",), inside, "all", Narrow()) == {}
    narrow = Narrow(Scope(("360102",)), kind="water")
    assert queries.sums(tally, tuple(lines.LINES), span, "unit", narrow) == {
        ("received", "br-360111"): (2, 2),
        ("repeat", "br-360111"): (0, 2),
    }


def test_an_event_with_a_lower_number_that_is_committed_later_is_not_missed(tally: Session) -> None:
    """Numbers of events are given before their transactions end: a gap is waited for."""
    first, second = item(tally), item(tally, "2026-04-01")
    numbers = tally.query(Event).order_by(Event.id).all()
    held = numbers[0].id
    tally.delete(numbers[0])  # the older one is not there yet
    tally.flush()
    services.rebuild(tally)
    tally.get_one(Petition, first).kind = "noise"
    tally.add(Event(id=held, case_id=first, at=at("2026-03-02"), actor="测试", kind="task.completed", label="登记"))
    tally.flush()
    services.refresh(tally)
    assert tally.scalar(text("SELECT kind FROM petition_fact WHERE case_id = :id"), {"id": first}) == "noise"
    assert second in behind(tally, "received", period="2026-04")


def test_the_worker_has_a_slot_every_five_minutes_and_a_night(tally: Session) -> None:
    moment = datetime(2026, 5, 20, 2, 59, tzinfo=clock_time.ZONE)
    assert periodic.slot(moment) == "2026-05-20T02:55"
    rebuild, refresh = periodic.PERIODIC
    assert list(rebuild.units(tally, moment)) == [] and list(refresh.units(tally, moment)) == ["2026-05-20T02:55"]
    assert list(rebuild.units(tally, moment + timedelta(minutes=1))) == ["2026-05-20"]
    item(tally)
    refresh.run(tally, "2026-05-20T10:00", clock_time.now())
    assert services.as_of(tally) == clock_time.now()
    rebuild.run(tally, "2026-05-20", clock_time.now())
    assert len(behind(tally, "received")) == 1


def test_the_command_line_counts_and_writes_the_page_of_definitions(bureau: Flask, tmp_path: Path) -> None:
    with bureau.app_context(), db.transaction() as session:
        item(session)
    runner = bureau.test_cli_runner()
    assert "已重新统计" in runner.invoke(args=["numbers", "rebuild"]).output
    with bureau.app_context(), db.transaction() as session:
        assert len(behind(session, "received")) == 1
    page = tmp_path / "numbers.md"
    assert runner.invoke(args=["numbers", "docs", "--to", str(page)]).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("# Numbers")
