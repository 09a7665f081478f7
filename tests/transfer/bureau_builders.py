"""The bureau's side played alone: police and procuratorate work elsewhere, their letters arrive as an exchange would bring them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import carry, circle, opening
from app.transfers.models import Transfer, TransferLetter
from app.transfers.words import letter_title
from app.walk.answers import fill
from workflows import time as clock_time
from workflows.handlers import Actor, Ctx
from workflows.tables import Case, Clock, Task

UNIT, CITY = "br-360111", "nc"
POLICE, PROCURATORATE = "ps-360111", "pp-360111"
HIDDEN = {"toxic_kinds": ["hazardous"], "ways": ["hidden_pipe"]}  # 解释1(5)
PAUSE = timedelta(minutes=5)  # between two acts
NOT_THERE = "现场没有查封、扣押物品，也没有其他需要移送的材料"
MISSING = [
    {"kind": kind, "name": name, "missing_reason": NOT_THERE}
    for kind, name in (("records", "采样记录单"), ("things", "涉案物品清单"), ("photos", "现场照片"), ("tests", "监测报告"))
]
USUAL: dict[str, dict[str, Any]] = {
    "enter_facts": {"act_from": "2026-09-01", "act_to": "2026-09-20", "act": "通过暗管排放含铬废水", **HIDDEN},
    "confirm": {"complete": True, "suspected": True, "added": None, "reason": None},
    "form_team": {"no_interest": True},
    "write_report": {
        "parties": [{"name": "沁澜金属表面处理厂", "kind": "unit"}, {"name": "邓某", "kind": "person", "role": "厂长"}],
        "evidence": [{"name": "现场检查笔录", "proves": "暗管存在"}], "conditions": True, "crime": "338",
    },
    "assemble": {"materials": MISSING, "phone": "0791-83000000"},
    "handover": {"items": [{"name": "暗管阀门", "count": "2 个", "place": "市局物证室"}], "dangerous": False, "party_told": True},
    "answer_request": {"mode": "explain"},
    "record_meeting": {"present": [{"organ": "青山湖区公安", "name": "周警官"}]},
    "decide_penalty": {"penalty": "fine", "amount": 100000, "decision_no": "洪环罚〔2026〕9号"},
}  # fmt: skip


class Elsewhere:
    """The outbox of an exchange: takes every letter to an organ that is not ours, and remembers it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def __call__(self, ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool:
        if letter.to_organ.startswith(("ps-", "pp-")):
            self.sent.append(payload)
            return True
        return False

    def last(self, name: str) -> dict[str, Any]:
        return next(one for one in reversed(self.sent) if one["name"] == name)

    def names(self) -> list[str]:
        return [f"{one['name']}({one['kind']})" if one["kind"] else one["name"] for one in self.sent]


def on(day: str, hour: int = 9, minute: int = 0) -> datetime:
    year, month, number = map(int, day.split("-"))
    return datetime(year, month, number, hour, minute, tzinfo=clock_time.ZONE)


def person(session: Session, account: str) -> Person:
    return session.scalars(select(Person).where(Person.account == account)).one()


def officers(session: Session, unit: str = UNIT) -> list[Person]:
    return opening.certified(session, [unit])


def source(session: Session, *, unit: str = UNIT, **changes: Any) -> UUID:
    """案源 opened by the first officer of a unit; the second is the other of the two."""
    first, second, *_ = officers(session, unit)
    answer = {
        "source": "inspection", "party": "沁澜金属表面处理厂", "act": "通过暗管排放含铬废水", "place": "栖塘路西侧水渠",
        "found_on": "2026-09-20", "unit": unit, "handler": str(first.id), "officer": str(second.id), **changes,
    }  # fmt: skip
    return opening.by_hand(session, first, answer)


def step(session: Session, case_id: UUID, element: str) -> Task:
    """The open step of that name."""
    tasks = list(session.scalars(select(Task).where(Task.case_id == case_id, Task.status == "open")))
    found = [t for t in tasks if t.element == element]
    assert found, f"{element} is not open; open: {[t.element for t in tasks]}"
    return found[0]


def do(session: Session, case_id: UUID, element: str, *, by: str | None = None, **given: Any) -> None:
    """Whoever holds the step answers it: what is given, else what is usual, else the first that fits."""
    engine = get_engine()
    task = step(session, case_id, element)
    actor = person(session, by) if by else session.get_one(Person, directory.people(session, task.holder)[0])
    form, context = engine.form(session, task), engine.task_data(session, task)

    def choose(field: Any, values: Any) -> Any:
        found = [value for value, _ in engine.hooks.choices(session, task, field, values)]  # type: ignore[attr-defined]
        return found[: field.schema.get("minItems", 1)] if field.schema.get("type") == "array" else found[0]

    answer = fill(form, context, {**USUAL.get(element, {}), **given}, choose)
    engine.complete(session, task.id, actor.actor(), answer)
    session.flush()
    work(session)
    clock_time.freeze(clock_time.now() + PAUSE)


def work(session: Session) -> None:
    """What the worker does: deliver, and let clocks act that are due."""
    engine = get_engine()
    for unit in (engine.deliver_next, engine.fire_next_clock, engine.deliver_next):
        while unit(session):
            session.flush()


def go(session: Session, case_id: UUID, *elements: str) -> None:
    for element in elements:
        do(session, case_id, element)


def to_sent(session: Session, case_id: UUID) -> None:
    """From the opening to the sending."""
    go(session, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide", "assemble")


def arrive(
    session: Session, case_id: UUID, name: str, kind: str, *, sender: str = POLICE, at: datetime | None = None, reply: str = "", **body: Any
) -> TransferLetter:  # fmt: skip
    """A letter of another organ comes in: its row, and the message to the file."""
    transfer = session.get_one(Transfer, case_id)
    moment = at or clock_time.now()
    letter = TransferLetter(
        transfer_no=transfer.transfer_no, letter_no=carry.allot(session, transfer.transfer_no, sender), seq=1, name=name, kind=kind,
        from_organ=sender, to_organ=transfer.organ, to_case=case_id, in_reply_to=reply or None, title=letter_title(name, kind), body=body,
        decided_at=moment, sent_at=moment, by="周警官", via="exchange", confined=circle.organs(session, sender, transfer.organ),
    )  # fmt: skip
    session.add(letter)
    session.flush()
    get_engine().send(session, case_id, name, carry.payload_of(letter), Actor.system("交换"))
    work(session)
    clock_time.freeze(clock_time.now() + PAUSE)
    return letter


def at(moment: datetime, session: Session) -> None:
    """Time passes to a moment; clocks act on the way."""
    while (found := _next(session)) is not None and found <= moment:
        clock_time.freeze(max(clock_time.local(found), clock_time.now()))
        work(session)
    clock_time.freeze(moment)
    work(session)


def _next(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Clock.next_at)).where(Clock.status == "running"))


def clock(session: Session, case_id: UUID, slot: str) -> Clock:
    """The newest clock of a slot."""
    query = select(Clock).where(Clock.case_id == case_id, Clock.slot == slot).order_by(Clock.from_at.desc(), Clock.id.desc())
    return session.scalars(query, execution_options={"populate_existing": True}).first() or _none(slot)


def _none(slot: str) -> Clock:
    raise AssertionError(f"no clock {slot}")


def transfer(session: Session, case_id: UUID) -> Transfer:
    return session.get_one(Transfer, case_id, populate_existing=True)


def case(session: Session, case_id: UUID) -> Case:
    return session.get_one(Case, case_id, populate_existing=True)


def no_clock_left(session: Session, case_id: UUID) -> None:
    left = session.scalars(select(Clock.slot).where(Clock.case_id == case_id, Clock.status.in_(("running", "paused")))).all()
    assert not left, left
