"""/exchange/v1 from outside: who is let in, what is taken, what comes twice, in another order, in pieces, or broken."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from app import db
from app.engine import get_engine
from app.exchange import client as wire
from app.exchange import envelope, inbox, outbox, partners, signing
from app.exchange.models import Incoming, Partner, PartnerKey, Text
from app.transfers.manifest import canonical, sm3_of
from app.transfers.models import TransferLetter
from tests.exchange.signed import BASE, ask, bring, stored, written
from tests.exchange.two import BUREAU, OPERATOR, PARTNER, Side
from tests.transfer.bureau_builders import UNIT
from tests.transfer.police_builders import POLICE
from workflows import time as clock_time
from workflows.errors import Conflict, NotFound
from workflows.tables import Task

ROOT = Path(__file__).parents[2]


# --- who is let in ------------------------------------------------------------------------------------------------------


def test_nobody_without_a_signature(two: tuple[Side, Side]) -> None:
    _, b = two
    client = b.app.test_client()
    for method, path in (("GET", f"/files/{'0' * 64}"), ("PUT", f"/files/{'0' * 64}"), ("POST", "/messages"), ("POST", "/statements")):
        for header in (
            {},
            {"Authorization": "Basic YTpi"},
            {"Authorization": "HXT !!"},
            {"Authorization": "HXT " + base64.b64encode(b"[]").decode()},
        ):
            answer = client.open(BASE + path, method=method, headers=header)
            assert answer.status_code == 401 and answer.json is not None and "签名" in answer.json["message"], (path, header)
    assert stored(b) == 0


def test_an_installation_that_exchanges_with_nobody_has_no_such_address(app: Any) -> None:
    assert app.test_client().get(f"{BASE}/files/{'0' * 64}").status_code == 404


def test_a_request_is_for_one_address_one_body_one_receiver_and_one_hour(two: tuple[Side, Side]) -> None:
    a, b = two
    sm3 = "ab" * 32
    good = wire.authorization(a.settings, PARTNER, "GET", f"{BASE}/files/{sm3}", b"")
    client = b.app.test_client()
    assert client.get(f"{BASE}/files/{sm3}", headers={"Authorization": good}).json == {"got": 0, "complete": False}
    assert client.get(f"{BASE}/files/{'cd' * 32}", headers={"Authorization": good}).status_code == 401
    assert client.put(f"{BASE}/files/{sm3}", headers={"Authorization": good}).status_code == 401
    assert client.open(f"{BASE}/files/{sm3}", method="GET", data=b"x", headers={"Authorization": good}).status_code == 401
    to_another = wire.authorization(a.settings, "somebody", "GET", f"{BASE}/files/{sm3}", b"")
    assert client.get(f"{BASE}/files/{sm3}", headers={"Authorization": to_another}).status_code == 401
    with clock_time.frozen(clock_time.now() + timedelta(minutes=61)):
        late = client.get(f"{BASE}/files/{sm3}", headers={"Authorization": good})
    assert late.status_code == 401 and "时钟" in late.json["message"]  # type: ignore[index]


def test_keys_are_changed_and_revoked(two: tuple[Side, Side]) -> None:
    a, b = two
    old = signing.signer(a.settings).key_id
    clock_time.freeze(clock_time.now() + timedelta(seconds=1))
    signing.new_key(a.settings)
    try:
        assert bring(b, a, written()).status_code == 401  # not handed over yet
        with b.work() as session:
            partners.trust(session, signing.handover(a.settings, signing.signer(a.settings)), OPERATOR)
        assert bring(b, a, written()).status_code == 200
        with b.work() as session:
            partners.revoke(session, old, OPERATOR)
            with pytest.raises(NotFound):
                partners.revoke(session, old, OPERATOR)
        assert bring(b, a, written(2)).status_code == 200
        signing.retire(a.settings, signing.signer(a.settings).key_id)
        assert bring(b, a, written(3)).status_code == 401  # the old one again
    finally:
        for path in signing.folder(a.settings).glob("*"):
            path.unlink()


def test_a_key_is_trusted_only_as_it_was_handed_over(two: tuple[Side, Side]) -> None:
    a, b = two
    given = signing.handover(a.settings, signing.signer(a.settings))
    other = signing.handover(b.settings, signing.signer(b.settings))
    with b.work() as session:
        for wrong in ({"format": "x"}, {"public": other["public"]}, {"algorithm": "rsa"}):
            with pytest.raises(Conflict):
                partners.trust(session, {**given, **wrong}, OPERATOR)
        with pytest.raises(NotFound):
            partners.trust(session, {**given, "installation": "nobody"}, OPERATOR)
        taken = {**given, "public": other["public"], "fingerprint": other["fingerprint"]}
        with pytest.raises(Conflict):
            partners.trust(session, taken, OPERATOR)
        assert session.scalar(select(func.count()).select_from(PartnerKey)) == 1


def test_another_device_signs_where_it_is_registered(two: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    """The way an SM2 device takes: a signer named in the settings, its verifier registered."""

    class Device:
        key_id, algorithm = "device-1", "test-device"

        def sign(self, message: bytes) -> bytes:
            return sm3_of(b"secret" + message).encode()

        def public(self) -> bytes:
            return b"public part"

    a, b = two
    monkeypatch.setitem(signing.VERIFIERS, "test-device", lambda _, signature, message: sm3_of(b"secret" + message).encode() == signature)
    monkeypatch.setattr("tests.exchange.two.device", lambda _: Device(), raising=False)
    with_device = Side(a.app, a.settings.model_copy(update={"exchange_signer": "tests.exchange.two:device"}), a.engine)
    with b.work() as session:
        partners.trust(session, signing.handover(with_device.settings, Device()), OPERATOR)
    assert bring(b, with_device, written()).status_code == 200


# --- what is taken ------------------------------------------------------------------------------------------------------


def test_a_letter_is_signed_for_once_and_the_same_receipt_given_again(two: tuple[Side, Side]) -> None:
    a, b = two
    first = bring(b, a, written())
    assert first.status_code == 200
    with a.work() as session:
        said = json.loads(partners.signed_by(session, PARTNER, signing.RECEIPT, first.json or {}) or "{}")
    assert (said["seq"], said["digest"]) == (1, signing.digest(written()))
    clock_time.freeze(clock_time.now() + timedelta(minutes=5))
    with clock_time.frozen(clock_time.now() - timedelta(minutes=5)):
        same = written()
    assert bring(b, a, same).json == first.json and stored(b) == 1
    other = bring(b, a, written(title="改过的标题"))
    assert other.status_code == 409 and "内容不同" in other.json["message"]  # type: ignore[index]
    assert stored(b) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sender": "somebody"}, "不符"),
        ({"receiver": "somebody"}, "不符"),
        ({"from_organ": POLICE}, "没有登记在平台"),
        ({"to_organ": UNIT}, "不在本平台办案"),
        ({"to_organ": "nobody"}, "不在本平台办案"),
        ({"seq": 0}, "序号"),
        ({"title": ""}, "title"),
        ({"files": [{"sm3": "../../etc/passwd", "size": 1, "name": "x"}]}, "files"),
        ({"files": [{"sm3": "ab" * 32, "size": 3 << 30, "name": "x"}]}, "超过"),
    ],
)
def test_a_letter_that_does_not_fit_is_refused_with_the_reason(two: tuple[Side, Side], changes: dict[str, Any], said: str) -> None:
    a, b = two
    answer = bring(b, a, written(**changes))
    assert answer.status_code == 422 and said in answer.json["message"], answer.json  # type: ignore[index]
    assert stored(b) == 0


def test_text_that_was_changed_or_is_not_canonical_is_refused(two: tuple[Side, Side]) -> None:
    a, b = two
    given = signing.sign(signing.signer(a.settings), signing.ENVELOPE, written())
    changed = {**given, "text": given["text"].replace("程砚秋", "程砚冬")}
    assert ask(b, a, "POST", "/messages", json.dumps(changed).encode()).status_code == 401
    loose = json.dumps(json.loads(written()), ensure_ascii=False)
    assert bring(b, a, loose).status_code == 422
    assert bring(b, a, written(), context=signing.STATEMENT).status_code == 401  # a signature for another kind of thing
    for body in (b"", b"[]", b'{"text": 1}', b"\xff"):
        assert ask(b, a, "POST", "/messages", body).status_code == 422
    assert stored(b) == 0


def test_letters_are_put_on_file_in_their_order_whatever_order_they_come_in(two: tuple[Side, Side]) -> None:
    a, b = two
    one = written(1)
    two_ = written(2, signing.digest(one))
    three = written(3, signing.digest(two_))
    for text_ in (three, two_):
        assert bring(b, a, text_).status_code == 200
    b.settle()
    with b.work() as session:
        assert session.scalar(select(func.count()).select_from(TransferLetter)) == 0
    assert bring(b, a, one).status_code == 200
    b.settle()
    with b.work() as session:
        assert [i.status for i in session.scalars(select(Incoming).order_by(Incoming.seq))] == ["applied"] * 3
        order = session.scalars(select(Incoming.letter_no).order_by(Incoming.applied_at, Incoming.seq)).all()
        assert order == [f"洪环移〔2026〕1号-青山湖-{n}" for n in (1, 2, 3)]


def test_a_letter_that_names_another_before_it_waits_for_people(two: tuple[Side, Side]) -> None:
    a, b = two
    bring(b, a, written(1))
    bring(b, a, written(2, "00" * 32))
    b.settle()
    with b.work() as session:
        row = session.scalars(select(Incoming).where(Incoming.seq == 2)).one()
        assert row.status == "failed" and row.attempts == 1 and "请与对方核对" in (row.error or "")
    client = b.app.test_client()
    with b.work() as session:
        row_id = row.id
        inbox.try_now(session, row_id)
    b.settle()
    with b.work() as session:
        assert session.get_one(Incoming, row_id).attempts == 2
    assert client.post(f"/ops/exchange/in/{row_id}").status_code in (302, 401, 403)


def test_a_clock_that_differs_is_shown(two: tuple[Side, Side]) -> None:
    a, b = two
    ahead = clock_time.now() + timedelta(minutes=7)
    with clock_time.frozen(ahead):
        body = json.dumps(signing.sign(signing.signer(a.settings), signing.ENVELOPE, written())).encode()
        signed = wire.authorization(a.settings, PARTNER, "POST", f"{BASE}/messages", body)
    answer = b.app.test_client().post(f"{BASE}/messages", data=body, headers={"Authorization": signed, "Content-Type": "application/json"})
    assert answer.status_code == 200
    with b.work() as session:
        assert session.get_one(Partner, BUREAU).skew_seconds == 420
        assert session.scalars(select(Incoming.skew_seconds)).one() == 420
    b.settle()
    with b.work() as session:
        came = session.scalars(select(TransferLetter)).one()
        assert "对方时钟比本平台快 7 分钟" in outbox.Box().told(session, came)


# --- what a web request can see -----------------------------------------------------------------------------------------


def test_no_web_request_reads_an_envelope(two: tuple[Side, Side]) -> None:
    a, b = two
    assert bring(b, a, written()).status_code == 200
    with b.work() as session:
        assert session.scalar(select(func.count()).select_from(Text)) == 1
    with b.app.test_request_context():
        for organs in ("", POLICE, "*"):
            db.act_for(organs)
            assert db.session.scalar(select(func.count()).select_from(Text)) == 0
            assert db.session.execute(text("update exchange_text set text = 'x'")).rowcount == 0  # type: ignore[attr-defined]
            db.session.rollback()


def test_a_migrated_role_owns_nothing(two: tuple[Side, Side]) -> None:
    _, b = two
    with b.app.test_request_context(), pytest.raises(ProgrammingError):
        db.session.execute(text("alter table exchange_text disable row level security"))


# --- what is written about it -------------------------------------------------------------------------------------------


def test_the_description_names_every_address_and_nothing_else(two: tuple[Side, Side]) -> None:
    a, _ = two
    described = yaml.safe_load((ROOT / "docs/exchange.openapi.yaml").read_text(encoding="utf-8"))
    named = {
        (path.replace("{sm3}", "<sm3>"), method) for path, one in described["paths"].items() for method in one if method != "parameters"
    }
    rules = {
        (rule.rule.removeprefix(BASE), method.lower())
        for rule in a.app.url_map.iter_rules()
        if rule.endpoint.startswith("exchange.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert named == rules
    example = described["components"]["examples"]["envelope"]["value"]
    assert envelope.read(canonical(example)).seq == example["seq"]


def test_a_letter_sets_no_decision_of_this_side_and_names_no_case_of_it(two: tuple[Side, Side]) -> None:
    """A partner may write into a letter what it likes; what has the name of a process variable or of a link goes no further."""
    a, b = two
    poison = {
        "filed": True,
        "decided": True,
        "challenge_no": "x",
        "link_id": str(UUID(int=7)),
        "case_id": str(UUID(int=8)),
        "from_case": "x",
    }
    asked = {"question": "取样点怎样固定？", "consult_kind": "early_notice", "lines": [], **poison}
    assert bring(b, a, written(name="consult_requested", kind="", body=asked)).status_code == 200
    b.settle()
    with b.work() as session:
        assert [one.status for one in session.scalars(select(Incoming))] == ["applied"]
        task = session.scalars(select(Task).where(Task.status == "open")).one()
        data = get_engine().task_data(session, task)
        assert (data["filed"], data["decided"], data["consult_kind"]) == (False, False, "early_notice")
        assert data["case_id"] == str(task.case_id) and data["challenge_no"] == "洪环移〔2026〕1号-青山湖-1"
        assert str(UUID(int=7)) not in str(data)
