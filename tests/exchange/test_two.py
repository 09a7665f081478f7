"""Two installations as real processes on this machine, killed with -9 again and again while they exchange: nothing lost, nothing twice.

ROUNDS rounds (15 in a test run, five hundred and more in ``make soak``). In each, people on both sides do a step, and at a random moment
web, worker or both of one side are killed and started again. At the end everything must have arrived once, in order, whole.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.exchange.models import Incoming, Outgoing
from app.files import services as files
from app.transfers import package, services
from app.transfers.models import PlatformEntry, TransferFile, TransferLetter, TransferPackage, TransferPolice
from tests.exchange.two import MORNING, Side, acquaint
from tests.transfer.bureau_builders import UNIT, do, go, officers, source
from workflows import time as clock_time
from workflows.errors import WorkflowError
from workflows.tables import Incident, Message, Task

ROUNDS = int(os.environ.get("ROUNDS", "15"))
SLOWEST = 120.0  # seconds a letter may take to the other installation's desk, both up (the issue)
BIG = 2_500_000  # bytes: more than two pieces
REASONS = "现有证据不能证明有犯罪事实发生，不需要追究刑事责任。"

Answer = Callable[[random.Random], dict[str, Any]]
# what people answer in the steps they find open; a step that is not here is left
STEPS: dict[str, Answer] = {
    "sign_receipt": lambda _: {},
    "jurisdiction": lambda _: {"juris": "ours"},
    "examine": lambda dice: dice.choice(
        [{"step": "ask", "ask_kind": "complete", "wanted": [{"name": "监测报告盖章页"}]}, *[{"step": "decide", "proposed": True}] * 2]
    ),
    "decide_filing": lambda dice: dice.choice([{"filed": True}, {"filed": False, "reasons": REASONS}]),
    "notify": lambda _: {"file_returned": True},
    "answer_request": lambda _: {"mode": "explain"},
    "handover": lambda _: {},
    "look_copy": lambda _: {"supervise": False},
    "choose_way": lambda _: {"way": "supervise"},
    "write_proposal": lambda _: {},
    "review_proposal": lambda _: {},
    "sign_proposal": lambda _: {},
    "accept_proposal": lambda _: {"settled": False},
    "explain": lambda _: {"filed": False, "reasons": REASONS},
    "review": lambda _: {"result": "not_stand"},
    "file_ordered": lambda _: {"police_no": "青公（刑）立字〔2026〕88号"},
}


class Processes:
    """Web and worker of one installation."""

    def __init__(self, side: Side, port: int) -> None:
        given = {"now": clock_time.now().isoformat(), "port": port, "settings": side.settings.model_dump(mode="json")}
        command = [sys.executable, "-m", "tests.exchange.victims", json.dumps(given)]
        self.parent = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.side, self.port, self.pids = side, port, dict[str, int]()
        while self._line() != "ready":
            pass

    def up(self) -> None:
        for kind in ("web", "worker"):
            if kind not in self.pids:
                assert self.parent.stdin is not None
                self.parent.stdin.write(f"{kind}\n")
                self.parent.stdin.flush()
                self.pids[kind] = int(self._line().removeprefix("pid "))

    def kill(self, *kinds: str) -> None:
        for kind in kinds:
            os.kill(self.pids.pop(kind), signal.SIGKILL)

    def answers(self) -> None:
        """Wait until the web server takes requests."""
        for _ in range(200):
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError("the web server does not answer")

    def end(self) -> None:
        self.kill(*list(self.pids))
        self.parent.kill()
        self.parent.communicate()

    def _line(self) -> str:
        assert self.parent.stdout is not None
        line = self.parent.stdout.readline()
        assert line, "the parent of the victims died"
        return line.strip()


@pytest.fixture
def processes(two: tuple[Side, Side]) -> Iterator[tuple[Processes, Processes]]:
    clock_time.freeze(None)
    clock_time.set_now(MORNING)
    a, b = two
    quick = {"exchange_lease_seconds": 1.0, "exchange_retry_seconds": 0.1, "exchange_chunk_mb": 1}
    for side in (a, b):
        side.settings = side.settings.model_copy(update=quick)
    ports = [_free_port(), _free_port()]
    acquaint(a, b, *(f"http://127.0.0.1:{port}" for port in ports))
    made = Processes(a, ports[0]), Processes(b, ports[1])
    try:
        yield made
    finally:
        for one in made:
            one.end()
        clock_time.set_now(None)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.soak
def test_killed_while_exchanging_nothing_is_lost_or_twice(
    processes: tuple[Processes, Processes], capsys: pytest.CaptureFixture[str]
) -> None:
    dice, began = random.Random(20261126), time.monotonic()
    for one in processes:
        one.up()
        one.answers()
    took = _first(processes)
    for number in range(ROUNDS):
        for one in processes:
            for _ in range(5):
                _somebody_acts(one.side, dice)
        if number % 3 == 0:
            _transfer(processes[0].side)
        victim = dice.choice(processes)
        time.sleep(dice.uniform(0.02, 0.5))
        victim.kill(*dice.choice([("web",), ("worker",), ("web", "worker")]))
        time.sleep(dice.uniform(0, 0.2))
        victim.up()
    for one in processes:
        one.answers()
    _at_rest(processes)
    letters = _agree(processes)
    with capsys.disabled():
        print(f"\n  {ROUNDS} kills, {letters} letters, first delivered in {took:.1f} s, {time.monotonic() - began:.0f} s")
    assert took < SLOWEST and letters > ROUNDS * 2 // 3


def _first(processes: tuple[Processes, Processes]) -> float:
    """A transfer with a large file while both are up; seconds from the commit until it lies on the police's desk."""
    a, b = processes
    _transfer(a.side, big=True)
    began = time.monotonic()
    while time.monotonic() - began < SLOWEST:
        with b.side.work() as session:
            if session.scalar(select(func.count()).select_from(TransferPolice)):
                return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError("the transfer did not arrive")


def _transfer(side: Side, *, big: bool = False) -> UUID:
    with side.work() as session:
        case_id = source(session)
        go(session, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide")
        if big:
            lead = officers(session, UNIT)[0]
            made = package.draft(session, services.home(session, case_id), "first", "ps-360111", lead.name)
            file = files.add_file(session, lead, BytesIO("监测数据\n".encode() * (BIG // 13)), "在线监测数据.txt", case_id=case_id)
            row = {"kind": "tests", "name": "在线监测数据", "maker": "市监测站", "made_on": "2026-09-20", "file_id": file.id}
            item = package.add(session, lead, made, row)
            assert item.sm3
        go(session, case_id, "assemble")
    return case_id


def _somebody_acts(side: Side, dice: random.Random) -> None:
    """One open step of this side is done by whoever holds it, in a transaction of its own."""
    try:
        with side.work() as session:
            query = select(Task.case_id, Task.element).where(Task.status == "open", Task.element.in_(list(STEPS)))
            open_ones = session.execute(query.order_by(Task.id)).all()
            if open_ones:
                case_id, element = dice.choice(open_ones)
                do(session, case_id, element, **STEPS[element](dice))
    except (WorkflowError, DBAPIError, AssertionError):  # a worker was quicker: the step is gone or its case is held
        pass
    clock_time.freeze(None)  # ``do`` moves a clock of its own


def _at_rest(processes: tuple[Processes, Processes], seconds: float = 90) -> None:
    """Until every letter is delivered and on file, and no message waits to be delivered."""
    end = time.monotonic() + seconds
    while True:
        waiting = [one for side in processes for one in _waiting(side.side)]
        if not waiting:
            return
        assert time.monotonic() < end, f"still waiting: {waiting[:5]}"
        time.sleep(0.2)


def _waiting(side: Side) -> list[str]:
    with side.work() as session:
        out = [
            f"out {r.transfer_no} {r.seq} {r.status} {r.error}"
            for r in session.scalars(select(Outgoing).where(Outgoing.status != "delivered"))
        ]
        came = [
            f"in {r.transfer_no} {r.seq} {r.status} {r.error}"
            for r in session.scalars(select(Incoming).where(Incoming.status != "applied"))
        ]
        queued = session.scalar(select(func.count()).select_from(Message).where(Message.status.in_(("queued", "failed"))))
        return [*out, *came, *([f"{queued} messages"] if queued else [])]


def _agree(processes: tuple[Processes, Processes]) -> int:
    """Both sides hold the same letters, each once, in order, whole; nothing failed. How many there were."""
    count = 0
    a, b = (one.side for one in processes)
    with a.work() as ours, b.work() as theirs:
        for here, there in ((ours, theirs), (theirs, ours)):
            out = _numbered(here, Outgoing)
            assert out == _numbered(there, Incoming)
            for number in {one[0] for one in out}:
                assert [one[1] for one in out if one[0] == number] == list(range(1, 1 + sum(one[0] == number for one in out)))
            sent = set(
                here.scalars(
                    select(TransferLetter.letter_no).where(TransferLetter.from_case.is_not(None), TransferLetter.via == "exchange")
                )
            )
            came = list(there.scalars(select(TransferLetter.letter_no).where(TransferLetter.from_case.is_(None))))
            assert len(came) == len(set(came)) == len(out) and set(came) == sent
            assert here.scalar(select(func.count()).select_from(Incident)) == 0
            late = select(PlatformEntry.decision).where(PlatformEntry.entered_at.is_(None), PlatformEntry.letter_no.is_not(None))
            assert not list(here.scalars(late))
            count += len(out)
        _whole(theirs)
        assert _files(theirs) == {number for number, *_ in _numbered(ours, Outgoing)}
    return count


def _numbered(session: Session, table: type[Outgoing] | type[Incoming]) -> list[tuple[str, int, str]]:
    rows = session.execute(select(table.transfer_no, table.seq, table.digest).order_by(table.transfer_no, table.seq))
    return [(number, int(seq or 0), str(digest)) for number, seq, digest in rows]


def _files(session: Session) -> set[str]:
    """Transfers the police keep exactly one file of."""
    query = select(TransferFile.transfer_no).where(TransferFile.process == "police_case")
    found = list(session.scalars(query))
    assert len(found) == len(set(found))
    return set(found)


def _whole(session: Session) -> None:
    """Every file of every package that arrived is there, with its hash."""
    for made in session.scalars(select(TransferPackage)):
        assert made.sealed_at is not None and package.manifest_agrees(made)
        assert all(one.agrees for one in package.verify(session, made))
