"""The sender's side of the wire: signed requests, one address, answers read as what they are. No database here."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from app.config import Settings
from app.exchange import signing
from app.transfers.manifest import sm3_of
from workflows.time import local, now

BASE = "/exchange/v1"
TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class Away(Exception):
    """The partner cannot be reached, or cannot work just now: later."""


class Denied(Exception):
    """The partner does not know us, our key or our clock: nothing goes until somebody has seen to it."""


class Answered(Exception):
    """The partner refuses this one; ``status`` and its own words."""

    def __init__(self, status: int, said: Mapping[str, Any]) -> None:
        super().__init__(str(said.get("message") or f"HTTP {status}"))
        self.status, self.said = status, said


@dataclass
class Client:
    """One partner's address and our signature."""

    settings: Settings
    partner_id: str
    url: str
    http: httpx.Client

    def have(self, sm3: str) -> tuple[int, bool]:
        """How much of a file the partner has, and whether it is whole."""
        said = self._ask("GET", f"/files/{sm3}")
        return int(said["got"]), bool(said["complete"])

    def put(self, sm3: str, size: int, name: str, offset: int, piece: bytes) -> tuple[int, bool]:
        """Bring a piece; (bytes the partner has, whole)."""
        said = self._ask("PUT", f"/files/{sm3}?offset={offset}&size={size}&name={quote(name, safe='')}", piece)
        return int(said["got"]), bool(said["complete"])

    def bring(self, text: str) -> dict[str, Any]:
        """Bring a letter; the signed receipt."""
        return self._signed("/messages", signing.ENVELOPE, text)

    def state(self, text: str) -> dict[str, Any]:
        """Bring our statement of the day; the partner's signed acknowledgement."""
        return self._signed("/statements", signing.STATEMENT, text)

    def _signed(self, path: str, context: str, text: str) -> dict[str, Any]:
        by = signing.signer(self.settings)
        return self._ask("POST", path, json.dumps(signing.sign(by, context, text), ensure_ascii=False).encode())

    def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        headers = {"Authorization": authorization(self.settings, self.partner_id, method, BASE + path, body)}
        headers["Content-Type"] = "application/octet-stream" if method == "PUT" else "application/json"
        try:
            answer = self.http.request(method, self.url + BASE + path, content=body, headers=headers, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise Away(f"连接不上：{type(error).__name__}") from error
        return _read(answer)


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Away(f"对方的答复不是本格式（HTTP {answer.status_code}）")
    if answer.status_code in (401, 403):
        raise Denied(str(said.get("message") or f"HTTP {answer.status_code}"))
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Away(str(said.get("message") or f"HTTP {answer.status_code}"))
    if answer.status_code >= 400:
        raise Answered(answer.status_code, said)
    return said


def authorization(settings: Settings, to: str, method: str, target: str, body: bytes) -> str:
    """The header that signs a request: who to, what, when. ``target``: path with query."""
    at = local(now()).isoformat()
    by = signing.signer(settings)
    signed = signing.sign(by, signing.REQUEST, request_text(method, target, sm3_of(body), at, to))
    given = {"key_id": by.key_id, "at": at, "signature": signed["signature"]}
    return "HXT " + base64.b64encode(json.dumps(given).encode()).decode()


def request_text(method: str, target: str, body_sm3: str, at: str, to: str) -> str:
    """What the signature of a request is over."""
    return "\n".join((method, target, body_sm3, at, to))
