"""Where a role is sought: at the organisation, then upward."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, event, update
from sqlalchemy.orm import Session

from app.accounts import services
from app.accounts.directory import directory, person_holder
from app.accounts.models import Organ, Person, Post
from app.demo.organs import seed_organisation
from app.demo.people import seed_people
from tests.accounts.fixtures import person_of
from workflows.errors import NobodyThere
from workflows.handlers import Actor
from workflows.time import now

ADMIN = Actor.system("测试")


@pytest.mark.parametrize(
    ("role", "org", "holder"),
    [
        ("office", "nc-petition", "o:nc-petition:office"),
        ("office", "nc-inspect", "o:nc-petition:office"),  # 信访科 serves the whole bureau
        ("legal", "nc-inspect", "o:nc-legal:legal"),
        ("legal", "br-360111", "o:nc-legal:legal"),  # a 分局 without one climbs
        ("office", "br-360111", "o:br-360111:office"),  # one with its own does not
        ("organ_head", "nc-inspect", "o:nc:organ_head"),
        ("organ_head", "br-360111", "o:br-360111:organ_head"),
        ("signer", "nc-solid", "o:nc:signer"),
        ("leader", "nc-petition", "o:nc:leader"),
        ("archivist", "nc-petition", "o:nc-archive:archivist"),
        ("archivist", "br-wl", "o:nc-archive:archivist"),
        ("hearing_host", "br-jkq", "o:br-jkq:hearing_host"),
        ("hearing_host", "nc-inspect", "o:nc-legal:hearing_host"),
        ("appeal_clerk", "nc", "o:nc-office:appeal_clerk"),
        ("appeal_head", "nc", "o:nc:appeal_head"),
        ("appeal_head", "jx", "o:jx:appeal_head"),
        ("unit_clerk", "nc-inspect", "o:nc-inspect:unit_clerk"),
    ],
)
def test_role_is_found(demo_org: Flask, session: Session, role: str, org: str, holder: str) -> None:
    assert directory.resolve(session, role, org) == holder


def test_a_unit_role_is_not_borrowed_from_a_neighbour(demo_org: Flask, session: Session) -> None:
    """The bureau itself has no 收件岗, and another department's is not its own."""
    with pytest.raises(NobodyThere) as missing:
        directory.resolve(session, "unit_clerk", "nc")
    assert missing.value.message == "南昌市生态环境局 及其上级没有人担任“收件岗”，请管理员先设置该岗位。"


def test_every_demo_unit_can_do_its_work(demo_org: Flask, session: Session) -> None:
    units = [organ for organ in session.query(Organ) if organ.id.startswith("br-") or organ.id in ("nc-petition", "nc-inspect", "nc-solid")]
    assert len(units) == 15
    for unit in units:
        for role in ("unit_clerk", "unit_head", "handler", "co_handler"):
            assert directory.resolve(session, role, unit.id) == f"o:{unit.id}:{role}"
        for role in ("office", "desk", "leader", "signer", "organ_head", "legal", "hearing_host", "archivist"):
            directory.resolve(session, role, unit.id)
        assert directory.resolve(session, "appeal_head", directory.appeal_org(session, unit.id) or "")


def test_ended_posts_and_people_who_left_do_not_count(demo_org: Flask, session: Session) -> None:
    session.execute(update(Post).where(Post.organ_id == "br-360111", Post.role == "office").values(until=now() - timedelta(seconds=1)))
    session.commit()
    assert directory.resolve(session, "office", "br-360111") == "o:nc-petition:office"
    session.execute(update(Person).where(Person.account.in_(["xinfang", "xinfang2", "xinfangkezhang"])).values(active=False))
    session.commit()
    with pytest.raises(NobodyThere):
        directory.resolve(session, "office", "br-360111")


def test_answers_are_kept_for_one_transaction_and_are_quick(demo_org: Flask, session: Session, db: Engine) -> None:
    asked: list[str] = []
    event.listen(db, "before_cursor_execute", lambda *args: asked.append(args[2]))
    directory.resolve(session, "legal", "br-360111")
    before = len(asked)
    start = time.perf_counter()
    for _ in range(1000):
        directory.resolve(session, "legal", "br-360111")
    assert (time.perf_counter() - start) / 1000 < 0.00005
    assert len(asked) == before
    session.commit()
    directory.resolve(session, "legal", "br-360111")
    assert len(asked) > before


def test_giving_and_ending_a_post_is_seen_at_once(demo_org: Flask, session: Session) -> None:
    assert directory.resolve(session, "legal", "br-360111") == "o:nc-legal:legal"
    post = services.give_post(session, person_of(session, "qingshanhu-guzhang"), "br-360111", "legal", ADMIN)
    assert directory.resolve(session, "legal", "br-360111") == "o:br-360111:legal"
    services.end_post(session, post, ADMIN)
    assert directory.resolve(session, "legal", "br-360111") == "o:nc-legal:legal"


def test_signing_and_reviewing_organs(demo_org: Flask, session: Session) -> None:
    assert directory.signer_org(session, "nc-inspect") == "nc"
    assert directory.signer_org(session, "br-gxq") == "br-gxq"
    assert directory.appeal_org(session, "br-gxq") == "nc"
    assert directory.appeal_org(session, "nc-inspect") == "jx"
    assert directory.appeal_org(session, "jx") is None


def test_heads_of_a_holder(demo_org: Flask, session: Session) -> None:
    head, officer = person_of(session, "zhiduizhang"), person_of(session, "zhidui1")
    assert directory.heads(session, "o:nc-inspect:unit_clerk") == [head.id]
    assert directory.heads(session, person_holder(officer.id)) == [head.id]
    chief = person_of(session, "juzhang")
    assert directory.heads(session, "o:nc:signer") == [chief.id]  # no unit head at the bureau itself: its 正职
    assert directory.heads(session, "o:jx:appeal_head") == []


def test_people_behind_a_holder(demo_org: Flask, session: Session) -> None:
    officers = {person_of(session, account).id for account in ("zhidui1", "zhidui2")}
    assert set(directory.people(session, "o:nc-inspect:handler")) == officers
    one = person_of(session, "zhidui1")
    assert directory.people(session, person_holder(one.id)) == [one.id]


def test_a_ring_in_the_tree_ends(demo_org: Flask, session: Session) -> None:
    session.execute(delete(Post).where(Post.role == "archivist"))
    session.execute(update(Organ).where(Organ.id == "nc").values(parent_id="br-wl"))
    session.flush()
    with pytest.raises(NobodyThere):
        directory.resolve(session, "archivist", "br-wl")
    assert "nc-legal" in directory.below(session, ["nc"])


def test_seeding_twice_adds_nothing_and_keeps_changes(demo_org: Flask, session: Session) -> None:
    session.execute(update(Organ).where(Organ.id == "nc").values(short="改过的简称"))
    session.flush()
    assert (seed_organisation(session), seed_people(session)) == (0, 0)
    session.expire_all()
    assert session.get_one(Organ, "nc").short == "改过的简称"
