"""案卷抽查: the draw anybody can repeat, its reviewers, each unit and month exactly once, files that fail come back as 督办."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import db, periodic
from app.accounts.models import Person
from app.engine import get_engine
from app.petitions.models import Petition
from app.supervision import drawing, reviews
from app.supervision.models import Matter, ReviewDraw, ReviewSample
from app.worker import work_off
from tests.petitions.builders import person, register
from tests.supervision.builders import does
from workflows import time as clock_time
from workflows.tables import Case, Clock, Task

DRAWN_ON = datetime(2026, 10, 12, 9, tzinfo=clock_time.ZONE)  # the third working day of October after the holiday


def archived(session: Session, count: int, *, unit: str = "br-360111", day: date = date(2026, 9, 15)) -> list[UUID]:
    """Finished petitions of a unit, as the archive leaves them."""
    made = []
    for number in range(count):
        case_id = register(session, phone=f"1391000{number:04d}", enterprise=f"罗家镇第 {number} 家具厂", place=f"罗家镇 {number} 号")
        petition, case = session.get_one(Petition, case_id), session.get_one(Case, case_id)
        petition.archived_at = clock_time.start_of_day(day) + timedelta(hours=10)
        case.status, case.closed_at, case.attrs = "closed", petition.archived_at, {**case.attrs, "unit": unit}
        made.append(case_id)
    session.flush()
    return made


@pytest.mark.parametrize(("closed", "size"), [(0, 0), (1, 1), (3, 3), (40, 3), (61, 4), (100, 5), (1000, 50)])
def test_at_least_three_or_five_per_cent(closed: int, size: int) -> None:
    assert drawing.size_of(closed, 5, 3) == size


def test_the_same_seed_draws_the_same_sample() -> None:
    ids = [uuid4() for _ in range(50)]
    sample = drawing.pick(20261012, ids, 5)
    assert sample == drawing.pick(20261012, ids[::-1], 5) and len(set(sample)) == 5 and set(sample) <= set(ids)


def test_the_draw_day_is_a_working_day_and_a_setting(bureau: Flask) -> None:
    with bureau.app_context(), db.transaction() as session:
        engine = get_engine()
        assert drawing.draw_day(engine.calendar, date(2026, 10, 1), 3) == date(2026, 10, 10)  # 8, 9 and a make-up Saturday
        assert drawing.months_due(session, datetime(2026, 10, 9, 23, tzinfo=clock_time.ZONE)) == ["2026-08"]
        assert drawing.months_due(session, datetime(2026, 10, 10, 0, tzinfo=clock_time.ZONE)) == ["2026-08", "2026-09"]


def test_a_draw_can_be_repeated_by_anybody(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            ids = archived(session, 5)
            archived(session, 1, day=date(2026, 8, 31))
        clock_time.freeze(DRAWN_ON)
        with db.transaction() as session:
            row = drawing.draw(session, "2026-09", "br-360111", DRAWN_ON)
            assert row is not None and (row.closed, row.size, row.share, row.least) == (5, 3, 5, 3)
            drawn = session.scalars(select(ReviewSample.case_id).where(ReviewSample.draw_id == row.id)).all()
            assert sorted(drawn) == drawing.pick(row.seed, ids, row.size)
            assert drawing.draw(session, "2026-09", "br-360123", DRAWN_ON) is None  # nothing was finished there


def test_reviewers_are_two_handlers_of_other_units_without_a_part_in_the_file(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            archived(session, 3)
        clock_time.freeze(DRAWN_ON)
        with db.transaction() as session:
            drawing.draw(session, "2026-09", "br-360111", DRAWN_ON)
            for sample in session.scalars(select(ReviewSample)):
                assert len(set(sample.reviewers)) == 2
                people = session.scalars(select(Person).where(Person.id.in_([UUID(one) for one in sample.reviewers]))).all()
                for one in people:
                    assert one.has_role("handler") and not any(post.organ_id == "br-360111" for post in one.posts)
                took_part = set(session.scalars(select(Task.closed_by).where(Task.case_id == sample.case_id)))
                assert not took_part & {one.id for one in people}
                holders = session.scalars(select(Task.holder).where(Task.case_id == sample.case_id, Task.element == "score")).all()
                assert sorted(holders) == sorted(f"p:{one}" for one in sample.reviewers)
                clock = session.scalars(select(Clock).where(Clock.case_id == sample.case_id, Clock.slot == "score")).one()
                assert (clock.rule, clock.status) == ("review.score", "running")


def test_accusations_are_not_given_to_reviewers(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            (case_id,) = archived(session, 1)
            session.get_one(Petition, case_id).sealed = True
        with db.transaction() as session:
            assert drawing.draw(session, "2026-09", "br-360111", DRAWN_ON) is None


def test_each_unit_and_month_is_drawn_once_whoever_works(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            archived(session, 4)
            archived(session, 2, unit="nc-inspect")
        clock_time.freeze(DRAWN_ON)
        for _ in range(2):
            more = True
            while more:
                with db.transaction() as session:
                    more = periodic.run_next(session, DRAWN_ON)
        with db.transaction() as session:
            drawn = session.execute(select(ReviewDraw.unit, ReviewDraw.month, ReviewDraw.size).order_by(ReviewDraw.unit)).all()
            assert [tuple(row) for row in drawn] == [("br-360111", "2026-09", 3), ("nc-inspect", "2026-09", 2)]


def test_a_killed_draw_leaves_nothing_and_is_done_again(bureau: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            archived(session, 3)
        clock_time.freeze(DRAWN_ON)
        work = next(one for one in periodic.all_periodic() if one.name == "review.draw")
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), db.transaction() as session:

            def killed(*_: object) -> None:
                raise KeyboardInterrupt

            patch.setattr(drawing, "_review", killed)
            work.run(session, "2026-09:br-360111", DRAWN_ON)
        with db.transaction() as session:
            assert session.scalars(select(ReviewDraw)).all() == []
            work.run(session, "2026-09:br-360111", DRAWN_ON)
        with db.transaction() as session:
            assert len(session.scalars(select(ReviewSample)).all()) == 3


def test_two_scores_below_the_setting_come_back_as_a_letter(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            archived(session, 1)
        clock_time.freeze(DRAWN_ON)
        with db.transaction() as session:
            drawing.draw(session, "2026-09", "br-360111", DRAWN_ON)
        with db.transaction() as session:
            sample = session.scalars(select(ReviewSample)).one()
            case_id = sample.case_id
    low = {"p_intake": 10, "p_period": 10, "p_facts": 10, "p_answer": 10, "p_volume": 10, "remark": "没有听取陈述的记录，答复不逐项回应。"}
    does(bureau, case_id, "score", **low)
    with bureau.app_context(), db.transaction() as session:
        sample = session.scalars(select(ReviewSample)).one()
        assert sample.passed is None and len(sample.scores) == 1
    does(bureau, case_id, "score", **{**low, "p_volume": 18})
    with bureau.app_context(), db.transaction() as session:
        sample = session.scalars(select(ReviewSample)).one()
        assert (sample.points, sample.passed) == (54.0, False)
        matter = session.scalars(select(Matter)).one()
        assert (matter.subject_case, matter.trigger, matter.unit) == (case_id, "review_failed", "br-360111")
        assert session.scalars(select(Task.element).where(Task.case_id == matter.case_id, Task.status == "open")).all() == ["draft_letter"]
        assert session.scalars(select(Clock.status).where(Clock.case_id == case_id, Clock.slot == "score")).all() == ["met"]
        assert session.get_one(Case, case_id).status == "closed"


def test_late_reviewers_do_not_mark_the_petition_as_late(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            (case_id,) = archived(session, 1)
            session.execute(delete(Clock))  # the petition's own periods
        clock_time.freeze(DRAWN_ON)
        with db.transaction() as session:
            drawing.draw(session, "2026-09", "br-360111", DRAWN_ON)
        clock_time.freeze(DRAWN_ON + timedelta(days=30))
        work_off()
        with db.transaction() as session:
            assert session.scalars(select(Clock.overdue_at)).one() is not None
            assert "超期" not in session.get_one(Case, case_id).tags


def test_shares_reviewed_and_passed(bureau: Flask) -> None:
    with bureau.app_context():
        with db.transaction() as session:
            archived(session, 4)
        clock_time.freeze(DRAWN_ON)
        with db.transaction() as session:
            drawing.draw(session, "2026-09", "br-360111", DRAWN_ON)
            cases = list(session.scalars(select(ReviewSample.case_id)))
    does(bureau, cases[0], "score")
    does(bureau, cases[0], "score")
    with bureau.app_context(), db.transaction() as session:
        found = reviews.shares(session, "2026-09", "2026-09")
        assert found[("2026-09", "br-360111")] == reviews.Share(closed=4, drawn=3, scored=1, passed=1)
        (line,) = reviews.draws(session, person(session, "xinfangkezhang"), "2026-09", {"br-360111": "青山湖分局"})
        assert (line.scored, line.passed, line.unit) == (1, 1, "青山湖分局")
        hidden = next(s for s in line.samples if s.passed is None)
        assert "分）" not in hidden.reviewers
