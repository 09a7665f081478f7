"""Signatures: ours by a key file or a device, a partner's by the public key it handed over.

What is signed is ``context NUL text`` in UTF-8, so that no signature of one kind of thing can be shown as another's. Ed25519 is built
in; a device for SM2 (or another algorithm) is a ``Signer`` named in EXCHANGE_SIGNER, and its verifier registered by the same module.
"""

from __future__ import annotations

import base64
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.config import Settings
from app.transfers.manifest import sm3_of
from workflows.time import local, now

ENVELOPE, RECEIPT, STATEMENT, REQUEST = "hxt-envelope", "hxt-receipt", "hxt-statement", "hxt-request"
ED25519 = "ed25519"
FORMAT = "hxt-key-1"

Verifier = Callable[[bytes, bytes, bytes], bool]  # public key, signature, message


class Unsigned(Exception):
    """There is no key to sign with; the message says what to do."""


class Signer(Protocol):
    """Holds a private key and never gives it away. A device is asked for each signature."""

    @property
    def key_id(self) -> str: ...

    @property
    def algorithm(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...

    def public(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FileSigner:
    """An Ed25519 key in a file that only the program's account can read."""

    key_id: str
    key: Ed25519PrivateKey
    algorithm: str = ED25519

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()


def _ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


VERIFIERS: dict[str, Verifier] = {ED25519: _ed25519}


def folder(settings: Settings) -> Path:
    return settings.instance / "exchange" / "keys"


def new_key(settings: Settings) -> FileSigner:
    """Make a key; from now on it signs. The one before may still be trusted by partners until they revoke it."""
    where = folder(settings)
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = FileSigner(f"{settings.exchange_id}-{local(now()):%Y%m%d%H%M%S%f}", Ed25519PrivateKey.generate())
    pem = made.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    handle = os.open(where / f"{made.key_id}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    return made


def retire(settings: Settings, key_id: str) -> bool:
    """Sign with this key no more; it is kept under another name. False when there is none of that name."""
    path = folder(settings) / f"{Path(key_id).name}.pem"
    if not path.exists():
        return False
    path.rename(path.with_suffix(".retired"))
    return True


def signer(settings: Settings) -> Signer:
    """Who signs for this installation: the device of EXCHANGE_SIGNER (``module:factory``), else the newest key file. Raises Unsigned."""
    if settings.exchange_signer:
        module, _, factory = settings.exchange_signer.partition(":")
        made: Signer = getattr(importlib.import_module(module), factory)(settings)
        return made
    paths = sorted(folder(settings).glob("*.pem"))
    if not paths:
        raise Unsigned("本平台还没有签名密钥，请先运行 flask exchange key-new。")
    key = serialization.load_pem_private_key(paths[-1].read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Unsigned(f"{paths[-1].name} 不是 Ed25519 密钥。")
    return FileSigner(paths[-1].stem, key)


def sign(by: Signer, context: str, text: str) -> dict[str, str]:
    """{text, key_id, algorithm, signature}: how everything signed travels."""
    signature = base64.b64encode(by.sign(_message(context, text))).decode()
    return {"text": text, "key_id": by.key_id, "algorithm": by.algorithm, "signature": signature}


def verified(algorithm: str, public: str, context: str, text: str, signature: str) -> bool:
    """Is this the signature of the holder of that public key (base64)?"""
    verifier = VERIFIERS.get(algorithm)
    if verifier is None:
        return False
    try:
        return verifier(base64.b64decode(public), base64.b64decode(signature, validate=True), _message(context, text))
    except ValueError:
        return False


def _message(context: str, text: str) -> bytes:
    return context.encode() + b"\0" + text.encode()


def handover(settings: Settings, by: Signer) -> dict[str, Any]:
    """The file a partner is given: who we are and the public key. The fingerprint is compared by telephone."""
    public = base64.b64encode(by.public()).decode()
    return {
        "format": FORMAT, "installation": settings.exchange_id, "name": settings.organ_name, "key_id": by.key_id,
        "algorithm": by.algorithm, "public": public, "fingerprint": fingerprint(public),
    }  # fmt: skip


def fingerprint(public: str) -> str:
    """SM3 of the public key in groups of eight, to be read out."""
    digest = sm3_of(base64.b64decode(public))[:40]
    return " ".join(digest[i : i + 8] for i in range(0, 40, 8))


def digest(text: str) -> str:
    return sm3_of(text.encode())
