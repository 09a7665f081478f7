"""对账: what two sides find when they compare, and how a restored side gets its letters back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person
from app.exchange import outbox, reconcile
from app.exchange.models import Compared, Incoming, Outgoing, Partner, Statement, Stream
from app.exchange.models import Text as Envelope
from app.transfers.models import Transfer, TransferLetter
from tests.exchange.two import BUREAU, PARTNER, Side, both, logged_in
from tests.transfer.bureau_builders import do, source, to_sent
from tests.transfer.police_builders import POLICE
from workflows import time as clock_time

DAY = timedelta(days=1)


def sent(a: Side, b: Side) -> str:
    """A transfer that has arrived; its number."""
    with a.work() as session:
        case_id = source(session)
        to_sent(session, case_id)
        number = session.get_one(Transfer, case_id).transfer_no
    both(a, b)
    return number


def next_day(a: Side, b: Side) -> None:
    clock_time.freeze(clock_time.now() + DAY)
    both(a, b)


def differing(side: Side) -> list[list[str]]:
    with side.work() as session:
        newest = select(func.max(Statement.day)).where(Statement.way == "in").scalar_subquery()
        query = select(Compared).join(Statement, Statement.id == Compared.statement_id).where(Statement.day == newest)
        return [one.differs for one in session.scalars(query)]


def test_each_day_both_sides_say_what_they_have_and_agree(two: tuple[Side, Side]) -> None:
    a, b = two
    sent(a, b)
    next_day(a, b)
    for side in (a, b):
        with side.work() as session:
            rows = {(one.way, one.status, one.transfers, one.differences) for one in session.scalars(select(Statement))}
            assert rows == {("out", "sent", 1, 0), ("in", "compared", 1, 0)}
            assert session.scalar(select(func.count()).select_from(Statement)) == 4  # two days
    assert differing(a) == [] == differing(b)
    with a.work() as session:  # texts of statements do not pile up
        kept = select(func.count()).select_from(Envelope)
        assert session.scalar(kept) == session.scalar(select(func.count()).select_from(Outgoing)) + session.scalar(
            select(func.count()).select_from(Incoming)
        )


def test_before_six_nobody_compares(two: tuple[Side, Side]) -> None:
    a, b = two
    with a.work() as session:
        session.add(Stream(partner_id=PARTNER, transfer_no="洪环移〔2026〕9号"))
        session.flush()
        midnight = clock_time.now().replace(hour=0)
        assert not reconcile.owed(session, PARTNER, midnight + timedelta(hours=5, minutes=59))
        assert reconcile.owed(session, PARTNER, midnight + timedelta(hours=6))
    assert b


def test_a_side_restored_from_a_backup_gets_its_letters_again(two: tuple[Side, Side]) -> None:
    a, b = two
    number = sent(a, b)
    with b.work() as session:  # the backup was made before the letters came
        session.execute(text("delete from exchange_text where id in (select id from exchange_in)"))
        session.execute(text("delete from exchange_in"))
        session.execute(text("update exchange_stream set in_seq = 0, in_digest = null"))
        letters = session.scalars(select(TransferLetter.letter_no)).all()
    next_day(a, b)
    with b.work() as session:
        came = session.scalars(select(Incoming).order_by(Incoming.seq)).all()
        assert [(one.seq, one.status) for one in came] == [(1, "applied"), (2, "applied")]
        assert session.scalars(select(TransferLetter.letter_no)).all() == letters  # what is on file already is left alone
    with a.work() as session:
        assert {one.status for one in session.scalars(select(Outgoing).where(Outgoing.transfer_no == number))} == {"delivered"}
        found = session.scalars(select(Compared)).all()
        assert [one.differs[0] for one in found] == ["我方第 2 号对方签收过，对方现在只有第 0 号，已自动重发"]


def test_our_own_lost_letters_are_named_and_the_next_one_follows_theirs(two: tuple[Side, Side]) -> None:
    a, b = two
    number = sent(a, b)
    with a.work() as session:  # restored to before the second letter was written
        second = session.scalars(select(Outgoing).where(Outgoing.seq == 2)).one()
        first = session.scalars(select(Outgoing).where(Outgoing.seq == 1)).one()
        digest = str(second.digest)
        session.execute(text("delete from exchange_text where id = :id"), {"id": second.id})
        session.execute(text("delete from exchange_out where id = :id"), {"id": second.id})
        session.execute(text("update exchange_stream set out_seq = 1, out_digest = :d"), {"d": first.digest})
    next_day(a, b)
    assert differing(a) == [["对方收到我方第 2 号，我方的记录只到第 1 号"]]
    assert differing(b) == [["我方收到对方第 2 号，对方的记录只到第 1 号"]]
    with a.work() as session:
        outbox.skip_to(session, PARTNER, number, 2, digest)
        stream = session.get_one(Stream, (PARTNER, number))
        assert (stream.out_seq, stream.out_digest) == (2, digest)
        session.execute(text("delete from exchange_out where id = :id"), {"id": first.id})
        session.add(Outgoing(partner_id=PARTNER, transfer_no=number, letter_id=first.letter_id, status="written"))  # any further letter
    both(a, b)
    with b.work() as session:
        assert [one.status for one in session.scalars(select(Incoming).order_by(Incoming.seq))] == ["applied"] * 3


BASE: dict[str, Any] = {
    "out_seq": 3, "out_digest": "a", "signed_seq": 3, "stored_seq": 2, "in_seq": 2, "in_digest": "b", "files": [],
    "clocks": [{"rule": "transfer.decide", "letter": None, "due": "2026-10-01"}],
}  # fmt: skip
LATER = {"rule": "transfer.decide", "letter": None, "due": "2026-10-08"}
MIRROR: dict[str, Any] = {**BASE, "out_seq": 2, "out_digest": "b", "signed_seq": 2, "stored_seq": 3, "in_seq": 3, "in_digest": "a"}


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ({}, {}, []),
        ({"out_seq": 5}, {}, []),  # two are on their way
        ({}, {"in_digest": "x"}, ["我方第 3 号与对方所存的内容不同"]),
        ({"in_digest": "x"}, {}, ["对方第 2 号与我方所存的内容不同"]),
        ({"in_seq": 1}, {}, ["我方收到第 2 号，只入卷到第 1 号"]),
        ({}, {"in_seq": 2}, ["对方收到第 3 号，只入卷到第 2 号"]),
        ({"clocks": [LATER]}, {}, ["期限 transfer.decide：我方 2026-10-08，对方 2026-10-01"]),
        ({"clocks": []}, {}, []),
    ],
)  # fmt: skip
def test_what_differs_is_said_in_sentences(ours: dict[str, Any], theirs: dict[str, Any], said: list[str]) -> None:
    assert reconcile.differences({**BASE, **ours}, {**MIRROR, **theirs}) == said
    assert reconcile.differences(None, MIRROR) == ["对方有这件移送，本平台没有"]
    assert reconcile.differences(BASE, None) == ["本平台有这件移送，对方没有"]


def test_a_period_with_another_end_is_found(two: tuple[Side, Side]) -> None:
    a, b = two
    sent(a, b)
    with b.work() as session:
        police = session.scalars(select(TransferLetter.to_case).where(TransferLetter.name == "transfer_sent")).one()
        do(session, police, "sign_receipt")
    both(a, b)
    with a.work() as session:
        session.execute(
            text("update wf_clock set due_at = due_at + interval '1 day', next_at = due_at where slot = 'decide' and status = 'running'")
        )
    clock_time.freeze(clock_time.now().replace(hour=7) + DAY)
    both(a, b)
    assert [one[0].split("：")[0] for one in differing(a)] == ["期限 transfer.decide"] == [one[0].split("：")[0] for one in differing(b)]


# --- the operators' page ------------------------------------------------------------------------------------------------


def test_operators_see_partners_what_waits_and_what_differs(two: tuple[Side, Side]) -> None:
    a, b = two
    client = logged_in(a, "yunwei")
    empty = client.get("/ops/exchange").text
    assert PARTNER in empty and "没有等待送达的文书" in empty and "尚未对账" in empty
    with b.work() as session:
        session.execute(text("delete from exchange_organ where organ_id = 'br-360111'"))
    number = sent(a, b)
    with a.work() as session:
        session.get_one(Partner, PARTNER).skew_seconds = -400
        row = session.scalars(select(Outgoing).where(Outgoing.status == "refused")).one()
    client = logged_in(a, "yunwei")  # half an hour has passed
    page = client.get("/ops/exchange").text
    assert number in page and "对方不接受" in page and "没有登记在平台" in page and "时钟相差 6 分钟" in page
    assert client.post(f"/ops/exchange/out/{row.id}").status_code == 303
    with a.work() as session:
        assert session.get_one(Outgoing, row.id).status == "ready"
        assert session.scalar(text("select count(*) from wf_event where kind = 'exchange.again'")) == 1
    assert client.post(f"/ops/exchange/out/{row.id}").status_code == 409


@pytest.mark.parametrize("account", ["fagui", "shenji", "admin", "juzhang"])
def test_nobody_else_opens_it(two: tuple[Side, Side], account: str) -> None:
    a, _ = two
    assert logged_in(a, account).get("/ops/exchange").status_code == 403


def test_the_letter_says_how_far_it_has_come(two: tuple[Side, Side]) -> None:
    a, b = two
    with a.work() as session:
        case_id = source(session)
        to_sent(session, case_id)
        letter = session.scalars(select(TransferLetter).where(TransferLetter.to_organ == POLICE)).one()
        account = session.get_one(Person, UUID(_handler(session, case_id))).account
    client = logged_in(a, account)
    assert f"{PARTNER}尚未签收" in client.get(f"/transfers/letters/{letter.id}").text
    both(a, b)
    assert (
        f"{PARTNER} " in client.get(f"/transfers/letters/{letter.id}").text and "签收" in client.get(f"/transfers/letters/{letter.id}").text
    )


def _handler(session: Session, case_id: Any) -> str:
    return str(session.scalar(text("select attrs->>'handler' from wf_case where id = :id"), {"id": case_id}))


def test_the_command_line_sets_two_sides_up(two: tuple[Side, Side], tmp_path: Any) -> None:
    """key-new, partner, key-trust, list, key-revoke as exchange.md says them."""
    a, b = two
    with a.engine.begin() as connection:
        connection.execute(text("truncate exchange_organ, exchange_key, exchange_partner cascade"))
    ours, theirs = a.app.test_cli_runner(), b.app.test_cli_runner()
    file = str(tmp_path / "key.json")
    assert "指纹" in theirs.invoke(args=["exchange", "key-show", file]).output
    made = ours.invoke(args=["exchange", "partner", PARTNER, "政法平台", "https://10.0.0.2", "--organ", POLICE])
    assert made.exit_code == 0, made.output
    assert "必须用 https" in ours.invoke(args=["exchange", "partner", PARTNER, "政法平台", "http://10.0.0.2"]).output
    assert "没有机构" in ours.invoke(args=["exchange", "partner", PARTNER, "政法平台", "https://10.0.0.2", "--organ", "nobody"]).output
    trusted = ours.invoke(args=["exchange", "key-trust", file])
    assert trusted.exit_code == 0 and "已信任" in trusted.output, trusted.output
    listed = ours.invoke(args=["exchange", "list"]).output
    assert "政法平台 https://10.0.0.2" in listed and "ed25519" in listed
    key_id = listed.split("\n")[1].split()[0]
    assert "已吊销" in ours.invoke(args=["exchange", "key-revoke", key_id]).output
    assert ours.invoke(args=["exchange", "key-revoke", key_id]).exit_code == 1
    (tmp_path / "bad.json").write_text("{}")
    assert "不是公钥移交文件" in ours.invoke(args=["exchange", "key-trust", str(tmp_path / "bad.json")]).output
    assert "改在本平台办案" in ours.invoke(args=["exchange", "organ-here", POLICE]).output
    assert BUREAU


def test_an_installation_alone_says_what_to_set(app: Any) -> None:
    with app.app_context(), db.transaction():
        pass
    answer = app.test_cli_runner().invoke(args=["exchange", "key-new", "x.json"])
    assert answer.exit_code == 1 and "EXCHANGE_ID" in answer.output
