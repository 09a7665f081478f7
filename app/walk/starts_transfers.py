"""How scenarios of 两法衔接 begin: 案源 of the bureau, a matter the procuratorate finds, a consultation. Letters may be kept back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.engine import get_engine
from app.transfers import carry, consulting, leaving, opening, procuratorate_opening, routing, screening
from app.transfers.models import Transfer, TransferLetter
from app.transfers.words import QUESTION
from app.walk.play import Play, Stuck, allow
from app.walk.scenarios import Move
from workflows import time as clock_time
from workflows.handlers import Actor, Ctx
from workflows.tables import Task

OURS = ("transfer_screening", "transfer_approval", "procuratorate_prosecution")
UNIT, PARTY, ACT, PLACE = "br-360111", "沁澜金属表面处理厂", "通过暗管排放含铬废水", "罗家镇栖塘路西侧水渠"
FOUND = "监督检查发现排放含铬废水并铺设暗管，只作了罚款处理，没有移送公安机关。"
UNFOUNDED = "负责人审核后认为主观故意的证据不足，事实尚不能认定，决定不移送，继续行政调查。"


class Known(dict[str, str]):
    """What a scenario may name; ``$party1``, ``$party2`` … are the parties 移送书 names, in their order."""

    def __init__(self, play: Play) -> None:
        super().__init__(play.known)
        self.play = play

    def __missing__(self, name: str) -> str:
        with self.play.begin() as session:
            sent = TransferLetter.from_case.in_(self.play.family()), TransferLetter.name == "transfer_sent"
            query = select(TransferLetter.body).where(*sent).order_by(TransferLetter.sent_at.desc())
            body = session.scalars(query.limit(1)).first() or {}
            found = next((one["id"] for one in body.get("parties") or [] if one["no"] == int(name[6:])), None)
        if found is None:
            raise Stuck(f"no party {name}")
        return str(found)


class Slow:
    """Letters between two installations that have not arrived yet: kept by name until they are released, then given in their order."""

    def __init__(self, names: list[str]) -> None:
        self.names, self.kept = names, [""][:0]

    def __call__(self, ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> bool:
        if letter.name in self.names:
            self.kept.append(letter.letter_no)
            return True
        return False


def _verbs(play: Play) -> None:
    """``hold: [letters]`` keeps letters of these names on their way; ``release`` lets them arrive."""
    play.known = Known(play)
    for slow in [one for one in leaving.outboxes if isinstance(one, Slow)]:  # what a failed play left behind
        leaving.outboxes.remove(slow)
    play.verbs["hold"] = lambda move: leaving.outboxes.append(Slow(list(move.about)))
    play.verbs["release"] = lambda move: _release(play, move)


def _release(play: Play, move: Move) -> None:
    for slow in [one for one in leaving.outboxes if isinstance(one, Slow)]:
        leaving.outboxes.remove(slow)
        for number in slow.kept:
            with play.begin() as session:
                _arrive(session, number)
    play._settle()


def _arrive(session: Session, number: str) -> None:
    """One letter reaches the file its addressee keeps."""
    letter = carry.by_number(session, number)
    assert letter is not None  # it was written when it was sent
    to = routing.file_of(session, letter.transfer_no, letter.to_organ, *routing.FILES.get(letter.name, ()))
    if to is None:
        raise Stuck(f"{letter.to_organ} keeps no file for {number}")
    letter.to_case = to
    get_engine().send(session, to, letter.name, carry.payload_of(letter), Actor.system("交换"))


def _holder(session: Session, role: str, organ: str) -> Person:
    found = directory.people(session, directory.resolve(session, role, organ))
    if not found:
        raise Stuck(f"nobody is {role} at {organ}")
    return session.get_one(Person, found[0])


def source(play: Play, args: dict[str, Any]) -> None:
    """案源: an officer of a unit opens the bureau's file; a second officer is with him."""
    _verbs(play)
    unit = args.pop("unit", UNIT)
    with play.begin() as session:
        found = opening.certified(session, [unit])
        lead = next(p for p in found if p.has_role("handler"))
        second = next(p for p in found if p.id != lead.id)
        allow(lead, "transfers.open")
        play.known |= {"$lead": str(lead.id), "$second": str(second.id)}
        about = {"source": "inspection", "party": PARTY, "act": ACT, "place": PLACE, "found_on": clock_time.now().date().isoformat()}
        play.case_id = opening.by_hand(session, lead, {**about, "unit": unit, "handler": str(lead.id), "officer": str(second.id), **args})


def found(play: Play, args: dict[str, Any]) -> None:
    """The procuratorate finds a case that should have been transferred (17号14)."""
    _verbs(play)
    bureau = args.get("bureau", UNIT)
    with play.begin() as session:
        prosecutor = _holder(session, "prosecutor", str(routing.procuratorate_of(session, bureau)))
        allow(prosecutor, "transfers.found")
        typed = {"bureau": bureau, "party": PARTY, "act": ACT, "place": PLACE, "reason": FOUND, **args}
        play.case_id = procuratorate_opening.open_found(session, prosecutor, typed)


def consulted(play: Play, args: dict[str, Any]) -> None:
    """The head of the unit asks police or procuratorate about a file whose facts are still being put together (17号24)."""
    source(play, {})
    with play.begin() as session:
        transfer = session.get_one(Transfer, play.case)
        head = _holder(session, "unit_head", transfer.unit)
        consulting.begin(session, head, transfer, args.get("kind", "consult"), args["asked"])


def asked_again(play: Play, args: dict[str, Any]) -> None:
    """A file ended without suspicion; its facts change, and the question is put again with the screening that was just made."""
    source(play, {})
    play._complete("enter_facts", {"toxic_kinds": None, "ways": None, "hw_t": 2.4})
    play._complete("confirm", {"suspected": False})
    with play.begin() as session:
        before = session.get_one(Transfer, play.case)
        actor = session.get_one(Person, UUID(play.known["$lead"])).actor()
        facts = {**usual_facts(play), **args}
        row = screening.rescreen(session, before, facts, actor)
        payload = {"case_id": str(before.case_id), "link_id": "", "screening_id": str(row.id)}
        get_engine().send(session, before.case_id, QUESTION, payload, actor)


def usual_facts(play: Play) -> dict[str, Any]:
    """What the play's procedure usually enters."""
    from app.walk.starts import usual

    return usual("criminal_transfer", "enter_facts")


def usual_now(session: Session, task: Task) -> dict[str, Any] | None:
    """How a file comes to its end where no scenario leads it: judged by what its table hits; a hit goes to the head, who gives a reason.

    The petition's scenarios and the simulated year play no police: an approval would wait for one.
    """
    if task.process not in OURS:
        return None
    if task.element == "enter_facts":
        return _facts(get_engine().task_data(session, task).get("body") or {})
    if task.element == "confirm":
        hits = [one for one in get_engine().task_data(session, task).get("hits") or [] if one != "none"]
        return {"complete": True, "suspected": bool(hits), "added": None, "reason": None}
    if task.element == "decide":
        return {"decision": "refuse", "reason": UNFOUNDED}
    if task.element == "decide_prosecution":
        return {"parties_prosecuted": list(get_engine().task_data(session, task)["parties"]), "parties_not": None}
    return None


def _facts(body: dict[str, Any]) -> dict[str, Any]:
    """What the investigation measured, and waste below the amount of 解释1(2)."""
    today = clock_time.now().date()
    rows = [{**row, "report": "随案监测报告"} for row in body.get("measured") or [] if row.get("measured") and row.get("standard")]
    return {
        "act_from": (today - timedelta(days=20)).isoformat(), "act_to": (today - timedelta(days=10)).isoformat(), "act": "擅自堆放危险废物",
        "measured": rows or None, "hw_t": 2.4, "toxic_kinds": None, "ways": None, "none": None,
    }  # fmt: skip


STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {
    "source": source,
    "found": found,
    "consulted": consulted,
    "asked_again": asked_again,
}
