"""One petition of the municipal bureau with everything that can hang on it, for the tests that try to get at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person, Post
from app.accounts.passwords import hash_password
from app.accounts.roles import ROLES
from app.demo.people import DEMO_PASSWORD, SINCE
from app.files import services as files
from app.imports.models import Imported
from app.inbox.services import tell
from app.leadership.models import ReceptionDay, ReceptionVisitor
from app.papers.models import Paper
from tests.petitions.builders import person, register
from workflows.tables import Incident, Instance, Link, Task
from workflows.time import now

NAME, PHONE, ADDRESS = "欧阳晚棠", "13907910042", "东湖区鹭洲里九号院二单元"
SECRETS = (NAME, PHONE, ADDRESS)
STATEMENT = f"搅拌站夜间生产噪声扰民，请查处。我是{NAME}，电话 {PHONE}，住{ADDRESS}。"
FILE_NAME = f"{NAME}的身份说明.txt"
FAR = "br-wl"  # a branch that has nothing to do with the petition


@dataclass
class World:
    """Ids of one petition, its file, paper, link, tasks …; and for each role somebody far away who holds that role alone."""

    ids: dict[str, str]
    case_id: UUID
    far: dict[str, str] = field(default_factory=dict)  # role → account


@pytest.fixture
def world(bureau: Flask) -> World:
    with bureau.app_context(), db.transaction() as session:
        case_id = register(
            session, name=NAME, phone=PHONE, address=ADDRESS, statement=STATEMENT, enterprise="鹭洲搅拌站", county="360102", kind="noise"
        )
        far = _far_people(session)
        ids = {**_of_the_case(session, case_id), **_of_the_house(session)}
    return World(ids, case_id, far)


def _of_the_case(session: Session, case_id: UUID) -> dict[str, str]:
    clerk = person(session, "xinfang")
    file = files.add_file(session, clerk, BytesIO("说明".encode()), FILE_NAME, case_id=case_id)
    instance = session.scalars(select(Instance).where(Instance.case_id == case_id)).first()
    link = Link(
        id=uuid4(), case_id=case_id, kind="supervision_requested", label="督办", holds=True, status="open",
        closable_by="office@case.intake_org", detail={}, opened_at=now(),
    )  # fmt: skip
    session.add(link)
    tell(session, [f"p:{clerk.id}"], "note", "请阅", case_id=case_id)
    session.flush()
    notice = session.connection().exec_driver_sql("select id from notice").scalar_one()
    assert instance is not None
    return {
        "case_id": str(case_id),
        "task_id": str(session.scalars(select(Task.id).where(Task.case_id == case_id, Task.status == "open")).one()),
        "paper_id": str(session.scalars(select(Paper.id).where(Paper.case_id == case_id)).first()),
        "file_id": str(file.id),
        "link_id": str(link.id),
        "notice_id": str(notice),
        "name": "rate",
        "version": instance.version,
        "file": "map.bpmn",
    }


def _of_the_house(session: Session) -> dict[str, str]:
    """What the operator, the administrator and the desks have pages for."""
    incident = Incident(id=uuid4(), action="clock", actor={"id": None, "name": "时限"}, input={}, error="演练", at=now(), status="open")
    clerk, dummy = person(session, "xinfang"), person(session, "wanli-jingban")
    record = Imported(
        id=uuid4(), source="12345", outside_no="H-1", subject="旧件", suggested={}, historic={"statement": "旧件", "reply": "已复"},
        file_name="h.xlsx", row_no=1, imported_by=clerk.id,
    )  # fmt: skip
    session.add_all([incident, record])
    day = reception_day(session)
    session.flush()
    return {
        "incident_id": str(incident.id), "record_id": str(record.id), "person_id": str(dummy.id), "post_id": str(dummy.all_posts[0].id),
        "day_id": str(day.reception_day_id), "visitor_id": str(day.id), "referral_id": str(uuid4()), "key": "owner", "unit": "br-wl",
        "board": "not_filed", "package_id": str(uuid4()), "item_id": str(uuid4()), "letter_id": str(uuid4()), "entry_id": str(uuid4()),
        "penalty_id": str(uuid4()),
        "row_id": str(uuid4()), "sm3": "0" * 64,
        "part": "late", "act": "up", "session_id": str(uuid4()), "organ_id": "gov-360100", "filename": "hxt.css",
    }  # fmt: skip


def reception_day(session: Session) -> ReceptionVisitor:
    """A day on which the head of the bureau receives, with one visitor in line."""
    day = ReceptionDay(
        leader_id=person(session, "juzhang").id, day=now().date(), starts=time(9), ends=time(11), place="局接访室", created_by="程砚秋"
    )
    session.add(day)
    session.flush()
    visitor = ReceptionVisitor(reception_day_id=day.id, topic="噪声扰民", place_in_line=1)
    session.add(visitor)
    session.flush()
    return visitor


def _far_people(session: Session) -> dict[str, str]:
    password = hash_password(DEMO_PASSWORD)
    for role in ROLES:
        posts = [Post(organ_id=FAR, role=role, title="", since=SINCE)]
        session.add(Person(account=f"far-{role}", name=f"远岗{role}", password=password, must_change=False, active=True, all_posts=posts))
    session.flush()
    return {role: f"far-{role}" for role in ROLES}
