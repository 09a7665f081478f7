"""Which petitions are proposed: the real table asked at registration and at night, once for the same reasons, one file for one matter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import periodic
from app.engine import PROCEDURES
from app.leadership import candidates, services
from app.leadership.models import LeaderCase, LeaderCasePetition, LeaderProposal
from app.leadership.periodic import NIGHTS
from app.petitions import briefs, counting, masking, matters
from app.petitions.records import Instruction
from tests.leadership import builders as b
from tests.petitions.builders import case, person, petition, register, to_branch
from workflows import time as clock_time
from workflows.lint import lint_dmn
from workflows.tables import Message

PLAIN: dict[str, Any] = {"repeats": 1, "households": 1, "is_group": False, "irregular": False, "source": "petitioner", "flagged": False}
NEIGHBOURS = [(f"李{n}", f"1390000{n:04d}", f"罗家镇 {n} 号") for n in range(1, 6)]


def limits(folder: str) -> dict[str, int]:
    settings = yaml.safe_load((PROCEDURES / folder / "settings.yaml").read_text(encoding="utf-8"))
    return {name: settings[name]["value"] for name in ("repeats_limit", "households_limit", "households_days")}


def proposals(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.name == candidates.PROPOSE).order_by(Message.seq)))


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({}, []),
        ({"repeats": 2, "households": 4}, []),
        ({"repeats": 3}, ["repeated"]),
        ({"households": 5}, ["strong_reaction"]),
        ({"is_group": True}, ["collective_or_irregular"]),
        ({"irregular": True}, ["collective_or_irregular"]),
        ({"is_group": True, "irregular": True}, ["collective_or_irregular"]),
        ({"source": "media"}, ["media_or_leader"]),
        ({"source": "leader"}, ["media_or_leader"]),
        ({"source": "superior"}, []),
        ({"flagged": True}, ["flagged"]),
        ({"repeats": 3, "households": 9, "source": "media"}, ["repeated", "strong_reaction", "media_or_leader"]),
    ],
)
def test_the_entry_table_at_its_edges(work: Session, facts: dict[str, Any], reasons: list[str]) -> None:
    assert candidates.decide(work, {**PLAIN, **facts}) == reasons


def test_the_table_is_sound_and_its_last_row_says_none() -> None:
    path = PROCEDURES / "leader_case" / "entry.dmn"
    assert lint_dmn(path.read_bytes(), path.name) == []
    from lxml import etree

    rules = list(etree.parse(str(path)).getroot().iter("{*}rule"))
    assert [e.findtext("{*}text") for e in rules[-1].iter("{*}outputEntry")] == ['"none"']
    assert {e.findtext("{*}text") for e in rules[-1].iter("{*}inputEntry")} == {"-"}


def test_both_tables_know_the_same_limits() -> None:
    """The petition's table and this one ask the same question; each folder is a version of its own, so each has its settings."""
    assert limits("petition") == limits("leader_case")


def test_every_registration_that_fits_is_proposed_with_its_reasons(work: Session) -> None:
    assert b.opened(work)
    plain = register(work, name="李四", phone="13900005678", address="罗家镇 3 号", enterprise="瑞泽再生资源厂")
    b.drain(work)
    assert len(proposals(work)) == 1 and candidates.living_of(work, plain) is None


def test_one_file_for_one_source_and_every_further_petition_joins_it(work: Session) -> None:
    case_id = b.opened(work)
    second = register(work, **b.FLAGGED, name="李四", phone="13900005678", address="罗家镇 3 号")
    third = register(
        work, **b.FLAGGED, name="王五", phone="13900009999", address="罗家镇 4 号", enterprise="瑞泽再生资源厂", place="别处 1 号"
    )
    b.drain(work)
    members = {m.petition_id: m.why for m in work.scalars(select(LeaderCasePetition).where(LeaderCasePetition.case_id == case_id))}
    assert members[second] == "same_source" and third not in members
    assert len(list(work.scalars(select(LeaderCase)))) == 2


def test_the_same_petitioner_without_a_source_joins_the_open_file(work: Session) -> None:
    case_id = b.opened(work, enterprise=None, place=None)
    assert work.get_one(LeaderCase, case_id).matter_key.startswith("g:")
    again = register(work, **b.FLAGGED, enterprise=None, place=None)
    with_source = register(work, **b.FLAGGED)
    b.drain(work)
    why = {m.petition_id: m.why for m in work.scalars(select(LeaderCasePetition).where(LeaderCasePetition.case_id == case_id))}
    assert why[again] == "same_person" and why[with_source] == "same_person"


def test_a_closed_file_lets_a_new_one_open(work: Session) -> None:
    first = b.opened(work)
    lc = work.get_one(LeaderCase, first)
    lc.ended_at = clock_time.now()
    work.flush()
    register(work, **b.FLAGGED, name="李四", phone="13900005678", address="罗家镇 3 号")
    b.drain(work)
    keys = select(LeaderCase.case_id).where(LeaderCase.matter_key == lc.matter_key, LeaderCase.ended_at.is_(None))
    assert work.scalars(keys).one() != first


def test_a_proposal_that_fits_no_row_ends_without_entry(work: Session) -> None:
    petition_id = register(work)
    from app.engine import get_engine
    from workflows.handlers import Actor

    get_engine().send(work, petition_id, candidates.PROPOSE, {"case_id": str(petition_id), "reasons": [], **PLAIN}, Actor.system())
    b.drain(work)
    lc = b.file_of(work, petition_id)
    assert lc.status == "not_entered" and lc.ended_at is not None and case(work, lc.case_id).status == "closed"
    assert services.ownership_of(work, petition_id) is None


def test_at_night_what_grew_important_is_proposed_once(work: Session) -> None:
    ids = [register(work, name=name, phone=phone, address=address) for name, phone, address in NEIGHBOURS]
    b.drain(work)
    assert [m.payload["reasons"] for m in proposals(work)] == [["strong_reaction", ""]]  # the fifth household, at its registration
    owned = b.file_of(work, ids[-1])
    assert candidates.found(work, clock_time.now(), "360111") and not candidates.found(work, clock_time.now(), "360102")
    assert candidates.propose_found(work, clock_time.now(), "360111") == 4
    b.drain(work)
    members = select(LeaderCasePetition.petition_id).where(LeaderCasePetition.case_id == owned.case_id)
    assert set(work.scalars(members)) == set(ids)
    assert candidates.propose_found(work, clock_time.now(), "360111") == 0


def test_the_same_reasons_are_not_proposed_again_after_the_file_ended_but_new_ones_are(work: Session) -> None:
    petition_id = register(work)
    work.add(
        Instruction(
            case_id=petition_id, instance_id=petition_id, leader_id=person(work, "juzhang").id, text="请抓紧查清",
            instructed_on=clock_time.now().date(), due_on=clock_time.now().date(),
        )
    )  # fmt: skip
    work.flush()
    assert candidates.propose_found(work, clock_time.now(), "360111") == 1
    b.drain(work)
    lc = b.file_of(work, petition_id)
    assert lc.origin == "nightly" and lc.reasons == ["media_or_leader"]
    assert work.get_one(LeaderProposal, (petition_id, "media_or_leader")).origin == "nightly"
    lc.ended_at = clock_time.now()
    work.flush()
    assert candidates.propose_found(work, clock_time.now(), "360111") == 0
    petition(work, petition_id).flagged = True
    work.flush()
    assert candidates.propose_found(work, clock_time.now(), "360111") == 1


def test_accusations_and_ended_items_are_not_looked_for(work: Session) -> None:
    accused = register(work, "chuangkou", klass="accusation", about="branch", complained_unit="br-360111", name="李四", phone="13900005678")
    ended = register(work, name="王五", phone="13900009999", address="罗家镇 4 号", enterprise="瑞泽再生资源厂")
    for one in (accused, ended):
        petition(work, one).flagged = True
    case(work, ended).status = "closed"
    work.flush()
    assert candidates.found(work, clock_time.now(), "360111") == []


def test_each_county_is_looked_through_once_a_night_from_the_hour_of_the_settings(work: Session) -> None:
    at_one = clock_time.local(b.day(1).replace(hour=1))
    assert list(NIGHTS.units(work, at_one)) == []
    keys = list(NIGHTS.units(work, at_one.replace(hour=2)))
    assert len(keys) == 12 and "2026-10-09:360111" in keys
    assert NIGHTS in periodic.all_periodic()


def test_the_list_of_candidates_shows_what_the_viewer_may_see(work: Session) -> None:
    petition_id = register(work)
    petition(work, petition_id).flagged = True
    work.flush()
    found = services.candidates(work, person(work, "xinfang"))
    assert [(c.petition_id, list(c.reasons)) for c in found] == [(petition_id, ["局里列为重点"])]
    assert services.candidates(work, b.somebody(work, "handler", "br-360102")) == []


# -- petitions as others speak of them ------------------------------------------------------------------------------------


def test_what_counts_for_many_counts_as_for_one(work: Session) -> None:
    ids = [register(work, name=name, phone=phone, address=address) for name, phone, address in NEIGHBOURS[:3]]
    ids += [register(work), register(work, phone="13800001234", name="张晓苇", address="搬到新址 8 号")]
    ids += [register(work, enterprise=None, place=None), register(work, enterprise=None, place="罗家镇栖塘路西侧水渠")]
    days = limits("petition")["households_days"]
    for one in ids:
        facts = counting.of(petition(work, one))
        counted = matters.of(work, one, days, petition(work, one).received_at)
        assert counted is not None
        assert counted.repeats == counting.repeats(work, facts, one), one
        assert counted.households == max(
            petition(work, one).households, counting.households(work, facts, days, one) if facts.enterprise or facts.place else 0
        )


@pytest.mark.parametrize("account", ["xinfang", "chuangkou", "juzhang", "shenji", "zhidui1"])
def test_levels_of_many_are_the_levels_of_each(work: Session, account: str) -> None:
    ids = [register(work), register(work, "chuangkou", klass="accusation", about="branch", complained_unit="br-360111")]
    ids.append(register(work, anonymous=True, name=None, address=None))
    to_branch(work, ids[0])
    found = briefs.of(work, ids, person(work, account))
    for one in ids:
        assert found[one].level == masking.visible(work, person(work, account), petition(work, one), case(work, one))
        assert found[one].who in ("张晓苇", "张**", "匿名", briefs.SEALED)
    covered = briefs.reader(found.values())
    assert covered is None or account == "chuangkou"


def test_a_handler_and_a_serving_clerk_read_the_name(work: Session) -> None:
    one = register(work)
    handler = to_branch(work, one)
    assert briefs.of(work, [one], handler)[one].who == "张晓苇"
    assert briefs.of(work, [one], None)[one].who == "张**"
    assert briefs.of(work, [one], None)[one].cover("张晓苇来电 13800001234") == "＊＊来电 ＊＊"
    assert isinstance(briefs.source_key(work, one), str) and isinstance(one, UUID)
