"""Small builders for the pages of 领导包案: petitions brought to an ownership, step by step, on the real engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.engine import get_engine
from app.leadership import services
from tests.petitions.builders import complete, holder, person, register, step, to_branch
from workflows.time import ZONE

OWNER, HEAD, OFFICE, SECRETARY = "fenguan", "juzhang", "xinfang", "mishu"
WHY = "三个月里反映五次，群众反应强烈，需要领导包案。"
REASON = "还没有写明由谁来核实搬迁进度。"
PLAN = [{"what": "腾退养殖棚并清运粪污", "who": "青山湖分局", "by": "2026-11-20"}]
VISIT: dict[str, Any] = {
    "kind": "receive",
    "held_at": "2026-10-08T09:00+08:00",
    "place": "一楼接待室",
    "persons": "张晓苇",
    "by_owner": True,
    "record": "听取了粪污外溢的经过，答应年底前腾退。",
    "promises": [{"what": "年底前拿出腾退方案", "by": "2026-10-20"}],
}


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


def petition(session: Session, **changes: Any) -> UUID:
    """A complaint at 青山湖分局 with a handler."""
    case_id = register(session, **changes)
    to_branch(session, case_id)
    return case_id


def opened(session: Session, petition_id: UUID, reason: str = WHY) -> UUID:
    """An ownership proposed by hand; its first step waits at the office."""
    return services.open_by_hand(session, person(session, OFFICE), [petition_id], reason).case_id


def proposed(session: Session, case_id: UUID, owner: str = OWNER, unit: str = "br-360111", handler: str = "qingshanhu-jingban") -> None:
    """Owner, unit and handler proposed; the head of the bureau has to decide."""
    complete(
        session, case_id, "propose_owner", OFFICE, owner=str(person(session, owner).id), unit=unit,
        handler=str(person(session, handler).id),
        proposal="多次反映粪污外溢，要解决搬迁和清运。", recusal_checked=True,
    )  # fmt: skip


def assigned(session: Session, case_id: UUID, owner: str = OWNER) -> None:
    """The head of the bureau agrees: the file is in the ledger."""
    complete(session, case_id, "assign", HEAD, agreed=True, owner=str(person(session, owner).id))


def analysed(session: Session, case_id: UUID, owner: str = OWNER) -> None:
    complete(
        session, case_id, "analyse", owner, held_at="2026-10-08T08:30:00+08:00", place="局会议室",
        cause="养殖棚离住户太近，粪污没有处理设施。",
        present=[{"name": "龚致远"}, {"name": "柳承业"}], responsibility="属地负责腾退，企业负责清运。",
    )  # fmt: skip


def planned(session: Session, case_id: UUID, deadline: str = "2026-12-31") -> None:
    """The plan is written; the owner has to sign it."""
    task = step(session, case_id, "plan")
    get_engine().complete(session, task.id, holder(session, task).actor(), {"measures": PLAN, "deadline": deadline})


def carried(session: Session, petition_id: UUID, owner: str = OWNER, **people: str) -> UUID:
    """An ownership from the proposal to the signed plan."""
    case_id = opened(session, petition_id)
    proposed(session, case_id, owner, **people)
    assigned(session, case_id, owner)
    analysed(session, case_id, owner)
    planned(session, case_id)
    complete(session, case_id, "sign_plan", owner, plan_ok=True)
    return case_id


def heard_by_leader(session: Session, leader: Any) -> UUID:
    """A petition whose 领导接访 is arranged with this leader and waits."""
    case_id = register(session, received_at="2026-10-01T09:00:00+08:00")
    grounds = "属于查处违法行为的职责范围，材料清楚。"
    complete(
        session, case_id, "screen", OFFICE, klass="claim", track="5", intake_outcome="accept", grounds=grounds, simple=False,
        sent_down=False,
        hear_required=True, report_owed=False,
    )  # fmt: skip
    complete(session, case_id, "send_notice", OFFICE, served_at="2026-10-08", way="spot")
    complete(session, case_id, "assign_unit", OFFICE, unit="br-360111")
    for element, answer in (
        ("unit_intake", {"objection": False}),
        ("name_handler", {"handler": str(person(session, "qingshanhu-jingban").id), "recusal_checked": True}),
    ):
        task = step(session, case_id, element)
        get_engine().complete(session, task.id, holder(session, task).actor(), answer)
    task = step(session, case_id, "arrange")
    arranged = {"reception_host": "leader", "arranged_at": "2026-10-08T09:30:00+08:00", "place": "一楼接待室", "leader": str(leader.id)}
    get_engine().complete(session, task.id, holder(session, task).actor(), arranged)
    return case_id
