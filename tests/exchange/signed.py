"""Requests of one side at the other, signed as its courier signs them, and small letters to bring."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.exchange import client as wire
from app.exchange import envelope, signing
from app.exchange.models import Incoming
from app.transfers.manifest import canonical
from tests.exchange.two import BUREAU, PARTNER, Side
from tests.transfer.bureau_builders import UNIT
from tests.transfer.police_builders import POLICE
from workflows import time as clock_time

BASE = "/exchange/v1"


def ask(to: Side, by: Side, method: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
    """A request signed by one side, at the other."""
    signed = wire.authorization(by.settings, to.settings.exchange_id, method, BASE + path, body)
    kind = "application/json" if method == "POST" else "application/octet-stream"
    given = {"Authorization": signed, "Content-Type": kind, **headers}
    return to.app.test_client().open(BASE + path, method=method, data=body, headers=given)


def bring(to: Side, by: Side, written: str, context: str = signing.ENVELOPE, path: str = "/messages") -> TestResponse:
    given = signing.sign(signing.signer(by.settings), context, written)
    return ask(to, by, "POST", path, json.dumps(given).encode())


def letter(number: str = "洪环移〔2026〕1号", seq: int = 1, **changes: Any) -> dict[str, Any]:
    """A small letter of the bureau to the police: it lies there until a file takes it."""
    said = {
        "id": "01900000-0000-7000-8000-" + f"{seq:012d}", "name": "material_supplied", "kind": "explain",
        "letter_no": f"{number}-青山湖-{seq}", "from_organ": UNIT, "to_organ": POLICE, "in_reply_to": "",
        "document_no": None, "title": "补充材料答复", "body": {"lines": []}, "files": [], "by": "程砚秋",
        "decided_at": None, "sent_at": clock_time.now().isoformat(),
    }  # fmt: skip
    return said | changes


def written(
    seq: int = 1, follows: str | None = None, *, number: str = "洪环移〔2026〕1号", files: Any = (), sender: str = BUREAU,
    receiver: str = PARTNER, **changes: Any,
) -> str:  # fmt: skip
    """The text of an envelope of the bureau."""
    content = {"letter": letter(number, seq, **changes), "package": None}
    return canonical(
        {
            "format": envelope.FORMAT, "from": sender, "to": receiver, "transfer_no": number, "seq": seq, "follows": follows,
            "made_at": clock_time.now().isoformat(), "files": list(files), **content,
        }
    )  # fmt: skip


def stored(side: Side) -> int:
    with side.work() as session:
        return session.scalar(select(func.count()).select_from(Incoming)) or 0
