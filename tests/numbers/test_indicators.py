"""Every indicator with its bounds: the last day and the day after, decided and undecided, nothing to divide."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from app.leadership.models import LeaderCase
from app.numbers.definitions import BY_KEY, KEYS, shown, value
from app.numbers.queries import Narrow
from app.supervision.models import Matter, MatterLetter, ReviewDraw, ReviewSample
from tests.numbers.builders import answered, appeal, asked, at, behind, clock, event, figure, item, sums, transfer
from workflows import time as clock_time
from workflows.tables import Case
from workflows.time import end_of_day


def test_notified_on_the_last_day_is_in_time_and_a_day_later_is_not(tally: Session) -> None:
    last, late, never, open_, free = (item(tally) for _ in range(5))
    clock(tally, last, "notify", "2026-03-17", met="2026-03-17")
    clock(tally, late, "notify", "2026-03-17", met="2026-03-18")
    clock(tally, never, "notify", "2026-03-17")  # still owed, past its day
    clock(tally, open_, "notify", "2026-05-20")  # its last day is today: not decided
    assert figure(tally, "notify") == (1, 3)
    assert behind(tally, "notify") == [last] and set(behind(tally, "notify", "miss")) == {late, never}
    assert figure(tally, "notify", "2026-05") == (0, 0)
    clock_time.freeze(datetime(2026, 5, 21, tzinfo=clock_time.ZONE))  # 24:00 of that day
    assert figure(tally, "notify", "2026-05") == (0, 1)
    assert free not in behind(tally, "notify", "den")  # nobody known to tell


def test_a_notice_superseded_by_a_shorter_one_is_not_owed_and_two_owed_ones_count_once(tally: Session) -> None:
    simple, both = item(tally), item(tally)
    clock(tally, simple, "notify", "2026-03-17", status="superseded")
    clock(tally, simple, "notify", "2026-03-05", met="2026-03-05")
    clock(tally, both, "notify", "2026-03-17", met="2026-03-10")
    clock(tally, both, "notify_forwarded", "2026-04-02", met="2026-04-03")
    assert figure(tally, "notify", "2026-03") == (1, 1)
    assert figure(tally, "notify", "2026-04") == (0, 1)


def test_answered_on_the_last_day_a_day_late_not_at_all_and_in_a_second_round(tally: Session) -> None:
    last = answered(tally, "2026-01-05", "2026-03-06", "2026-03-06")
    late = answered(tally, "2026-01-05", "2026-03-07", "2026-03-06")
    stopped, again = item(tally), answered(tally, "2026-01-05", "2026-03-01", "2026-03-06")
    clock(tally, stopped, "answer", "2026-03-06", status="cancelled")
    clock(tally, again, "answer", "2026-05-06", round=2)  # remanded; late now, but the first round was in time
    turned = item(tally)
    clock(tally, turned, "answer", "2026-03-02", status="superseded")
    clock(tally, turned, "answer", "2026-03-31")
    assert figure(tally, "answer") == (2, 4)
    assert set(behind(tally, "answer")) == {last, again} and set(behind(tally, "answer", "miss")) == {late, turned}
    assert figure(tally, "answer", "2026-05") == (0, 0)


def test_an_extended_period_counts_on_its_new_last_day(tally: Session) -> None:
    case_id = item(tally)
    row = clock(tally, case_id, "answer", "2026-03-31", met="2026-04-20")
    assert figure(tally, "answer") == (0, 1)
    row.due_at = end_of_day(date(2026, 4, 30))
    event(tally, case_id)
    assert figure(tally, "answer") == (0, 0) and figure(tally, "answer", "2026-04") == (1, 1)


def test_days_are_counted_from_the_day_after_receipt_to_the_day_of_sending(tally: Session) -> None:
    answered(tally, "2026-03-02", "2026-03-12", "2026-05-02")
    answered(tally, "2026-03-31", "2026-03-31", "2026-05-31")  # on the same day: none
    item(tally)
    assert figure(tally, "days") == (10, 2)
    assert shown(BY_KEY["days"], value(BY_KEY["days"], 10, 2)) == "5.0"


def test_late_counts_a_petition_once_on_its_first_overdue_day(tally: Session) -> None:
    case_id, fine, right = item(tally), item(tally), item(tally)
    clock(tally, case_id, "notify", "2026-03-17", met="2026-03-20")
    clock(tally, case_id, "execution", "2026-04-30")  # and this one still runs
    clock(tally, fine, "notify", "2026-03-17", met="2026-03-17")
    clock(tally, right, "review_request", "2026-03-17")  # somebody else's right: nobody is late
    assert figure(tally, "late") == (1, 1)
    assert figure(tally, "late", "2026-04") == (0, 0)
    assert behind(tally, "late", "den") == [case_id]


def test_what_was_made_good_is_not_late_any_more_but_was(tally: Session) -> None:
    case_id = item(tally)
    row = clock(tally, case_id, "instruction", "2026-03-17")
    assert figure(tally, "late") == (1, 1)
    row.status, row.ended_at = "met", at("2026-05-20")
    event(tally, case_id)
    assert figure(tally, "late") == (1, 0)


def test_each_bounce_counts_for_the_unit_that_bounced(tally: Session) -> None:
    case_id = item(tally, unit="nc-inspect")
    transfer(tally, case_id, "br-360102", "2026-03-02", "2026-03-04", "agree")
    transfer(tally, case_id, "br-360103", "2026-03-05", "2026-03-06", "agree")
    transfer(tally, case_id, "br-360104", "2026-03-07", "2026-03-31", "arbitrated")
    transfer(tally, case_id, "nc-inspect", "2026-04-01")
    kept = item(tally)
    transfer(tally, kept, "br-360111", "2026-03-02", "2026-03-04", "refuse")  # it has to keep it
    transfer(tally, item(tally), "br-360111", "2026-03-02", "2026-03-04")  # nobody decided yet
    assert figure(tally, "bounce") == (3, 1)
    assert figure(tally, "bounce", narrow=Narrow(unit="br-360103")) == (1, 0)
    assert behind(tally, "bounce") == [case_id] * 3


def test_rated_and_satisfied(tally: Session) -> None:
    good, fair, bad, silent, open_, never = (item(tally) for _ in range(6))
    asked(tally, good, "2026-03-31", rated="2026-03-31")
    asked(tally, fair, "2026-03-31", rated="2026-03-02", scores=("基本满意", "满意"))
    asked(tally, bad, "2026-03-31", rated="2026-03-02", scores=("满意", "不满意"))
    asked(tally, silent, "2026-03-31", status="lapsed")
    asked(tally, open_, "2026-06-30")  # still asked
    assert figure(tally, "rated") == (3, 4) and figure(tally, "satisfied") == (2, 3)
    assert behind(tally, "satisfied", "miss") == [bad] and behind(tally, "rated", "miss") == [silent]
    assert figure(tally, "rated", "2026-06") == (0, 0)
    assert never not in behind(tally, "rated", "den")


def test_a_second_rating_does_not_replace_the_first(tally: Session) -> None:
    case_id = item(tally)
    asked(tally, case_id, "2026-03-31", rated="2026-03-20", scores=("不满意", "满意"))
    clock(tally, case_id, "rating", "2026-04-30", met="2026-04-20", round=2)
    assert figure(tally, "satisfied") == (0, 1) and figure(tally, "satisfied", "2026-04") == (0, 0)


def test_repeats_are_what_registration_counted(tally: Session) -> None:
    item(tally, repeats=1), item(tally, repeats=2), item(tally, repeats=5)
    item(tally, "2026-04-01", repeats=2)
    assert figure(tally, "repeat") == (2, 3)


PERSON = {"phone_digits": "13800001234", "place_key": "栖塘路西侧水渠"}


@pytest.mark.parametrize(
    ("again", "settled"),
    [
        ({}, 1),
        ({"received": "2026-04-02", **PERSON}, 0),  # the same person, the same place, after the answer
        ({"received": "2026-03-05", **PERSON}, 1),  # while it was being handled: a repeat, not a second attempt
        ({"received": "2026-04-02", "phone_digits": "13900009999", "place_key": "栖塘路西侧水渠"}, 1),  # somebody else
        ({"received": "2026-04-02", **PERSON, "place_key": "幸福渠南岸"}, 1),  # another matter
        ({"received": "2026-04-02", "phone_digits": "13800001234", "kind": "noise"}, 1),  # no place: another kind is another matter
        ({"received": "2026-04-02", "phone_digits": "13800001234"}, 0),  # no place, the same kind and county
    ],
)
def test_settled_at_once(tally: Session, again: dict[str, str], settled: int) -> None:
    answered(tally, "2026-02-02", "2026-03-31", "2026-04-03", **PERSON)
    answered(tally, "2026-02-02", "2026-03-31", "2026-04-03", repeats=2)  # no first item
    assert figure(tally, "settled") == (1, 1)
    if again:
        item(tally, again.pop("received"), repeats=2, **again)
    assert figure(tally, "settled") == (settled, 1)


def test_who_asks_for_review_or_is_not_content_is_not_settled(tally: Session) -> None:
    reviewed, unhappy, fine = (answered(tally, "2026-02-02", "2026-03-31", "2026-04-03") for _ in range(3))
    appeal(tally, reviewed, "2026-04-10")
    asked(tally, unhappy, "2026-04-30", rated="2026-04-10", scores=("不满意", "满意"))
    assert figure(tally, "settled") == (1, 3) and behind(tally, "settled") == [fine]


def test_the_same_name_at_the_same_address_is_the_same_person(tally: Session) -> None:
    who = {"name": "张晓苇", "household": "a:栖塘路12号"}
    answered(tally, "2026-02-02", "2026-03-31", "2026-04-03", **who)
    item(tally, "2026-04-02", repeats=2, **who)
    assert figure(tally, "settled") == (0, 1)


def test_received_and_finished(tally: Session) -> None:
    item(tally), answered(tally, "2026-02-02", "2026-03-31", "2026-04-03", closed="2026-04-20")
    item(tally, "2026-02-02", closed="2026-03-05", closed_as="told_elsewhere")
    assert figure(tally, "received") == (1, 1) and figure(tally, "received", "2026-02") == (2, 2)
    assert figure(tally, "finished") == (2, 2) and figure(tally, "finished", "2026-04") == (0, 0)


def test_owned_and_closed(tally: Session) -> None:
    for n, (assigned, closed) in enumerate([("2026-03-02", "2026-05-19"), ("2026-03-31", None), ("2026-04-01", None), (None, None)]):
        lead(tally, n, assigned, closed)
    assert figure(tally, "led") == (1, 2) and figure(tally, "led", "2026-04") == (0, 1)
    assert figure(tally, "led", narrow=Narrow(county="360102")) == (0, 0)


def lead(session: Session, n: int, assigned: str | None, closed: str | None) -> None:
    case_id = file(session, f"包{n}")
    row = LeaderCase(
        case_id=case_id, title="水渠", matter_key=f"s:{n}", origin="hand", status="carrying", opened_by="测试", unit="br-360111"
    )
    row.assigned_on = date.fromisoformat(assigned) if assigned else None
    row.closed_on = date.fromisoformat(closed) if closed else None
    session.add(row)
    session.flush()


def file(session: Session, number: str) -> UUID:
    facets = {"county": "360111", "kind": "water"}
    case = Case(
        id=uuid4(), city="360100", number=number, title=number, attrs={}, facets=facets, tags=[], status="open", created_at=at("2026-03-02")
    )
    session.add(case)
    session.flush()
    return case.id


def test_replies_to_letters_of_supervision(tally: Session) -> None:
    due = end_of_day(date(2026, 3, 31))
    for n, replied in enumerate([due - timedelta(hours=1), due, None]):
        letter(tally, n, due, replied)
    letter(tally, 3, end_of_day(date(2026, 5, 31)), None)  # not due yet, not answered
    letter(tally, 4, end_of_day(date(2026, 5, 31)), at("2026-05-19"))  # answered before
    assert figure(tally, "replied") == (1, 3) and figure(tally, "replied", "2026-05") == (1, 1)
    assert figure(tally, "replied", narrow=Narrow(unit="br-360111")) == (1, 3)


def letter(session: Session, n: int, due: datetime, replied: datetime | None) -> None:
    case_id = file(session, f"督{n}")
    session.add(
        Matter(
            case_id=case_id, number=f"督{n}", unit="br-360111", desk_org="nc-petition", county="360111", kind="water",
            trigger="period_past", opened_by="系统", opened_at=at("2026-03-02"),
        )
    )  # fmt: skip
    session.flush()
    session.add(MatterLetter(case_id=case_id, step="letter", sent_at=at("2026-03-10"), reply_by=due, replied_at=replied))
    session.flush()


def test_sample_review(tally: Session) -> None:
    done = [item(tally, "2026-02-02", closed="2026-03-31", archived_at=at("2026-03-31")) for _ in range(4)]
    item(tally, "2026-02-02", closed="2026-04-01", archived_at=at("2026-04-01"))
    item(tally, "2026-02-02", closed="2026-03-31", archived_at=at("2026-03-31"), klass="accusation", sealed=True)  # never drawn
    draw = ReviewDraw(month="2026-03", unit="br-360111", seed=1, closed=4, share=5, least=3, size=3, drawn_at=at("2026-04-01"))
    tally.add(draw)
    tally.flush()
    for case_id, passed in zip(done, (True, False, None), strict=False):
        scored = at("2026-04-10") if passed is not None else None
        tally.add(ReviewSample(draw_id=draw.id, case_id=case_id, reviewers=[], passed=passed, scored_at=scored))
        event(tally, case_id)
    assert figure(tally, "sampled") == (3, 4) and figure(tally, "sampled", "2026-04") == (0, 1)
    assert figure(tally, "passed") == (0, 0) and figure(tally, "passed", "2026-04") == (1, 2)


def test_nothing_to_divide_is_a_dash_and_no_zero(tally: Session) -> None:
    assert sums(tally) == {}
    for key in KEYS:
        assert shown(BY_KEY[key], value(BY_KEY[key], 0, 0)) == ("0" if BY_KEY[key].counts else "—")
