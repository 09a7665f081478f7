"""The rules by which problems are drafted, each at its bound: one less is nothing, the number itself is an item."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.warnings import collect
from tests.warnings.builders import items, petition


def hits(found: list[collect.Item]) -> dict[tuple[str, str], list[str]]:
    """(kind, key) of each item → the rules that hit."""
    return {(item.kind, item.key if item.kind == "kind" else item.name): [row["rule"] for row in item.reasons] for item in found}


@pytest.mark.parametrize(("count", "hit"), [(4, False), (5, True)])
def test_a_kind_counts_from_five(counting: Session, count: int, hit: bool) -> None:
    for index in range(count):
        petition(counting, "2026-08-31" if index else "2026-08-01", enterprise=f"第{index}号企业", kind="air")
        petition(counting, "2026-07-15", kind="air")  # as many the month before: no growth
    found = hits(items(counting))
    assert found == ({("kind", "air"): ["count"]} if hit else {})


def test_the_month_is_from_its_first_to_its_last_day_in_china(counting: Session) -> None:
    for day in ("2026-07-31", "2026-09-01"):
        for index in range(5):
            petition(counting, day, enterprise=f"第{index}号企业")
    for index in range(3):
        petition(counting, "2026-08-31", enterprise=f"第{index}号企业")
    (item,) = items(counting, least_count=3)
    assert (item.count, item.last_month) == (3, 5)


@pytest.mark.parametrize(("count", "hit"), [(2, False), (3, True)])
def test_a_polluter_counts_from_three_and_its_place_is_not_counted_twice(counting: Session, count: int, hit: bool) -> None:
    for _ in range(count):
        petition(counting, enterprise="沁澜金属表面处理厂", place="罗家镇栖塘路西侧水渠")
        petition(counting, "2026-07-03", enterprise="沁澜金属表面处理厂（有限公司）")
    found = hits(items(counting))
    assert found == ({("source", "沁澜金属表面处理厂"): ["count"]} if hit else {})


@pytest.mark.parametrize(("households", "hit"), [(2, False), (3, True)])
def test_households_on_one_place(counting: Session, households: int, hit: bool) -> None:
    for index in range(households):
        petition(counting, place="塘山镇朝阳洲路口", house=str(index))
    petition(counting, place="塘山镇朝阳洲路口", house="0")  # the same house again
    found = items(counting, least_cluster=9, growth_least=9)
    assert hits(found) == ({("place", "塘山镇朝阳洲路口"): ["households"]} if hit else {})


@pytest.mark.parametrize(("before", "hit"), [(3, False), (2, True), (0, True)])
def test_growth_against_last_month(counting: Session, before: int, hit: bool) -> None:
    """Three after two is half as much again; three after nothing is growth; three after three is none."""
    for _ in range(3):
        petition(counting, kind="noise")
    for _ in range(before):
        petition(counting, "2026-07-20", kind="noise")
    assert hits(items(counting)) == ({("kind", "noise"): ["growth_month"]} if hit else {})


def test_growth_needs_three_petitions(counting: Session) -> None:
    for _ in range(2):
        petition(counting, kind="noise")
    assert items(counting) == []


@pytest.mark.parametrize(("year_ago", "hit"), [(11, False), (10, True), (0, False)])
def test_growth_against_last_year_where_there_was_something(counting: Session, year_ago: int, hit: bool) -> None:
    for _ in range(13):
        petition(counting, kind="noise")
        petition(counting, "2026-07-20", kind="noise")
    for _ in range(year_ago):
        petition(counting, "2025-08-20", kind="noise")
    found = items(counting, least_count=99)
    assert hits(found) == ({("kind", "noise"): ["growth_year"]} if hit else {})


@pytest.mark.parametrize(("repeated", "hit"), [(1, False), (2, True)])
def test_repeats(counting: Session, repeated: int, hit: bool) -> None:
    for index in range(2):
        petition(counting, repeats=2 if index < repeated else 1)
    assert hits(items(counting)) == ({("kind", "water"): ["repeats"]} if hit else {})


@pytest.mark.parametrize(("late", "hit"), [(1, False), (2, True)])
def test_overdue_counts_whenever_it_was_received(counting: Session, late: int, hit: bool) -> None:
    for _ in range(late):
        petition(counting, "2026-03-02", late=True)
    assert hits(items(counting)) == ({("kind", "water"): ["overdue"]} if hit else {})


def test_what_was_settled_is_not_overdue_any_more(counting: Session) -> None:
    for _ in range(3):
        petition(counting, "2026-03-02")
    assert items(counting) == []


@pytest.mark.parametrize(("day", "hit"), [("2026-07-03", False), ("2026-07-02", True)])
def test_unresolved_for_more_than_sixty_days(counting: Session, day: str, hit: bool) -> None:
    """On 1 September sixty days ago is 3 July: what came on that day is not yet too long ago."""
    for _ in range(3):
        petition(counting, day, living=True)
    assert hits(items(counting)) == ({("kind", "water"): ["unresolved"]} if hit else {})


def test_sealed_petitions_accusations_and_other_counties_never_count(counting: Session) -> None:
    for _ in range(6):
        petition(counting, sealed=True)
        petition(counting, klass="accusation")
        petition(counting, county="360102")
        petition(counting, number=None)
    assert items(counting) == []


def test_sorted_by_overdue_repeats_growth_count(counting: Session) -> None:
    for kind, late, repeated, before, count in (
        ("air", 0, 0, 4, 9), ("noise", 0, 0, 0, 6), ("soil", 0, 3, 0, 6), ("solid", 2, 0, 0, 5),
    ):  # fmt: skip
        for index in range(count):
            petition(counting, kind=kind, repeats=2 if index < repeated else 1)
        for _ in range(before):
            petition(counting, "2026-07-09", kind=kind)
        for _ in range(late):
            petition(counting, "2026-05-09", kind=kind, late=True)
    assert [item.key for item in items(counting)] == ["solid", "soil", "noise", "air"]
    assert [item.key for item in items(counting, most_items=2)] == ["solid", "soil"]


def test_a_kind_that_is_one_polluter_is_that_polluters_item(counting: Session) -> None:
    for _ in range(6):
        petition(counting, enterprise="沁澜金属表面处理厂")
    assert [item.kind for item in items(counting)] == ["source"]
    petition(counting)
    assert [item.kind for item in items(counting)] == ["kind", "source"]


def test_an_item_links_its_petitions_and_says_its_figures_without_names(counting: Session) -> None:
    own = [petition(counting, enterprise="万晚晴家具厂", name="万晚晴", house=str(n), repeats=1 + n % 2).case_id for n in range(4)]
    late = petition(counting, "2026-04-01", enterprise="万晚晴家具厂", late=True).case_id
    (item,) = items(counting)
    assert set(item.cases) == {*own, late}
    assert item.title == "＊＊家具厂（同一污染源）"
    said = "本月收到 4 件，上月 0 件，去年同月 0 件；涉及 4 户；重复信访 2 件；超期未办结 1 件；长期未办结 1 件。"
    assert item.text == said
    assert item.reasons[0] == {"rule": "count", "text": "本月 4 件，达到 3 件"}
