"""/exchange/v1: what partners' installations ask. No login and no cookie: every request is signed (docs/exchange.md, openapi)."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import db
from app.accounts.policy import public
from app.config import Settings
from app.exchange import envelope, inbox, partners, pieces, reconcile, signing
from app.exchange.client import request_text
from app.exchange.envelope import FileLine, Malformed
from app.exchange.models import Partner
from app.transfers.manifest import canonical, sm3_of
from workflows.errors import Conflict, WorkflowError
from workflows.time import local, now

bp = Blueprint("exchange", __name__, url_prefix="/exchange/v1")

# A request is good for as long as clocks may differ; what it brings is signed by itself and may be older.
GOOD_FOR = timedelta(hours=1)


class Unknown(Exception):
    """The request is not signed by a partner we trust."""


@bp.before_request
def only_where_exchanging() -> None:
    if not _settings().exchange_id:
        abort(404)


@bp.errorhandler(Unknown)
def _unknown(error: Unknown) -> ResponseReturnValue:
    return {"message": str(error)}, 401


@bp.errorhandler(Malformed)
def _malformed(error: Malformed) -> ResponseReturnValue:
    return {"message": f"格式不对：{error}"}, 422


@bp.errorhandler(signing.Unsigned)
def _unsigned(error: signing.Unsigned) -> ResponseReturnValue:
    return {"message": str(error)}, 503


@bp.errorhandler(inbox.FilesMissing)
def _files_missing(error: inbox.FilesMissing) -> ResponseReturnValue:
    return {"message": "随附的文件还没有收齐", "missing": error.sm3}, 409


@bp.errorhandler(pieces.WrongPlace)
def _wrong_place(error: pieces.WrongPlace) -> ResponseReturnValue:
    return {"message": "接续的位置不对", "got": error.got}, 409


@bp.errorhandler(WorkflowError)
def _refused(error: WorkflowError) -> ResponseReturnValue:
    return {"message": error.message}, 409 if isinstance(error, Conflict) else 422


@bp.get("/files/<sm3>")
@public
def file_state(sm3: str) -> dict[str, Any]:
    """How much of a file is here."""
    partner = _partner()
    got, whole = pieces.got(db.session, _settings(), partner.id, _sm3(sm3))
    return {"got": got, "complete": whole}


@bp.put("/files/<sm3>")
@public
def file_piece(sm3: str) -> dict[str, Any]:
    """The next piece of a file."""
    partner = _partner()
    line = FileLine(_sm3(sm3), _number("size"), request.args.get("name", ""))
    if line.size < 1 or not line.name:
        raise Malformed("size、name")
    got, whole = pieces.append(db.session, _settings(), partner.id, line, _number("offset"), request.get_data())
    return {"got": got, "complete": whole}


@bp.post("/messages")
@public
def message() -> dict[str, Any]:
    """A letter in its envelope; answered with a signed receipt, the same one each time it comes."""
    partner, given = _partner(), _signed(signing.ENVELOPE)
    return inbox.take_in(db.session, _settings(), partner, given, g.exchange_skew)


@bp.post("/statements")
@public
def statement() -> dict[str, Any]:
    """What the partner thinks of every transfer we share; answered with a signed acknowledgement."""
    partner, given = _partner(), _signed(signing.STATEMENT)
    text, settings = str(given["text"]), _settings()
    said = _statement(text, partner, settings)
    reconcile.take_in(db.session, partner, said, text)
    receipt = {"format": envelope.FORMAT, "from": settings.exchange_id, "to": partner.id, "digest": signing.digest(text)}
    return signing.sign(signing.signer(settings), signing.RECEIPT, canonical({**receipt, "received_at": local(now()).isoformat()}))


def _statement(text: str, partner: Partner, settings: Settings) -> dict[str, Any]:
    try:
        said = json.loads(text)
        fits = said["format"] == envelope.FORMAT and said["from"] == partner.id and said["to"] == settings.exchange_id
        numbers = ("out_seq", "signed_seq", "stored_seq", "in_seq")
        whole = all(isinstance(one[name], int) for one in said["transfers"].values() for name in numbers)
        lists = all(isinstance(one[name], list) for one in said["transfers"].values() for name in ("files", "clocks"))
        datetime.fromisoformat(said["made_at"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(str(error)) from error
    if not (fits and whole and lists):
        raise Malformed("对账单的抬头或者内容")
    return dict(said)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _partner() -> Partner:
    """Who signed this request; the difference of the clocks is kept with the partner. Raises Unknown."""
    given, session = _header(), db.session
    if not partners.trusted(session, str(given.get("key_id"))):  # before a stranger's megabytes are hashed
        raise Unknown("请求的签名不是本平台信任的密钥作出的。")
    at = _moment(given.get("at"))
    signed = request_text(request.method, _target(), sm3_of(request.get_data()), str(given.get("at")), _settings().exchange_id)
    partner = partners.holder(session, signing.REQUEST, str(given.get("key_id")), signed, str(given.get("signature")))
    if partner is None:
        raise Unknown("请求的签名不是本平台信任的密钥作出的。")
    skew = at - now()
    if abs(skew) > GOOD_FOR:
        raise Unknown(f"两个平台的时钟相差 {abs(skew)}，请先校时。")
    g.exchange_skew = round(skew.total_seconds())
    _keep_skew(session, partner, g.exchange_skew)
    return partner


def _keep_skew(session: Session, partner: Partner, seconds: int) -> None:
    """Only where it has changed by more than a few seconds: not every request writes."""
    if partner.skew_seconds is None or abs(partner.skew_seconds - seconds) > 5:
        partner.skew_seconds = seconds
        session.flush()


def _header() -> dict[str, Any]:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        given = json.loads(base64.b64decode(value, validate=True)) if kind == "HXT" else None
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Unknown("请求没有签名。")
    return given


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise Unknown("请求没有写明时间。") from None
    if found.tzinfo is None:
        raise Unknown("请求的时间没有写明时区。")
    return found


def _target() -> str:
    """Path and query as they were sent, byte for byte."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    if raw.startswith("/"):
        return raw
    query = request.query_string.decode()
    return request.path + (f"?{query}" if query else "")


def _signed(context: str) -> dict[str, Any]:
    """The signed thing in the body: its signature must be of the same partner as the request's."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise Malformed("text")
    found = partners.holder(db.session, context, str(given.get("key_id")), given["text"], str(given.get("signature")))
    if found is None or found.id != _partner().id:
        raise Unknown("内容的签名不是本平台信任的密钥作出的。")
    return given


def _sm3(value: str) -> str:
    if not envelope.SM3.fullmatch(value):
        raise Malformed("sm3")
    return value


def _number(name: str) -> int:
    try:
        return int(request.args[name])
    except (KeyError, ValueError) as error:
        raise Malformed(name) from error
