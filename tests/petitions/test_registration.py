"""Registration: number, counts, title, clocks, duplicates, search."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.inbox.filters import Filter
from app.petitions import counting, listing, numbering, search
from app.petitions.hooks import PetitionHooks
from app.petitions.models import Enterprise, Petition
from tests.petitions.builders import case, complete, person, petition, register
from workflows.errors import FormError
from workflows.tables import Clock
from workflows.time import ZONE, now


def found(session: Session, account: str, text: str) -> int:
    return len(listing.page(session, person(session, account), Filter(q=text), "all", now()).rows)


def test_a_registered_item_has_number_title_and_clock(work: Session) -> None:
    case_id = register(work)
    record, file = petition(work, case_id), case(work, case_id)
    assert record.number == file.number == "洪环信〔2026〕00001"
    assert file.title == "沁澜金属表面处理厂水污染"
    assert record.contactable and record.secrecy and not record.urgent
    clock = work.scalars(select(Clock).where(Clock.case_id == case_id, Clock.slot == "notify")).one()
    assert clock.rule == "petition.notify" and clock.due_at == datetime(2026, 10, 16, tzinfo=ZONE)  # 10-15 24:00


def test_nothing_in_lists_names_the_petitioner(work: Session) -> None:
    case_id = register(work, enterprise=None, place="张晓苇家门口")
    file = case(work, case_id)
    assert "张晓苇" not in file.title and "张晓苇" not in str(file.facets) + str(file.tags)


def test_no_notice_is_owed_without_an_address(work: Session) -> None:
    case_id = register(work, address=None)
    assert not petition(work, case_id).contactable
    assert work.scalars(select(Clock).where(Clock.case_id == case_id)).all() == []


def test_urgent_items_start_the_hour(work: Session) -> None:
    case_id = register(work, gravity="grave", received_at="2026-10-08T08:40:00+08:00")
    clock = work.scalars(select(Clock).where(Clock.case_id == case_id, Clock.slot == "urgent")).one()
    assert clock.due_at == datetime(2026, 10, 8, 9, 40, tzinfo=ZONE)
    assert "重大紧急" in case(work, case_id).tags


def test_a_group_needs_representatives(work: Session) -> None:
    with pytest.raises(FormError) as refused:
        register(work, channel="visit", visitors=7)
    assert "representatives" in refused.value.errors
    people = [{"name": name} for name in ("甲", "乙", "丙", "丁", "戊", "己")]
    with pytest.raises(FormError) as refused:
        register(work, channel="visit", visitors=7, representatives=people)
    assert "不得超过 5 人" in refused.value.errors["representatives"]


def test_group_and_level_skipping_are_marked(work: Session) -> None:
    case_id = register(work, channel="visit", visitors=7, representatives=[{"name": "甲某"}], levels_up=2, designated_place=True)
    record = petition(work, case_id)
    assert record.is_group and record.irregular and {"集体访", "越级"} <= set(case(work, case_id).tags)


def test_repeats_and_households_are_counted(work: Session) -> None:
    register(work)
    second = petition(work, register(work, statement="同一件事又来反映，夜里仍然排黄水，没有人来看。"))
    assert (second.repeats, second.households) == (2, 1)
    neighbour = {"name": "李四", "phone": "13900005678", "address": "栖塘路 14 号"}
    third = petition(work, register(work, **neighbour))
    assert (third.repeats, third.households) == (1, 2)


def test_households_outside_the_window_do_not_count(work: Session) -> None:
    register(work, received_at="2026-08-01T09:00:00+08:00", name="李四", phone="13900005678", address="栖塘路 14 号")
    assert petition(work, register(work)).households == 1


def test_the_same_enterprise_is_one_row(work: Session) -> None:
    register(work, enterprise="沁澜表面处理有限公司")
    register(work, enterprise="沁澜表面处理（有限公司）")
    assert len(work.scalars(select(Enterprise)).all()) == 1


def test_duplicates_say_why(work: Session) -> None:
    first = register(work)
    found = counting.alike(work, counting.Facts(phone="138-0000-1234", enterprise="沁澜金属表面处理厂", kind="water"))
    assert [a.case.id for a in found] == [first]
    assert found[0].reasons == ["同一电话", "同一单位", "同类问题"] and found[0].same_person and found[0].same_source


def test_two_characters_are_enough_to_find_it(work: Session) -> None:
    register(work)
    for text in ("黄水", "沁澜", "栖塘", "00001", "夜里排水"):
        assert found(work, "xinfang", text) == 1, text
    assert found(work, "xinfang", "绿水") == 0


def test_names_are_found_only_by_those_who_may_see_them(work: Session) -> None:
    case_id = register(work)
    for text in ("张晓苇", "13800001234"):
        assert found(work, "xinfang", text) == 1
        assert found(work, "shenji", text) == 0  # the auditor sees the case, not the name
        assert found(work, "juzhang", text) == 0
    assert found(work, "shenji", "黄水") == 1
    assert "张晓" not in str(work.scalar(select(type(petition(work, case_id)).search)))


def test_words_of_a_search_cannot_break_it(work: Session) -> None:
    register(work)
    for text in ("'", "a' | 'b", "\\", "&|!:*", "  ", "：（）"):
        found(work, "xinfang", text)
    assert search.matches("：（）") is None


def test_numbers_are_given_once_each(bureau: Flask) -> None:
    """Two clerks at the same time: no gap, no double."""
    given: list[str] = []
    start = threading.Barrier(2)

    def take() -> None:
        with bureau.app_context():
            for _ in range(20):
                with db.transaction() as session:
                    if not given:
                        start.wait(timeout=10)
                    number = numbering.petition_number(session, 2027)
                given.append(number)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(given) == [f"洪环信〔2027〕{n:05d}" for n in range(1, 41)]


def test_a_second_letter_goes_out_with_its_number(work: Session) -> None:
    assert numbering.letter_number(work, 2026) == "洪环信〔2026〕1号"
    assert numbering.letter_number(work, 2026) == "洪环信〔2026〕2号"


def test_an_earlier_item_must_fit_the_refusal(work: Session) -> None:
    """不再受理 needs a 复核 on file (条例36(3))."""
    prior, case_id = register(work), register(work)
    with pytest.raises(FormError) as refused:
        complete(
            work, case_id, "screen", "xinfang", klass="claim", track="6", intake_outcome="no_longer", prior_case=str(prior),
            grounds="与以前复核的事实理由相同，依法不再受理。", same_facts=True, same_reasons=True,
        )  # fmt: skip
    assert "没有经过复核" in refused.value.errors["prior_case"]


def test_what_an_item_was_merged_into_is_called_by_its_number(work: Session) -> None:
    prior, case_id = register(work), register(work)
    complete(
        work, case_id, "screen", "xinfang", klass="claim", track="6", intake_outcome="merge", prior_case=str(prior),
        grounds="与原件反映同一事项，并入原件办理。",
    )  # fmt: skip
    field = get_engine().library.current(work, "petition").form("screen").fields["prior_case"]
    number = work.get_one(Petition, prior).number
    assert PetitionHooks().said(work, case_id, field) == {str(prior): number} and number.startswith("洪环信〔")
