"""The sender's side: a partner that is away, answers nobody can trust, a refused letter, a step that is rolled back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.exchange import outbox, partners, signing
from app.exchange.models import Outgoing, Partner, Stream
from app.transfers.manifest import canonical
from app.transfers.models import TransferFile, TransferLetter
from tests.exchange.signed import stored
from tests.exchange.two import BUREAU, OPERATOR, PARTNER, Side, both
from tests.transfer.bureau_builders import UNIT, do, source, to_sent
from workflows import time as clock_time

ROOT = Path(__file__).parents[2]


# --- the sender's side --------------------------------------------------------------------------------------------------


def test_a_partner_that_is_away_is_asked_again_and_nothing_is_lost(two: tuple[Side, Side]) -> None:
    a, b = two
    with a.work() as session:
        case_id = source(session)
        to_sent(session, case_id)
    a.http = None
    with a.work() as session:
        session.get_one(Partner, PARTNER).url = "http://localhost"
    import httpx

    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    a.http = httpx.Client(transport=httpx.MockTransport(gone))
    pauses = []
    for _ in range(12):
        a.settle()
        with a.work() as session:
            one = session.get_one(Partner, PARTNER)
            assert one.next_at is not None and one.error
            pauses.append((one.next_at - clock_time.now()).total_seconds())
            clock_time.freeze(one.next_at)
    assert pauses == sorted(pauses) and pauses[0] < 1 and pauses[-1] == 300
    with a.work() as session:
        row = session.scalars(select(Outgoing).where(Outgoing.seq == 1)).one()
        sent = session.get_one(TransferLetter, row.letter_id)
        assert row.attempts == 12 and "已试 12 次" in outbox.Box().told(session, sent)
    a.http = None
    clock_time.freeze(clock_time.now() + timedelta(minutes=5))
    both(a, b)
    with b.work() as session:
        assert session.scalars(select(TransferFile.process).order_by(TransferFile.process)).all() == ["police_case", "procuratorate_case"]
    with a.work() as session:
        assert "签收" in outbox.Box().told(session, session.get_one(TransferLetter, sent.id))
        one = session.get_one(Partner, PARTNER)
        assert (one.failures, one.error, one.next_at) == (0, None, None)


@pytest.mark.parametrize("answer", ["html", "empty", "forged", "other"])
def test_an_answer_that_is_not_the_partners_receipt_delivers_nothing(two: tuple[Side, Side], answer: str) -> None:
    import httpx

    a, _ = two
    with a.work() as session:
        to_sent(session, source(session))

    def odd(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"got": 1, "complete": True})
        if answer == "html":
            return httpx.Response(200, text="<html>")
        if answer == "empty":
            return httpx.Response(200, json={})
        by = signing.signer(a.settings if answer == "forged" else a.other.settings)  # type: ignore[union-attr]
        said = {"digest": "0" * 64, "to": BUREAU, "received_at": clock_time.now().isoformat()}
        return httpx.Response(200, json=signing.sign(by, signing.RECEIPT, canonical(said)))

    a.http = httpx.Client(transport=httpx.MockTransport(odd))
    a.settle()
    a.http = None
    with a.work() as session:
        assert {one.status for one in session.scalars(select(Outgoing))} == {"ready"}
        assert session.get_one(Partner, PARTNER).error


def test_a_refused_letter_holds_its_own_stream_alone(two: tuple[Side, Side]) -> None:
    a, b = two
    with b.work() as session:
        session.execute(text("delete from exchange_organ where organ_id = :unit"), {"unit": UNIT})
    for _ in range(2):
        with a.work() as session:
            to_sent(session, source(session, unit=UNIT))
        both(a, b)
    with a.work() as session:
        rows = list(session.scalars(select(Outgoing).order_by(Outgoing.transfer_no, Outgoing.seq)))
        assert [(r.seq, r.status) for r in rows] == [(1, "refused"), (2, "ready"), (1, "refused"), (2, "ready")]
        assert "没有登记在平台" in (rows[0].error or "")
        assert "没有接受" in outbox.Box().told(session, session.get_one(TransferLetter, rows[0].letter_id))
    with b.work() as session:
        partners.works_there(session, BUREAU, [UNIT], OPERATOR)
    with a.work() as session:
        assert outbox.again(session, PARTNER, rows[0].transfer_no) == 1
    both(a, b)
    with a.work() as session:
        rows = list(session.scalars(select(Outgoing).order_by(Outgoing.transfer_no, Outgoing.seq)))
        assert [r.status for r in rows] == ["delivered", "delivered", "refused", "ready"]


def test_after_a_step_is_rolled_back_nothing_leaves(two: tuple[Side, Side]) -> None:
    a, b = two
    with a.work() as session:
        case_id = source(session)
        for element in ("enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide"):
            do(session, case_id, element)
    with pytest.raises(RuntimeError), a.work() as session:
        do(session, case_id, "assemble")
        assert session.scalar(select(func.count()).select_from(Outgoing)) == 2
        raise RuntimeError("the person's request fails after all")
    both(a, b)
    with a.work() as session:
        assert session.scalar(select(func.count()).select_from(Outgoing)) == 0
        assert session.scalar(select(func.count()).select_from(Stream)) == 0
    assert stored(b) == 0
